"""The page's server as a process of its own, on a feed that the test plays."""

from __future__ import annotations

import http.client
import json
import select
import subprocess
import sys
import threading
import time
from typing import Any

from simulator.desk.feed import FeedServer
from simulator.live.requests import RequestError
from tools import tree

PATIENCE_S = 60.0


class PageRig:
    """`asked`: what reached the feed; a request of `no` is refused there."""

    def __init__(self, *options: str) -> None:
        self.asked: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self.feed: FeedServer | None = FeedServer(0, self._greet, self._take)
        self.feed_port = self.feed.port
        self._player = threading.Thread(target=self._play, daemon=True)
        self._player.start()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "simulator", "desk", "--feed", f"127.0.0.1:{self.feed_port}",
             *options],
            cwd=tree.ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.said = self.process.stdout.readline()
        self.port = int(self.said.rpartition(":")[2].strip(' "}\n'))

    def _greet(self) -> list[dict[str, Any]]:
        clock = {"monotonic_s": time.monotonic(), "simulated_s": 1000.0, "rate": 0.0}
        told = {"n": 1, "at": "09:50:00", "kind": "said", "text": "Good morning."}
        return [
            {"clock": clock},
            {"story": {"title": "A"}},
            {"car": {"state": "vacant"}},
            {"told": told},
        ]

    def _take(self, asked: dict[str, Any]) -> None:
        if "no" in asked:
            raise RequestError("that cannot be done")
        self.asked.append(asked)

    def _play(self) -> None:
        while not self._is_over.is_set():
            with self._lock:
                if self.feed is not None:
                    self.feed.poll()
                readers = [] if self.feed is None else self.feed.readers()
            select.select(readers, [], [], 0.01)

    def tell(self, message: dict[str, Any]) -> None:
        with self._lock:
            assert self.feed is not None
            self.feed.tell(message)

    def end_feed(self) -> None:
        with self._lock:
            assert self.feed is not None
            self.feed.close()
            self.feed = None

    def begin_feed(self) -> None:
        with self._lock:
            self.feed = FeedServer(self.feed_port, self._greet, self._take)

    def call(
        self, method: str, path: str, body: bytes | str | None = None, **headers: str
    ) -> tuple[int, str, http.client.HTTPMessage]:
        """(status, text, headers); `host` and `origin` as the page's own unless given."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        known = {
            "Host": f"127.0.0.1:{self.port}",
            "Origin": f"http://127.0.0.1:{self.port}",
            "Content-Type": "application/json",
        }
        known.update({name.replace("_", "-").title(): value for name, value in headers.items()})
        line.request(method, path, body, {name: one for name, one in known.items() if one})
        answer = line.getresponse()
        text = answer.read().decode()
        line.close()
        return answer.status, text, answer.headers

    def ask(self, request: Any, path: str = "/ask") -> tuple[int, dict[str, Any]]:
        status, text, _ = self.call("POST", path, json.dumps(request))
        found: dict[str, Any] = json.loads(text)
        return status, found

    def events(self) -> Events:
        return Events(self.port)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE_S)
        self._is_over.set()
        self._player.join(PATIENCE_S)
        if self.feed is not None:
            self.feed.close()
        for line in (self.process.stdout, self.process.stderr):
            assert line is not None
            line.close()


class Events:
    """A browser's line of server-sent events."""

    def __init__(self, port: int) -> None:
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        self._line.request("GET", "/events")
        self.answer = self._line.getresponse()

    def until(self, kind: str) -> Any:
        """The data of the next event of that kind."""
        for _ in range(1000):
            line = self.answer.readline().decode()
            assert line, "the events ended"
            if line == f"event: {kind}\n":
                return json.loads(self.answer.readline().decode().removeprefix("data: "))
        raise AssertionError(f"no {kind}")

    def close(self) -> None:
        self.answer.close()
        self._line.close()
