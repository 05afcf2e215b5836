"""What the durable journal says of the car, read by somebody who has only the journal."""

from __future__ import annotations

import struct
from operator import attrgetter
from typing import Any

from firmware.wire import codes

FREE = 0
USE = 1
WINDOW = 2  # ended, may be reopened
REOPENED = 3
SERVICE = 4  # a technician's

#: States of use in which the engine is the driver's.
DRIVEN = ("unlocked", "boarding", "in_use", "key_returned")
#: Events that name who opened the car, and by what right.
OPENINGS = (
    codes.AUDIT_START_REQUESTED, codes.AUDIT_REOPEN_REQUESTED, codes.AUDIT_REUNLOCKED,
    codes.AUDIT_STAFF_IN,
)  # fmt: skip
_MISSED = (codes.FAULT_UNLOCK_NOT_CONFIRMED, codes.FAULT_RELEASE_NOT_CONFIRMED)
_SHUTS = (codes.AUDIT_RELOCKED, codes.AUDIT_SECURED, codes.AUDIT_END_REQUESTED)
_BOOKING = slice(6, 10)
_DETAIL = 10


class Diary:
    """Replays durable events; the watchers ask it, the firmware never does."""

    FIELDS = (
        "phase", "booking", "driver", "ident", "was_out", "lapsed", "reopen_used", "ended",
        "tries", "cut", "asked", "used", "staff", "missed", "stuck",
    )  # fmt: skip
    _get = attrgetter(*FIELDS)

    def __init__(self) -> None:
        self.phase = FREE
        self.booking = 0
        self.driver = 0
        self.ident = b""  # what the newest opening rests on
        self.was_out = False
        self.lapsed = False
        self.reopen_used = False
        self.ended = 0  # ENDED events of this use
        self.tries = 0  # turns with pulses that open, for this ident
        self.cut = False  # a reset since the opening, and no door since
        self.asked = b""  # the card that the centre is asked about
        self.staff = 0  # 1: let in, no door opened yet; 2: a door was opened
        self.used: tuple[int, ...] = ()
        self.missed = False  # an unlock or a release of this use was told not to show
        self.stuck = (
            False  # the engine read blocked after a reset in a use, and nobody opened since
        )

    def save(self) -> tuple[Any, ...]:
        return self._get(self)

    def load(self, saved: tuple[Any, ...]) -> None:
        self.__dict__.update(zip(self.FIELDS, saved, strict=True))

    def take(self, events: list[bytes], key_is_out: bool, lapsed: bool) -> None:
        """The events of one durable turn."""
        refused = b""
        for event in events:
            self._take(event, key_is_out, lapsed)
            if event[0] == codes.AUDIT_END_REFUSED:
                refused = event[_DETAIL + 1 : _DETAIL + 9]
            elif event[0] == codes.AUDIT_ENGINE_RELEASED and refused:
                self.ident, self.tries = refused, 0  # END-5: the use goes on

    def see_key(self, is_out: bool) -> None:
        """A key that lies outside in a use was taken, in it or before (START-7)."""
        self.was_out = self.was_out or (is_out and self.phase == USE)

    def see_starter(self, is_driven: bool, is_blocked: bool) -> None:
        """As it reads after a reset: a release that was cut off may be asked for again."""
        self.stuck = is_driven and is_blocked
        self.missed = self.missed or self.stuck

    def _take(self, event: bytes, key_is_out: bool, lapsed: bool) -> None:
        code = event[0]
        if code == codes.AUDIT_UNLOCKED:
            self.phase = USE
            self.booking = struct.unpack(">I", event[_BOOKING])[0]
            self.driver = struct.unpack_from(">I", event, _DETAIL + 9)[0]
            self.was_out = key_is_out
            self.lapsed = lapsed
            self.used = tuple(sorted({*self.used, self.booking}))
            self.ended = 0
            self.reopen_used = self.missed = False
        elif code == codes.AUDIT_ENDED:
            self.phase = WINDOW
            self.ended += 1
        elif code == codes.AUDIT_REOPENED:
            self.phase = REOPENED
            self.reopen_used = True
        elif code in (codes.AUDIT_WINDOW_OVER, codes.AUDIT_TECHNICIAN_OUT):
            self.phase = FREE
        elif code == codes.AUDIT_TECHNICIAN_IN:
            self.phase = SERVICE
        elif code == codes.AUDIT_REUNLOCKED:
            self.was_out = key_is_out
        else:
            self._take_other(code)
        if code == codes.AUDIT_FAULT and event[_DETAIL] in _MISSED:
            self.missed = True
        elif code in (codes.AUDIT_RELOCKED, codes.AUDIT_SECURED):
            self.missed = False
        if code in OPENINGS or code in _SHUTS:
            self.stuck = False
        if code in OPENINGS:
            self.ident = event[_DETAIL + 1 : _DETAIL + 9]
            self.tries = 0
            self.cut = False

    def _take_other(self, code: int) -> None:
        """What happened beside the rental's own steps."""
        if code == codes.AUDIT_STAFF_IN:
            self.staff = 1
        elif code == codes.AUDIT_STAFF_OUT:
            self.staff = 0
        elif code == codes.AUDIT_KEY_OUT:
            self.was_out = self.was_out or self.phase == USE
        elif code == codes.AUDIT_DOOR_OPENED:
            self.cut = False
            self.staff = 2 if self.staff else 0
