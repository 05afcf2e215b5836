"""The box's life: power, hanging, failing; what the outputs do meanwhile."""

import pytest

from boards.sim.program import SimProgram
from firmware.wire.codes import OUT_RED, STATE_NAMES
from hal.fake.watchdog import FakeWatchdog
from simulator.box import BOOT_US, OFF, WATCHDOG_US
from simulator.vm.program import ProgramError
from tests.simulator.stories import IDM, SECOND_US, Story


def test_power_on_takes_the_boot_time() -> None:
    story = Story()
    story.car.box.power_cut()
    assert story.car.state == OFF
    story.car.box.power_cut()
    story.car.box.power_on()
    story.car.box.power_on()
    states = []
    for pause_us in (BOOT_US - 1, 1):
        story.kernel.run_until(story.kernel.now_us + pause_us)
        states.append(story.car.state)
    assert states == [OFF, "vacant"]
    power = [what for what in story.notes() if what.startswith("power")]
    assert power == ["power cut", "power on"]


def test_a_power_cut_turns_everything_off_and_leaves_the_block_as_it_was() -> None:
    """SAFE-3, SAFE-6: bistable; the session goes on."""
    story = Story()
    story.start_by_card()
    story.board()
    assert story.car.state == "in_use"
    story.car.box.power_cut()
    assert (story.car.engine, story.car.doors) == ("free", "unlocked")
    story.later(60)
    story.car.box.power_on()
    story.later(1)
    assert story.car.state == "in_use"
    assert (story.car.engine, story.car.doors) == ("free", "unlocked")


def test_a_power_cut_in_the_middle_of_a_start_pulses_nothing_later() -> None:
    """SAFE-3: a reset never opens a locked car."""
    story = Story()
    story.until(1020)
    story.car.tap(IDM)
    while "event unlocked" not in story.notes():
        story.later(0.0005)
    assert story.car.doors == "locked"
    story.car.box.power_cut()
    story.later(1)
    story.car.box.power_on()
    story.later(30)
    assert story.car.doors == "locked"
    assert story.car.state == "unlocked"


@pytest.mark.parametrize("operations", range(6))
def test_a_power_cut_inside_a_storage_operation(operations: int) -> None:
    """SAFE-2, SAFE-3: wherever it hits, no door is open without a session, and a start heals it."""
    story = Story()
    story.until(1020)
    story.car.cut_power_in_storage(operations)
    story.car.tap(IDM)
    story.later(10)
    story.car.restore_storage()
    story.car.box.power_on()
    story.later(10)
    assert (story.car.state, story.car.doors) in (
        ("vacant", "locked"),
        ("unlocked", "locked"),
        ("unlocked", "unlocked"),
    )
    assert story.car.box.failures == []
    story.car.centre.operate("start")
    story.later(20)
    assert (story.car.state, story.car.doors) == ("unlocked", "unlocked")


def test_a_storage_operation_can_be_hit() -> None:
    story = Story()
    story.until(1020)
    story.car.cut_power_in_storage(0)
    story.car.tap(IDM)
    story.later(5)
    assert not story.car.box.is_powered
    assert "power cut" in story.notes()


def test_a_hanging_program_is_reset_by_the_watchdog() -> None:
    """SAFE-6: what was on stays on until then, and goes off within the watchdog's time."""
    story = Story()
    story.until(1021.3)
    while not story.car.signals.levels[OUT_RED]:
        story.later(0.1)
    hung_us = story.kernel.now_us
    story.car.box.hang()
    story.car.tap(IDM)
    lit = []
    for at_us in (hung_us + WATCHDOG_US - 2 * SECOND_US, hung_us + WATCHDOG_US):
        story.kernel.run_until(at_us)
        lit.append(story.car.signals.levels[OUT_RED])
    assert lit == [True, False]
    assert story.car.doors == "locked"
    story.later(2)
    assert story.car.state == "vacant"
    assert "reset" in story.notes()
    story.car.tap(IDM)
    story.later(5)
    assert story.car.state == "unlocked"


def test_a_program_that_feeds_no_watchdog_is_reset(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story()
    monkeypatch.setattr(FakeWatchdog, "feed", lambda _self: None)
    story.later(7)
    assert "reset" not in story.notes()
    story.later(3)
    assert "reset" in story.notes()


def test_a_program_that_fails_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """SAFE-6: everything off, the session resumed."""
    story = Story()
    story.start_by_card()
    good = SimProgram.turn
    with monkeypatch.context() as patch:
        patch.setattr(SimProgram, "turn", lambda self, frame: good(self, frame[:10]))
        story.car.body.open_door("driver")
        story.later(0.02)
    assert len(story.car.box.failures) == 1
    assert story.notes().count("reset") == 1
    story.later(1)
    assert story.car.state == "boarding"
    assert story.car.doors == "unlocked"


def test_a_program_that_cannot_boot_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story()

    def fail(_self: SimProgram, _frame: bytes) -> bytes:
        raise KeyError("journal")

    monkeypatch.setattr(SimProgram, "boot", fail)
    story.car.box.reset()
    with pytest.raises(ProgramError, match="KeyError"):
        story.later(1)


def test_deadlines_count_down_between_turns() -> None:
    story = Story()
    story.car.box.tells_deadlines = True
    story.start_by_card()
    first = dict(story.car.box.deadlines())
    story.later(10)
    second = dict(story.car.box.deadlines())
    assert 50_000 < first["relock"] <= 60_000
    assert first["relock"] - second["relock"] == 10_000
    assert set(first) >= {"relock", "key", "warn"}


def test_the_state_is_one_that_the_daemon_knows() -> None:
    assert Story().car.state in STATE_NAMES
