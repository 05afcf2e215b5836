"""What the operator sees of one booking on the host: `booking`."""

from __future__ import annotations

import argparse
from typing import Any

from fleetd.arguments import whole
from fleetd.core import distance
from fleetd.host.parts import Answer, Commands, open_fleet, show_time

_BY = {
    distance.PULSES: "by wheel pulses",
    distance.POSITIONS: "by positions",
    distance.NONE: "no odometer",
    None: "source not told",
}


def add_to(commands: Commands) -> None:
    commands.add(
        "booking", "show a booking: times, distance and what it rests on, how the car was left",
        booking, "python -m fleetd booking 17 --db fleet.db",
        ("number", {"type": whole(1, 2**31 - 1, "number of a booking"), "metavar": "NUMBER", "help": "the booking's number"}),
    )  # fmt: skip


def booking(arguments: argparse.Namespace) -> Answer:
    fleet = open_fleet(arguments)
    found = fleet.booking(None, arguments.number)
    return {**found, "text": "\n".join(_lines(found, fleet.rules.utc_offset_s))}


def _lines(found: dict[str, Any], offset_s: int) -> list[str]:
    def shown(name: str) -> str:
        return show_time(found[name], offset_s) if found[name] is not None else "?"

    head = (
        f"booking {found['id']}: car {found['car']} for {found['driver']},"
        f" {shown('starts_s')} to {shown('ends_s')}, {found['state'].replace('_', ' ')}"
    )
    lines = [head]
    if found["ended_s"] is not None:
        lines.append(f"used from {shown('started_s')} to {shown('ended_s')}, {_distance(found)}")
    elif found["started_s"] is not None:
        lines.append(f"used since {shown('started_s')}")
    if found["end_latitude_udeg"] is not None:
        north, east = found["end_latitude_udeg"] / 1e6, found["end_longitude_udeg"] / 1e6
        lines.append(f"ended at {north:.6f}, {east:.6f}")
    left = {"end_lights_on": "the lights on", "end_window_open": "a window open"}
    told = [words for name, words in left.items() if found[name]]
    if told:
        lines.append(f"ended with {' and '.join(told)}")
    if found["needs_review"]:
        lines.append("to be reviewed by staff (docs/profiles.md, cannot_tell)")
    return lines


def _distance(found: dict[str, Any]) -> str:
    """With its source, for a fee is no better than that."""
    start, end = found["start_odometer_source"], found["end_odometer_source"]
    if found["distance_m"] is not None:
        return f"{found['distance_m'] / 1000:.1f} km, {_BY[end]}"
    if start != end:
        return f"distance not known: {_BY[start]} at the start, {_BY[end]} at the end"
    if found["start_odometer_m"] is None or found["end_odometer_m"] is None:
        return f"distance not known: {_BY[end]}"
    went = f"{found['start_odometer_m']} m to {found['end_odometer_m']} m"
    return f"distance not known: the odometer went from {went}"
