"""The lines of the feed: what is told of the story, and what is noted of the car, numbered."""

from __future__ import annotations

from collections import deque
from itertools import count
from typing import Any

from simulator.live.told import NOTED, Told

#: Of each of the two, for who joins later.
KEPT_MAX = 100


class ToldLines:
    """Blinking lamps do not push the story out: the two are kept apart."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._story: deque[dict[str, Any]] = deque(maxlen=KEPT_MAX)
        self._noted: deque[dict[str, Any]] = deque(maxlen=KEPT_MAX)

    def add(self, one: Told) -> dict[str, Any]:
        """Its message."""
        line = {"n": next(self._numbers), "at": one.at, "kind": one.kind, "text": one.text}
        (self._noted if one.kind == NOTED else self._story).append(line)
        return {"told": line}

    def last(self) -> list[dict[str, Any]]:
        """The newest KEPT_MAX of all, as messages, oldest first."""
        both = sorted([*self._story, *self._noted], key=lambda line: int(line["n"]))
        story = {line["n"] for line in self._story}
        spare = KEPT_MAX - len(story)
        kept = [line for line in both if line["n"] not in story]
        noted = {line["n"] for line in kept[len(kept) - max(0, spare) :]} if spare > 0 else set()
        return [{"told": line} for line in both if line["n"] in story or line["n"] in noted]
