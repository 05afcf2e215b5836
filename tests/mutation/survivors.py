"""Mutants that no test kills, each with its reason: survivors.yaml against what a run has found."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import yaml

FILE = Path(__file__).parent / "survivors.yaml"

#: At least so many of a hundred mutants that are no equivalents must die.
KILLED_PERCENT_MIN = 95.0


class Tally(NamedTuple):
    """What a run has come to."""

    mutants: int
    killed: int
    timeouts: int  # of the killed: those that never came back
    survived: int
    equivalent: int  # of the survivors: those listed as meaning the same
    unlisted: list[str]
    stale: list[str]  # listed, and yet killed or gone

    @property
    def killed_percent(self) -> float:
        """Of those that mean something else; rounded down, so that 95 is 95."""
        different = self.mutants - self.equivalent
        return int(10_000 * self.killed / different) / 100 if different else 0.0

    def holds(self) -> bool:
        """Enough are killed, and nobody survives unnoticed."""
        enough = self.killed_percent >= KILLED_PERCENT_MIN
        return self.mutants > 0 and enough and not self.unlisted

    def counts(self) -> dict[str, Any]:
        return {
            "mutants": self.mutants,
            "killed": self.killed,
            "timeouts": self.timeouts,
            "survived": self.survived,
            "equivalent": self.equivalent,
            "unlisted": len(self.unlisted),
            "stale": len(self.stale),
            "killed_percent": self.killed_percent,
        }

    def text(self) -> str:
        return (
            f"{self.mutants} mutants, {self.killed} killed ({self.timeouts} of them by time), "
            f"{self.survived} survived, {self.equivalent} of them equivalent; "
            f"{self.killed_percent} % of the others killed, {len(self.unlisted)} survivors unlisted"
        )


class Listed(NamedTuple):
    """One entry of the list."""

    reason: str
    is_equivalent: bool


def listed(section: str) -> dict[str, Listed]:
    """Mutant -> why it lives. A reason's text stands once, under its own name."""
    document = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    reasons = document["reasons"]
    found: dict[str, Listed] = {}
    for name, mutants in (document[section] or {}).items():
        reason = reasons[name]
        for mutant in mutants:
            if mutant in found:
                raise ValueError(f"{FILE.name}: listed twice: {mutant}")
            found[mutant] = Listed(reason["why"], bool(reason["equivalent"]))
    return found


def entry_of(known: dict[str, Listed], mutant: str) -> str | None:
    """What the list calls it: its whole name, or its end behind a star."""
    if mutant in known:
        return mutant
    starred = (entry for entry in known if entry[0] == "*")
    return next((entry for entry in starred if mutant.endswith(entry[1:])), None)


def tally(known: dict[str, Listed], results: dict[str, str], is_whole: bool) -> Tally:
    """`results`: mutant -> killed, timeout or survived. Only a whole run can tell what is stale."""
    survived = [name for name, result in results.items() if result == "survived"]
    entries = {name: entry_of(known, name) for name in survived}
    used = set(entries.values())
    return Tally(
        mutants=len(results),
        killed=len(results) - len(survived),
        timeouts=sum(result == "timeout" for result in results.values()),
        survived=len(survived),
        equivalent=sum(
            entry is not None and known[entry].is_equivalent for entry in entries.values()
        ),
        unlisted=[name for name, entry in entries.items() if entry is None],
        stale=[entry for entry in known if entry not in used] if is_whole else [],
    )
