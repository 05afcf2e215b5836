"""Plants one fault after the other and explores until a watcher finds it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tests.proof.explore import Complaint, Exploration
from tests.proof.faults import FAULTS, Fault
from tests.proof.plant import Plant
from tests.proof.trouble import STORIES


class Found(NamedTuple):
    """How a fault was found, or that it was not: `complaint` is None."""

    fault: Fault
    complaint: Complaint | None
    states: int
    seconds: float


def find(fault: Fault, states_max: int, known: frozenset[tuple[str, str]] = frozenset()) -> Found:
    """Explore the program with this fault until one of its watchers speaks."""
    wanted = set(fault.watcher.split())
    with Plant() as plant:
        fault.plant(plant)
        exploration = Exploration(fault.profile, terms=fault.terms)
        exploration.stop_for = wanted
        exploration.known = known
        exploration.run(states_max, STORIES)
        said = [c for c in exploration.complaints.values() if c.watcher in wanted]
    complaint = said[0] if said else None
    return Found(fault, complaint, exploration.explored, exploration.seconds)


def known_complaints(states_max: int, profile: str) -> frozenset[tuple[str, str]]:
    """What watchers say of the program as it is: that finds no planted fault."""
    exploration = Exploration(profile)
    exploration.run(states_max, STORIES)
    return frozenset(exploration.complaints)


def run(states_max: int) -> Iterator[Found]:
    """All of them."""
    known = {
        profile: known_complaints(states_max, profile)
        for profile in sorted({fault.profile for fault in FAULTS})
    }
    for fault in FAULTS:
        yield find(fault, states_max, known[fault.profile])
