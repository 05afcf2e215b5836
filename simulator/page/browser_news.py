"""What one browser has yet to be told: bounded, however slowly it reads."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import Any

from simulator.desk.told import KEPT_MAX

#: Twice what a feed tells who joins.
LINES_MAX = 2 * KEPT_MAX


class Mailbox:
    """Of a kind of message only the newest waits; lines that were told wait all, to LINES_MAX."""

    def __init__(self) -> None:
        self._newest: dict[str, Any] = {}
        self._told: deque[dict[str, Any]] = deque(maxlen=LINES_MAX)
        self._is_full = asyncio.Event()
        self.is_closed = False

    def put(self, kind: str, data: Any) -> None:
        if kind == "told":
            self._told.append(data)
        else:
            self._newest.pop(kind, None)
            self._newest[kind] = data
        self._is_full.set()

    def close(self) -> None:
        """The browser is to go."""
        self.is_closed = True
        self._is_full.set()

    async def take(self, within_s: float) -> str:
        """All that waits, as server-sent events; a comment when nothing came for so long."""
        try:
            await asyncio.wait_for(self._is_full.wait(), within_s)
        except TimeoutError:
            return ": nothing new\n\n"
        self._is_full.clear()
        newest, self._newest = self._newest, {}
        told = list(self._told)
        self._told.clear()
        pairs = [*newest.items(), *(("told", one) for one in told)]
        return "".join(f"event: {kind}\ndata: {_text(data)}\n\n" for kind, data in pairs)


def _text(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
