"""python -m tests.proof explore | planted | stateful: counts as one line of JSON at the end.

    explore [--profile NAME ...] [--short] [--states N] [--level 1] [--keep FOLDER] [--json FILE]
    planted [--short]
    stateful [--examples N]

Exit 0 when everything holds (or every planted fault is found), else 1.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

PROFILES = ("top24-2018", "top24-2023", "jparc-2023")
SHORT_STATES = 400
PLANTED_STATES = 1_000
PLANTED_STATES_SHORT = 150


def explore(
    profiles: tuple[str, ...],
    short: bool,
    states_max: int,
    level: int = 2,
    keep: Path | None = None,
) -> tuple[dict[str, Any], bool]:
    """All states, or the short form: fewer happenings and so many states, the nearest first.

    `keep`: a folder in which the exploration is kept, and from which it goes on.
    """
    from tests.proof.checkpoint import Checkpoint
    from tests.proof.explore import Exploration
    from tests.proof.trouble import STORIES

    report: dict[str, Any] = {}
    is_fine = True
    for profile in profiles:
        exploration = Exploration(profile, level=1 if short else level)
        if keep:
            keep.mkdir(parents=True, exist_ok=True)
            checkpoint = Checkpoint(keep / f"{profile}-{level}.states", exploration)
            checkpoint.load()
            exploration.on_pause = checkpoint.save
        bound = states_max or (SHORT_STATES if short else 0)
        exploration.run(bound, STORIES if bound else ())
        stuck = exploration.find_stuck() if exploration.is_complete else []
        for complaint in exploration.complaints.values():
            print(f"{profile}: {complaint.watcher}: {complaint.words}, {complaint.count} times")
            print("    " + " / ".join(complaint.way))
        for at in stuck[:5]:
            print(f"{profile}: no way out of {exploration.state(at)}")
            print("    " + " / ".join(exploration.way(at)))
        is_fine = is_fine and not exploration.complaints and not stuck
        report[profile] = {
            "states": len(exploration.core_of),
            "explored": exploration.explored,
            "cores": len(exploration.cores.nodes),
            "transitions": exploration.transitions,
            "tried": exploration.tries,
            "copies": exploration.copies,
            "copies_tried": exploration.checked,
            "turns": exploration.car.steps,
            "depth": exploration.depth,
            "depth_complete": exploration.levels(),
            "complete": exploration.is_complete,
            "happenings": len(exploration.tried),
            "level": 1 if short else level,
            "complaints": len(exploration.complaints),
            "stuck": len(stuck) if exploration.is_complete else None,
            "cpu_seconds": round(exploration.seconds, 1),
        }
    return report, is_fine


def planted(short: bool) -> tuple[dict[str, Any], bool]:
    """Every fault, and the watcher that found it."""
    from tests.proof import planted as plants

    results = []
    for result in plants.run(PLANTED_STATES_SHORT if short else PLANTED_STATES):
        results.append(result)
        said = result.complaint
        words = f"{said.watcher}: {said.words}" if said else "NOT FOUND"
        print(
            f"{result.fault.name}: {words}; {result.states} states, {result.seconds:.1f} s",
            flush=True,
        )
        if said:
            print("    " + " / ".join(said.way))
    missed = [result.fault.name for result in results if result.complaint is None]
    report = {
        "planted": len(results),
        "found": len(results) - len(missed),
        "missed": missed,
        "states": sum(result.states for result in results),
        "cpu_seconds": round(sum(result.seconds for result in results), 1),
    }
    return report, not missed


def stateful(examples: int) -> tuple[dict[str, Any], bool]:
    """Random lives of the whole loop, with power cuts."""
    from tests.proof import stateful as lives

    return lives.run(examples)


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.proof")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("explore")
    one.add_argument("--profile", nargs="+", choices=PROFILES, default=PROFILES)
    one.add_argument("--short", action="store_true")
    one.add_argument("--states", type=int, default=0, help="explore no more than so many")
    one.add_argument("--level", type=int, choices=(1, 2), default=2, help="1: fewer happenings")
    one.add_argument("--keep", type=Path, help="a folder: stop at any time, go on from there")
    one.add_argument("--json", type=Path)
    commands.add_parser("planted").add_argument("--short", action="store_true")
    commands.add_parser("stateful").add_argument("--examples", type=int, default=200)
    given = parser.parse_args()
    if given.command == "explore":
        profiles = tuple(given.profile)
        report, is_fine = explore(profiles, given.short, given.states, given.level, given.keep)
        if given.json:
            given.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    elif given.command == "planted":
        report, is_fine = planted(given.short)
    else:
        report, is_fine = stateful(given.examples)
    print(json.dumps({"command": given.command, "fine": is_fine, **report}))
    return 0 if is_fine else 1


if __name__ == "__main__":
    sys.exit(main())
