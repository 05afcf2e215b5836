"""A driver who looks at the car and does the next thing, and again what had no effect."""

from __future__ import annotations

import http.client
import itertools
import json
import time
from typing import Any

from tests.whole.desk import HOST, Desk

OWN_CARD = "tap 0101060112AB34CD"
#: Simulated: a touch or a phone is answered by then, if anybody heard it. The reader does not hear
#: a card twice within 3 s, and a car asks its centre for 3 s.
AGAIN_AFTER_S = 4.0
#: A phone that was in vain so often is put away, and the card taken.
PHONE_TRIES = 2
DRIVE = "drive 100m in 10s"
#: An engine that does not start so often will not: its release was cut off, the use is to be ended.
ENGINE_TRIES = 3
EXTENSION_S = 900


class Phone:
    """The driver's, by the daemon's HTTP calls. What does not get through is sent again."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._keys = itertools.count(1)
        self._token = ""
        #: Command's id by the caller's key, of all that the daemon took.
        self.commands: dict[str, str] = {}
        self._unsent: tuple[str, dict[str, Any], str] | None = None
        self._command = ""

    @property
    def is_busy(self) -> bool:
        """Something was asked, and nobody knows yet what became of it."""
        return self._unsent is not None or self._command != ""

    def ask(self, path: str, **body: Any) -> None:
        """Begin; `poll` carries on."""
        self._unsent = path, body, f"asked-{next(self._keys)}"

    def poll(self) -> str:
        """How it ended, "" while it has not: a command's status with reasons, or a refusal's code."""
        try:
            if not self._token:
                self._log_in()
            if self._unsent is not None:
                return self._send(*self._unsent)
            if self._command:
                found = self._call("GET", f"/v1/commands/{self._command}")[1]
                if found["status"] != "pending":
                    self._command = ""
                    return " ".join([found["status"], *(one["code"] for one in found["reasons"])])
        except (OSError, http.client.HTTPException, ValueError):
            pass  # killed just now: the same again, under the same key
        return ""

    def _send(self, path: str, body: dict[str, Any], key: str) -> str:
        status, answer = self._call("POST", path, key, **body)
        self._unsent = None
        if status == 202:
            assert self.commands.setdefault(key, answer["id"]) == answer["id"]
            self._command = answer["id"]
            return ""
        return str(answer["error"]) if status >= 400 else "accepted"

    def _log_in(self) -> None:
        who = self._desk.accounts.drivers[0]
        status, answer = self._call("POST", "/v1/login", id=who.ident, password=who.password)
        assert status == 200, answer
        self._token = answer["token"]

    def _call(self, method: str, path: str, key: str = "", **body: Any) -> tuple[int, Any]:
        line = http.client.HTTPConnection(HOST, self._desk.http_port, timeout=5)
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        try:
            line.request(method, path, json.dumps(body) if method == "POST" else None, headers)
            reply = line.getresponse()
            return reply.status, json.loads(reply.read())
        finally:
            line.close()


class Rental:
    """One booking's, from the touch that starts it to a car that is nobody's again."""

    def __init__(
        self, desk: Desk, phone: Phone, booking: int, *, by_phone: bool, reopens: bool
    ) -> None:
        """`by_phone`: the phone is tried first, and the booking is extended."""
        self._desk = desk
        self._phone = phone
        self.booking = booking
        self._extends = by_phone
        self.is_extended = False
        self._by_phone = by_phone
        self._reopens = reopens
        self._has_begun = False
        self._has_driven = False
        self._was_reopened = False
        self._door_was_open = False
        self._phone_tries = 0
        self._engine_tries = 0
        self._done: tuple[Any, ...] = ()
        self._again_at_s = 0.0
        self._is_extending = False
        self.is_over = False
        #: What was done, for whoever reads of a failure.
        self.log: list[str] = []

    def go_on(self) -> None:
        """Do the next thing, if it is time for one."""
        if self._phone.is_busy:
            answer = self._phone.poll()
            if answer:
                self.log.append(f"{time.monotonic():.1f} phone: {answer}")
                self.is_extended |= self._is_extending and answer == "accepted"
            return
        self._is_extending = False
        seen = self._desk.seen
        self._note(seen)
        action = self._next(seen)
        if self.is_over or not action:
            return
        what = (action, seen["state"], str(seen["body"]))
        if what == self._done and self._desk.now_s < self._again_at_s:
            return
        self._done, self._again_at_s = what, self._desk.now_s + AGAIN_AFTER_S
        self.log.append(f"{time.monotonic():.1f} {seen['state']}: {action}")
        if action == "phone extend":
            self._extends, self._is_extending = False, True
            self._phone.ask(f"/v1/bookings/{self.booking}/extend", by_s=EXTENSION_S)
        elif action.startswith("phone "):
            self._phone_tries += 1
            verb = action.removeprefix("phone ")
            self._phone.ask(f"/v1/bookings/{self.booking}/commands", verb=verb)
        else:
            self._desk.do(action)

    def _note(self, seen: dict[str, Any]) -> None:
        state = seen["state"]
        if state in ("unlocked", "boarding", "in_use", "key_returned", "ending", "ended"):
            self._has_begun = True
        if state == "reopened":
            self._was_reopened = True
            self._door_was_open |= bool(seen["body"]["open_doors"])
        self.is_over = state == "vacant" and self._has_begun

    def _next(self, seen: dict[str, Any]) -> str:
        """What a driver would do with a car that looks so; "" when there is only waiting."""
        state, body = seen["state"], seen["body"]
        if state == "vacant":
            return self._ask("start")
        if state == "unlocked":
            return self._ask("start") if body["is_locked"] else "open driver"
        if state == "boarding":
            return "close driver" if body["open_doors"] else "key out"
        if state == "in_use":
            return self._drive(body) if not self._has_driven else self._park(body)
        if state in ("key_returned", "relocked", "secured"):
            return self._park(body) or self._ask("end")
        if state == "ended" and self._reopens and not self._was_reopened:
            return self._ask("reopen")
        if state == "reopened":
            return self._fetch(body)
        return ""

    def _drive(self, body: dict[str, Any]) -> str:
        if self._extends:
            return "phone extend"
        if not body["engine_is_on"] and self._engine_tries < ENGINE_TRIES:
            self._engine_tries += 1
            return "engine on"
        if body["brake_is_on"]:
            return "brake off"
        self._has_driven = True
        return DRIVE

    def _park(self, body: dict[str, Any]) -> str:
        """All that an end wants, a thing after the other."""
        if body["is_moving"]:
            return ""
        if not body["brake_is_on"]:
            return "brake on"
        if body["engine_is_on"]:
            return "engine off"
        if body["open_doors"]:
            return "close driver"
        if body["knob"] != "return" and body["key_is_in"]:
            return "knob return"
        return "" if body["key_is_in"] else "key in"

    def _fetch(self, body: dict[str, Any]) -> str:
        if body["open_doors"]:
            return "close rear-right"
        if self._door_was_open:
            return self._ask("lock")
        return self._ask("reopen") if body["is_locked"] else "open rear-right"

    def _ask(self, verb: str) -> str:
        """By phone while that is of use; one touch means all of these things."""
        if self._by_phone and self._phone_tries < PHONE_TRIES:
            return f"phone {verb}"
        return OWN_CARD


def touch(desk: Desk, state: str) -> None:
    """Until the car is in that state; a touch that came too soon after another is repeated."""
    again_at_s = 0.0

    def is_there() -> bool:
        nonlocal again_at_s
        if desk.seen["state"] != state and desk.now_s >= again_at_s:
            desk.do(OWN_CARD)
            again_at_s = desk.now_s + AGAIN_AFTER_S
        return bool(desk.seen["state"] == state)

    desk.until(is_there, f"state {state} after a touch")
