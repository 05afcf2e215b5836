"""Transcripts of docs/transcripts/: made from real runs, compared with times and digests masked.

    TRANSCRIPTS=docs/transcripts python -m pytest tests/console -k transcript

writes them anew; without it a run that says something else than its transcript fails.
"""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

from fleetd.console.line import Line
from tools import tree

FOLDER = "docs/transcripts"
#: In this order. What differs from run to run, and what stands for it.
_MASKS = (
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?"), "DAY TIME"),
    (re.compile(r"\b\d\d:\d\d(?::\d\d)?\b"), "TIME"),
    (re.compile(r"\b\d+ (?:ms|s|min|h|days?)\b(?: \d+ (?:s|min|h)\b)*"), "SOME TIME"),
    (re.compile(r"\bKB1(?:-[0-9A-Z]{4}){2}-(\d)\b"), r"KB1-XXXX-XXXX-\1"),
    (re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{2}\b"), "YYYY-YYYY-YY"),
    (re.compile(r"(?<=pin )\d{4} \d{4}\b"), "NNNN NNNN"),
    (re.compile(r"(?<=question )[0-9A-Z]{8}\b|(?<=\()[0-9A-Z]{8}(?=\))"), "XXXXXXXX"),
    (re.compile(r"\b\d+ events?\b"), "SOME events"),
    (re.compile(r"SHA-256 [0-9a-f]{16}"), "SHA-256 ..."),
    (re.compile(r"journal [0-9a-f]{8}"), "journal ..."),
    (re.compile(r"/dev/pts/\d+"), "/dev/ttyUSB0"),
    (re.compile(r"mqtt://127\.0\.0\.1:\d+"), "mqtt://..."),
    (re.compile(r"--mqtt-port \d+"), "--mqtt-port ..."),
    (re.compile(r"--db \S+"), "--db fleet.db"),
    (re.compile(r"[ \t]+$", re.M), ""),
)  # fmt: skip


def masked(text: str) -> str:
    for pattern, instead in _MASKS:
        text = pattern.sub(instead, text)
    return text


def check(name: str, text: str) -> None:
    """Against the page, or onto it."""
    kept = tree.ROOT / FOLDER / f"{name}.txt"
    found = masked(text).rstrip("\n") + "\n"
    folder = os.environ.get("TRANSCRIPTS")
    if folder:
        target = tree.ROOT / Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        (target / kept.name).write_text(found, encoding="utf-8")
        return
    assert kept.read_text(encoding="utf-8") == found


class Typist:
    """A person at any terminal program: types a line, reads until the prompt is back.

    Of a box whose console nobody has opened yet.
    """

    _PROMPT = re.compile(rb"\n[>#] $")
    #: One prompt after the greeting, and one after the line that woke the box.
    _AWAKE = re.compile(rb"\n> \r\n> $")
    _PATIENCE_S = 60.0

    def __init__(self, port: str) -> None:
        self._line = Line(port)
        self.seen = ""
        self._begun = b""
        self._line.write(b"\r")
        self._take(self._AWAKE)

    def type(self, text: str) -> str:
        """What the box said to it."""
        self._line.write(text.encode() + b"\r")
        return self._take()

    def begin(self, text: str, until: str) -> None:
        """A command that waits for something; returns when it said so. `end` takes the rest."""
        self._line.write(text.encode() + b"\r")
        ends = time.monotonic() + self._PATIENCE_S
        while until not in self._begun.decode():
            assert time.monotonic() < ends, self._begun
            self._begun += self._line.read(0.5)

    def end(self) -> str:
        """The rest of what was begun."""
        return self._take()

    def remark(self, text: str) -> None:
        """Of whoever tells the story."""
        self.seen = self.seen.rstrip("\n >#") + f"\n\n== {text}\n\n> "

    def _take(self, prompt: re.Pattern[bytes] = _PROMPT) -> str:
        said, ends = self._begun, time.monotonic() + self._PATIENCE_S
        while not prompt.search(said):
            assert time.monotonic() < ends, said
            said += self._line.read(0.5)
        self._begun = b""
        text = said.decode().replace("\r\n", "\n")
        self.seen += text
        return text

    def close(self) -> None:
        self._line.close()
