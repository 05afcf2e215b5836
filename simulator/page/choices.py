"""What a desk can begin anew with: stories, operators' profiles, interpreters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simulator.live.arguments import RENTAL_DAY, WELCOME
from simulator.live.machine import missing
from simulator.page.feed_line import AskError
from simulator.scenario.problem import StoryError
from simulator.scenario.reader import read_file
from simulator.scenario.runner import PROFILES, profile_terms
from simulator.vm.choose import VMS

_NAMES = {"cpython": "CPython", "micropython": "MicroPython"}


def choices() -> dict[str, Any]:
    """For the page's lists; an interpreter that cannot be had says what is missing."""
    return {
        "stories": [
            {
                "file": path.name,
                "title": _line(path, "title") or path.stem,
                "profile": _line(path, "profile"),
            }
            for path in _stories()
        ],
        "profiles": sorted(path.stem for path in PROFILES.glob("*.json")),
        "vms": [{"vm": vm, "name": _NAMES[vm], "lacks": missing(vm)} for vm in VMS],
    }


def read_wish(asked: dict[str, Any]) -> dict[str, Any]:
    """What the launcher is told; AskError says what was expected.

    `story` None: the story stays, and the car goes on as it was with another interpreter.
    """
    if set(asked) != {"story", "profile", "vm", "hold"}:
        raise AskError(400, "To begin anew takes story, profile, vm and hold.")
    story, profile, vm, hold = (asked[name] for name in ("story", "profile", "vm", "hold"))
    if vm not in VMS:
        raise AskError(400, f"There is no interpreter of that name; choose {' or '.join(VMS)}.")
    if missing(vm):
        raise AskError(409, missing(vm))
    if not isinstance(hold, bool):
        raise AskError(400, "hold is true or false.")
    if story is None:
        return {"begin": {"scenario": None, "profile": None, "vm": vm, "hold": False}}
    path = next((path for path in _stories() if path.name == story), None)
    if path is None:
        raise AskError(400, "There is no story of that name; GET /choices lists them.")
    if not isinstance(profile, str) or (PROFILES / f"{profile}.json") not in PROFILES.glob("*"):
        raise AskError(400, "There is no profile of that name; GET /choices lists them.")
    try:
        profile_terms(read_file(str(path), profile))
    except StoryError as error:
        raise AskError(400, str(error)) from None
    return {"begin": {"scenario": str(path), "profile": profile, "vm": vm, "hold": hold}}


def _stories() -> list[Path]:
    """The one that welcomes and the whole day come first."""
    others = sorted(RENTAL_DAY.parent.glob("*.yaml"))
    return [WELCOME, RENTAL_DAY, *(path for path in others if path != RENTAL_DAY)]


def _line(path: Path, key: str) -> str:
    """What stands behind that key at the top; "" when nothing does."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.startswith(f"{key}:"):
                return line.partition(":")[2].strip().strip("\"'")
    return ""
