"""`technician add|list|remove|card|pin|log`, `console-answer`: who may unlock boxes, and who did."""

from __future__ import annotations

import argparse
import re
from datetime import date
from typing import Any

from firmware.wire.console_key import LEVELS
from fleetd.arguments import whole
from fleetd.host.failures import UsageError
from fleetd.host.parts import Answer, Commands, open_fleet, show_time
from fleetd.ledger.findings import counted
from fleetd.people import card_shown

SHOWN = 20


def add_to(commands: Commands) -> None:
    """All of them."""
    name: dict[str, Any] = {"metavar": "NAME", "help": "the person, as events shall name them"}
    commands.group("technician", "who may unlock the console of a box")
    commands.add(
        "technician add", "let somebody unlock boxes, or change how far", add,
        "python -m fleetd technician add 'Mori Ken' --level 1 --db fleet.db",
        ("name", name),
        ("--level", {"required": True, "type": whole(1, LEVELS, "level"), "metavar": "N",
                     "help": "1 technician, 2 workshop, 3 the interpreter's prompt"}),
    )  # fmt: skip
    commands.add(
        "technician remove", "let somebody unlock boxes no more", remove,
        "python -m fleetd technician remove 'Mori Ken' --db fleet.db",
        ("name", name),
    )  # fmt: skip
    commands.add(
        "technician list", "who may unlock boxes, and how far", show,
        "python -m fleetd technician list --db fleet.db",
    )  # fmt: skip
    commands.add(
        "technician card", "give a technician a staff card, which opens every car, or end one", card,
        "python -m fleetd technician card 'Mori Ken' 0101060112AB34CD --db fleet.db",
        ("name", name),
        ("card", {"metavar": "IDM", "help": "the card's number, 16 hex digits"}),
        ("--remove", {"action": "store_true", "help": "it is lost, or given back"}),
    )  # fmt: skip
    commands.add(
        "technician pin", "the PIN of a technician's staff card in a car on a day", pin,
        "python -m fleetd technician pin 'Mori Ken' 4b4700000001 --day 2026-04-02 --db fleet.db",
        ("name", name),
        ("car", {"metavar": "CAR", "help": "12 hex digits, as `version` at the box tells"}),
        ("--day", {"metavar": "DAY", "default": "",
                   "help": "as 2026-04-02, a week ahead at most (default: today in Japan)"}),
    )  # fmt: skip
    commands.add(
        "technician log", "what was done at consoles, and by whom", log,
        "python -m fleetd technician log --db fleet.db --car 4b4700000001",
        ("--car", {"default": "", "help": "of this car only, 12 hex digits"}),
    )  # fmt: skip
    commands.add(
        "console-answer", "answer a box's question, so that its console unlocks", answer,
        "python -m fleetd console-answer 4b4700000001 KB1-7Q2M-9XCD-1 --db fleet.db --by 'Mori Ken'",
        ("car", {"metavar": "CAR", "help": "12 hex digits, as `version` at the box tells"}),
        ("question", {"metavar": "QUESTION", "help": "as `unlock` at the box shows it"}),
        ("--by", {"required": True, "metavar": "NAME", "help": "who asks; the record keeps it"}),
        ("--next-box", {"action": "store_true",
                        "help": "of the box that was provisioned and not heard yet"}),
    )  # fmt: skip


def add(arguments: argparse.Namespace) -> Answer:
    open_fleet(arguments).put_technician(arguments.name, arguments.level)
    text = f"{arguments.name} may unlock boxes up to level {arguments.level}"
    return {"name": arguments.name, "level": arguments.level, "text": text}


def remove(arguments: argparse.Namespace) -> Answer:
    cards = open_fleet(arguments).remove_technician(arguments.name)
    text = f"{arguments.name} may unlock no box any more"
    if cards:
        text += f"; staff cards that are taken out of the cars: {cards}"
    return {"name": arguments.name, "cards": cards, "text": text}


