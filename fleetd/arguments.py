"""How the command line of each program is declared and read."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import NoReturn

from fleetd.readers import to_its_end, while_read

DONE, USAGE = 0, 2


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
