"""`fleetd status`: cars, alarms and what waits, for people and programs."""

from __future__ import annotations

import argparse

from fleetd.command_parts import Answer, Commands, open_fleet, show_time
from fleetd.store import lease


def add_to(commands: Commands) -> None:
    commands.add(
        "status", "cars, alarms and what waits", status,
        "python -m fleetd status --db fleet.db --json",
    )  # fmt: skip


def status(arguments: argparse.Namespace) -> Answer:
    fleet = open_fleet(arguments)
    found = {**fleet.status(), "is_served": lease.is_held(arguments.db)}
    offset_s = fleet.rules.utc_offset_s
    lines = [f"{len(found['cars'])} cars, {found['events']} events, {found['mails_unsent']} mails"]
    for car in found["cars"]:
        heard = f"heard {show_time(car['heard_s'], offset_s)}" if car["heard_s"] else "never heard"
        step = "in step" if car["is_in_step"] else "not in step"
        line = f"{car['car']} {car['name']}: {heard}, {step} ({car['gen']}.{car['rev']})"
        since_s = car["revocation_not_confirmed_since_s"]
        if since_s:
            line += f", revocation not confirmed since {show_time(since_s, offset_s)}"
        if car["in_maintenance_since_s"]:
            line += f", in maintenance since {show_time(car['in_maintenance_since_s'], offset_s)}"
        lines.append(line)
    for alarm in found["alarms"]:
        about = f" booking {alarm['booking']}" if alarm["booking"] else ""
        since = show_time(alarm["raised_s"], offset_s)
        lines.append(
            f"alarm {alarm['name']}: car {alarm['car']}{about} since {since} {alarm['detail']}".rstrip()
        )
    lines.append(_tell_line(found, offset_s))
    return {**found, "text": "\n".join(lines)}


def _tell_line(found: Answer, offset_s: int) -> str:
    line = found["line"]
    if not found["is_served"] or line is None:
        return "no daemon is running"
    since = show_time(line["since_s"], offset_s)
    return f"cars come by {line['way']}, {line['trouble'] or 'in order'}, since {since}"
