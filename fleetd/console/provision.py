"""`provision PORT`: a bare box becomes a car's; also what `car swap-box` does."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from firmware.terms import TermsError
from fleetd.arguments import DONE, parser_of, port, run, whole
from fleetd.console import answering, box_values, steps
from fleetd.console.client import BoxClient
from fleetd.console.line import Line
from fleetd.console.steps import Record, StepError
from fleetd.core import car_terms
from fleetd.core.car_terms import Choice
from fleetd.core.refused import Refused
from fleetd.host.failures import EXPECTED, UsageError, failure
from fleetd.host.parts import BY, Answer, Option, open_fleet, who_does
from fleetd.sentences import refusal
from fleetd.service import Fleet

FAILED = 1
BOARDS = ("esp32", "esp32s3", "pi")
PATIENCE_S = 180
#: A day.
PATIENCE_S_MAX = 86_400

#: What a box must be told, whoever's it is.
BOX_OPTIONS: tuple[Option, ...] = (
    ("--board", {"required": True, "choices": BOARDS, "help": "what the box is"}),
    (
        "--settings",
        {
            "type": Path,
            "metavar": "FILE",
            "help": 'JSON: {"settings": {what the car has}, "board": {what the board needs}};'
            " docs/profiles.md, boards/README.md",
        },
    ),
    ("--host", {"required": True, "help": "where the centre is, for the box"}),
    ("--mqtt-port", {"type": port, "metavar": "PORT", "help": "default: 8883, without TLS 1883"}),
    ("--tls", {"action": "store_true", "help": "with a certificate of the centre"}),
    ("--ca", {"type": Path, "metavar": "FILE", "help": "whose certificates the box believes"}),
    ("--server-name", {"metavar": "NAME", "help": "in the certificate, if not the host"}),
    ("--wifi", {"metavar": "NAME", "help": "the network that the box joins"}),
    ("--wifi-password-file", {"type": Path, "metavar": "FILE", "help": "its password"}),
    ("--network", {"choices": ("modem", "system"), "help": "in place of --wifi"}),
)
WHO_OPTIONS: tuple[Option, ...] = (
    BY,
    ("--patience", {"type": whole(0, PATIENCE_S_MAX, "number of seconds"),
                    "default": PATIENCE_S, "metavar": "SECONDS",
                    "help": "how long to wait for the first HELLO (%(default)s)"}),
)  # fmt: skip


def main(argv: list[str]) -> int:
    """The exit code."""
    return run(parser(), argv, carry_out)


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    found = parser_of(
        "-m fleetd provision",
        "Put a bare box into service: identity, keys, profile, board and settings go in over the cable\n"
        "and are read back, the daemon hears its first HELLO, and it tests itself. Interrupted at any\n"
        "step, the same command goes on; what was in service before stays in service until then.",
        "example:\n  python -m fleetd provision /dev/ttyUSB0 --db fleet.db --new-plate 'Suginami 1'"
        " --profile top24-2023 --board esp32 --host fleet.example.org --tls --ca ca.der --wifi depot"
        " --wifi-password-file wifi.txt --by mori\n"
        "  python -m fleetd provision /dev/ttyUSB0 --db fleet.db --car 4b4700000001 --board pi"
        " --host fleet.example.org --tls --ca ca.pem --by mori > suginami-1.txt\n\n"
        "Exit code 0: in service; 1: not, and why; 2: wrong usage.",
    )
    found.add_argument("port", metavar="PORT", help="as /dev/ttyUSB0")
    whose = found.add_mutually_exclusive_group(required=True)
    whose.add_argument("--car", help="one that was added and never heard, 12 hex digits")
    whose.add_argument("--new-plate", metavar="NAME", help="a new car: what people call it")
    found.add_argument("--id", default="", help="of a new car, 12 hex digits (default: by chance)")
    found.add_argument("--profile", metavar="NAME",
                       help=f"one of {', '.join(car_terms.profiles())} (default: what the car has)")  # fmt: skip
    found.add_argument("--db", "--database", dest="db", required=True, type=Path, metavar="PATH",
                       help="the database")  # fmt: skip
    for option, settings in (*BOX_OPTIONS, *WHO_OPTIONS):
        found.add_argument(option, **settings)
    found.add_argument("--json", action="store_true", help="the record in JSON")
    return found


def carry_out(arguments: argparse.Namespace) -> int:
    """The exit code; everything that may go wrong is a sentence."""
    try:
        answer = commission(arguments)
    except Refused as refused:
        return fail(arguments, refused.code, refusal(refused), FAILED)
    except TermsError as error:
        return fail(arguments, "wrong_usage", str(error), 2)
    except KeyboardInterrupt:
        return fail(arguments, "interrupted", f"interrupted; {steps.WAY_OUT}", FAILED)
    except EXPECTED as error:
        told = failure(error, arguments.db)
        return fail(arguments, told.code, told.text, told.exit_code)
    exit_code: int = answer.pop("exit_code")
    print(json.dumps(answer) if arguments.json else answer["text"])
    return exit_code


def fail(arguments: argparse.Namespace, code: str, text: str, exit_code: int) -> int:
    if arguments.json:
        print(json.dumps({"refused": code, "text": text}))
    else:
        print(text, file=sys.stderr)
    return exit_code


def progress(text: str) -> None:
    """For whoever waits; on a terminal only."""
    if sys.stderr.isatty():
        print(text, file=sys.stderr)


def commission(arguments: argparse.Namespace, *, is_swap: bool = False) -> Answer:
    """The record, and whether the box is in service."""
    plain = box_values.of(arguments)
    fleet = open_fleet(arguments)
    who = who_does(arguments)
    with Line(arguments.port) as line:
        client = BoxClient(line)
        found = steps.look(client)
        _check_board(found, arguments.board)
        car, choice = _car_of(arguments, fleet, plain["settings"], who, found)
        record = Record(car, told=progress)
        record.add("car", car, car=car)
        terms, settings = car_terms.files(choice)
        record.add("profile", choice.profile, profile=choice.profile)
        if "bare" in found:
            if not is_swap and fleet.car_was_heard(car):
                raise StepError(f"car {car} has a box that was heard; use: fleetd car swap-box")
            identity = fleet.prepare_box(car, who, is_new_box=True)
            own = {"car": car, "key": identity.key, "password": identity.password}
            data = steps.config_of(own, {**plain["config"], "terms": terms, "settings": settings})
            if plain["ca"] is not None:
                digest = steps.put_file(client, plain["config"]["ca"], plain["ca"])
                record.add("CA", f"read back, SHA-256 {digest[:16]}")
            digest = steps.put_file(client, steps.CONFIG, data)
            record.add("box.json", f"{len(data)} bytes, read back, SHA-256 {digest[:16]}",
                       sha256=digest)  # fmt: skip
            found = steps.await_box(client, car)
        elif found.get("car") != car:
            raise _not_bare(found)
        record.add("box", f"{arguments.board}, program {found.get('program', '?')}",
                   board=arguments.board, program=found.get("program"))  # fmt: skip
        # Once it is online the self-test can tell of network and copy, too.
        heard = steps.await_hello(fleet, car, arguments.patience, record)
        answers = answering.from_fleet(fleet, who, is_next=True)
        passed = steps.self_test(client, answers, record)
    title = "New box" if is_swap else "Commissioning"
    return finish(record, f"{title} of car {car} by {who}", passed=passed, heard=heard)


def finish(record: Record, title: str, *, passed: bool, heard: bool) -> Answer:
    """The record, for people and programs."""
    is_good = passed and heard
    result = "in service" if heard else f"NOT in service yet; {steps.WAY_OUT}"
    if not passed:
        result += "; the self-test is NOT in order: see above, docs/technician.md"
    record.add("result", result, ok=is_good)
    text = record.text(title)
    return {**record.values, "text": text, "exit_code": DONE if is_good else FAILED}


def _not_bare(found: dict[str, str]) -> StepError:
    return StepError(
        f"the box is that of car {found.get('car')}, not bare; to use it here: unlock 2, bare"
    )


def _car_of(
    arguments: argparse.Namespace,
    fleet: Fleet,
    settings: dict[str, Any],
    who: str,
    found: dict[str, str],
) -> tuple[str, Choice]:
    """Whose box it becomes, and what it goes by; a new car is made where the box is bare."""
    if getattr(arguments, "new_plate", None) is not None and not _known(arguments, fleet):
        if "bare" not in found:
            raise _not_bare(found)
        choice = car_terms.changed(Choice(arguments.profile or fleet.profile), None, settings)
        car_terms.record(choice)
        return fleet.add_car(arguments.new_plate, arguments.id, terms=choice).car, choice
    car = str(arguments.car).lower()
    before = fleet.choice_of(car)
    profile = getattr(arguments, "profile", None)
    if before is None and profile is None:
        raise UsageError(f"--profile: car {car} has none here; give the one that it goes by")
    choice = car_terms.changed(before or Choice(str(profile)), profile, settings)
    car_terms.record(choice)
    if choice != before:
        fleet.set_car_terms(car, profile, settings, who)
    return car, choice


def _known(arguments: argparse.Namespace, fleet: Fleet) -> bool:
    """Whether the new car was made by an earlier try; then it goes on with that one."""
    for car in fleet.cars():
        if car["name"] == arguments.new_plate and arguments.id.lower() in ("", car["car"]):
            if fleet.car_was_heard(car["car"]):
                raise UsageError(
                    f"--new-plate: {car['car']} has that name; use: fleetd car swap-box"
                )
            arguments.car = car["car"]
            return True
    return False


def _check_board(found: dict[str, str], board: str) -> None:
    told = found.get("board", "")
    if "bare" in found and told in BOARDS and told != board:
        raise StepError(f"the box says that it is {told}, not {board}; give --board {told}")
