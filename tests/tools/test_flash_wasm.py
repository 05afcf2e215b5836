"""The whole program flashed onto the 32-bit WebAssembly build of MicroPython, and started there.

Of what mpremote needs there, only the answer to raw paste is not the interpreter's own
(raw_prompt.mjs).
"""

import json
from pathlib import Path

import pytest

from tests.house.portable_files import HANGS_AFTER_S
from tests.portable.boards import box_rig
from tests.tools.pty_board import WASM, board_at_pty
from tools import flash, flash_board, flash_files

#: That build has no sockets. The car below is out of reach, so that nothing is sent.
SOCKETS = """
class Socket:
    def readinto(self, buffer):
        raise OSError(118)
class Sockets:
    socket = Socket
for name in ("socket", "tls"):
    sys.modules[name] = Sockets()
"""

#: The flashed program is started on the simulated chip; only what is around it is not the board's.
IMPORT_ALL = """
import os, sys
machine = sys.modules["machine"]
os.rename("fake", "hal/fake")
for name in ("kb1_centre.py", "packets_endpoint.py", "code_names.py"):
    os.rename("centre/" + name, "firmware/wire/" + name)
from tests.portable.hal.esp32 import chip_modules
chip_modules.install()
for name in %r:
    __import__(name)
print(len([name for name in sys.modules if name in %r]), machine.watchdog_ms, machine.resets)
"""

START = """
from tests.portable.boards.esp32.whole_box import Car
from tests.portable.firmware.loop_rig import CARD
from tests.portable.hal.esp32.chip import ChipResetError
from boards.esp32 import main as entry
# It asks the interpreter, which says here that it is in a browser.
entry.is_s3 = lambda: True
car = Car(is_s3=True)
ends = []
def happen():
    if car.chip.ms > 2000 and not car.reader.has_card:
        car.reader.idm = CARD
        car.reader.has_card = True
    if car.chip.ms > 5000 and not ends:
        ends.append(True)
        raise RuntimeError("seen enough")
    return car.happen()
car.chip.world = happen
with open("main.py") as file:
    try:
        exec(file.read(), {"__name__": "__main__"})
    except ChipResetError:
        with open("reason.txt") as reason:
            print(reason.read().splitlines()[-1])
for name in ("unlock", "release", "lock", "block"):
    print(name, [level for _, level in car.changes(name)])
"""

STARTED = """\
RuntimeError: seen enough
unlock [1, 0]
release [1, 0]
lock []
block []
"""


def modules() -> list[str]:
    """Dotted names of all that was flashed."""
    return [
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in flash_files.program_files(flash_files.KINDS["esp32s3"])
    ]


@pytest.mark.long
@pytest.mark.wasm
def test_the_flashed_program_is_imported_and_unlocks_a_car(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every module of it, then its own main.py with its own box.json, until a card was touched."""
    config = tmp_path / "box.json"
    config.write_text(json.dumps(box_rig.values()), encoding="utf-8")
    with board_at_pty(WASM, tmp_path / "board", SOCKETS) as port:
        arguments = ["--board", "esp32s3", "--port", port, "--config", str(config), "--json"]
        assert flash.main(arguments) == 0
        done = json.loads(capsys.readouterr().out)
        names = modules()
        assert done["done"]
        assert len(done["written"]) == len(names) + 2
        with flash_board.open_board(port) as board:
            imported = board.run(IMPORT_ALL % (names, names), HANGS_AFTER_S)
            assert imported.decode().split() == [str(len(names)), "900000", "1"]
            said = board.run(START, HANGS_AFTER_S).decode().replace("\r", "")
            assert said.endswith(STARTED), said
