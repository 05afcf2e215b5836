"""Puts the program on a board with stock MicroPython.

    python -m tools.flash --board esp32s3 --port /dev/ttyUSB0 --config box.json

For an ESP32-S3 with PSRAM (an ESP32 with PSRAM does, too): compiled files take more memory there than
a program frozen into an image, and no board without PSRAM has it. Production boxes have an image of
their own (boards/esp32/README.md) and get their configuration alone from here.

Only what differs is written. `main.py` goes first and comes last, so that half a program never
starts; whatever interrupts this, doing it again mends it. The configuration stays as it is unless
one is given. Exit 0 done, 1 not done, 2 wrong use or wrong files of ours.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import NamedTuple

from tools import flash_board, flash_files, flash_plan
from tools.flash_files import KINDS


class WrongUseError(Exception):
    """Wrong use, or wrong files of ours; exit 2."""


class Options(NamedTuple):
    """What the command line says."""

    kind: flash_files.Kind
    port: str
    config: dict[str, bytes]
    dry_run: bool


def main(argv: list[str]) -> int:
    """The exit code."""
    arguments = _parse(argv)
    try:
        options = _options(arguments)
        wanted = flash_plan.Wanted(
            flash_files.compile_program(options.kind),
            flash_files.main_text(options.kind),
            options.config,
        )
        report = _flash(options, wanted)
    except (WrongUseError, flash_files.CompileError) as error:
        print(f"flash: {error}", file=sys.stderr)
        return 2
    except flash_board.BoardError as error:
        print(f"flash: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("flash: interrupted; flash it again, that mends it", file=sys.stderr)
        return 1
    print(json.dumps(report._asdict()) if arguments.json else "\n".join(report.lines()))
    return 0


def _parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.flash",
        description="Puts the program on a board with stock MicroPython and PSRAM.",
    )
    parser.add_argument("--board", metavar="BOARD", help=f"one of {', '.join(sorted(KINDS))}")
    parser.add_argument("--port", metavar="PORT", help="as /dev/ttyUSB0 or /dev/ttyACM0")
    parser.add_argument("--config", metavar="FILE", help="box.json for this car")
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="say what would be done; the board is restarted, no file changed",
    )
    return parser.parse_args(argv)


def _options(arguments: argparse.Namespace) -> Options:
    known = ", ".join(sorted(KINDS))
    if arguments.board not in KINDS:
        said = f"board {arguments.board} is unknown" if arguments.board else "no board was named"
        raise WrongUseError(
            f"{said}; there are {known}, as: make flash BOARD=esp32s3 PORT=/dev/ttyUSB0"
        )
    port = arguments.port or ""
    if not port and not arguments.dry_run:
        raise WrongUseError("no port was named; as: make flash BOARD=esp32s3 PORT=/dev/ttyUSB0")
    mistakes = flash_plan.table_mistakes()
    if mistakes:
        raise WrongUseError("; ".join(mistakes))
    kind = KINDS[arguments.board]
    config = _config(Path(arguments.config), kind) if arguments.config else {}
    trouble = flash_board.port_trouble(port) if port else ""
    if trouble:
        raise flash_board.BoardError(trouble)
    return Options(kind, port, config, arguments.dry_run)


def _config(path: Path, kind: flash_files.Kind) -> dict[str, bytes]:
    """Name on the board -> bytes: the file, and the certificate that it names."""
    from boards import box_config

    try:
        text = path.read_bytes()
        config = box_config.load(text)
        kind.judge(config)
        files = {flash_files.CONFIG: text}
        if config.ca:
            ca = (path.parent / config.ca).read_bytes()
            _check_ca(config.ca, ca)
            files = {config.ca: ca, **files}
    except OSError as error:
        raise WrongUseError(f"{error.filename}: {error.strerror}") from None
    except ValueError as error:  # both kinds of sentence are
        raise WrongUseError(f"{path}: {error}") from None
    return files


def _check_ca(name: str, ca: bytes) -> None:
    """A chip takes a certificate in DER form alone."""
    from hal.socket_dialect import make_context

    try:
        make_context(ca)
    except ValueError:
        raise WrongUseError(
            f"{name} is no certificate in DER form; make one of ca.pem: "
            f"openssl x509 -in ca.pem -outform DER -out {name}"
        ) from None


def _flash(options: Options, wanted: flash_plan.Wanted) -> flash_plan.Report:
    if not options.port:
        return flash_plan.report_without_board(wanted)
    with flash_board.open_board(options.port) as board:
        try:
            wanted, steps = _plan(board, options.kind, wanted)
            planned = flash_plan.report(board, wanted, steps, is_done=False)
        except BaseException:
            board.restart()  # it was stopped to be asked, and nothing on it is changed
            raise
        if options.dry_run:
            board.restart()
            return planned
        try:
            flash_plan.carry_out(board, wanted, steps, _progress)
            done = flash_plan.report(board, wanted, steps, is_done=True)
        except flash_board.BoardError as error:
            raise flash_board.BoardError(f"port {options.port}: {error}") from None
        board.restart()
        return done


def _plan(
    board: flash_board.Board, kind: flash_files.Kind, wanted: flash_plan.Wanted
) -> tuple[flash_plan.Wanted, flash_plan.Steps]:
    """What is wanted of this board, and what has to be done; BoardError when it cannot be."""
    who = board.who()
    flash_plan.check_board(who, kind)
    if flash_plan.has_own_image(who):
        wanted = flash_plan.without_program(wanted)
    board.calm_watchdog()
    steps = flash_plan.compare(board, wanted)
    flash_plan.check_space(who, steps)
    return wanted, steps


def _progress(number: int, count: int, path: str) -> None:
    if sys.stderr.isatty():
        end = "\n" if number == count else ""
        print(f"\r\x1b[K{number} of {count}  {path}", end=end, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
