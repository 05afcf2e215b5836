"""`fleetd alarm list` and `alarm clear`: what somebody has to see to, and who did."""

from __future__ import annotations

import argparse
import time

from fleetd.core.refused import Refused
from fleetd.core.rules import load_profile
from fleetd.host.failures import UsageError
from fleetd.host.parts import Answer, Commands, show_time
from fleetd.store import fleet_rows, notice_rows
from fleetd.store.database import open_existing

LISTED_MAX = 1000
CHARACTERS_MAX = 200
_NUMBER_MAX = 2**63 - 1  # that SQLite can be asked for


def add_to(commands: Commands) -> None:
    commands.group("alarm", "what somebody has to see to")
    commands.add(
        "alarm list", "alarms that are open", list_alarms,
        "python -m fleetd alarm list --db fleet.db",
        ("--all", {"action": "store_true", "help": "the newest 1,000, with who cleared them"}),
    )  # fmt: skip
    commands.add(
        "alarm clear", "say that somebody has seen to an alarm", clear,
        "python -m fleetd alarm clear 12 --db fleet.db --who 'Sato, desk' --why 'box replaced'",
        ("number", {"type": int, "metavar": "NUMBER", "help": "as `alarm list` tells it"}),
        ("--who", {"required": True, "help": "who has seen to it"}),
        ("--why", {"required": True, "help": "what was found or done"}),
    )  # fmt: skip


def list_alarms(arguments: argparse.Namespace) -> Answer:
    db = open_existing(arguments.db)
    offset_s = load_profile(fleet_rows.profile(db)).utc_offset_s
    found = notice_rows.open_alarms(db)
    if arguments.all:
        found = notice_rows.all_alarms(db, LISTED_MAX)
    lines = [describe(alarm, offset_s) for alarm in found]
    return {"alarms": found, "text": "\n".join(lines) or "no alarms"}


def clear(arguments: argparse.Namespace) -> Answer:
    for option in ("who", "why"):
        text = getattr(arguments, option).strip()
        if not text or len(text) > CHARACTERS_MAX or not text.isprintable():
            raise UsageError(
                f"--{option}: give 1 to {CHARACTERS_MAX} characters, all of them in one line"
            )
    if not 0 < arguments.number <= _NUMBER_MAX:
        raise Refused("no_alarm")
    db = open_existing(arguments.db)
    with db.transaction():
        is_done = notice_rows.clear_alarm_by_hand(
            db, arguments.number, arguments.who.strip(), arguments.why.strip(), int(time.time())
        )
    if not is_done:
        raise Refused("no_alarm")
    return {"alarm": arguments.number, "text": f"alarm {arguments.number} is cleared"}


def describe(alarm: Answer, offset_s: int) -> str:
    """One line: number, what, about which car, since when."""
    about = f" car {alarm['car']}" if alarm["car"] else ""
    if alarm["booking"]:
        about += f" booking {alarm['booking']}"
    line = f"{alarm['id']} {alarm['name']}:{about} since {show_time(alarm['raised_s'], offset_s)}"
    if alarm["times"] > 1:
        line += f", {alarm['times']} times"
    if alarm["detail"]:
        line += f", {alarm['detail']}"
    if alarm.get("cleared_s"):
        line += f"; cleared {show_time(alarm['cleared_s'], offset_s)}"
        if alarm["cleared_by"]:
            line += f" by {alarm['cleared_by']}: {alarm['cleared_why']}"
    return line
