"""Starts the ESP32's program as it is frozen, on a simulated chip: the argument is its folder.

Prints what `main` says without a configuration, before it is bare; what a technician may set is there; then state and turns of a box that ran for 3 s.
"""

import sys

from tests.portable.boards.esp32 import whole_box
from tests.portable.hal.esp32 import chip_modules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

folder = sys.argv[1]

# The simulated chip stays; what of the firmware it was made with goes, or the frozen program would
# import from that.
car = whole_box.Car()
text = whole_box.config_text()
modules = chip_modules.install()
for name in list(sys.modules):
    if name.split(".")[0] in ("firmware", "hal", "boards"):
        del sys.modules[name]
sys.path[:] = [folder]

program: "Any" = __import__("program")
program.open_console = lambda: program.ConsoleLink(*[car.chip.console] * 3)
# Without a configuration it is bare, and lets whoever asks at its console have the prompt.
car.chip.console.put(b"prompt\r")
program.main()
board = program.Board(False, "/nowhere/")
assert board.own_settings().secrets == ["wifi_password"]
box = program.Box(board, __import__("boards.box_config").box_config.load(text))
box.start()
turns = 0
until_ms = car.chip.ms + 3000
while car.chip.ms < until_ms:
    board.wait(box.turn())
    turns += 1
assert sum([level for _, level in car.changes("enable")]) == turns
print(box.loop.state, turns)
