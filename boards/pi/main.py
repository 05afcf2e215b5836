"""The program: reads `box.json`, builds the board, and turns for ever."""

import argparse
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from boards import box
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
    """Exit code 78 for a configuration that cannot work, 1 for a bug that ended it."""
    arguments = _arguments(argv)
    try:
        config = _read(arguments.config)
        board = Board(config, arguments.config.parent, arguments.state)
    except (ConfigError, BoardError) as error:
        print(error, file=sys.stderr)
        return EXIT_CONFIG
    if arguments.check:
        print(f"{arguments.config}: car {config.car}, {config.host} port {config.port}: good")
        return 0
    # A stop is no crash: outputs go to rest on the way out.
    signal.signal(signal.SIGTERM, _end_by_signal)
    reason = board.last_reason()
    if reason:
        print(f"the last bug that ended a program here: {reason}", file=sys.stderr, flush=True)
    runtime = os.environ.get("RUNTIME_DIRECTORY")
    restarts = Restarts(Path(runtime) if runtime else None)
    try:
        _pause_if_it_fails(restarts)
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
