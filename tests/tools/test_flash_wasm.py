"""The whole program flashed onto the 32-bit WebAssembly build of MicroPython, and started there.

Of what mpremote needs there, only the answer to raw paste is not the interpreter's own
(raw_prompt.mjs).
"""

import json
from pathlib import Path

import pytest

from tests.portable.boards import box_rig
from tests.tools.pty_board import WASM, board_at_pty
from tools import flash, flash_board, flash_files, tree

# `socket` and its like are no part of that build; here nothing is sent.
NO_SOCKETS = """
class Missing:
    socket = object
for name in ("socket", "ssl", "tls"):
    sys.modules[name] = Missing()
"""

IMPORT_ALL = """
for name in %r:
    __import__(name)
print(len([name for name in sys.modules if name in %r]), sys.modules["machine"].watchdog_ms)
"""

# A box whose ports are in memory, from power-on through an hour; nothing but it is not the board's.
START = """
from boards import box, box_config
from tests.portable.boards.box_rig import MemoryBoard
with open("box.json") as file:
    config = box_config.load(file.read())
board = MemoryBoard()
board.turns_max = 200
try:
    box.run(board, config)
except KeyboardInterrupt:
    print(len(board.waits), board.resets, board.reasons, config.car)
"""

STAND_INS = (
    "hal/fake/*.py",
    "tests/portable/boards/box_rig.py",
    "firmware/profiles/top24-2023.json",
)


def write_stand_ins(board: flash_board.Board) -> None:
    """Beside the program, after it was flashed; folders with them."""
    made = {"hal", "firmware", "boards"}
    for pattern in STAND_INS:
        for path in sorted(tree.ROOT.glob(pattern)):
            name = path.relative_to(tree.ROOT).as_posix()
            parts = name.split("/")[:-1]
            for depth in range(1, len(parts) + 1):
                folder = "/".join(parts[:depth])
                if folder not in made:
                    made.add(folder)
                    board.make_folder(folder)
            board.write(name, path.read_bytes())


def modules() -> list[str]:
    """Dotted names of all that was flashed."""
    return [
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in flash_files.program_files()
        if name != "boards/esp32/main.py"
    ]


@pytest.mark.wasm
def test_the_flashed_program_is_imported_and_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "box.json"
    config.write_text(json.dumps(box_rig.values()), encoding="utf-8")
    with board_at_pty(WASM, tmp_path / "board", NO_SOCKETS) as port:
        arguments = ["--board", "esp32s3", "--port", port, "--config", str(config), "--json"]
        assert flash.main(arguments) == 0
        done = json.loads(capsys.readouterr().out)
        assert done["done"]
        assert len(done["written"]) == len(modules()) + 2
        with flash_board.open_board(port) as board:
            names = modules()
            said = board.run("import sys\n" + IMPORT_ALL % (names, names))
            assert said.split() == [str(len(names)).encode(), b"900000"]
            write_stand_ins(board)
            said = board.run(START)
            assert said.decode().strip() == f"200 0 [] {box_rig.CAR}"
