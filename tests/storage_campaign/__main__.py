"""Proof of the storage: power cuts at its every operation, and starts on damaged flash.

    python -m tests.storage_campaign [--cuts 10000] [--seed 1] [--short] [--all-bits] [--only PART ...]

Prints one JSON object a part; exit code 1 when anything was lost, doubled, torn or raised. Cuts
are of each ring; bits are all of the bytes that hold something, and one of each erased byte
(--all-bits: all of those too). `--short` is the form for every change.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from random import Random
from typing import Any

from tests.storage_campaign import cache_cuts, damage, journal_cuts

SHORT_CUTS = 120
#: One bit of so many, where the long form takes each.
SHORT_EVERY = 61
STARTS = 4000
#: Of the cells next to where a program was cut, so many are left half-way.
WEAK_SHARE = 0.7
SHORT_STARTS = 160
#: Counts that must be 0.
BAD = ("lost", "doubled", "torn", "wrong_session", "raised", "pulses")
DAMAGES = (damage.some_bits, damage.cut_short, damage.pages_lost, damage.noise)


def tell(name: str, seed: int, work: Callable[[], Any]) -> bool:
    """Do it and print what it counted; whether all of it held."""
    begun_s = time.monotonic()
    found = asdict(work())
    seconds = round(time.monotonic() - begun_s, 1)
    print(json.dumps({"name": name, "seed": seed, **found, "seconds": seconds}), flush=True)
    bad = BAD + (("untold",) if name == "sectors_lost" else ())
    return not any(found.get(key, 0) for key in bad)


def flips(make: Callable[[], damage.SmallBox], every: int, of_blank: int) -> damage.Outcomes:
    """Single bits of both images; each must leave the car as it was."""
    outcomes = damage.Outcomes()
    patient = damage.Patient(make())
    for which in (0, 1):
        damage.single_bits(patient, which, every, outcomes, of_blank)
    outcomes.raised += outcomes.starts - outcomes.as_before - outcomes.raised
    return outcomes


def lost_sectors(seed: int, starts: int) -> damage.Outcomes:
    """One to all sectors of both images; whoever lost the last session must say so."""
    outcomes = damage.Outcomes()
    source = Random(seed)
    for make in (damage.driving, damage.idle):
        damage.several(damage.Patient(make()), source, starts // 2, damage.sectors_lost, outcomes)
    return outcomes


def chances(seed: int, starts: int) -> damage.Outcomes:
    outcomes = damage.Outcomes()
    source = Random(seed)
    for make in (damage.driving, damage.idle):
        patient = damage.Patient(make())
        for harm in DAMAGES:
            damage.several(patient, source, starts // 8, harm, outcomes)
    return outcomes


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.storage_campaign", description=__doc__)
    parser.add_argument("--cuts", type=int, default=10_000, help="of each ring")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--all-bits", action="store_true")
    parser.add_argument("--only", nargs="*", default=())
    options = parser.parse_args()
    cuts = SHORT_CUTS if options.short else options.cuts
    every = SHORT_EVERY if options.short else 1
    starts = SHORT_STARTS if options.short else STARTS
    seed = options.seed
    of_blank = 1 if options.all_bits else 8
    parts: dict[str, Callable[[], Any]] = {
        "journal_cuts": lambda: journal_cuts.run(cuts, seed, 0.0),
        "journal_cuts_weak": lambda: journal_cuts.run(cuts, seed + 1, WEAK_SHARE),
        "cache_cuts": lambda: cache_cuts.run(cuts, seed, 0.0),
        "cache_cuts_weak": lambda: cache_cuts.run(cuts, seed + 1, WEAK_SHARE),
        "bits_in_use": lambda: flips(damage.driving, every, of_blank),
        "bits_idle": lambda: flips(damage.idle, every, of_blank),
        "sectors_lost": lambda: lost_sectors(seed, starts),
        "damage_by_chance": lambda: chances(seed, starts),
    }
    holds = True
    for name, work in parts.items():
        if not options.only or name in options.only:
            holds &= tell(name, seed, work)
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
