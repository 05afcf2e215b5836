"""A command as the API shows it."""

from __future__ import annotations

from typing import Any

from fleetd.sentences import explain
from fleetd.store.command_rows import PENDING, UNKNOWN


def show_command(found: dict[str, Any]) -> dict[str, Any]:
    """What the schema Command says, of what the fleet keeps."""
    shown = ("id", "booking", "verb", "status", "locked", "blocked", "made_s", "expires_s")
    return {
        **{name: found[name] for name in shown},
        "reached_car": _reached_car(found),
        "reasons": [
            {
                **reason,
                "sentence": explain(
                    reason["code"], reason.get("inputs", ()), reason.get("setting", "")
                ),
            }
            for reason in found["reasons"]
        ],
        "warnings": [{"code": code, "sentence": explain(code)} for code in found["warnings"]],
        "enrolment": _enrolment(found),
    }


def _enrolment(found: dict[str, Any]) -> dict[str, Any] | None:
    """ENROL-1: whether the reader waits for a card, and what came of it."""
    if found["enrolment"] is None:
        return None
    return {
        "state": found["enrolment"],
        "until_s": found["enrol_until_s"],
        "card": found["card"],
    }


def _reached_car(found: dict[str, Any]) -> str:
    """Sent is not received: only the car's own answer proves that."""
    if not found["was_sent"]:
        return "no"
    return "cannot_tell" if found["status"] in (PENDING, UNKNOWN) else "yes"