def show(arguments: argparse.Namespace) -> Answer:
    fleet = open_fleet(arguments)
    found = fleet.technicians()
    lines = [
        f"{one['name']}: level {one['level']}"
        f" since {show_time(one['added_s'], fleet.rules.utc_offset_s)}"
        + "".join(f", card {shown}" for shown in one["cards"])
        for one in found
    ]
    return {"technicians": found, "text": "\n".join(lines) or "nobody may unlock boxes"}


def card(arguments: argparse.Namespace) -> Answer:
    if not re.fullmatch(r"[0-9A-Fa-f]{16}", arguments.card):
        raise UsageError("IDM: a card's number is 16 hex digits, as 0101060112AB34CD")
    fleet, identifier = open_fleet(arguments), bytes.fromhex(arguments.card)
    shown = card_shown(identifier)
    if arguments.remove:
        fleet.remove_technician_card(arguments.name, identifier)
        text = f"card {shown} is {arguments.name}'s no more, in each car once that is heard"
    else:
        fleet.put_technician_card(arguments.name, identifier)
        text = f"card {shown} is {arguments.name}'s; every car learns of it"
    return {"name": arguments.name, "card": shown, "text": text}


def pin(arguments: argparse.Namespace) -> Answer:
    """For eyes only: it is kept nowhere, not even here."""
    day, found = open_fleet(arguments).technician_pins(
        arguments.car.lower(), arguments.name, _day(arguments.day)
    )
    lines = []
    for one in found:
        lines.append(f"card {one.card}, car {arguments.car.lower()}, {day} in Japan: {one.pin}")
        if one.after_change:
            lines.append(f"  once the car has taken its new key: {one.after_change}")
    pins = [{"card": one.card, "pin": one.pin, "after_change": one.after_change} for one in found]
    answer = {"car": arguments.car.lower(), "day": str(day), "pins": pins}
    return {**answer, "text": "\n".join(lines)}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"--day {text}: is no day; write it as 2026-04-02") from None


def log(arguments: argparse.Namespace) -> Answer:
    """The newest last."""
    fleet = open_fleet(arguments)
    found = fleet.technicians_log(arguments.car.lower(), SHOWN)
    offset_s = fleet.rules.utc_offset_s
    lines = [
        f"{show_time(one['at_s'], offset_s)} {one['car']} {one['event']}"
        f" ({one.get('question') or 'card ' + one['card']}):"
        f" {', '.join(one['who']) or 'nobody was given that answer here'}"
        for one in found
    ]
    return {"events": found, "text": "\n".join(lines) or "no console was unlocked"}


def answer(arguments: argparse.Namespace) -> Answer:
    found = open_fleet(arguments).answer_console(
        arguments.car.lower(), arguments.question, arguments.by, is_next=arguments.next_box
    )
    return {
        "car": found.car, "level": found.level, "answer": found.answer, "text": found.answer,
    }  # fmt: skip


def console_lines(answers: list[Answer], offset_s: int) -> list[str]:
    """For `status`: whom boxes were unlocked for, the newest first."""
    return [
        f"console of {one['car']}: {one['who']} had question {one['nonce']} answered,"
        f" level {one['level']}, {show_time(one['at_s'], offset_s)}"
        for one in answers
    ]


def pin_lines(pins: list[Answer], offset_s: int) -> list[str]:
    """For `status`: whom PINs were told, the newest first."""
    return [
        f"console of {one['car']}: {one['who']} was told the PIN of {one['day']} for card"
        f" {one['card']}, {show_time(one['at_s'], offset_s)}"
        for one in pins
    ]


def names_text(found: list[Answer]) -> str:
    """For `journal export`: the questions in the file, and who had them answered."""
    if not found:
        return ""
    told = "; ".join(
        f"{one.get('question') or 'card ' + one['card']}: {', '.join(one['who'])}" for one in found
    )
    return f"\nconsoles were unlocked, {counted(len(found), 'event')}: {told}"
