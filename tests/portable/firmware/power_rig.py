"""A parked car whose battery is given, in simulated hours: for tests of what is shed when."""

import struct

from firmware.battery_guard import CRITICAL, REST_AFTER_MS
from firmware.wire import codes
from firmware.wire.journal_format import EPOCH_2020_S
from firmware.wire.records import BOOKING
from tests.portable.firmware.loop_rig import CARD, NOW, Box

HELD_MS = REST_AFTER_MS + 240_000
HOUR_S = 3600
FAULTS = (codes.AUDIT_FAULT, codes.AUDIT_FAULT_CLEARED)
STRANGER = b"\2\2\6\1\x12\xab\x34\xcd"


class Battery:
    def __init__(self, mv: int) -> None:
        self.mv = mv

    def read_mv(self) -> int:
        return self.mv


class Parked(Box):
    """A box whose battery is given; the link is there or not."""

    def __init__(self, mv: int = 12_600, online: bool = True) -> None:
        super().__init__()
        self.battery = Battery(mv)  # type: ignore[assignment]
        self.centre.online = self.centre.reachable = online

    def step(self, most_ms: int = 60_000) -> int:
        """One turn when it is due, and the wall clock with it; how much later that was."""
        step_ms = min(most_ms, max(self.due_ms, 1))
        self.wall_ms = getattr(self, "wall_ms", 0) + step_ms
        self.wall_s = NOW + self.wall_ms // 1000
        self.after(step_ms)
        return step_ms

    def for_ms(self, ms: int) -> None:
        """Turns when they are due, for so long."""
        while ms > 0:
            ms -= self.step(ms)

    def until_rest(self, is_resting: bool) -> int:
        """How long it took."""
        passed_ms = 0
        while self.centre.rests != is_resting:
            assert passed_ms < 8_000_000, "it did not come to that"
            passed_ms += self.step()
        return passed_ms

    def until_critical(self) -> None:
        for _ in range(1000):
            if self.level == CRITICAL:
                return
            self.step()
        raise AssertionError("it was never critical")

    def rests(self) -> bool:
        """Whether the radio does."""
        return self.centre.rests

    @property
    def level(self) -> int:
        return self.loop.power.battery.level

    def book_at(self, starts_s: int, ends_s: int) -> None:
        """Booking 100 of driver 7, and the driver's card."""
        record = struct.pack(BOOKING, 100, 7, starts_s + EPOCH_2020_S, ends_s + EPOCH_2020_S)
        card = CARD + struct.pack(">I", 7)
        self.put_delta([(codes.OP_PUT_BOOKING, record), (codes.OP_PUT_CARD, card)])
        self.after(10)


def asleep() -> Parked:
    """Critical, its last word said."""
    box = Parked(11_500)
    box.for_ms(HELD_MS)
    assert box.level == CRITICAL
    box.until_rest(True)
    box.centre.take()
    return box


def faults(box: Box) -> "list[tuple[int, int, int]]":
    """(code, fault, argument) of the battery's events in the journal."""
    events = box.loop._journal.read_unacked(4000)[1]
    return [(event[0], event[10], event[11]) for event in events if event[0] in FAULTS]
