"""How the command line of each program is declared and read."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import NoReturn

from fleetd.readers import to_its_end, while_read

DONE, USAGE = 0, 2
PORT_MAX = 65535
#: Far more than any number means; a longer one costs seconds to read.
_DIGITS_MAX = 18


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence; those of its commands do so, too."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{message} (see {self.prog} --help)\n")


def parser_of(program: str, what: str, epilog: str) -> argparse.ArgumentParser:
    """`program`: the words after `python`; the epilog's lines stay as they are."""
    return Parser(
        prog=f"python {program}",
        description=what,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def is_whole(text: str, least: int, most: int) -> bool:
    """Whether it is a whole number within these bounds, in digits alone."""
    is_number = text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX
    return is_number and least <= int(text) <= most


def whole(least: int, most: int, noun: str = "whole number") -> Callable[[str], int]:
    """For argparse: the number; one sentence for what is none, or is out of bounds."""

    def read(text: str) -> int:
        if not is_whole(text, least, most):
            raise argparse.ArgumentTypeError(f"{text} is no {noun} from {least} to {most}")
        return int(text)

    return read


#: A port to listen on, 0: any that is free; and one that somebody listens on.
own_port = whole(0, PORT_MAX, "port")
port = whole(1, PORT_MAX, "port")


def run(
    parser: argparse.ArgumentParser,
    argv: list[str],
    work: Callable[[argparse.Namespace], int],
    *,
    is_stream: bool = False,
) -> int:
    """The exit code: of the work, or of a command line that asks for help or is wrong.

    `is_stream`: the work is over when nobody reads what it tells; any other goes on to its end.
    """
    listen = while_read if is_stream else to_its_end
    return listen(lambda: _run(parser, argv, work))


def _run(
    parser: argparse.ArgumentParser, argv: list[str], work: Callable[[argparse.Namespace], int]
) -> int:
    try:
        arguments = parser.parse_args(argv)
    except SystemExit as leaving:
        return DONE if leaving.code in (0, None) else USAGE
    return work(arguments)
