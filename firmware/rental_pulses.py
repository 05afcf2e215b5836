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
        opens = line in (codes.PULSE_UNLOCK, codes.PULSE_RELEASE)
        if cause == codes.BY_NOBODY and opens:
            cause = r.asked  # another try of the same operation
            ident = r.asked_ident
        elif cause == codes.BY_NOBODY:
            cause = codes.BY_DEADLINE
        not_after_ms = ticks_add(r.snapshot.now_ms, SHORTLY_MS)
        r.turn.pulse(line, cause, ident, r.unlock_until_ms if opens else not_after_ms)

    def _begin(self, line: int) -> None:
        """The first try of what is asked for."""
        self._begin_for(line, self._r.request.cause, self._r.request.ident)

    def _begin_for(self, line: int, cause: int, ident: bytes) -> None:
        """Whoever asked hears what came of it (FAULT-1)."""
        r = self._r
        r.session.tries = 1
        r.asked = cause
        r.asked_ident = ident
        self._pulse(line)

    def _authorise(self, until_ms: int) -> None:
        """An operation begins that unlocks; its pulses are good until then (SAFE-2)."""
        r = self._r
        r.session.is_resumed = False
        r.unlock_is_confirmed = False
        r.opening_failed = False
        r.unlock_until_ms = until_ms

    def _authorise_shortly(self) -> None:
        self._authorise(ticks_add(self._r.snapshot.now_ms, SHORTLY_MS))

    def unlock(self) -> None:
        self._begin(codes.PULSE_UNLOCK)

    def lock(self) -> None:
        self._begin(codes.PULSE_LOCK)

    def release_engine(self) -> None:
        self._begin(codes.PULSE_RELEASE)

    def block_engine(self) -> None:
        self._begin(codes.PULSE_BLOCK)

    def block_at_rest(self) -> None:
        """Beside a lock: the engine as well, unless the car may be moving (SAFE-1, REOPEN-2)."""
        if self._r.snapshot.in_motion() == codes.NO:
            self.block_engine()

    def open_again(self) -> None:
        """Another try, by the same right, of what did not show."""
        r = self._r
        r.session.tries += 1
        for line, contact in (
            (codes.PULSE_UNLOCK, codes.IN_LOCKED),
            (codes.PULSE_RELEASE, codes.IN_BLOCKED),
        ):
            if r.was_pulsed(line) and r.snapshot.values[contact] == codes.YES:
                self._pulse(line)

    def shut_again(self) -> None:
        """Another try: the doors once more, and a block that does not show (SAFE-1: at rest)."""
        r = self._r
        r.session.tries += 1
        if r.was_pulsed(codes.PULSE_LOCK):
            self._pulse(codes.PULSE_LOCK)
        if r.block_did_not_show() and r.snapshot.in_motion() == codes.NO:
            self._pulse(codes.PULSE_BLOCK)

    def flash_once(self) -> None:
        self._r.alerts.flash(1, self._r.snapshot.now_ms)

    def flash_twice(self) -> None:
        self._r.alerts.flash(2, self._r.snapshot.now_ms)
