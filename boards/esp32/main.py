"""Starts the box when the chip does. Without a good `box.json` the prompt is there instead."""

from boards.box import run
from boards.esp32.board import Board, is_s3
from firmware.compat import unload

TYPE_CHECKING = False
if TYPE_CHECKING:
    from boards.box_config import BoxConfig

_FOLDER = "/"


def main() -> None:
    """Outputs at rest, then the configuration, then turns for ever."""
    board = Board(is_s3(), _FOLDER)
    config = read_config(_FOLDER)
    if config is None or not is_possible(board, config):
        return
    reason = board.last_reason()
    if reason:
        print("the program before this one ended by", reason)
    from hal.esp32.watchdog_timer import stop_timer

    stop_timer()
    try:
        run(board, config)
    except KeyboardInterrupt:
        board.let_in()
        print("stopped; outputs are at rest. machine.reset() starts the box again")


def is_possible(board: Board, config: "BoxConfig") -> bool:
    """False after a sentence about what this board cannot do: a reset would not mend it."""
    try:
        board.check(config)
    except ValueError as error:  # both kinds of sentence are
        print(error)
        return False
    return True


def read_config(folder: str) -> "BoxConfig | None":
    """None after a sentence about what is wrong: outputs stay at rest, and the prompt waits."""
    from boards.box_config import ConfigError, load_file

    try:
        return load_file(folder)
    except ConfigError as error:
        print(error)
    finally:
        unload("boards.box_config")
    return None
