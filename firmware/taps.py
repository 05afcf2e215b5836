"""Touches: each one turned into a request and an event of the table; the counterpart of `commands`."""

from firmware.judgement import judge_card_start, judge_end, judge_lock, judge_staff
from firmware.wire import codes
from firmware.wire.journal_format import NO_IDENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.rental import Rental
    from firmware.rental_machine import RentalMachine


class Taps:
    """Judges a card, and remembers the one that the centre is asked about."""

    def __init__(self, rental: "Rental", machine: "RentalMachine") -> None:
        self._r = rental
        self._machine = machine
        self._asking = b""

    def tap(self, identifier: bytes) -> None:
        """A card that the reader heard (TOUCH-1, ENROL-1, STAFF-CAR-1)."""
        r = self._r
        if r.state != "authorising":
            self._asking = b""  # a command overtook that one
        self._take(identifier)
        if r.goes_on("enrol") and identifier != NO_IDENT:  # a card that can be told again
            event = "card_offered"
        elif r.request.staff:
            judge_staff(r.request, r.snapshot, r.session)
            event = "staff_card_tapped"
        else:
            self._judge_driver()
            event = "card_tapped"
        self._machine.dispatch(event)
        if r.state == "authorising":
            self._asking = self._asking or identifier
        r.request.clear()

    def finish_asking(self) -> None:
        """The centre answered or the time is over: the car's copy decides."""
        r = self._r
        identifier = self._asking
        self._asking = b""
        if r.state == "authorising":
            self._take(identifier)
            self._judge_driver()
            self._machine.dispatch("asking_finished")
            r.request.clear()

    def forget(self) -> None:
        """Nothing is asked: a reset, or a turn that was taken back."""
        self._asking = b""

    def _take(self, identifier: bytes) -> None:
        r = self._r
        request = r.request
        request.clear()
        request.cause = codes.BY_CARD
        request.ident = identifier
        request.driver = r.cards.owner(identifier)
        request.staff = r.staff.owner(identifier)

    def _judge_driver(self) -> None:
        r = self._r
        judge_card_start(r.request, r.bookings, r.snapshot, r.session, r.terms)
        judge_end(r.request, r.snapshot, r.settings, r.terms)
        judge_lock(r.request, r.snapshot, r.settings)
