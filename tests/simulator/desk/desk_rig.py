"""`python -m simulator run` with real processes, and what a visitor does with it."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from simulator.desk.feed_client import FeedClient
from tools import tree

#: What a test waits for comes within seconds; this is when to give up on a busy machine.
PATIENCE_S = 90.0
LOOK_EVERY_S = 0.02
#: TOUCH-1: a card counts again when it was away for a second.
AWAY_S = 1.5
#: Nothing happens by itself: whoever looks does.
CALM = """\
title: A calm morning
profile: top24-2023
now: "2026-04-01T09:50:00+09:00"
cards: {"0101060112AB34CD": XXY00001001}
bookings:
  - {id: B1, driver: XXY00001001, start: "10:00", end: "12:00"}
steps:
  - {see: {state: vacant, doors: locked}}
"""
CARD = "0101060112AB34CD"


class DeskRun:
    """The launcher, its lines, and a view of our own on its feed."""

    def __init__(self, folder: Path, *options: str, story: str = CALM) -> None:
        self.state = folder / "desk"
        path = folder / "story.yaml"
        path.write_text(story, encoding="utf-8")
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "simulator", "run", "--vm", "cpython", "--port", "0",
             "--state", str(self.state), *options, str(path)],
            cwd=tree.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._feed: FeedClient | None = None

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def until(self, found: Any, what: str) -> Any:
        ends_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends_s:
            answer = found()
            if answer:
                return answer
            assert self.process.poll() is None, self.text
            threading.Event().wait(LOOK_EVERY_S)
        raise AssertionError(f"no {what}: {self.text}; {self.logs()}")

    def until_told(self, said: str) -> None:
        self.until(lambda: said in self.text, f"line with '{said}'")

    def told(self, pattern: str) -> re.Match[str]:
        found: re.Match[str] = self.until(lambda: re.search(pattern, self.text), pattern)
        return found

    def logs(self) -> str:
        return "".join((self.state / f"{name}.log").read_text() for name in ("car", "daemon"))

    # A visitor.

    @property
    def feed(self) -> FeedClient:
        if self._feed is None:
            self._feed = FeedClient("127.0.0.1", int(self.told(r"feed +127\.0\.0\.1:(\d+)")[1]))
        return self._feed

    def car(self) -> dict[str, Any]:
        """As it is seen now; {} before it was."""
        self.feed.poll()
        return self.feed.car or {}

    def ask(self, **request: Any) -> None:
        self.until(lambda: self.car() and self.feed.is_there, "feed")
        assert self.feed.ask(request)

    def touch_until(self, card: str, found: Any, what: str) -> None:
        """A card is held to the reader; again, if that was before the box heard cards (SAFE-3)."""
        away = f"card {card[-4:]} away"
        ends_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends_s:
            before = self.text.count(away)
            self.ask(do=f"tap {card}")
            self.until(lambda: self.text.count(away) > before, away)  # noqa: B023 - called here
            away_until_s = time.monotonic() + AWAY_S
            while time.monotonic() < away_until_s:
                if self.car() and found(self.car()):
                    return
                threading.Event().wait(LOOK_EVERY_S)
        raise AssertionError(f"no {what}: {self.text}; {self.logs()}")

    def until_car(self, found: Any, what: str) -> None:
        self.until(lambda: self.car() and found(self.car()), what)

    def phone(self, method: str, path: str, token: str = "", **body: Any) -> Any:
        """The answer of the daemon."""
        port = int(self.told(r"phones +http://127\.0\.0\.1:(\d+)")[1])
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        line.request(method, path, json.dumps(body) if method == "POST" else None, headers)
        answer = json.loads(line.getresponse().read())
        line.close()
        return answer

    def log_in(self) -> str:
        who = self.told(r"demo driver +(\S+), password (\S+), card (\S+)")
        token: str = self.phone("POST", "/v1/login", id=who[1], password=who[2])["token"]
        return token

    # Its processes.

    def pids(self) -> dict[str, int]:
        """Of the children that live, by what they are."""
        pid = self.process.pid
        found: dict[str, int] = {}
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            try:
                words = Path(f"/proc/{child}/cmdline").read_bytes().decode().split("\0")
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended just now
            for name in ("car", "view", "serve", "desk"):
                if name in words and "simulator.desk.tether" not in words:
                    found[name] = int(child)
        return found

    def kill(self, name: str) -> None:
        """And wait until there is another one."""
        before = self.until(lambda: self.pids().get(name), name)
        os.kill(before, signal.SIGKILL)
        self.until(lambda: self.pids().get(name, before) != before, f"another {name}")

    def end(self, number: int = signal.SIGINT) -> int:
        """As Ctrl-C does: to all that have the terminal. The exit code; nothing is left."""
        pids = self.pids()
        os.killpg(self.process.pid, number)
        code = self.process.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        assert not [pid for pid in pids.values() if Path(f"/proc/{pid}").exists()]
        return code

    def close(self) -> None:
        if self._feed is not None:
            self._feed.close()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._reader.join(PATIENCE_S)
        if self.process.stdout is not None:
            self.process.stdout.close()
