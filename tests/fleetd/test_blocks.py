"""A car that is shut out: what it says counts for nothing, and nothing is said to it, until somebody says so."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from firmware.wire import codes, kb1
from fleetd.core.refused import Refused
from fleetd.host.command_line import main
from tests.fleetd.rig import (
    CAR,
    HOUR_S,
    NOW_S,
    OTHER_CAR,
    Desk,
    ScriptedCar,
    exchange,
    online,
    records_of,
    settle,
)

WHO = ("Mori", "box stolen")


def row(desk: Desk) -> dict[str, Any]:
    found: dict[str, Any] = desk.fleet.status()["cars"][0]
    return found


def say_everything(desk: Desk, car: ScriptedCar) -> None:
    """One frame of each kind, each with the car's own key."""
    car.hello(asking=True)
    car.happen(codes.AUDIT_KEY_OUT)
    car.tell()
    desk.fleet.receive(CAR, car.frame(kb1.RESULT, kb1.pack_result(bytes(8), True, [], b"", 0, 0)))
    desk.fleet.receive(CAR, car.frame(kb1.NACK, kb1.pack_nack(kb1.SNAP, 2, 1, 0)))
    now_s = int(desk.clock.now_s)
    desk.fleet.receive(CAR, car.frame(kb1.TELEMETRY, kb1.pack_telemetry(now_s, 1, 1, 0, 0, False)))


def test_nothing_that_it_says_counts(desk: Desk) -> None:
    car = online(desk)
    desk.fleet.block_car(CAR, *WHO)
    before, events = desk.car_row(), desk.fleet.status()["events"]
    desk.clock.now_s += 1
    say_everything(desk, car)
    assert (desk.car_row(), desk.fleet.status()["events"]) == (before, events)
    assert desk.taken() == []
    assert desk.fleet.counts["frame_of_blocked_car"] == 5
    assert desk.db.row("SELECT count(*) FROM telemetry")[0] == 0


def test_nothing_is_said_to_it_from_the_moment_on(desk: Desk) -> None:
    """The command line is another process: the daemon's own memory says that the car is there."""
    car = online(desk)
    number = desk.fleet.book(desk.driver, CAR, NOW_S + HOUR_S, NOW_S + 2 * HOUR_S)["id"]
    settle(desk, car)
    command = desk.fleet.operate(desk.driver, number, "lock", "k1")
    desk.taken()
    desk.fleet.block_car(CAR, *WHO)
    desk.fleet.add_staff_card(bytes(range(8)), "Mori")
    for _ in range(40):
        desk.clock.now_s += 1
        desk.fleet.tick()
    assert desk.taken() == []
    assert desk.fleet.command(command)["status"] == "unknown"
    assert desk.fleet.cars_connected == 0
    for ask in (
        lambda: desk.fleet.operate(desk.driver, number, "start", "k2"),
        lambda: desk.fleet.book(desk.other, CAR, NOW_S + 5 * HOUR_S, NOW_S + 6 * HOUR_S),
        lambda: desk.fleet.change(desk.driver, number, NOW_S + 5 * HOUR_S, NOW_S + 6 * HOUR_S),
        lambda: desk.fleet.extend(desk.driver, number, HOUR_S),
        lambda: desk.fleet.free_times(desk.driver, CAR, NOW_S, NOW_S + HOUR_S),
    ):
        with pytest.raises(Refused, match="car_blocked"):
            ask()
    with pytest.raises(Refused, match="car_is_blocked"):
        desk.fleet.ask_position(CAR, "Mori", "where")
    found = desk.fleet.booking(desk.driver, number)["objections"]
    assert (found["change"], found["cancel"]) == ("car_blocked", "")
    desk.clock.now_s = NOW_S + HOUR_S
    found = desk.fleet.booking(desk.driver, number)["objections"]
    assert found["start"] == "car_blocked"
    assert desk.fleet.cars() == []
    assert desk.fleet.car_names() == {CAR: "Suginami 1"}


