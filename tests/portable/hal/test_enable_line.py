"""SAFE-6: a line that moves only with the program."""

from hal.enable_line import EnableLine
from hal.fake.clock import FakeClock
from hal.fake.digital import FakeDigitalOut, OutputLog
from hal.fake.watchdog import FakeWatchdog


def test_each_feed_is_an_edge_and_feeds_the_other_safe_6() -> None:
    log = OutputLog(FakeClock())
    inner = FakeWatchdog()
    out = FakeDigitalOut(0, log)
    enable = EnableLine(out, inner)
    levels = []
    for _ in range(5):
        inner.was_fed = False
        enable.feed()
        assert inner.was_fed
        levels.append(out.level)
    assert levels == [True, False, True, False, True]


def test_it_starts_low_whatever_the_line_was_safe_6() -> None:
    out = FakeDigitalOut(0, OutputLog(FakeClock()))
    out.write(True)
    EnableLine(out, FakeWatchdog())
    assert not out.level
