"""Many seeds, one after the other or in several processes: the same runs either way."""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

from simulator.weather.story import LONG, SHORT, Outcome, play

_TELL_EVERY_S = 0.5
#: Runs that a process is given at once.
_CHUNK = 10


class Seed(NamedTuple):
    """`number`, and the form in which it is played."""

    number: int
    is_long: bool


def run(
    seeds: Sequence[Seed],
    allowed: tuple[str, ...],
    jobs: int = 1,
    tell: Callable[[str], None] | None = None,
) -> tuple[list[Outcome], float]:
    """What came of each, in their order, and the processor time in seconds; progress on a terminal."""
    outcomes, all_cpu_s, told_at_s = [], 0.0, 0.0
    with _played(seeds, partial(_play, allowed=allowed, tell=tell), jobs) as played:
        for outcome, cpu_s in played:
            outcomes.append(outcome)
            all_cpu_s += cpu_s
            if sys.stderr.isatty() and time.monotonic() - told_at_s > _TELL_EVERY_S:
                told_at_s = time.monotonic()
                print(f"\r{len(outcomes)} of {len(seeds)}", end="", file=sys.stderr, flush=True)
    if told_at_s:
        print("\r", end="", file=sys.stderr)
    return outcomes, all_cpu_s


@contextmanager
def _played(
    seeds: Sequence[Seed], one: Callable[[Seed], tuple[Outcome, float]], jobs: int
) -> Iterator[Iterator[tuple[Outcome, float]]]:
    if jobs == 1:
        yield map(one, seeds)
    else:
        with multiprocessing.get_context("spawn").Pool(jobs) as pool:
            yield pool.imap(one, seeds, _CHUNK)


def _play(
    one: Seed, allowed: tuple[str, ...], tell: Callable[[str], None] | None
) -> tuple[Outcome, float]:
    began_s = time.process_time()
    outcome = play(one.number, LONG if one.is_long else SHORT, allowed, tell)
    if not outcome.rule:
        outcome.last.clear()  # nobody looks at what went well
    return outcome, time.process_time() - began_s
