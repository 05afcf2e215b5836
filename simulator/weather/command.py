"""python -m simulator sim: many seeds, or one that is looked at."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from typing import Any

from fleetd.arguments import Parser, is_whole, whole
from fleetd.ledger.findings import counted
from simulator.command_line import result_file, write_result
from simulator.weather import kinds
from simulator.weather.many import Seed, run
from simulator.weather.story import Outcome

HOLDS, FAILS, USAGE = 0, 1, 2
SEEDS_MAX = 10_000_000
JOBS_MAX = 64
#: Of a mixed run every so manieth seed is of the long form.
LONG_EVERY = 20

#: By whether a run is long.
FORMS = {False: "short", True: "long"}

_EXAMPLE = """\
example:
  python -m simulator sim --seeds 1..300 --short
  python -m simulator sim --seed 42 --short --trace

The same seed, form and faults give the same run and the same digest. docs/simulation.md says what is
modelled, what must hold, and what each kind of fault does. Exit code 0: everything held; 1: something
did not, and the seed, the sentence and the last steps are printed; 2: wrong usage."""


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    found = Parser(
        prog="python -m simulator sim",
        description="Cars, network, daemon and disk with faults, each run from one seed.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    found.add_argument("--seed", type=whole(0, SEEDS_MAX), metavar="N", help="one run (1)")
    found.add_argument("--seeds", type=_seeds, metavar="A..B", help="these runs, both included")
    form = found.add_mutually_exclusive_group()
    form.add_argument("--short", action="store_true", help="minutes of storm instead of an hour")
    form.add_argument("--mixed", action="store_true",
                      help=f"short, but long when {LONG_EVERY} divides the seed")  # fmt: skip
    found.add_argument("--jobs", type=whole(1, JOBS_MAX), default=1, metavar="N",
                       help="so many processes; the runs are the same (1)")  # fmt: skip
    found.add_argument("--faults", type=_faults, default=kinds.KINDS, metavar="KINDS",
                       help=f"all, none, usual, or some of: {', '.join(kinds.KINDS)} (all)")  # fmt: skip
    found.add_argument("--every-kind", action="store_true",
                       help="a kind of fault that never came is a failure")  # fmt: skip
    found.add_argument("--json", type=result_file, metavar="OUT",
                       help="write the counts to this file")  # fmt: skip
    found.add_argument("--trace", action="store_true", help="print every step")
    return found


def main(argv: list[str]) -> int:
    """The exit code."""
    arguments = parser().parse_args(argv)
    mistake = _mistake(arguments)
    if mistake:
        print(f"sim: {mistake}", file=sys.stderr)
        return USAGE
    one = 1 if arguments.seed is None else arguments.seed
    numbers = arguments.seeds or range(one, one + 1)
    long_every = LONG_EVERY if arguments.mixed else 0 if arguments.short else 1
    seeds = [Seed(n, bool(long_every) and n % long_every == 0) for n in numbers]
    outcomes, cpu_s = run(
        seeds, arguments.faults, arguments.jobs, print if arguments.trace else None
    )
    is_long = dict(seeds)
    failed = [outcome for outcome in outcomes if outcome.rule]
    for outcome in failed[:3]:
        print(complaint(outcome, FORMS[is_long[outcome.seed]]))
    result = summary(outcomes, cpu_s)
    result["failed_seeds"] = {
        f"{FORMS[is_long[outcome.seed]]} {outcome.seed}": f"{outcome.rule}: {outcome.what}"
        for outcome in failed
    }
    result["long"] = sum(is_long.values())
    absent = [kind for kind in arguments.faults if not result["counts"].get(kind)]
    print(in_words(result, absent))
    if arguments.json is not None and not write_result(arguments.json, result):
        return FAILS
    return FAILS if failed or (absent and arguments.every_kind) else HOLDS


def _mistake(arguments: argparse.Namespace) -> str:
    if arguments.seed is not None and arguments.seeds is not None:
        return "--seed and --seeds exclude each other"
    if arguments.trace and arguments.jobs > 1:
        return "--trace is for one process; leave --jobs away"
    return ""


def summary(outcomes: list[Outcome], cpu_s: float) -> dict[str, Any]:
    """What is written as JSON."""
    counts: Counter[str] = Counter()
    for outcome in outcomes:
        counts.update(outcome.counts)
    return {
        "tried": len(outcomes),
        "failures": sum(bool(outcome.rule) for outcome in outcomes),
        "simulated_h": round(sum(outcome.simulated_s for outcome in outcomes) / 3600, 1),
        "longest_calm_s": max(outcome.calm_s for outcome in outcomes),
        "counts": dict(sorted(counts.items())),
        "digests": {str(outcome.seed): outcome.digest for outcome in outcomes[:1000]},
        "cpu_s": round(cpu_s, 1),
    }


def complaint(outcome: Outcome, form: str) -> str:
    """A failing seed with its form, without which it is another run; and how to see it again."""
    option = " --short" if form == FORMS[False] else ""
    lines = [*(f"  {line}" for line in outcome.last)]
    lines.append(f"{form} seed {outcome.seed} does not hold: {outcome.rule}")
    lines.append(f"  {outcome.what}")
    lines.append(f"  again: python -m simulator sim --seed {outcome.seed}{option} --trace")
    return "\n".join(lines)


def in_words(result: dict[str, Any], absent: list[str]) -> str:
    """For people."""
    counts = result["counts"]
    faults = ", ".join(f"{counts[kind]} {kind}" for kind in kinds.KINDS if counts.get(kind))
    acts = ", ".join(f"{n} {kind}" for kind, n in counts.items() if kind not in kinds.KINDS)
    seeds = f"{counted(result['tried'], 'seed')}, {result['long']} of them long"
    size = f"{seeds}, {result['simulated_h']} simulated hours, {result['cpu_s']} s"
    lines = [
        f"{size}: {counted(result['failures'], 'failure')}",
        f"faults: {faults or 'none'}",
        f"people: {acts or 'none'}",
        f"in step at the latest {result['longest_calm_s']:.0f} s after the last fault",
    ]
    if absent:
        lines.append(f"never came: {', '.join(absent)}")
    return "\n".join(lines)


def _seeds(text: str) -> range:
    first, _, last = text.partition("..")
    if not is_whole(last, 0, SEEDS_MAX) or not is_whole(first, 0, int(last)):
        raise argparse.ArgumentTypeError(
            f"{text} is no range of seeds up to {SEEDS_MAX}; write for example 1..300"
        )
    return range(int(first), int(last) + 1)


def _faults(text: str) -> tuple[str, ...]:
    if text in ("all", "none", "usual"):
        return {"all": kinds.KINDS, "none": (), "usual": kinds.USUAL}[text]
    found = tuple(text.split(","))
    for kind in found:
        if kind not in kinds.KINDS:
            known = ", ".join(kinds.KINDS)
            raise argparse.ArgumentTypeError(f"{kind}: no such fault; there are {known}")
    return found
