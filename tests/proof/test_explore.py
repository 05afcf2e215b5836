"""The short form of `python -m tests.proof explore`: all profiles, from everywhere, bounded."""

from __future__ import annotations

import pytest

from tests.proof.__main__ import PROFILES
from tests.proof.explore import Exploration
from tests.proof.trouble import STORIES

STATES = 160


@pytest.mark.parametrize("profile", PROFILES)
def test_safe_1_to_5_from_states_of_every_kind(profile: str) -> None:
    """SAFE-1, SAFE-2, SAFE-3, SAFE-4, SAFE-5, FAULT-1: every happening in so many states."""
    exploration = Exploration(profile, level=1)
    exploration.run(STATES, STORIES)
    said = [f"{c.watcher}: {c.words}: {' / '.join(c.way)}" for c in exploration.complaints.values()]
    assert not said, "\n".join(said)
    assert exploration.explored == STATES
    assert exploration.transitions > 40 * STATES
    assert set(exploration.cores.states) >= {
        "vacant", "authorising", "unlocked", "boarding", "in_use", "key_returned", "relocked",
        "secured", "ending", "ended", "reopened", "maintenance",
    }  # fmt: skip
