"""A view's end of the feed: messages in, requests out, and back again when the car restarts."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

from simulator.desk.clock import Course, read_course
from simulator.live.told import Told

_CHUNK_BYTES = 65536
_AGAIN_AFTER_S = 0.3
_CONNECT_WITHIN_S = 0.5
#: Far longer than any snapshot.
LINE_BYTES_MAX = 2**20
TOLD_MAX = 200


class FeedClient:
    """What the feed said last. `poll` never waits for long."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._line: socket.socket | None = None
        self._received = b""
        self._again_at_s = 0.0
        self._ident = 0
        self.course: Course | None = None
        self.car: dict[str, Any] | None = None
        #: Lines since the last `take_told`, and the newest ones of the story.
        self._fresh: list[Told] = []
        self._last_told = 0
        #: Sentences of requests that were refused, oldest first.
        self.errors: list[str] = []

    @property
    def place(self) -> str:
        """Where the feed is, for people."""
        host, port = self._address
        return f"{host}:{port}"

    @property
    def is_there(self) -> bool:
        return self._line is not None

    def fileno(self) -> int | None:
        """For a select; None while there is no connection."""
        return self._line.fileno() if self._line is not None else None

    def poll(self) -> None:
        """Take in what came; connect when it is time to."""
        if self._line is None and time.monotonic() >= self._again_at_s:
            self._connect()
        while self._line is not None:
            try:
                data = self._line.recv(_CHUNK_BYTES)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self._lose()
                return
            *lines, self._received = (self._received + data).split(b"\n")
            for line in lines:
                self._hear(line)
            if len(self._received) > LINE_BYTES_MAX:
                self._lose()

    def ask(self, request: dict[str, Any]) -> bool:
        """Send a request; False when nobody is there."""
        self._ident += 1
        data = json.dumps({"id": self._ident, **request}).encode() + b"\n"
        try:
            return self._line is not None and self._line.send(data) == len(data)
        except OSError:
            self._lose()
            return False

    def take_told(self) -> list[Told]:
        """Lines that came since the last call."""
        fresh, self._fresh = self._fresh, []
        return fresh

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def _connect(self) -> None:
        try:
            self._line = socket.create_connection(self._address, _CONNECT_WITHIN_S)
        except OSError:
            self._again_at_s = time.monotonic() + _AGAIN_AFTER_S
            return
        self._line.setblocking(False)

    def _lose(self) -> None:
        self.close()
        self._received = b""
        self._last_told = 0  # another process counts anew
        self._again_at_s = time.monotonic() + _AGAIN_AFTER_S

    def _hear(self, line: bytes) -> None:
        try:
            said = json.loads(line)
        except ValueError:
            return
        if not isinstance(said, dict):
            return
        self.course = read_course(said) or self.course
        if isinstance(said.get("car"), dict):
            self.car = said["car"]
        if isinstance(said.get("error"), str):
            self.errors.append(said["error"])
        told = said.get("told")
        if isinstance(told, dict) and int(told["n"]) > self._last_told:
            self._last_told = int(told["n"])
            self._fresh.append(Told(str(told["at"]), str(told["kind"]), str(told["text"])))
            del self._fresh[:-TOLD_MAX]
