"""`technician add|list|remove|log`, `console-answer`: who may unlock boxes, and who did."""

from __future__ import annotations

import argparse
from typing import Any

from fleetd.host.parts import Answer, Commands, open_fleet, show_time
from fleetd.ledger.findings import counted

SHOWN = 20


def add_to(commands: Commands) -> None:
    """All of them."""
    name: dict[str, Any] = {"metavar": "NAME", "help": "the person, as events shall name them"}
    commands.group("technician", "who may unlock the console of a box")
    commands.add(
        "technician add", "let somebody unlock boxes, or change how far", add,
        "python -m fleetd technician add 'Mori Ken' --level 1 --db fleet.db",
        ("name", name),
        ("--level", {"required": True, "type": int, "metavar": "N",
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
    open_fleet(arguments).remove_technician(arguments.name)
    return {"name": arguments.name, "text": f"{arguments.name} may unlock no box any more"}


def show(arguments: argparse.Namespace) -> Answer:
    fleet = open_fleet(arguments)
    found = fleet.technicians()
    lines = [
        f"{one['name']}: level {one['level']}"
        f" since {show_time(one['added_s'], fleet.rules.utc_offset_s)}"
        for one in found
    ]
    return {"technicians": found, "text": "\n".join(lines) or "nobody may unlock boxes"}


def log(arguments: argparse.Namespace) -> Answer:
    """The newest last."""
    fleet = open_fleet(arguments)
    found = fleet.technicians_log(arguments.car.lower(), SHOWN)
    offset_s = fleet.rules.utc_offset_s
    lines = [
        f"{show_time(one['at_s'], offset_s)} {one['car']} {one['event']}"
        f" ({one['question']}): {', '.join(one['who']) or 'nobody was given that answer here'}"
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


def names_text(found: list[Answer]) -> str:
    """For `journal export`: the questions in the file, and who had them answered."""
    if not found:
        return ""
    told = "; ".join(f"{one['question']}: {', '.join(one['who'])}" for one in found)
    return f"\nconsoles were unlocked, {counted(len(found), 'question')}: {told}"
