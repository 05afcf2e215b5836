"""python -m simulator run: arguments, what is missing, and the way that fits where it is shown."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from fleetd.arguments import Parser, own_port, whole
from simulator.live import machine, narration
from simulator.live.arguments import WELCOME, add_story, read_story
from simulator.scenario.problem import StoryError
from simulator.scenario.story import Story

DONE, FAILED, USAGE = 0, 1, 2
STATE = Path("build/desk")
HTTP_PORT = 8080
SEED_MAX = 10**9

_EXAMPLE = """\
example:
  python -m simulator run --vm cpython --speed 10 --scenario tests/scenarios/end-05-refused.yaml

Four processes are started that find each other: the daemon, with a fleet of its own; the car; a page
of it for your browser; and a view of it here. In a terminal the car is drawn and takes your keys,
which are listed at the foot; elsewhere what happens is printed line by line. Ctrl-C ends them all.
Without a FILE nothing happens by itself: a booking can start, and the car waits for your card.

With --plain or --picture there is this process alone, with the daemon's code in it: the story is
told as fast as it goes. Exit code 0: it was shown (--plain: and every expectation held); 1: one did
not, or a process cannot run; 2: the arguments or the story are wrong."""


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    found = Parser(
        prog="python -m simulator run",
        description="A car, live: the real firmware and the real daemon.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_story(found)
    found.add_argument(
        "scenario", nargs="?", metavar="FILE", default=argparse.SUPPRESS, help="the same"
    )
    found.add_argument("--port", type=own_port, default=HTTP_PORT, metavar="PORT",
                       help="the daemon's, for phones; 0: any that is free (%(default)s)")  # fmt: skip
    found.add_argument("--state", type=Path, default=STATE, metavar="DIR",
                       help="database, identity, logs; made anew each time (%(default)s)")  # fmt: skip
    found.add_argument("--keep", action="store_true",
                       help="go on with the fleet and the car of --state as they were")  # fmt: skip
    found.add_argument("--desk-port", type=own_port, default=0, metavar="PORT",
                       help="the desk page's; 0: any that is free (0)")  # fmt: skip
    found.add_argument("--plain", action="store_true", help="lines, in this process alone")
    found.add_argument("--seed", type=whole(0, SEED_MAX), metavar="N",
                       help="of all chance, with --plain and --picture (1)")  # fmt: skip
    found.add_argument("--picture", metavar="FILE", help="write the screen to an SVG file instead")
    found.add_argument(
        "--at", metavar="TIME", help="when the picture is taken, as a story's at (its end)"
    )
    return found


def run(argv: list[str]) -> int:
    """The exit code."""
    arguments = parser().parse_args(argv)
    mistake = _mistake(arguments)
    if mistake:
        print(mistake, file=sys.stderr)
        return USAGE
    if not (arguments.scenario or arguments.plain or arguments.picture):
        arguments.scenario = str(WELCOME)
    try:
        story, terms = read_story(arguments)
    except StoryError as error:
        print(error, file=sys.stderr)
        return USAGE
    lacking = machine.missing(arguments.vm)
    if lacking:
        print(lacking, file=sys.stderr)
        return USAGE
    return _show(arguments, story, terms)


def _mistake(arguments: argparse.Namespace) -> str:
    """What would have no effect, or cannot be; "" if nothing."""
    is_one_process = arguments.plain or arguments.picture
    if arguments.at is not None and not arguments.picture:
        return f"--at {arguments.at}: is the time of a --picture; give that, too"
    if arguments.seed is not None and not is_one_process:
        return f"--seed {arguments.seed}: processes have chances of their own; give --plain, too"
    if arguments.keep and is_one_process:
        return "--keep: with --plain or --picture nothing is kept; leave one away"
    if arguments.port and arguments.port == arguments.desk_port and not is_one_process:
        return f"--port and --desk-port are both {arguments.port}; give two, or 0 for any"
    arguments.seed = 1 if arguments.seed is None else arguments.seed
    return ""


def _show(arguments: argparse.Namespace, story: Story, terms: dict[str, Any]) -> int:
    from simulator.live import program

    if arguments.picture:
        return program.picture(arguments, story, terms)
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    if arguments.plain:
        print("\n".join(narration.introduction(story)), flush=True)
        return program.plain(arguments, story, terms)
    from simulator.desk import launcher

    return launcher.run(arguments, story)
