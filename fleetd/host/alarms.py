"""`fleetd alarm list` and `alarm clear`: what somebody has to see to, and who did."""

from __future__ import annotations

import argparse
import time

from fleetd.arguments import whole
from fleetd.core.refused import Refused
from fleetd.core.rules import load_profile
from fleetd.host.parts import Answer, Commands, one_line, show_time, who_does
from fleetd.store import fleet_rows, notice_rows
from fleetd.store.database import open_existing

LISTED_MAX = 1000
NUMBER_MAX = 10**9


def add_to(commands: Commands) -> None:
    commands.group("alarm", "what somebody has to see to")
    commands.add(
        "alarm list", "alarms that are open", list_alarms,
        "python -m fleetd alarm list --db fleet.db",
        ("--all", {"action": "store_true", "help": "the newest 1,000, with who cleared them"}),
    )  # fmt: skip
    commands.add(
        "alarm clear", "say that somebody has seen to an alarm", clear,
        "python -m fleetd alarm clear 12 --db fleet.db --by 'Sato, desk' --why 'box replaced'",
        ("number", {"type": whole(1, NUMBER_MAX, "number of an alarm"), "metavar": "NUMBER",
                    "help": "as `alarm list` tells it"}),
        ("--by", {"required": True, "metavar": "NAME", "help": "who has seen to it"}),
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
    who, why = who_does(arguments), one_line("--why", arguments.why)
    db = open_existing(arguments.db)
    with db.transaction():
        is_done = notice_rows.clear_alarm_by_hand(db, arguments.number, who, why, int(time.time()))
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
