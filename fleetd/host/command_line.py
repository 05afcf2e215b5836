"""What the operator does on the host: every command, and what becomes of its answer."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from importlib import import_module

from fleetd.arguments import DONE, parser_of, run
from fleetd.console import swaps
from fleetd.core.refused import Refused
from fleetd.host import (
    alarms,
    asking_commands,
    backup,
    booking_commands,
    broker_files,
    car_commands,
    restore,
    status,
    technician_commands,
)
from fleetd.host import fleet_commands as host_commands
from fleetd.host.failures import EXPECTED, failure
from fleetd.host.parts import Commands
from fleetd.sentences import refusal

REFUSED = 1

#: Which argument a refusal is about, where there is one: what was given stands before the sentence.
_SUBJECTS = {
    "bad_car_id": ("id",),
    "bad_day": ("licence_until",),
    "bad_mail": ("mail",),
    "bad_member_id": ("id",),
    "bad_name": ("name",),
    "bad_question": ("question",),
    "car_exists": ("id",),
    "member_exists": ("id",),
    "no_alarm": ("number",),
    "car_is_asked": ("car",),
    "car_is_blocked": ("car",),
    "car_not_blocked": ("car",),
    "car_retired": ("car",),
    "key_change_running": ("car",),
    "no_car": ("car",),
    "no_driver": ("driver",),
    "no_such_booking": ("number",),
    "no_technician": ("by", "name"),
}

#: Who brings which commands; a line each, in the order in which `--help` lists them.
GROUPS: tuple[Callable[[Commands], None], ...] = (
    host_commands.add_to,
    booking_commands.add_to,
    car_commands.add_to,
    asking_commands.add_to,
    swaps.add_to,
    technician_commands.add_to,
    status.add_to,
    alarms.add_to,
    backup.add_to,
    restore.add_to,
    broker_files.add_to,
)
#: Programs with a command line of their own: `main(argv)` of the module.
PROGRAMS = {
    "serve": ("fleetd.serving.serve", "run the daemon"),
    "journal": (
        "fleetd.host.journal_commands",
        "the signed journal: export it, verify it, its key",
    ),
    "console": ("fleetd.console.terminal", "the console of a box at the end of a cable"),
    "provision": ("fleetd.console.provision", "put a bare box into service"),
    "decode": ("fleetd.host.decode_commands", "frames and events in words"),
}


def parser() -> argparse.ArgumentParser:
    """All commands and their arguments."""
    found = parser_of(
        "-m fleetd",
        "The daemon of a car-sharing fleet, and what its operator does on the host.",
        "example:\n  python -m fleetd init --db fleet.db --profile jparc-2023\n\n"
        "Exit code 0: done; 1: the answer is no, or it failed; 2: wrong usage.",
    )
    commands = Commands(found)
    for add_to in GROUPS:
        add_to(commands)
    for name, (_, what) in PROGRAMS.items():
        commands.add_program(name, what)
    return found


def main(argv: list[str]) -> int:
    """The exit code."""
    if argv and argv[0] in PROGRAMS:
        module, _ = PROGRAMS[argv[0]]
        program_code: int = import_module(module).main(argv[1:])
        return program_code
    return run(parser(), argv, _carry_out)


def _carry_out(arguments: argparse.Namespace) -> int:
    try:
        answer = arguments.run(arguments)
    except Refused as refused:
        return _fail(
            arguments, refused.code, refusal(refused, _given(arguments, refused.code)), REFUSED
        )
    except EXPECTED as error:
        found = failure(error, arguments.db)
        return _fail(arguments, found.code, found.text, found.exit_code)
    exit_code: int = answer.pop("exit_code", DONE)
    print(json.dumps(answer) if arguments.json else answer["text"])
    return exit_code


def _given(arguments: argparse.Namespace, code: str) -> str:
    """`KAG00009999: There is no such driver. ...`; what was left out is not named."""
    told = (getattr(arguments, name, None) for name in _SUBJECTS.get(code, ()))
    return next((str(given) for given in told if given not in (None, "")), "")


def _fail(arguments: argparse.Namespace, code: str, text: str, exit_code: int) -> int:
    if arguments.json:
        print(json.dumps({"refused": code, "text": text}))
    else:
        print(text, file=sys.stderr)
    return exit_code
