"""Asks a box at its console in machine mode; a bad byte costs a line, and that one is asked again."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fleetd.console.line import Line, LineError
from fleetd.host.failures import BoxError

#: These change nothing: an answer that came damaged is asked for once more.
READ_ONLY = frozenset({"help", "status", "sensors", "why", "log", "version"})
ANSWER_S = 10.0
#: These wait for a card, or try one thing after the other.
_LONGER_S = {"card": 40.0, "unlock card": 40.0, "test": 40.0, "selftest": 180.0}
#: A box that says nothing for so long has said all.
_QUIET_S = 0.15
_CLEAR = b"\x03"
_QUESTION = re.compile(r"KB1-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9](?:-[0-9]{1,3})?")
_CAR = re.compile(r"[0-9a-f]{12}")
_LINE_MAX = 4096

#: (car, question) -> answer.
Answers = Callable[[str, str], str]


class AnswerError(BoxError):
    """The box did not answer, or noise ate it; in one sentence."""


class _NoiseError(Exception):
    """`was_taken`: the box may have carried the command out."""

    def __init__(self, was_taken: bool) -> None:
        super().__init__(was_taken)
        self.was_taken = was_taken


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command was answered: its parts in their order, or why it was not done."""

    ok: bool
    error: str = ""
    do: str = ""
    parts: list[dict[str, Any]] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return f"{self.error}: {self.do}" if self.do else self.error

    def value(self, name: str) -> Any:
        """Of the item with that name; None without one."""
        return next((part.get("value") for part in self.parts if part.get("name") == name), None)

    def as_json(self) -> dict[str, Any]:
        if self.ok:
            return {"ok": True, "parts": self.parts, **self.values}
        return {"ok": False, "error": self.error, "do": self.do}


class BoxClient:
    """One command at a time."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self._rest = b""

    def wake(self) -> None:
        """Whatever was typed before is forgotten; the console is open."""
        self.line.write(_CLEAR)
        while self.line.read(_QUIET_S):
            pass
        self._rest = b""

    def ask(self, command: str, patience_s: float = 0.0, *, may_repeat: bool = False) -> Reply:
        """The answer to one command without `--json`. AnswerError when there is none.

        `patience_s`: as long as such a command takes, unless said. `may_repeat`: to carry it out
        twice does no harm.
        """
        patience_s = patience_s or patience_of(command)
        word = command.split(" ", 1)[0]
        may_repeat = may_repeat or word in READ_ONLY
        for attempt in (1, 2):
            try:
                return self._ask(command, patience_s)
            except _NoiseError as noise:
                if attempt == 2 or (noise.was_taken and not may_repeat):
                    break
                self.wake()
        if may_repeat:
            raise AnswerError(f"{word}: no whole answer came, twice; look at cable and port")
        raise AnswerError(f"{word}: no whole answer came; see what was done (log), then try again")

    def _ask(self, command: str, patience_s: float) -> Reply:
        self.line.write(command.encode() + b" --json\r")
        word = command.partition(" ")[0]
        parts: list[dict[str, Any]] = []
        ends = time.monotonic() + patience_s
        while True:
            text = self._next_line(ends)
            if "noise in this line" in text and "{" not in text:
                raise _NoiseError(False)
            found = _object(text)
            if found is None:
                continue
            if "part" in found:
                parts.append(found)
            elif found.get("ok") is True:
                if found.get("parts", len(parts)) != len(parts):
                    raise _NoiseError(True)
                return Reply(True, parts=parts, values=_more(found))
            elif found.get("ok") is False:
                error = str(found.get("error", ""))
                if error.startswith("there is no command") and word not in error:
                    raise _NoiseError(False)  # the word was changed on its way
                return Reply(False, error, str(found.get("do", "")), parts)

    def _next_line(self, ends: float) -> str:
        while b"\n" not in self._rest:
            left_s = ends - time.monotonic()
            if left_s <= 0:
                raise _NoiseError(True)
            self._rest = (self._rest + self.line.read(min(left_s, 0.5)))[-_LINE_MAX:]
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode("ascii", "replace").strip()

    def car(self) -> str:
        """Whose box it says it is; "" for a bare one."""
        found = self.ask("version").value("car")
        return found if isinstance(found, str) and _CAR.fullmatch(found) else ""

    def unlock(self, level: int, answers: Answers) -> None:
        """By question and answer; AnswerError with the box's sentence when it refuses."""
        car = self.car()
        asked = self.ask(f"unlock {level}")
        question = question_in(json.dumps(asked.as_json()))
        if not asked.ok or not question:
            raise AnswerError(
                asked.sentence or "the box shows no question; is its program too old?"
            )
        told = self.ask(f"answer {answers(car, question)}")
        if not told.ok:
            raise AnswerError(told.sentence)


def patience_of(command: str) -> float:
    """Until the answer to it must be there, in seconds."""
    return _LONGER_S.get(" ".join(command.split()), ANSWER_S)


def question_in(text: str) -> str:
    """The first question of a box in it; "" without one."""
    found = _QUESTION.search(text)
    return found.group() if found else ""


def _object(text: str) -> dict[str, Any] | None:
    """None: no answer, or none that came whole."""
    begin = text.find("{")
    if begin < 0:
        return None
    try:
        found = json.loads(text[begin:])
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _more(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name not in ("ok", "parts")}


__all__ = ["AnswerError", "Answers", "BoxClient", "LineError", "Reply", "question_in"]
