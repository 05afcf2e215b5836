"""Stories of one profile under another one: their expectations in that profile's words.

What the lamps mean is the same everywhere; their colours, and what sounds, are an operator's
choice. A story of `BASE` that says red and blinking where its lamp invites is told under another
profile with the lamps that invite there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from simulator.scenario.reader import read_file
from simulator.scenario.runner import profile_terms
from simulator.scenario.sights import Sight, View
from simulator.scenario.story import Story

BASE = "top24-2023"
_LAMPS = ("lamp_start", "lamp_talking", "lamp_end", "lamp_reopen")


@dataclass(frozen=True)
class AnyLamp(Sight):
    """One of several lamps, where a colour of `BASE` stands for more than one meaning."""

    def holds(self, view: View) -> bool:
        return isinstance(self.wanted, tuple) and view.reader in self.wanted


def read(path: str, profile: str) -> Story:
    """A story of `BASE` as it is told under `profile`."""
    own = profile_terms(read_file(path, BASE))
    story = read_file(path, profile)
    terms = profile_terms(story)
    steps = tuple(
        replace(
            step,
            see=tuple(_translated(sight, own, terms) for sight in step.see),
            never=tuple(_translated(sight, own, terms) for sight in step.never),
        )
        for step in story.steps
    )
    return replace(story, steps=steps)


def _translated(sight: Sight, own: dict[str, Any], terms: dict[str, Any]) -> Sight:
    if sight.key == own["sounder"]:
        return replace(sight, key=terms["sounder"])
    if sight.key == "reader":
        lamps = tuple(dict.fromkeys(terms[lamp] for lamp in _LAMPS if own[lamp] == sight.wanted))
        if lamps:
            return AnyLamp(sight.key, f"reader: {' or '.join(lamps)}", sight.line, lamps)
    return sight
