"""The page's end of the feed: what was said last, and requests with their answers.

The car's process may go and come back: the line comes back by itself, and asks nothing twice.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from typing import Any

from simulator.desk.clock import Course, read_course
from simulator.page.browser_news import LINES_MAX, Mailbox

BROWSERS_MAX = 16
#: Far longer than any snapshot.
LINE_BYTES_MAX = 2**20
AGAIN_AFTER_S = 0.3
ANSWER_WITHIN_S = 5.0


class AskError(Exception):
    """What was asked was not done; `status` is HTTP's, the text says why."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class FeedLine:
    """One line to one feed, for all browsers."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._writer: asyncio.StreamWriter | None = None
        self._ident = 0
        self._asked: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._course: Course | None = None
        self._newest: dict[str, Any] = {}
        self._told: deque[dict[str, Any]] = deque(maxlen=LINES_MAX)
        self._mailboxes: list[Mailbox] = []

    @property
    def is_there(self) -> bool:
        return self._writer is not None

    async def run(self) -> None:
        """For ever: connect, hear, and again when it breaks."""
        while True:
            try:
                reader, writer = await asyncio.open_connection(*self._address, limit=LINE_BYTES_MAX)
            except OSError:
                await asyncio.sleep(AGAIN_AFTER_S)
                continue
            try:
                self._writer = writer
                self._tell("feed", {"is_there": True})
                await self._hear_all(reader)
            finally:
                self._lose(writer)
            await asyncio.sleep(AGAIN_AFTER_S)

    async def ask(self, request: dict[str, Any]) -> None:
        """AskError when it is not done."""
        if self._writer is None:
            raise AskError(503, "The car's process is not there just now; it comes back by itself.")
        self._ident += 1
        ident = self._ident
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._asked[ident] = answer
        try:
            self._writer.write(json.dumps({**request, "id": ident}).encode() + b"\n")
            said = await asyncio.wait_for(answer, ANSWER_WITHIN_S)
        except TimeoutError:
            raise AskError(504, "The car's process does not answer; look what it does.") from None
        finally:
            self._asked.pop(ident, None)
        if "error" in said:
            raise AskError(int(said.get("status", 400)), str(said["error"]))

    def join(self) -> Mailbox:
        """For a browser: all that matters now, and whatever comes."""
        if len(self._mailboxes) >= BROWSERS_MAX:
            raise AskError(503, f"{BROWSERS_MAX} pages are open already; close one first.")
        mailbox = Mailbox()
        mailbox.put("hello", {})
        mailbox.put("feed", {"is_there": self.is_there})
        if self._course is not None:
            mailbox.put("clock", self._time())
        for kind, data in self._newest.items():
            mailbox.put(kind, data)
        for line in self._told:
            mailbox.put("told", line)
        self._mailboxes.append(mailbox)
        return mailbox

    def leave(self, mailbox: Mailbox) -> None:
        if mailbox in self._mailboxes:
            self._mailboxes.remove(mailbox)

    def close(self) -> None:
        """All browsers are to go."""
        for mailbox in self._mailboxes:
            mailbox.close()

    async def _hear_all(self, reader: asyncio.StreamReader) -> None:
        while True:
            try:
                line = await reader.readline()
            except (OSError, ValueError):  # ValueError: longer than the limit
                return
            if not line:
                return
            self._hear(line)

    def _hear(self, line: bytes) -> None:
        try:
            said = json.loads(line)
        except ValueError:
            return
        if not isinstance(said, dict):
            return
        course = read_course(said)
        if course is not None:
            self._course = course
            self._tell("clock", self._time())
        for kind in ("car", "story"):
            if isinstance(said.get(kind), dict):
                self._newest[kind] = said[kind]
                self._tell(kind, said[kind])
        if isinstance(said.get("told"), dict) and said["told"] not in self._told:
            self._told.append(said["told"])
            self._tell("told", said["told"])
        asked = self._asked.get(said.get("id", 0))
        if asked is not None and not asked.done():
            asked.set_result(said)

    def _time(self) -> dict[str, float]:
        """A browser has another clock: it is told the time of now."""
        assert self._course is not None
        return {"simulated_s": self._course.at(time.monotonic()), "rate": self._course.rate}

    def _tell(self, kind: str, data: Any) -> None:
        for mailbox in self._mailboxes:
            mailbox.put(kind, data)

    def _lose(self, writer: asyncio.StreamWriter) -> None:
        self._writer = None
        writer.close()
        gone = {"error": "The car's process went away before it answered.", "status": 503}
        for asked in self._asked.values():
            if not asked.done():
                asked.set_result(gone)
        self._tell("feed", {"is_there": False})
