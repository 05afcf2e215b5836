"""The rental's hands: pulses with the authorisation that they rest on, and the hazard lamps."""

from firmware.refusals import Refusals
from firmware.ticks import ticks_add
from firmware.wire import codes

#: An authorisation that no booked end bounds (a reopen, a re-unlock, a staff card) is good for the
#: pulses of this one operation.
SHORTLY_MS = 10000


class RentalPulses(Refusals):
    """The part of the rental's actions that moves something."""

    def _pulse(self, line: int) -> None:
        r = self._r
        request = r.request
        cause = request.cause
        ident = request.ident
        not_after_ms = ticks_add(r.snapshot.now_ms, SHORTLY_MS)
        if cause == codes.BY_NOBODY and line == codes.PULSE_UNLOCK:
            cause = r.session.cause  # a second try of the same unlock
            ident = r.session.ident
        elif cause == codes.BY_NOBODY:
            cause = codes.BY_DEADLINE
        if line in (codes.PULSE_UNLOCK, codes.PULSE_RELEASE):
            not_after_ms = r.unlock_until_ms
        r.turn.pulse(line, cause, ident, not_after_ms)

    def _authorise(self, until_ms: int) -> None:
        """An operation begins that unlocks; its pulses are good until then (SAFE-2)."""
        r = self._r
        r.session.tries = 0
        r.session.is_resumed = False
        r.unlock_is_confirmed = False
        r.unlock_until_ms = until_ms

    def _authorise_shortly(self) -> None:
        self._authorise(ticks_add(self._r.snapshot.now_ms, SHORTLY_MS))

    def unlock(self) -> None:
        self._r.session.tries += 1
        self._pulse(codes.PULSE_UNLOCK)

    def lock(self) -> None:
        self._r.session.tries += 1
        self._pulse(codes.PULSE_LOCK)

    def release_engine(self) -> None:
        self._pulse(codes.PULSE_RELEASE)

    def block_engine(self) -> None:
        self._pulse(codes.PULSE_BLOCK)

    def flash_once(self) -> None:
        self._r.alerts.flash(1, self._r.snapshot.now_ms)

    def flash_twice(self) -> None:
        self._r.alerts.flash(2, self._r.snapshot.now_ms)
