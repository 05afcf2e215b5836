"""Mutants: small mistakes planted one at a time; the tests must notice nearly all of them.

    python -m tests.mutation table|modules [--only FILE] [--sample N] [--seed S] [--json OUT]
    python -m tests.mutation failures [--rows ROW ...] [--json OUT]

    python -m tests.mutation table                        every mutant of the rental's table
    python -m tests.mutation modules --only firmware/interlock.py
    python -m tests.mutation modules --sample 12 --seed 3     a dozen of one group, by chance
    python -m tests.mutation failures --rows F3 F14           one mistake for each failure listed

`table` changes the rental's table with a mutator of our own (table_mutants), `modules` the code of
engine, guards, actions, journal and outputs with mutmut (modules_run). Survivors are compared with
survivors.yaml, where each has a reason. `failures` plants one mistake for each failure of
docs/proof.md (failure_mutants), which the test of that row must notice, each of them. --groups chooses among the groups of `modules`. Exit 0 at
least 95 % of those that are no equivalents are killed and every survivor is listed, 1 not,
2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

from tests.mutation import failures_run, modules_run, table_run
from tests.mutation.survivors import Tally, listed, tally


def run_table(options: argparse.Namespace) -> tuple[Tally, dict[str, str]]:
    chosen = table_run.all_mutants()
    if options.sample:
        chosen = table_run.sample(chosen, options.sample, options.seed)
    results = table_run.run(chosen, table_run.observed_tests(), options.jobs, _tell)
    return tally(listed("table"), results, not options.sample), results


def run_modules(options: argparse.Namespace) -> tuple[Tally, dict[str, str]]:
    names = options.groups or list(modules_run.GROUPS)
    if options.only:
        names = [modules_run.group_of(options.only)]
    elif options.sample and not options.groups:
        names = [names[options.seed % len(names)]]
    sample = (options.sample, options.seed) if options.sample else None
    results: dict[str, str] = {}
    for name in names:
        found = modules_run.run_group(name, options.jobs, options.only, sample, options.resume)
        results |= found
        alive = sum(verdict == "survived" for verdict in found.values())
        print(f"{name}: {len(found)} mutants, {alive} survived", flush=True)
    whole = not (options.sample or options.only or options.groups)
    return tally(listed("modules"), results, whole), results


def run_failures(options: argparse.Namespace) -> int:
    """The exit code."""
    began = time.monotonic()
    results = failures_run.run(failures_run.chosen(options.rows), _say)
    counts = failures_run.counts(results)
    print(f"{counts['noticed']} of {counts['mutants']} mistakes were noticed")
    if options.json:
        wall_s = round(time.monotonic() - began, 1)
        Path(options.json).write_text(json.dumps({**counts, "wall_s": wall_s}) + "\n")
    return 1 if counts["failures"] else 0


def _say(line: str) -> None:
    print(line, flush=True)


def _tell(done: int, of: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done} of {of}", end="\n" if done == of else "", file=sys.stderr, flush=True)


def main(argv: list[str]) -> int:
    """Exit 0 enough are killed, 1 not, 2 wrong usage."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", choices=("table", "modules", "failures"))
    parser.add_argument("--only", metavar="FILE", help="one file of `modules`")
    parser.add_argument("--groups", nargs="+", choices=modules_run.GROUPS)
    parser.add_argument("--rows", nargs="+", metavar="ROW", help="of `failures`; all")
    parser.add_argument("--sample", type=int, metavar="N")
    parser.add_argument("--resume", action="store_true", help="keep what was killed before")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", metavar="OUT")
    parser.add_argument("--verdicts", metavar="OUT", help="every mutant with its verdict, as JSON")
    options = parser.parse_args(argv)
    began = time.monotonic()
    try:
        if options.what == "failures":
            return run_failures(options)
        done, results = (run_table if options.what == "table" else run_modules)(options)
    except ValueError as error:
        parser.error(str(error))
    for name in done.unlisted:
        print(f"survived, and not in survivors.yaml: {name}")
    for name in done.stale:
        print(f"in survivors.yaml, and not alive: {name}")
    print(done.text())
    if options.json:
        wall_s = round(time.monotonic() - began, 1)
        Path(options.json).write_text(json.dumps({**done.counts(), "wall_s": wall_s}) + "\n")
    if options.verdicts:
        Path(options.verdicts).write_text(json.dumps(results, indent=1, ensure_ascii=False))
    return 0 if done.holds() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
