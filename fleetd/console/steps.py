"""The steps of bringing a box into service, each of which can be done again."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fleetd.console.client import ANSWER_S, AnswerError, Answers, BoxClient
from fleetd.console.line import LineError
from fleetd.host.failures import BoxError
from fleetd.service import Fleet

CONFIG = "box.json"
CONFIG_FORMAT = 1
#: Bytes of a file in a line of the console, which has 120 characters at most.
_PART_BYTES = 66
_LOOK_S = 0.2
#: A board needs some seconds from its reset to its console.
START_S = 60.0
#: What was asked before it had one is lost, and asked again.
_STARTED_S = 1.0
_SELFTEST_S = 180.0
#: Lines of a self-test that are no checks of their own.
_NO_CHECKS = ("do", "result", "before")
#: The whole copy is on its way as soon as the box was heard.
_COPY_S = 30.0
WAY_OUT = "what was done stays good: run the same command again"


class StepError(BoxError):
    """Why it does not go on, in a sentence with the way out."""


@dataclass(slots=True)
class Record:
    """What was done, in its order, for the file of the car."""

    car: str
    lines: list[tuple[str, str]] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    told: Callable[[str], None] = lambda _text: None

    def add(self, name: str, text: str, **values: Any) -> None:
        self.lines.append((name, text))
        self.values.update(values)
        self.told(f"{name}: {text}")

    def text(self, title: str) -> str:
        rows = [f"{name:<12}{text}" for name, text in self.lines]
        return "\n".join([title, *rows])


def look(client: BoxClient, patience_s: float = ANSWER_S) -> dict[str, str]:
    """What the box says of itself: program, and `bare` with the board, or car."""
    client.wake()
    told = client.ask("version", patience_s)
    if not told.ok:
        raise StepError(told.sentence)
    texts = {str(part.get("name")): str(part.get("text", "")) for part in told.parts}
    values = {str(part.get("name")): str(part.get("value", "")) for part in told.parts}
    return {**values, "bare": texts["bare"]} if "bare" in texts else values


def put_file(client: BoxClient, name: str, data: bytes, *, keeps: bool = False) -> str:
    """The digest of what the box read back. StepError with the box's own sentence."""
    digest = hashlib.sha256(data).hexdigest()
    more = " keep" if keeps else ""
    _done(client, f"provision begin {name} {len(data)} {digest}{more}")
    for at in range(0, len(data), _PART_BYTES):
        part = base64.b64encode(data[at : at + _PART_BYTES]).decode()
        _done(client, f"provision line {at} {part}")
    told = client.ask("provision end")
    if not told.ok:
        raise StepError(told.sentence)
    found = str(told.value("sha256"))
    if found != digest and not keeps:
        raise StepError(f"{name}: the box read back other bytes; {WAY_OUT}")
    return found


def _done(client: BoxClient, command: str) -> None:
    told = client.ask(command, may_repeat=True)
    if not told.ok:
        raise StepError(told.sentence)


def await_box(client: BoxClient, car: str, *, is_bare: bool = False) -> dict[str, str]:
    """After its start: what it says of itself, as soon as it is the one that is waited for."""
    ends = time.monotonic() + START_S
    while True:
        try:
            client.line.reopen(max(0.0, ends - time.monotonic()))
            found = look(client, _STARTED_S)
            if ("bare" in found) == is_bare and (is_bare or found.get("car") == car):
                return found
            if "bare" in found:
                why = "it is bare still: " + found["bare"]
            else:
                why = "it is not bare" if is_bare else "it is another car's"
        except (AnswerError, LineError) as error:
            why = str(error)
        if time.monotonic() >= ends:
            raise StepError(f"the box did not come back as expected ({why}); {WAY_OUT}")
        time.sleep(_LOOK_S)


def self_test(client: BoxClient, answers: Answers, record: Record) -> bool:
    """False: something is wrong with the box. One that knows no self-test yet passes without."""
    if not client.ask("help selftest").ok:
        record.add("self-test", "left out: the program of this box has none", selftest=None)
        return True
    try:
        client.unlock(1, answers)
    except AnswerError as error:
        record.add("self-test", f"left out: {error}", selftest=None)
        return True
    told = client.ask("selftest", _SELFTEST_S)
    client.ask("lock", may_repeat=True)
    items = [part for part in told.parts if part.get("name")]
    checks = [part for part in items if str(part["name"]).strip() not in _NO_CHECKS]
    wrong = [part for part in checks if part.get("value") in (False, "NOT OK")]
    for part in items:
        record.add(f"  {part['name']}"[:12], str(part.get("text", "")))
    result = told.sentence if not told.ok else f"{len(checks)} checks, {len(wrong)} not in order"
    record.add("self-test", result, selftest=told.as_json())
    return told.ok and not wrong


def await_hello(fleet: Fleet, car: str, patience_s: float, record: Record) -> bool:
    """Until the daemon, another process, has taken the first HELLO in."""
    ends = time.monotonic() + patience_s
    while fleet.box_waits(car):
        if time.monotonic() >= ends:
            record.add(
                "HELLO", f"none within {patience_s:.0f} s: type net at the box, look at fleetd status",
                confirmed=False,
            )  # fmt: skip
            return False
        time.sleep(_LOOK_S)
    record.add("HELLO", "heard, the daemon knows the box", confirmed=True)
    ends = time.monotonic() + _COPY_S
    while not _is_in_step(fleet, car):
        if time.monotonic() >= ends:
            record.add("copy", f"not complete within {_COPY_S:.0f} s: look at fleetd status")
            return True
        time.sleep(_LOOK_S)
    record.add("copy", "complete: the box has its bookings")
    return True


def _is_in_step(fleet: Fleet, car: str) -> bool:
    return any(one["is_in_step"] for one in fleet.status()["cars"] if one["car"] == car)


def config_of(identity: dict[str, str], values: dict[str, Any]) -> bytes:
    """`box.json`."""
    return json.dumps({"format": CONFIG_FORMAT, **identity, **values}).encode()
