"""What pulse lines do to locks and starter block."""

import pytest

from firmware.wire.codes import PULSE_BLOCK, PULSE_LOCK, PULSE_RELEASE, PULSE_UNLOCK
from simulator.kernel import Kernel
from simulator.world.body import Body
from simulator.world.relays import REACTION_US, Relays
from simulator.world.timeline import Timeline


class Scene:
    def __init__(self) -> None:
        self.kernel = Kernel()
        self.body = Body(self.kernel, Timeline(self.kernel), True, False)
        self.relays = Relays(self.kernel, self.body)

    def pulse(self, line: int, width_us: int) -> None:
        self.relays.write(line, True)
        self.kernel.run_until(self.kernel.now_us + width_us)
        self.relays.write(line, False)
        self.kernel.run_until(self.kernel.now_us + 1_000_000)

    def stands(self) -> tuple[bool, bool]:
        return self.body.is_locked, self.body.is_blocked


@pytest.mark.parametrize(
    ("line", "before", "after"),
    [
        (PULSE_UNLOCK, (True, True), (False, True)),
        (PULSE_LOCK, (False, True), (True, True)),
        (PULSE_RELEASE, (True, True), (True, False)),
        (PULSE_BLOCK, (True, False), (True, True)),
    ],
)
def test_each_line_moves_its_own(
    line: int, before: tuple[bool, bool], after: tuple[bool, bool]
) -> None:
    scene = Scene()
    scene.body.move_locks(before[0])
    scene.body.move_block(before[1])
    scene.pulse(line, REACTION_US - 1)
    assert scene.stands() == before
    scene.pulse(line, REACTION_US)
    assert scene.stands() == after
    assert scene.relays.pulses[line] == 2


def test_a_line_that_falls_with_the_power_moves_nothing() -> None:
    """SAFE-6: the block stays as it was, the locks too."""
    scene = Scene()
    scene.relays.write(PULSE_UNLOCK, True)
    scene.relays.write(PULSE_RELEASE, True)
    scene.kernel.run_until(REACTION_US - 1)
    scene.relays.all_off()
    scene.kernel.run_until(10_000_000)
    assert scene.stands() == (True, True)


def test_opposite_lines_at_once_move_nothing() -> None:
    scene = Scene()
    scene.relays.write(PULSE_UNLOCK, True)
    scene.relays.write(PULSE_LOCK, True)
    scene.kernel.run_until(1_000_000)
    assert scene.stands() == (True, True)


def test_a_long_pulse_moves_once() -> None:
    scene = Scene()
    scene.relays.write(PULSE_UNLOCK, True)
    scene.kernel.run_until(1_000_000)
    scene.body.move_locks(True)
    scene.kernel.run_until(5_000_000)
    assert scene.body.is_locked


def test_a_broken_relay_does_nothing() -> None:
    scene = Scene()
    scene.relays.broken.add(PULSE_UNLOCK)
    scene.pulse(PULSE_UNLOCK, REACTION_US)
    assert scene.stands() == (True, True)
