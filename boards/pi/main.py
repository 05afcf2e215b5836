"""The program: reads `box.json`, builds the board, and turns for ever; or is bare without one."""

import argparse
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from boards import box
from boards.bare_file import FILE
from boards.box_config import BoxConfig, ConfigError, load
from boards.pi.board import Board
from boards.pi.restarts import Restarts
from boards.pin_table import BoardError

CONFIG = Path("/etc/kagibako/box.json")
STATE = Path("/var/lib/kagibako")

#: sysexits.h: the file is wrong, and a new start does not mend it; the unit leaves it at that.
EXIT_CONFIG = 78


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m boards.pi", description="The box of one car on a Raspberry Pi."
    )
    parser.add_argument("--config", type=Path, default=CONFIG, help="%(default)s")
    parser.add_argument("--state", type=Path, default=STATE, help="its folder: %(default)s")
    parser.add_argument(
        "--console",
        default="",
        metavar="PORT",
        help="where a technician's cable ends, if the configuration names no port; there a box "
        "without a good configuration is given one",
    )
    parser.add_argument(
        "--check", action="store_true", help="read the configuration, say what is wrong, end"
    )
    return parser.parse_args(argv)


def _read(path: Path) -> BoxConfig:
    try:
        return load(path.read_bytes())
    except OSError as error:
        raise ConfigError(
            f"{path}: {error.strerror or error}; see boards/pi/README.md for an example"
        ) from None


def _end_by_signal(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def main(argv: list[str] | None = None) -> int:
    """Exit code 78 for a configuration that cannot work, 1 for a bug that ended it.

    With a console a box whose configuration cannot work is bare, and ends with 0 when it got one.
    """
    arguments = _arguments(argv)
    path: Path = arguments.config
    try:
        config = _read(path)
        board = Board(config, path.parent, arguments.state, arguments.console)
    except (ConfigError, BoardError) as error:
        print(error, file=sys.stderr, flush=True)
        if arguments.check or not arguments.console or path.name != FILE:
            return EXIT_CONFIG
        from boards.pi.bare_box import be_bare

        be_bare(path.parent, arguments.console, str(error))
        return 0
    if arguments.check:
        print(f"{path}: car {config.car}, {config.host} port {config.port}: good")
        for text in board.absent():
            print(f"but {text}")
        return 0
    signal.signal(signal.SIGTERM, _end_by_signal)
    reason = board.last_reason()
    if reason:
        print(f"the last bug that ended a program here: {reason}", file=sys.stderr, flush=True)
    runtime = os.environ.get("RUNTIME_DIRECTORY")
    restarts = Restarts(Path(runtime) if runtime else None)
    try:
        _pause_if_it_fails(restarts)
        # A stop is no crash: it comes between two turns, and outputs go to rest on the way out.
        signal.signal(signal.SIGTERM, lambda _number, _frame: board.end())
        box.run(board, config)
    except KeyboardInterrupt:
        board.stand_down()
        restarts.forget()
        return 0
    except SystemExit as end:
        if not end.code:
            board.stand_down()
            restarts.forget()
        raise
    return 1


def _pause_if_it_fails(restarts: Restarts) -> None:
    """Outputs have no supply meanwhile, for nobody moves the enable line."""
    pause_s = restarts.begin(time.monotonic())
    if pause_s:
        text = f"{restarts.count} programs in a row did not last; the next begins in {pause_s} s"
        print(text, file=sys.stderr, flush=True)
        time.sleep(pause_s)
