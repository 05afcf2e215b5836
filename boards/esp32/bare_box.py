"""A bare box on an ESP32: its console and its watchdog, until it has its `box.json`."""

import time

from boards import bare
from firmware.ticks import ticks_add
from firmware.version import VERSION
from hal.esp32 import idle
from hal.esp32.watchdog import ChipWatchdog

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from boards.esp32.board import Board


def be_bare(board: "Board", folder: str, why: str) -> None:
    """Start anew once it is provisioned; return where somebody wants the prompt."""
    console = board.console
    watchdog = ChipWatchdog()

    def is_typed() -> bool:
        return console.any() > 0

    def wait(wait_ms: int) -> None:
        watchdog.feed()
        now_ms: "Any" = time.ticks_ms()
        idle.wait_until(ticks_add(now_ms, wait_ms), is_typed, False)

    ended = bare.run(console, folder, board.kind, VERSION, why, wait, board.has_prompt, board.check)
    board.restart(bare.PROMPT if ended == bare.PROMPT else "console")
