"""What the page of an enrolment says while the reader waits for a card, and afterwards (ENROL-1)."""

from __future__ import annotations

from typing import Any

from fleetd.pages import telling
from fleetd.pages.visit import Visit
from fleetd.store.command_rows import OPEN, REGISTERED, TIME_OVER

#: The car tells within a moment what came of it; without a connection it may take long.
LATE_S = 600
#: Phase -> the sign that the page shows.
_LOOKS = {
    "touch": "touch", "touch_late": "still", REGISTERED: "accepted", TIME_OVER: "unknown",
    "not_registered": "refused",
}  # fmt: skip


def phase_of(enrolment: dict[str, Any], now_s: int) -> str:
    """One of the keys of _LOOKS."""
    state = enrolment["state"]
    if state == OPEN:
        return "touch" if now_s < enrolment["until_s"] else "touch_late"
    return state if state in (REGISTERED, TIME_OVER) else "not_registered"


def values(visit: Visit, enrolment: dict[str, Any], now_s: int, car: str) -> dict[str, Any]:
    """In place of those of any other command that was accepted."""
    phase, words = phase_of(enrolment, now_s), visit.words
    card = enrolment["card"] or ""
    enrol_s = visit.fleet.rules_of(car).enrol_s
    found: dict[str, Any] = {
        "phase": phase,
        "look": _LOOKS[phase],
        "headline": words.text("headlines", phase),
        "next": words.text("phases", phase, n=enrol_s, card=card),
        "seen": [],
        "reasons": [],
    }
    if phase == "touch":
        left_s = enrolment["until_s"] - now_s
        found["bar"] = {
            "label": words.text("page", "waiting_for_card"),
            "hint": words.text(
                "page", "card_until", at=visit.times.clock_exact(enrolment["until_s"])
            ),
            "most_s": enrol_s,
            "waited_s": min(max(0, enrol_s - left_s), enrol_s),
        }
    elif phase == "not_registered":
        reason = telling.problem(visit, enrolment["state"])
        found["reasons"] = [{**reason, "from": ""}]
    return found


def pace(enrolment: dict[str, Any], now_s: int) -> tuple[int, int]:
    """How soon the page asks again, and is loaded anew without script; 0: not any more."""
    if enrolment["state"] != OPEN:
        return 5000, 0
    is_late = now_s >= enrolment["until_s"] + LATE_S
    return (5000, 0) if is_late else (500 if now_s < enrolment["until_s"] else 1000, 2)
