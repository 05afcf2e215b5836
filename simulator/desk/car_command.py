"""python -m simulator car: one simulated car whose daemon is another process."""

from __future__ import annotations

import argparse
import json
import re
import signal
import sys
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from fleetd.arguments import Parser, own_port
from simulator.centre import CarIdentity
from simulator.desk.accounts import read_accounts
from simulator.desk.car_process import CarProcess, Desk
from simulator.desk.flash_file import FlashFileError
from simulator.desk.state_files import StateError, lock, make_folder, read_json
from simulator.live import machine
from simulator.live.arguments import add_story, read_story
from simulator.live.terminal import LeaveError
from simulator.scenario.problem import StoryError
from simulator.vm.program import ProgramError

DONE, FAILED, USAGE = 0, 1, 2
_CAR = re.compile("[0-9a-f]{12}")
_KEY = re.compile("[0-9a-f]{64}")


def parser() -> argparse.ArgumentParser:
    found = Parser(
        prog="python -m simulator car",
        description="One simulated car with its drivers' phones, beside a running daemon.",
        epilog="example:\n  python -m simulator car --state build/desk --centre mqtt://127.0.0.1:1883"
        " --phones http://127.0.0.1:8080\n      --db build/desk/fleet.db"
        " --identity build/desk/identity.json\n\n"
        "python -m simulator run starts it and all around it. Killed and started again, the car is"
        "\nas it was, and its box boots as after a power cut. Exit code 0: it was ended; 1: it\n"
        "cannot run, and why; 2: the arguments or the story are wrong.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    found.add_argument("--state", required=True, type=Path, metavar="DIR", help="what it remembers")
    found.add_argument("--centre", required=True, type=_address, metavar="URL",
                       help="the daemon's cars' port, as mqtt://127.0.0.1:1883")  # fmt: skip
    found.add_argument("--phones", required=True, type=_address, metavar="URL",
                       help="the daemon's phones' port, as http://127.0.0.1:8080")  # fmt: skip
    found.add_argument("--db", required=True, type=Path, metavar="FILE",
                       help="the daemon's database, which is only read")  # fmt: skip
    found.add_argument("--identity", required=True, type=Path, metavar="FILE",
                       help="from python -m fleetd car add")  # fmt: skip
    found.add_argument("--feed-port", type=own_port, default=0, metavar="PORT",
                       help="where views connect; 0: any that is free (0)")  # fmt: skip
    found.add_argument("--hold", action="store_true",
                       help="the story waits before its first step until a view wants it")  # fmt: skip
    add_story(found)
    return found


def main(argv: list[str]) -> int:
    """The exit code."""
    arguments = parser().parse_args(argv)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        return _run(arguments)
    except LeaveError as leave:
        return leave.code
    except (StoryError, _UsageError) as error:
        print(error, file=sys.stderr)
        return USAGE
    except (StateError, FlashFileError) as error:
        print(error, file=sys.stderr)
    except ProgramError as error:
        print(f"the program of the box does not start: {error}", file=sys.stderr)
    except OSError as error:
        print(f"--feed-port {arguments.feed_port}: {error.strerror}", file=sys.stderr)
    return FAILED


class _UsageError(Exception):
    pass


def _run(arguments: argparse.Namespace) -> int:
    lacking = machine.missing(arguments.vm)
    if lacking:
        raise _UsageError(lacking)
    story, terms = read_story(arguments)
    make_folder(arguments.state)
    lock(arguments.state / "car.lock")
    (host, mqtt_port), (_, http_port) = arguments.centre, arguments.phones
    desk = Desk(
        folder=arguments.state,
        daemon=host,
        mqtt_port=mqtt_port,
        http_port=http_port,
        database=arguments.db,
        identity=_read_identity(arguments.identity),
        accounts=read_accounts(arguments.state),
    )
    process = CarProcess(
        desk, story, terms, arguments.vm, arguments.speed, arguments.feed_port,
        holds=arguments.hold,
    )  # fmt: skip
    print(json.dumps({"feed": f"127.0.0.1:{process.feed.port}"}), flush=True)
    try:
        process.run()
    finally:
        process.close()
    return DONE


def _read_identity(path: Path) -> CarIdentity:
    found = read_json(path)
    try:
        assert found is not None
        identity = CarIdentity(str(found["car"]), str(found["key"]), str(found["password"]))
        assert _CAR.fullmatch(identity.car)
        assert _KEY.fullmatch(identity.key)
        return identity
    except (AssertionError, KeyError):
        raise _UsageError(
            f"--identity {path}: holds no identity; python -m fleetd car add makes one"
        ) from None


def _address(text: str) -> tuple[str, int]:
    found = urlsplit(text)
    try:
        number = found.port
    except ValueError:
        number = None
    if not found.scheme or not found.hostname or not number:
        raise argparse.ArgumentTypeError(
            f"{text} is no address; write it like mqtt://127.0.0.1:1883"
        )
    return found.hostname, number


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise LeaveError
