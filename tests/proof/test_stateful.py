"""The short form of `python -m tests.proof stateful`."""

from __future__ import annotations

from tests.proof import stateful

LIVES = 20


def test_safe_1_to_6_in_random_lives() -> None:
    """SAFE-1, SAFE-2, SAFE-3, SAFE-4, SAFE-5, FAULT-1: the whole loop, power cuts included."""
    report, is_fine = stateful.run(LIVES, steps=25)
    assert is_fine, report
    assert report["lives"] >= LIVES
    assert report["power cuts in a write"] > 0
