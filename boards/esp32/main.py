"""The box from the start of the chip on. Without a good `box.json` it is bare (`boards.bare`)."""

from boards.box import run
from boards.esp32.board import Board, is_s3
from firmware.compat import unload

TYPE_CHECKING = False
if TYPE_CHECKING:
    from boards.box_config import BoxConfig

_FOLDER = "/"


def main() -> None:
    """Outputs at rest, then the configuration, then turns for ever.

    It returns only where the console opened the prompt: with outputs at rest, and the watchdog fed.
    """
    board = Board(is_s3(), _FOLDER)
    reason = board.last_reason()
    if reason:
        print("the program before this one ended by", reason)
    from hal.esp32.watchdog_timer import stop_timer

    stop_timer()
    found = read_config(board, _FOLDER)
    if isinstance(found, str):
        print(found)
        from boards.esp32.bare_box import be_bare

        be_bare(board, _FOLDER, found)
    else:
        run(board, found)


def read_config(board: Board, folder: str) -> "BoxConfig | str":
    """Or the sentence about what is wrong with it: a reset would not mend that."""
    from boards.box_config import load_file

    try:
        config = load_file(folder)
        board.check(config)
    except ValueError as error:  # both kinds of sentence are
        return str(error)
    finally:
        unload("boards.box_config")
    return config
