"""python -m simulator sim: many seeds, or one that is looked at."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from simulator.weather import kinds
from simulator.weather.story import LONG, SHORT, Form, Outcome, play

HOLDS, FAILS, USAGE = 0, 1, 2
SEEDS_MAX = 10_000_000
_TELL_EVERY_S = 0.5

_EXAMPLE = """\
example:
  python -m simulator sim --seeds 1..300 --short
  python -m simulator sim --seed 42 --short --trace

The same seed, form and faults give the same run and the same digest. docs/simulation.md says what is
modelled, what must hold, and what each kind of fault does. Exit code 0: everything held; 1: something
did not, and the seed, the sentence and the last steps are printed; 2: wrong usage."""


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    found = argparse.ArgumentParser(
        prog="python -m simulator sim",
        description="Cars, network, daemon and disk with faults, each run from one seed.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    found.add_argument("--seed", type=int, metavar="N", help="one run (1)")
    found.add_argument("--seeds", type=_seeds, metavar="A..B", help="these runs, both included")
    found.add_argument("--short", action="store_true", help="minutes of storm instead of an hour")
    found.add_argument("--faults", type=_faults, default=kinds.KINDS, metavar="KINDS",
                       help=f"all, none, usual, or some of: {', '.join(kinds.KINDS)} (all)")  # fmt: skip
    found.add_argument("--every-kind", action="store_true",
                       help="a kind of fault that never came is a failure")  # fmt: skip
    found.add_argument("--json", type=Path, metavar="OUT", help="write the counts to this file")
    found.add_argument("--trace", action="store_true", help="print every step")
    return found


def main(argv: list[str]) -> int:
    """The exit code."""
    arguments = parser().parse_args(argv)
    if arguments.seed is not None and arguments.seeds is not None:
        print("sim: --seed and --seeds exclude each other", file=sys.stderr)
        return USAGE
    one = 1 if arguments.seed is None else arguments.seed
    seeds = arguments.seeds or range(one, one + 1)
    form = SHORT if arguments.short else LONG
    began = time.process_time()
    outcomes = run(seeds, form, arguments.faults, is_traced=arguments.trace)
    failed = [outcome for outcome in outcomes if outcome.rule]
    for outcome in failed[:3]:
        print(complaint(outcome, arguments.short))
    result = summary(outcomes, time.process_time() - began)
    absent = [kind for kind in arguments.faults if not result["counts"].get(kind)]
    print(in_words(result, absent))
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(result, indent=2, sort_keys=True) + "\n", "utf-8")
    return FAILS if failed or (absent and arguments.every_kind) else HOLDS


def run(
    seeds: range, form: Form, allowed: tuple[str, ...], *, is_traced: bool = False
) -> list[Outcome]:
    """One after the other; progress on a terminal."""
    outcomes = []
    told_at = 0.0
    for seed in seeds:
        outcomes.append(play(seed, form, allowed, print if is_traced else None))
        if sys.stderr.isatty() and time.monotonic() - told_at > _TELL_EVERY_S:
            told_at = time.monotonic()
            print(f"\rseed {seed} of {seeds[-1]}", end="", file=sys.stderr, flush=True)
    if told_at:
        print("\r", end="", file=sys.stderr)
    return outcomes


def summary(outcomes: list[Outcome], cpu_s: float) -> dict[str, Any]:
    """What is written as JSON."""
    counts: Counter[str] = Counter()
    for outcome in outcomes:
        counts.update(outcome.counts)
    return {
        "tried": len(outcomes),
        "failures": sum(bool(outcome.rule) for outcome in outcomes),
        "failed_seeds": {str(o.seed): f"{o.rule}: {o.what}" for o in outcomes if o.rule},
        "simulated_h": round(sum(outcome.simulated_s for outcome in outcomes) / 3600, 1),
        "longest_calm_s": max(outcome.calm_s for outcome in outcomes),
        "counts": dict(sorted(counts.items())),
        "digests": {str(outcome.seed): outcome.digest for outcome in outcomes[:1000]},
        "cpu_s": round(cpu_s, 1),
    }


def complaint(outcome: Outcome, is_short: bool) -> str:
    """A failing seed, and how to see it again."""
    form = " --short" if is_short else ""
    lines = [*(f"  {line}" for line in outcome.last)]
    lines.append(f"seed {outcome.seed} does not hold: {outcome.rule}")
    lines.append(f"  {outcome.what}")
    lines.append(f"  again: python -m simulator sim --seed {outcome.seed}{form} --trace")
    return "\n".join(lines)


def in_words(result: dict[str, Any], absent: list[str]) -> str:
    """For people."""
    counts = result["counts"]
    faults = ", ".join(f"{counts[kind]} {kind}" for kind in kinds.KINDS if counts.get(kind))
    acts = ", ".join(f"{n} {kind}" for kind, n in counts.items() if kind not in kinds.KINDS)
    size = f"{result['tried']} seeds, {result['simulated_h']} simulated hours, {result['cpu_s']} s"
    lines = [
        f"{size}: {result['failures']} failures",
        f"faults: {faults or 'none'}",
        f"people: {acts or 'none'}",
        f"in step at the latest {result['longest_calm_s']:.0f} s after the last fault",
    ]
    if absent:
        lines.append(f"never came: {', '.join(absent)}")
    return "\n".join(lines)


def _seeds(text: str) -> range:
    first, separator, last = text.partition("..")
    if not separator or not first.isdigit() or not last.isdigit() or int(first) > int(last):
        raise argparse.ArgumentTypeError(f"{text} is no range; write for example 1..300")
    if int(last) > SEEDS_MAX:
        raise argparse.ArgumentTypeError(f"{text}: seeds go up to {SEEDS_MAX}")
    return range(int(first), int(last) + 1)


def _faults(text: str) -> tuple[str, ...]:
    if text in ("all", "none", "usual"):
        return {"all": kinds.KINDS, "none": (), "usual": kinds.USUAL}[text]
    found = tuple(text.split(","))
    for kind in found:
        if kind not in kinds.KINDS:
            raise argparse.ArgumentTypeError(f"{kind}: no such fault; there are {kinds.KINDS}")
    return found
