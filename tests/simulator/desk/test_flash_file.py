"""Flash in a file: what an operation did is there when it is over, whoever dies afterwards."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hal.fake.flash import PowerCut
from simulator.desk.flash_file import FileFlash, FlashFileError
from tools import tree

SECTORS = 4
#: Counts upwards in words of four bytes, sector after sector, and says what it has done.
WRITER = """
import sys
from pathlib import Path
from simulator.desk.flash_file import FileFlash
flash = FileFlash(Path(sys.argv[1]), 4, 1)
number = 0
while True:
    for sector in range(4):
        flash.erase(sector)
        for offset in range(sector * 4096, sector * 4096 + 4096, 4):
            number += 1
            flash.program(offset, number.to_bytes(4, "big"))
            print(number, flush=True)
"""


def test_a_new_one_is_erased(tmp_path: Path) -> None:
    flash = FileFlash(tmp_path / "f", SECTORS, 1)
    assert flash.contents == b"\xff" * (SECTORS * 4096)
    assert (tmp_path / "f").read_bytes() == flash.contents
    assert (tmp_path / "f").stat().st_mode & 0o777 == 0o600


def test_what_was_done_is_there_for_the_next(tmp_path: Path) -> None:
    flash = FileFlash(tmp_path / "f", SECTORS, 1)
    flash.program(4096 + 250, bytes(range(20)))  # over the end of a page
    flash.program(4096 + 250, b"\x0f")
    flash.program(0, b"gone")
    flash.erase(0)
    flash.flip(8192, 3)
    after = FileFlash(tmp_path / "f", SECTORS, 2)
    assert after.contents == flash.contents
    found = bytearray(20)
    after.read(4096 + 250, found)
    assert found == bytes(range(20))
    assert after.contents[8192] == 0xF7
    flash.close()
    after.close()


@pytest.mark.parametrize("seed", range(1, 6))
def test_what_a_power_cut_left_is_there_for_the_next(tmp_path: Path, seed: int) -> None:
    flash = FileFlash(tmp_path / "f", SECTORS, seed)
    flash.program(0, b"old" * 80)
    flash.cut_after = 0
    with pytest.raises(PowerCut):
        flash.erase(0)
    flash.restore_power()
    flash.cut_after = 1
    with pytest.raises(PowerCut):
        flash.program(4096, b"new" * 170)
    assert (tmp_path / "f").read_bytes() == flash.contents


def test_a_failed_operation_is_in_the_file_as_far_as_it_got(tmp_path: Path) -> None:
    flash = FileFlash(tmp_path / "f", SECTORS, 3)
    for sector in range(SECTORS):
        flash.fail_next(1)
        with pytest.raises(OSError, match="5"):
            flash.program(sector * 4096, b"\x00" * 100)
    assert (tmp_path / "f").read_bytes() == flash.contents


@pytest.mark.parametrize("size", [0, 1, SECTORS * 4096 - 1, SECTORS * 4096 + 1])
def test_a_file_of_another_size_is_not_taken(tmp_path: Path, size: int) -> None:
    (tmp_path / "f").write_bytes(b"x" * size)
    with pytest.raises(FlashFileError, match="move it away"):
        FileFlash(tmp_path / "f", SECTORS, 1)
    assert (tmp_path / "f").read_bytes() == b"x" * size


@pytest.mark.parametrize("lines", [1, 700, 1024, 1025, 5000])
def test_killed_in_the_middle_it_keeps_what_it_said_was_done(tmp_path: Path, lines: int) -> None:
    """SAFE-5's ground: nothing that was confirmed is lost, and nothing is half there."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path / "f")],
        cwd=tree.ROOT, stdout=subprocess.PIPE,
    ) as writer:  # fmt: skip
        assert writer.stdout is not None
        done = 0
        for _ in range(lines):
            done = int(writer.stdout.readline())
        os.kill(writer.pid, signal.SIGKILL)
        rest = writer.stdout.read().split(b"\n")[:-1]
        done = int(rest[-1]) if rest else done
    flash = FileFlash(tmp_path / "f", SECTORS, 1)
    words = {
        int.from_bytes(flash.contents[offset : offset + 4], "big")
        for offset in range(0, SECTORS * 4096, 4)
    } - {0xFFFFFFFF}
    newest = max(words)
    assert done <= newest <= done + 1
    # All of the newest sector's, and all of the sectors before it that were not erased since.
    begun = (newest - 1) // 1024 * 1024
    assert words >= set(range(max(1, begun - 2 * 1024 + 1), newest + 1))
