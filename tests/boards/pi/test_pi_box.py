"""The whole box of a Raspberry Pi as a process: mock pins, the simulated reader, its files."""

import os
import select
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.boards.pi.box_process import IDENT, BoxProcess, fill_copy
from tests.hal.linux.chip_thread import ChipThread

PULSES = ("unlock", "lock", "release", "block")


@pytest.fixture
def chip() -> Iterator[ChipThread]:
    with ChipThread() as made:
        yield made


@pytest.fixture
def box(tmp_path: Path, chip: ChipThread) -> Iterator[BoxProcess]:
    made = BoxProcess(tmp_path, reader={"by": "pn532", "port": chip.path})
    fill_copy(made.state / "cache.nor")
    yield made
    made.close()


def pulses_of(box: BoxProcess) -> list[str]:
    return [line for line in box.told if line.split()[0] in PULSES and line.endswith("1")]


def edges_of(box: BoxProcess) -> int:
    return len([line for line in box.told if line.startswith("enable ")])


def test_a_card_unlocks_a_kill_is_outlived_and_a_stop_lets_the_outputs_go(
    box: BoxProcess, chip: ChipThread
) -> None:
    """START-1 without a network, SAFE-3 over a kill, SAFE-6: a stopped program moves no line."""
    box.start()
    assert pulses_of(box) == []
    box.until(lambda: edges_of(box) >= 4)
    box.touch(chip, IDENT, lambda: "unlock 1" in box.told)
    box.until(lambda: "unlock 0" in box.told)
    box.until_kept("unlocked")
    chip.remove()

    # Killed in the midst of the use: the next start goes on with it, and moves nothing.
    events = len(box.kept().events)
    box.kill()
    box.start()
    assert box.kept().state == "unlocked"
    assert len(box.kept().events) > events  # the reset is told
    assert pulses_of(box) == []
    box.put("door_driver", True)
    box.until_kept("boarding")

    # Stopped: no edge of the enable line comes any more, whatever the levels are; then it goes on.
    before = edges_of(box)
    box.until(lambda: edges_of(box) > before)
    assert box.process is not None
    os.kill(box.process.pid, signal.SIGSTOP)
    _, status = os.waitpid(box.process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    assert box.process.stdout is not None
    while select.select([box.process.stdout], [], [], 0)[0]:
        box.hear(0)
    stopped_at = edges_of(box)
    assert select.select([box.process.stdout], [], [], 1.5)[0] == []
    os.kill(box.process.pid, signal.SIGCONT)
    box.until(lambda: edges_of(box) > stopped_at + 1)
    assert box.kept().state == "boarding"


@pytest.mark.parametrize("comes", ["at any time", "in the midst of a write"])
def test_a_stop_by_systemd_leaves_all_outputs_off(
    box: BoxProcess, chip: ChipThread, comes: str
) -> None:
    box.start()
    box.touch(chip, IDENT, lambda: "unlock 1" in box.told)
    assert box.process is not None
    if comes == "at any time":
        box.process.send_signal(signal.SIGTERM)
    else:
        box.put("stop", True)
    assert box.end() == 0
    assert box.outputs["unlock"] == 0
    assert not any(box.outputs.values())


def test_a_reader_that_is_not_there_stops_nothing(tmp_path: Path) -> None:
    box = BoxProcess(tmp_path, reader={"by": "pn532", "port": str(tmp_path / "nothing")})
    box.start()
    box.until(lambda: edges_of(box) >= 4)
    box.close()
