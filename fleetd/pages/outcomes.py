"""What came of what a car was asked, in words: for the page that follows it, and the booking's card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleetd.core import outlook
from fleetd.pages import enrolling, telling
from fleetd.pages.visit import Visit
from fleetd.store.command_rows import ACCEPTED, PENDING, REFUSED

#: Published: an answer takes about so long. Later the page says that it is still asking.
USUAL_S = 10
#: In all others nothing can be done any more about what was refused.
_STATES = (
    outlook.BOOKED, outlook.WAITING_TO_START, outlook.IN_USE, outlook.REOPEN_POSSIBLE,
    outlook.REOPENED,
)  # fmt: skip
_BAD = ("refused", "unreachable", "unknown")


def told(visit: Visit, command: Mapping[str, Any], car: str) -> dict[str, Any]:
    """Phase and look, headline, reasons with what to do; or a line, or what is next."""
    now_s = visit.times.now_s
    phase = phase_of(command, now_s)
    is_accepted = command["status"] == ACCEPTED
    reasons = [_reason(visit, reason) for reason in command["reasons"]]
    found: dict[str, Any] = {
        "phase": phase,
        "look": phase,
        "headline": _headline(visit, phase, command["verb"]),
        "line": visit.words.text("phases", phase),
        "next": visit.words.text("next", command["verb"]) if is_accepted else "",
        "reasons": reasons,
    }
    if is_accepted and reasons:  # nothing to undo: that is all there is to say
        found.update(headline=reasons[0]["reason"], next=reasons[0]["remedy"], reasons=[])
    if command["enrolment"]:
        found.update(enrolling.values(visit, command["enrolment"], now_s, car))
    return found


def last(visit: Visit, booking: Mapping[str, Any]) -> dict[str, Any] | None:
    """Of a booking; None where its state tells it, or nothing was asked."""
    command = booking["last_command"]
    if command is None or booking["state"] not in _STATES:
        return None
    found = told(visit, command, booking["car"])
    if found["look"] == ACCEPTED:
        return None
    return {
        **found,
        "verb": visit.words.text("buttons", command["verb"]),
        "at": visit.times.clock_seen(command["made_s"]),
        "is_bad": found["look"] in _BAD,
    }


def phase_of(command: Mapping[str, Any], now_s: int) -> str:
    """How the page speaks of it: what is not known is not said."""
    if command["status"] == PENDING:
        if now_s >= command["made_s"] + USUAL_S:
            return "still"
        return "not_sent" if command["reached_car"] == "no" else "asking"
    if command["status"] == REFUSED and command["reached_car"] == "no":
        return "unreachable"
    return str(command["status"])


def _headline(visit: Visit, phase: str, verb: str) -> str:
    """Of the verb while it is asked, done or refused; else of the trouble."""
    if phase in (ACCEPTED, REFUSED):
        return visit.words.text(phase, verb)
    if phase in ("unreachable", "unknown"):
        return visit.words.text("headlines", phase)
    return visit.words.text("asking", verb)


def _reason(visit: Visit, reason: Mapping[str, Any]) -> dict[str, Any]:
    """With the inputs that the car cannot tell (END-8), or the time from which it is possible."""
    return {
        **telling.problem(visit, reason["code"], setting=reason.get("setting", "")),
        "reason": visit.words.reason(reason["code"], reason.get("inputs", ())),
        "from": telling.possible_from(visit, reason),
    }
