"""SAFE-6: a line that makes edges only with the program."""

from hal.enable_line import EnableLine, SuppliedOut
from hal.fake.clock import FakeClock
from hal.fake.digital import FakeDigitalOut, OutputLog
from hal.fake.watchdog import FakeWatchdog

_ENABLE = 0
_COIL = 1


class Rig:
    def __init__(self) -> None:
        self.log = OutputLog(FakeClock())
        self.line = FakeDigitalOut(_ENABLE, self.log)
        self.coil = FakeDigitalOut(_COIL, self.log)

    def said(self) -> "list[tuple[int, int]]":
        """(line, level) of each change since the last call."""
        changes = bytes(self.log.changes)
        self.log.clear()
        return [(changes[at + 2], changes[at + 3]) for at in range(0, len(changes), 4)]


def test_each_feed_is_a_rising_edge_and_feeds_the_other_safe_6() -> None:
    """The circuit is deaf to falling edges: each turn must bring what it hears, also one alone."""
    rig = Rig()
    inner = FakeWatchdog()
    enable = EnableLine(rig.line, inner)
    for turn in range(5):
        inner.was_fed = False
        enable.feed()
        assert inner.was_fed
        assert rig.said()[-1] == (_ENABLE, 1), turn
        assert rig.line.level


def test_it_starts_low_whatever_the_line_was_safe_6() -> None:
    rig = Rig()
    rig.line.write(True)
    EnableLine(rig.line, FakeWatchdog())
    assert not rig.line.level


def test_a_pulse_has_its_supply_from_its_beginning_safe_6() -> None:
    """Whatever the line stood at: the edge comes first, then the coil; its end makes none."""
    for was_high in (False, True):
        rig = Rig()
        rig.line.write(was_high)
        rig.said()
        pulse = SuppliedOut(rig.coil, rig.line)
        pulse.write(True)
        assert rig.said()[-2:] == [(_ENABLE, 1), (_COIL, 1)]
        pulse.write(False)
        assert rig.said() == [(_COIL, 0)]
        assert rig.line.level
