"""The phones' way to the daemon: JSON over HTTP, one request after the other, beside the simulation.

A thread asks, so that a daemon that is slow or gone holds up nothing; what came of it is delivered
when the simulation looks. A request that does not get through is sent again for a while, with the
same key, as a phone's page does: the daemon carries it out once.
"""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Full, Queue, SimpleQueue
from typing import Any

WAITING_MAX = 64
_TIMEOUT_S = 5.0
_AGAIN_AFTER_S = 0.25
_TRIES_MAX = 20
_ANSWER_BYTES_MAX = 2**20


@dataclass(frozen=True)
class Answer:
    """`status` 0: the daemon was not reached."""

    status: int
    body: dict[str, Any]

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300

    @property
    def refusal(self) -> str:
        """The code of what was not done, "" when it was."""
        if self.is_good:
            return ""
        return str(self.body.get("error") or "unreachable")


UNREACHED = Answer(0, {})


@dataclass(frozen=True)
class Ask:
    """`token` "": nobody is logged in; `key`: under which the same is done once."""

    method: str
    path: str
    body: dict[str, Any] | None = None
    token: str = ""
    key: str = ""


Job = Callable[[Callable[[Ask], Answer]], Answer]
Done = Callable[[Answer], None]


class HttpLine:
    """A `Job` asks what it needs, in the thread; `Done` hears what came of it, in `deliver`."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._jobs: Queue[tuple[Job, Done] | None] = Queue(WAITING_MAX)
        self._answers: SimpleQueue[tuple[Done, Answer]] = SimpleQueue()
        self._open = 0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="phones", daemon=True)
        self._thread.start()

    @property
    def is_busy(self) -> bool:
        """Somebody waits for an answer."""
        return self._open > 0

    def send(self, job: Job, done: Done) -> None:
        """With too many waiting the answer is that nobody was reached."""
        self._open += 1
        try:
            self._jobs.put_nowait((job, done))
        except Full:
            self._answers.put((done, UNREACHED))

    def deliver(self) -> None:
        """Tell those who asked what came of it."""
        while True:
            try:
                done, answer = self._answers.get_nowait()
            except Empty:
                return
            self._open -= 1
            done(answer)

    def close(self) -> None:
        """Nothing more is asked; the thread ends with what it is doing."""
        self._is_over.set()
        with suppress(Full):
            self._jobs.put_nowait(None)

    def _work(self) -> None:
        while not self._is_over.is_set():
            item = self._jobs.get()
            if item is None:
                return
            job, done = item
            self._answers.put((done, job(self._ask)))

    def _ask(self, ask: Ask) -> Answer:
        for _ in range(_TRIES_MAX):
            try:
                return self._ask_once(ask)
            except (OSError, http.client.HTTPException, ValueError):
                if self._is_over.wait(_AGAIN_AFTER_S):
                    break
        return UNREACHED

    def _ask_once(self, ask: Ask) -> Answer:
        headers = {"Content-Type": "application/json"}
        if ask.token:
            headers["Authorization"] = f"Bearer {ask.token}"
        if ask.key:
            headers["Idempotency-Key"] = ask.key
        line = http.client.HTTPConnection(self._host, self._port, timeout=_TIMEOUT_S)
        try:
            body = None if ask.method == "GET" else json.dumps(ask.body or {})
            line.request(ask.method, ask.path, body, headers)
            reply = line.getresponse()
            found = json.loads(reply.read(_ANSWER_BYTES_MAX) or b"{}")
            return Answer(reply.status, found if isinstance(found, dict) else {})
        finally:
            line.close()
