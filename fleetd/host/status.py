"""`fleetd status`: cars, alarms and what waits, for people and programs."""

from __future__ import annotations

import argparse

from fleetd.health import FRAME_CAUSES, NACKED, REFUSED_BY_CAR, REFUSED_HERE, span
from fleetd.host import alarms
from fleetd.host.parts import Answer, Commands, open_fleet, show_time
from fleetd.host.technician_commands import console_lines, pin_lines
from fleetd.ledger.findings import counted
from fleetd.store import lease

#: The newest ones that boxes were unlocked by.
ANSWERS_SHOWN = 3


def add_to(commands: Commands) -> None:
    commands.add(
        "status", "cars, alarms and what waits", status,
        "python -m fleetd status --db fleet.db --json",
    )  # fmt: skip


def status(arguments: argparse.Namespace) -> Answer:
    fleet = open_fleet(arguments)
    found = {**fleet.status(), "is_served": lease.is_held(arguments.db)}
    offset_s = fleet.rules.utc_offset_s
    cars, events = counted(len(found["cars"]), "car"), counted(found["events"], "event")
    lines = [f"{cars}, {events}, {counted(found['mails_unsent'], 'mail')}"]
    for car in found["cars"]:
        heard = f"heard {show_time(car['heard_s'], offset_s)}" if car["heard_s"] else "never heard"
        step = "in step" if car["is_in_step"] else "not in step"
        line = f"{car['car']} {car['name']}: {heard}, {step} ({car['gen']}.{car['rev']})"
        since_s = car["revocation_not_confirmed_since_s"]
        if since_s:
            line += f", revocation not confirmed since {show_time(since_s, offset_s)}"
        if car["in_maintenance_since_s"]:
            line += f", in maintenance since {show_time(car['in_maintenance_since_s'], offset_s)}"
        if car["blocked_since_s"]:
            word, since_s = "blocked", car["blocked_since_s"]
            if car["retired_since_s"]:
                word, since_s = "retired", car["retired_since_s"]
            by = f"{car['blocked_by']}: {car['blocked_why']}"
            line += f", {word} since {show_time(since_s, offset_s)} by {by}"
        lines.append(line)
    lines += [f"alarm {alarms.describe(alarm, offset_s)}" for alarm in found["alarms"]]
    lines += late_lines(found["late"])
    lines += counted_lines(found["counted"], offset_s)
    found["console_answers"] = fleet.console_answers(ANSWERS_SHOWN)
    lines += console_lines(found["console_answers"], offset_s)
    found["console_pins"] = fleet.console_pins(ANSWERS_SHOWN)
    lines += pin_lines(found["console_pins"], offset_s)
    lines.append(_tell_line(found, offset_s))
    return {**found, "text": "\n".join(lines)}


def late_lines(late: Answer) -> list[str]:
    """What is late, the bounds that say most; nothing where nothing is."""
    lines = []
    hour_s, day_s = 3600, 24 * 3600
    silent = late["cars_silent"]
    if silent[hour_s]:
        lines.append(
            f"cars not heard for an hour: {silent[hour_s]}, for a day: {silent[day_s]};"
            f" the longest for {span(late['silence_s_max'])}"
        )
    lacked = late["bookings_not_in_car"]
    if any(lacked.values()):
        lines.append(
            f"bookings to come that their cars lack: {lacked[hour_s]} within an hour,"
            f" {lacked[day_s]} within a day, {lacked[3 * day_s]} within three"
        )
    revoked = late["revocations_unconfirmed"]
    if revoked[0]:
        lines.append(
            f"cars that may hold what was taken back: {revoked[0]}, {revoked[3 * day_s]} of them"
            f" past the lease; the longest for {span(late['revocation_s_max'])}"
        )
    if late["pushes_waiting"]:
        lines.append(
            f"cars that lack something: {late['pushes_waiting']};"
            f" the longest for {span(late['push_waiting_s_max'])}"
        )
    missing = late["events_missing"]
    if late["events_not_told"] or any(missing.values()):
        lines.append(
            f"events not told yet: {late['events_not_told']}, {late['events_not_told_max']} in one"
            f" car; gone: {missing['gap']} that cars dropped, {missing['lost']} that we lost"
        )
    if late["commands"]:
        told = ", ".join(f"{name} {count}" for name, count in late["commands"].items())
        lines.append(f"commands: {told}")
    if late["checkpoint_age_s"] is not None:
        lines.append(f"the journal was signed {span(late['checkpoint_age_s'])} ago")
    return lines


def counted_lines(counts: dict[str, int], offset_s: int) -> list[str]:
    """What the daemon has counted since its start, once a minute."""
    if not counts:
        return []
    groups: dict[str, dict[str, int]] = {}
    titles = {
        REFUSED_BY_CAR: "refused by cars", REFUSED_HERE: "refused here", NACKED: "not taken by cars"
    }  # fmt: skip
    for name, count in counts.items():
        for prefix, title in titles.items():
            if name.startswith(prefix):
                groups.setdefault(title, {})[name.removeprefix(prefix)] = count
        cause = FRAME_CAUSES.get(name)
        if cause is not None and count:
            frames = groups.setdefault("frames refused", {})
            frames[cause] = frames.get(cause, 0) + count
    at = show_time(counts["counted_s"], offset_s)
    first = (
        f"at {at}: cars connected {counts['cars_connected']}, since the start copies sent"
        f" {counts.get('snap', 0)}, changes {counts.get('delta', 0)}"
    )
    return [first] + [
        f"{title}: " + ", ".join(f"{name} {count}" for name, count in sorted(found.items()))
        for title, found in groups.items()
    ]


def _tell_line(found: Answer, offset_s: int) -> str:
    line = found["line"]
    if not found["is_served"] or line is None:
        return "no daemon is running"
    since = show_time(line["since_s"], offset_s)
    return f"cars come by {line['way']}, {line['trouble'] or 'in order'}, since {since}"
