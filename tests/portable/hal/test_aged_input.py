"""A reading over a bus is believed for as long as it holds good (END-8, SAFE-1)."""

from firmware.ticks import FAR_MS, ticks_add
from firmware.wire.codes import NO, STALE, UNKNOWN, YES
from hal.aged_input import AgedIn
from hal.fake.clock import FakeClock


class Bus:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.input = AgedIn(self.clock, 3000)

    def after(self, wait_ms: int) -> int:
        self.clock.set(ticks_add(self.clock.now_ms(), wait_ms), 0, True)
        return self.input.read()


def test_nothing_is_known_before_the_first_telegram_and_stale_when_none_comes() -> None:
    bus = Bus()
    assert bus.after(3000) == UNKNOWN
    assert bus.after(1) == STALE


def test_a_reading_holds_good_for_its_time_exactly() -> None:
    bus = Bus()
    for value in (YES, NO, UNKNOWN):
        bus.input.put(value)
        assert bus.after(0) == value
        assert bus.after(3000) == value
        assert bus.after(1) == STALE


def test_a_telegram_in_time_renews_it() -> None:
    bus = Bus()
    for _ in range(5):
        bus.input.put(YES)
        assert bus.after(2999) == YES


def test_once_stale_always_stale_even_when_ticks_wrap() -> None:
    bus = Bus()
    bus.input.put(YES)
    for _ in range(20):
        assert bus.after(FAR_MS) == STALE
    bus.input.put(NO)
    assert bus.after(1) == NO
