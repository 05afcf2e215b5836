"""A car at the end of a real connection that does what it is asked, or says why not."""

from __future__ import annotations

import struct
import time

from firmware.wire import codes, kb1
from tests.fleetd.daemon import Daemon, LiveCar
from tests.fleetd.rig import CAR, NOW_S, Clock, ScriptedCar
from tests.fleetd.simulated_clock import ClockServer

_EVENT_OF = {
    codes.VERB_START: codes.AUDIT_UNLOCKED,
    codes.VERB_END: codes.AUDIT_ENDED,
    codes.VERB_REOPEN: codes.AUDIT_REOPENED,
    codes.VERB_LOCK: codes.AUDIT_REOPEN_LOCKED,
    codes.VERB_REUNLOCK: codes.AUDIT_REUNLOCKED,
}
_OPENS = (codes.VERB_START, codes.VERB_REOPEN, codes.VERB_REUNLOCK)
_RELEASES = (codes.VERB_START, codes.VERB_REUNLOCK)


class Hands:
    """The clock of the fleet, which the test sets: nine in the morning of the first of April."""

    def __init__(self) -> None:
        self.server = ClockServer(NOW_S, 1.0)
        self._jumped_s = 0.0
        self._since_s = time.monotonic()

    @property
    def now_s(self) -> float:
        return NOW_S + self._jumped_s + time.monotonic() - self._since_s

    def jump(self, seconds: float) -> None:
        """It is later, for the daemon and for the car."""
        self._jumped_s += seconds
        self.server.tell(self.now_s, 1.0)


class ObedientScript(ScriptedCar):
    """`refusals`: what it will say to the next command; `warnings`: beside an acceptance."""

    refusals: list[tuple[int, int]] = []
    warnings = b""
    locked = blocked = codes.YES

    def _act(self, command: kb1.Command) -> None:
        is_new = command.command not in self.results and command.boot == self.boot
        if not is_new or command.counter <= self.counter:
            super()._act(command)
            return
        self.counter = command.counter
        self.acts.append(command)
        reasons, self.refusals = self.refusals, []
        warnings, self.warnings = self.warnings, b""
        if not reasons:
            self.locked = codes.NO if command.verb in _OPENS else codes.YES
            self.blocked = codes.NO if command.verb in _RELEASES else codes.YES
        answer = kb1.pack_result(
            command.command, not reasons, reasons, warnings, self.locked, self.blocked
        )  # fmt: skip
        self.results[command.command] = self.frame(kb1.RESULT, answer)
        self._deliver(self.results[command.command])
        event = _EVENT_OF.get(command.verb)
        if event is not None and not reasons:
            uses = event in (codes.AUDIT_UNLOCKED, codes.AUDIT_ENDED)
            self.happen(event, command.booking, self.use_detail() if uses else b"")
            self.tell()

    def touch(self, booking: int, card: bytes) -> None:
        """A card is held to the reader that waits for it (ENROL-1)."""
        detail = struct.pack(">B8sI", codes.BY_CARD, card, 1)
        self.happen(codes.AUDIT_CARD_ENROLLED, booking, detail)
        self.tell()


class ObedientCar(LiveCar):
    """`is_silent` keeps what it says; `speak` says it."""

    def __init__(self, daemon: Daemon, clock: Clock) -> None:
        super().__init__(daemon, clock=clock)
        self.script: ObedientScript = ObedientScript(CAR, daemon.identity.key, self._say, clock)

    def speak(self) -> None:
        self.is_silent = False
        for frame in self.kept:
            self._say(frame)
        self.kept.clear()