def test_its_connection_ends_and_its_log_in_is_refused(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    online(desk)
    cut: list[str] = []
    monkeypatch.setattr(desk.fleet, "cut", cut.append)
    password = desk.identity.password.encode()
    assert desk.fleet.check_car_login(CAR, password)
    desk.fleet.block_car(CAR, *WHO)
    for _ in range(10):
        desk.clock.now_s += 1
        desk.fleet.tick()
    assert cut == [CAR]
    assert not desk.fleet.check_car_login(CAR, password)
    assert desk.fleet.counts["login_of_blocked_car"] == 1
    desk.fleet.unblock_car(CAR, *WHO)
    assert desk.fleet.check_car_login(CAR, password)


def test_its_connection_ends_though_a_commit_fails(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    online(desk)
    cut: list[str] = []
    monkeypatch.setattr(desk.fleet, "cut", cut.append)
    desk.fleet.block_car(CAR, *WHO)
    desk.clock.now_s += 10

    def fails(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as broken:
        broken.setattr("fleetd.service.signing.sign_if_due", fails)
        with pytest.raises(sqlite3.OperationalError):
            desk.fleet.tick()
    for _ in range(10):
        desk.clock.now_s += 1
        desk.fleet.tick()
    assert cut == [CAR]


def test_unblocked_it_is_as_it_was(desk: Desk) -> None:
    """What it could not tell it tells then, and what it missed it takes."""
    car = online(desk)
    desk.fleet.block_car(CAR, *WHO)
    say_everything(desk, car)
    for _ in range(10):
        desk.clock.now_s += 1
        desk.fleet.tick()
    desk.fleet.unblock_car(CAR, *WHO)
    assert row(desk)["blocked_since_s"] is None
    desk.fleet.connected(CAR)
    car.hello()
    car.tell()
    number = desk.fleet.book(desk.driver, CAR, NOW_S + HOUR_S, NOW_S + 2 * HOUR_S)["id"]
    settle(desk, car)
    assert car.acked == len(car.events) == 1
    assert car.records == records_of(desk.db)
    assert desk.fleet.receipts(number)["state"] == "in_car"


def test_it_is_in_no_figure_but_its_own(desk: Desk) -> None:
    """What a thief's box said of itself, and what is late in a car that is shut out, alarm nobody."""
    car = online(desk)
    for _ in range(12):
        car.happen(codes.AUDIT_DOOR_OPENED)
    desk.clock.now_s += 1
    car.hello()
    assert desk.fleet.figures()["events_not_told"] == 12
    desk.fleet.block_car(CAR, *WHO)
    desk.fleet.add_staff_card(bytes(range(8)), "Mori")
    desk.fleet.tick()
    desk.clock.now_s += 48 * HOUR_S
    desk.fleet.tick()
    found = desk.fleet.figures()
    assert (found["cars"], found["cars_blocked"], found["cars_retired"]) == (0, 1, 0)
    for name in ("events_not_told", "pushes_waiting", "silence_s_max", "cars_never_heard"):
        assert found[name] == 0, name
    assert desk.alarms() == []
    desk.fleet.retire_car(CAR, *WHO)
    found = desk.fleet.figures()
    assert (found["cars_blocked"], found["cars_retired"]) == (0, 1)


def test_another_car_does_not_notice(desk: Desk) -> None:
    online(desk)
    identity = desk.fleet.add_car("Suginami 2", OTHER_CAR)
    other = ScriptedCar(
        OTHER_CAR, identity.key, lambda frame: desk.fleet.receive(OTHER_CAR, frame), desk.clock
    )
    desk.fleet.block_car(CAR, *WHO)
    other.hello()
    for frame in desk.taken(OTHER_CAR):
        other.hear(frame)
    assert other.gen == 1
    assert [car["car"] for car in desk.fleet.cars()] == [OTHER_CAR]


def test_a_retired_car_stays_so(desk: Desk) -> None:
    car = online(desk)
    waiting = desk.fleet.prepare_box(CAR, "Mori", is_new_box=True)
    desk.fleet.retire_car(CAR, *WHO)
    for again in (desk.fleet.block_car, desk.fleet.unblock_car, desk.fleet.retire_car):
        with pytest.raises(Refused, match="car_retired"):
            again(CAR, *WHO)
    for vain in (
        lambda: desk.fleet.rotate_key(CAR, "Mori"),
        lambda: desk.fleet.prepare_box(CAR, "Mori", is_new_box=True),
        lambda: desk.fleet.set_car_terms(CAR, None, {"relock_s": 90}, "Mori"),
        lambda: desk.fleet.ask_position(CAR, *WHO),
    ):
        with pytest.raises(Refused, match="car_retired"):
            vain()
    with pytest.raises(Refused, match="no_car"):
        desk.fleet.book(desk.driver, CAR, NOW_S + HOUR_S, NOW_S + 2 * HOUR_S)
    box = ScriptedCar(
        CAR, waiting.key, lambda frame: desk.fleet.receive(CAR, frame), desk.clock, seed=2
    )
    for one in (car, box):
        one.hello()
        exchange(desk, one)
    assert box.gen == 0
    assert not desk.fleet.check_car_login(CAR, waiting.password.encode())


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr("time.time", lambda: float(NOW_S + HOUR_S))

    def call(*words: str) -> tuple[int, str, str]:
        exit_code = main([*words, "--db", str(desk.path)])
        seen = capsys.readouterr()
        return exit_code, seen.out, seen.err

    return call


def test_the_operator_says_who_and_why_and_sees_it(desk: Desk, run: Run) -> None:
    desk.fleet.book(desk.driver, CAR, NOW_S + HOUR_S, NOW_S + 2 * HOUR_S)
    words = (CAR, "--by", "Mori", "--why", "box stolen")
    exit_code, out, _ = run("car", "block", CAR.upper(), *words[1:])  # as on a label
    assert exit_code == 0
    assert out.startswith(f"car {CAR} is blocked: nothing that it says counts, and nothing is")
    assert out.endswith("; 1 booking of it to be moved by you\n")
    assert "blocked since 2026-04-01 10:00 by Mori: box stolen\n" in run("status")[1]
    exit_code, _, err = run("car", "block", *words)
    assert (exit_code, err.startswith(f"{CAR}: This car is blocked.")) == (1, True)
    assert run("car", "unblock", *words)[0] == 0
    assert "blocked" not in run("status")[1]
    assert run("car", "unblock", *words)[0] == 1
    assert run("car", "retire", *words)[0] == 0
    assert ", retired since 2026-04-01 10:00 by Mori: box stolen\n" in run("status")[1]
    (seen,) = json.loads(run("status", "--json")[1])["cars"]
    assert seen["retired_since_s"] == seen["blocked_since_s"] == NOW_S + HOUR_S
    rows = desk.db.rows("SELECT who, what, detail FROM car_change WHERE car = ? ORDER BY id", CAR)
    assert [tuple(one) for one in rows] == [
        ("Mori", what, "box stolen") for what in ("blocked", "unblocked", "retired")
    ]


def test_the_brokers_files_leave_it_out(desk: Desk, run: Run, tmp_path: Path) -> None:
    desk.fleet.add_car("Suginami 2", OTHER_CAR)
    for is_blocked in (False, True):
        assert run("broker-files", "--out", str(tmp_path))[0] == 0
        for name in ("passwords", "keys"):
            text = (tmp_path / name).read_text(encoding="utf-8")
            assert (CAR in text, OTHER_CAR in text) == (not is_blocked, True)
        if not is_blocked:
            desk.fleet.block_car(CAR, *WHO)


@pytest.mark.parametrize("verb", ["block", "unblock", "retire"])
def test_nobody_without_a_reason_or_with_an_empty_name(run: Run, desk: Desk, verb: str) -> None:
    assert run("car", verb, CAR, "--by", "Mori")[0] == 2
    assert run("car", verb, CAR, "--by", " ", "--why", "stolen")[0] == 2
    for why in (" ", "x" * 201, "stolen\nsold"):
        exit_code, _, err = run("car", verb, CAR, "--by", "Mori", "--why", why)
        assert (exit_code, err.startswith("--why: give 1 to 200 characters")) == (2, True)
    assert run("car", verb, "ffffffffffff", "--by", "Mori", "--why", "stolen")[0] == 1
    assert row(desk)["blocked_since_s"] is None


def test_a_retired_car_leaves_its_name_to_another(desk: Desk) -> None:
    name = row(desk)["name"]
    desk.fleet.block_car(CAR, *WHO)
    with pytest.raises(Refused):
        desk.fleet.add_car(name)
    desk.fleet.retire_car(CAR, *WHO)
    assert desk.fleet.add_car(name).car != CAR


def test_a_use_of_it_is_not_extended(desk: Desk) -> None:
    """The car would warn of the old end."""
    car = online(desk)
    number = desk.fleet.book(desk.driver, CAR, NOW_S + HOUR_S, NOW_S + 2 * HOUR_S)["id"]
    desk.clock.now_s = NOW_S + HOUR_S
    settle(desk, car)
    car.happen(codes.AUDIT_UNLOCKED, number, car.use_detail())
    car.tell()
    assert desk.fleet.booking(desk.driver, number)["objections"]["extend"] == ""
    desk.fleet.block_car(CAR, *WHO)
    assert desk.fleet.booking(desk.driver, number)["objections"]["extend"] == "car_blocked"
    with pytest.raises(Refused, match="car_blocked"):
        desk.fleet.extend(desk.driver, number, HOUR_S)
