"""What somebody asks of the car, judged once before the table sees it."""

from firmware.wire.codes import BY_CARD, BY_COMMAND, BY_NOBODY
from firmware.wire.journal_format import NO_IDENT

_NONE: "list[tuple[int, int]]" = []  # one for all: whoever judges makes a list of their own


class Request:
    """A touch, a command or a technician: who, with what right, and what speaks against it.

    Reasons are lists of (code, argument); an empty list means: possible.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Nobody asks."""
        self.cause = BY_NOBODY
        self.ident = NO_IDENT
        self.driver = 0
        self.staff = 0  # whose staff card it is (STAFF-CAR-1)
        self.booking = 0
        self.ends_s = 0
        self.left_s = 0  # until the booked end
        self.is_lapsed = False  # the reader window is over (START-5)
        self.start_reasons = _NONE
        self.end_reasons = _NONE
        self.lock_reasons = _NONE
        #: Against an enrolment, what staff or a technician ask for, or the end of maintenance.
        self.service_reasons = _NONE
        self.needs_review = False  # END-8
        self.action = 0  # ACT_* of what a technician or staff asks for, and its argument
        self.argument = 0
        #: What a technician is told: nothing speaks against it, or everything that does.
        self.told = _NONE

    def is_by_card(self) -> bool:
        return self.cause == BY_CARD

    def is_by_command(self) -> bool:
        return self.cause == BY_COMMAND
