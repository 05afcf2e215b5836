"""car position, car maintenance: asked beside the daemon that sends it, and waited for (POS-1)."""

import json
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from firmware.wire import codes
from firmware.wire.journal_format import FLAG_POSITION_VALID
from fleetd.commands import EXPIRY_S, PENDING_MAX
from fleetd.host.command_line import main
from fleetd.service import Fleet
from fleetd.store.database import open_existing
from tests.fleetd.rig import CAR, Desk, ScriptedCar, exchange, online

Run = Callable[..., tuple[int, str]]
WHY = ("--why", "overdue, no answer")


@pytest.fixture
def run(desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A command of the operator, beside a daemon that goes on with its car meanwhile."""

    def open_fleet(_arguments: object) -> Fleet:
        return Fleet(open_existing(Path(desk.path)), lambda _car, _frame: None, desk.clock)

    monkeypatch.setattr("fleetd.host.asking_commands.open_fleet", open_fleet)

    def found(meanwhile: Callable[[], None], *words: str) -> tuple[int, str]:
        codes_: list[int] = []
        command = [*words, "--db", str(desk.path)]
        asking = threading.Thread(target=lambda: codes_.append(main(command)))
        asking.start()
        while asking.is_alive():
            desk.fleet.tick()
            meanwhile()
            asking.join(0.02)
        seen = capsys.readouterr()
        return codes_[0], (seen.out + seen.err).strip()

    return found


class Answering:
    """A car that tells its place with its answer."""

    def __init__(self, desk: Desk, flags: int) -> None:
        self.desk, self.flags = desk, flags
        self.car: ScriptedCar = online(desk)
        self._told = 0
        #: Its answer is there before what it tells: turns in between.
        self.late = 0

    def __call__(self) -> None:
        exchange(self.desk, self.car)
        if self.car.acts[self._told :] and self.late:
            self.late -= 1
            return
        for command in self.car.acts[self._told :]:
            self._told += 1
            cause = struct.pack(">B8s", codes.BY_COMMAND, command.command)
            place = struct.pack(">iiB", 35_701_230, 139_616_230, self.flags)
            self.car.happen(codes.AUDIT_COMMAND_RECEIVED, 0, cause)
            self.car.happen(codes.AUDIT_POSITION_REPORTED, 0, cause + place)
        self.car.tell()


def test_pos_1_where_the_car_is(desk: Desk, run: Run) -> None:
    car = Answering(desk, FLAG_POSITION_VALID)
    exit_code, said = run(car, "car", "position", CAR, *WHY, "--by", "Sato")
    assert (exit_code, said) == (0, f"car {CAR} is at 35.701230, 139.616230")
    told = json.loads(run(car, "car", "position", CAR, *WHY, "--by", "Sato", "--json")[1])
    assert told["place"] == {"latitude_udeg": 35_701_230, "longitude_udeg": 139_616_230}
    assert (told["verb"], told["who"], told["why"]) == ("position", "Sato", "overdue, no answer")


def test_pos_1_the_place_may_come_after_the_answer(desk: Desk, run: Run) -> None:
    car = Answering(desk, FLAG_POSITION_VALID)
    car.late = 15
    exit_code, said = run(car, "car", "position", CAR, *WHY)
    assert (exit_code, said) == (0, f"car {CAR} is at 35.701230, 139.616230")


def test_pos_1_a_place_that_does_not_come(
    desk: Desk, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    car = Answering(desk, FLAG_POSITION_VALID)
    car.late = never = 10**9

    class Time:
        """It is over with the answer."""

        sleep = staticmethod(time.sleep)

        @staticmethod
        def monotonic() -> float:
            return 0.0 if car.late == never else 2.0

    monkeypatch.setattr("fleetd.host.asking_commands.time", Time)
    exit_code, said = run(car, "car", "position", CAR, *WHY, "--wait", "1")
    assert (exit_code, said) == (1, f"car {CAR} has not told yet where it is; ask again")


def test_pos_1_a_car_that_cannot_tell(desk: Desk, run: Run) -> None:
    found = run(Answering(desk, 0), "car", "position", CAR, *WHY)
    assert found == (0, f"car {CAR} cannot tell where it is")


def test_staff_car_1_out_of_service_and_back(desk: Desk, run: Run) -> None:
    car = Answering(desk, 0)
    words = ("car", "maintenance", CAR)
    found = run(car, *words, "on", *WHY)
    assert found == (0, f"car {CAR} is in maintenance: no driver can start it")
    assert desk.car_row().maintenance_since_s is not None
    assert run(car, *words, "off", *WHY) == (0, f"car {CAR} is back in service")
    assert [act.verb for act in car.car.acts] == [
        codes.VERB_MAINTENANCE_ON, codes.VERB_MAINTENANCE_OFF,
    ]  # fmt: skip


def test_a_car_that_is_not_there(desk: Desk, run: Run) -> None:
    def pass_time() -> None:
        desk.clock.now_s += EXPIRY_S

    exit_code, said = run(pass_time, "car", "position", CAR, *WHY)
    assert exit_code == 1
    assert said.startswith(f"car {CAR}: The car could not be reached; nothing was done. When was")
    exit_code, said = run(lambda: None, "car", "position", CAR, *WHY, "--wait", "0")
    assert (exit_code, said) == (
        1, f"car {CAR}: not sent yet; is the daemon running (fleetd status)?"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "exit_code", "said"),
    [
        (("position", "4b4700000099", *WHY), 1, "4b4700000099: There is no such car"),
        (("position", CAR, "--why", " "), 2, "--why: give 1 to 200 characters"),
        (("position", CAR), 2, "required: --why"),
        (("maintenance", CAR, "maybe", *WHY), 2, "maybe"),
        (("position", CAR, *WHY, "--wait", "301"), 2, "--wait"),
    ],
)
def test_what_cannot_be_asked(run: Run, words: tuple[str, ...], exit_code: int, said: str) -> None:
    found = run(lambda: None, "car", *words)
    assert found[0] == exit_code
    assert said in found[1]


def test_what_stands_in_the_way_is_told_to_an_operator(desk: Desk, run: Run) -> None:
    """Not to the driver, who would choose another car, or end the use."""
    for _ in range(PENDING_MAX):
        desk.fleet.ask_position(CAR, "Sato", "where")
    exit_code, said = run(lambda: None, "car", "position", CAR, *WHY)
    assert exit_code == 1
    assert said.startswith(f"{CAR}: This car was asked so much already")
    desk.fleet.block_car(CAR, "Sato", "stolen")
    exit_code, said = run(lambda: None, "car", "maintenance", CAR, "on", *WHY)
    assert exit_code == 1
    assert said.startswith(f"{CAR}: This car is blocked. Let it in again with: car unblock;")
