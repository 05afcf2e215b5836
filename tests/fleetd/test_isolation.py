"""A fault that one car brings out is that car's: counted, logged without contents, alarmed; others go on."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

from firmware.wire import codes
from fleetd import car_keys, commands, copies, ingest, pushes
from fleetd.ledger import signing
from fleetd.service import Fleet
from fleetd.serving import serve
from fleetd.serving.clock import MachineClock
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, OTHER_CAR, Desk, ScriptedCar, online

SECRET = "what was in the frame"


class Two:
    """The desk's car, which will stumble, and another one. Identities sort the first before the other."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.car = online(desk)
        identity = desk.fleet.add_car("Suginami 2", OTHER_CAR)
        self.other = ScriptedCar(
            OTHER_CAR, identity.key, lambda frame: desk.fleet.receive(OTHER_CAR, frame), desk.clock
        )
        desk.fleet.connected(OTHER_CAR)
        self.other.hello()
        self.deliver()

    def deliver(self) -> None:
        self.desk.taken(CAR)
        while waiting := self.desk.taken(OTHER_CAR):
            for frame in waiting:
                self.other.hear(frame)

    def tick(self, seconds: int) -> None:
        for _ in range(seconds):
            self.desk.clock.now_s += 1
            self.desk.fleet.tick()
            self.deliver()

    def alarms(self) -> list[tuple[str, str, str]]:
        found = self.desk.fleet.status()["alarms"]
        return [(one["name"], one["car"], one["detail"]) for one in found]


@pytest.fixture
def two(desk: Desk) -> Two:
    return Two(desk)


def stumbling(genuine: Callable[..., Any], at: int, name: str = "id") -> Callable[..., Any]:
    """The same function, which raises when its `at`th argument is the desk's car."""

    def work(*values: Any, **named: Any) -> Any:
        found = values[at]
        if getattr(found, name, found) == CAR:
            raise KeyError(SECRET)
        return genuine(*values, **named)

    return work


def test_a_command_that_cannot_be_sent(
    two: Two, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It ends unreachable, as if the car were not there; the other car's is done."""
    desk = two.desk
    monkeypatch.setattr(commands, "_send", stumbling(commands._send, 1))
    ours = desk.fleet.ask_position(CAR, "Mori", "stolen")
    theirs = desk.fleet.ask_position(OTHER_CAR, "Mori", "stolen")
    two.tick(5)
    assert desk.fleet.command(theirs)["status"] == "accepted"
    assert desk.fleet.command(ours)["status"] == "pending"
    two.tick(30)
    assert desk.fleet.command(ours)["reasons"] == [{"code": "unreachable"}]
    assert two.alarms() == [("car_failed", CAR, "a command")]
    told = [record for record in caplog.records if record.name == "fleetd.isolation"]
    assert 3 <= len(told) <= 7, "the 1st, 2nd, 4th, 8th time"
    assert CAR in caplog.text
    assert SECRET not in caplog.text


def test_events_are_taken_of_a_car_whose_command_cannot_be_sent(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "_send", stumbling(commands._send, 1))
    two.desk.fleet.ask_position(CAR, "Mori", "stolen")
    two.car.happen(codes.AUDIT_KEY_OUT)
    two.car.tell()
    assert two.desk.db.row("SELECT count(*) FROM event WHERE car = ?", CAR)[0] == 1


def test_a_push_that_cannot_be_made(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever books for both is not refused, and the other car has it at once."""
    desk = two.desk
    desk.clock.now_s += 5
    monkeypatch.setattr(pushes, "_push", stumbling(pushes._push, 1))
    numbers = [
        desk.fleet.book(desk.driver, CAR, NOW_S + HOUR_S, NOW_S + 2 * HOUR_S)["id"],
        desk.fleet.book(desk.other, OTHER_CAR, NOW_S + HOUR_S, NOW_S + 2 * HOUR_S)["id"],
    ]
    two.tick(4)
    states = [desk.fleet.receipts(number)["state"] for number in numbers]
    assert states == ["on_its_way", "in_car"]
    assert two.alarms() == [("car_failed", CAR, "a push")]
    before = desk.fleet._links[CAR].failures
    two.tick(59)
    assert desk.fleet._links[CAR].failures <= before + 1, "once a minute"


def test_a_prompt_that_cannot_be_made(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = two.desk
    for car in (CAR, OTHER_CAR):
        desk.fleet.connected(car)
    monkeypatch.setattr(pushes, "_prompt_now", stumbling(pushes._prompt_now, 1))
    for car in (CAR, OTHER_CAR):
        desk.fleet.prompt(car)
    two.deliver()
    assert desk.fleet._links[OTHER_CAR].was_heard
    assert two.alarms() == [("car_failed", CAR, "a prompt")]


def test_a_copy_that_cannot_be_written(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """A staff card for every car: the other one learns of it, and the alarm names who does not."""
    desk = two.desk
    desk.clock.now_s += 5
    monkeypatch.setattr(copies, "refresh", stumbling(copies.refresh, 1))
    desk.fleet.add_staff_card(bytes(range(8)), "Mori")
    two.tick(3)
    assert (codes.OP_PUT_STAFF, bytes(range(8))) in two.other.records
    assert two.alarms() == [("car_failed", CAR, "a copy")]


@pytest.mark.parametrize(
    ("module", "name", "what"),
    [
        (commands, "expire", "commands"),
        (copies, "refresh_by_time", "bookings that come near"),
        (copies, "watch_starts", "starts"),
        (ingest, "watch_delays", "delays"),
        (pushes, "push_all", "pushes"),
        (signing, "sign_if_due", "the journal's signature"),
    ],
)
def test_a_part_of_the_tick_that_fails_keeps_no_other_from_being_done(
    two: Two, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, what: str
) -> None:
    desk = two.desk
    done: list[str] = []

    def fail(*_: Any) -> None:
        raise KeyError(SECRET)

    for other, function in (
        (commands, "expire"), (copies, "refresh_by_time"), (copies, "watch_starts"),
        (ingest, "watch_delays"), (pushes, "push_all"), (signing, "sign_if_due"),
    ):  # fmt: skip
        if (other, function) == (module, name):
            monkeypatch.setattr(other, function, fail)
        else:
            monkeypatch.setattr(other, function, lambda *_, it=function: done.append(it))
    two.tick(10)
    assert len(set(done)) == 5
    assert two.alarms() == [("daemon_failed", "", what)]
    assert desk.fleet.counts["part_failed"] in (1, 10)


def test_a_database_that_fails_is_nobodys_own_trouble(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    two.desk.fleet.ask_position(CAR, "Mori", "stolen")
    two.desk.clock.now_s += 6
    monkeypatch.setattr(commands, "_send", fail)
    with pytest.raises(sqlite3.OperationalError):
        two.desk.fleet.tick()


def test_a_frame_that_cannot_even_be_opened(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one batch with the other car's."""
    desk = two.desk
    monkeypatch.setattr(car_keys, "open_frame", stumbling(car_keys.open_frame, 1))
    two.other.happen(codes.AUDIT_KEY_OUT)
    desk.fleet.receive_all([(CAR, two.car.hello_frame()), (OTHER_CAR, two.other.events_frame())])
    two.deliver()
    assert two.other.acked == 1
    assert desk.fleet.counts["frame_failed"] == 1
    assert two.alarms() == [("car_failed", CAR, "a frame of kind 0")]


def test_a_tick_that_fails_as_a_whole_is_not_the_last_one(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever is left: the daemon serves cars and phones, and tries again."""
    left = 3

    class Stumbling(Fleet):
        def tick(self) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise asyncio.CancelledError
            raise KeyError(SECRET)

    fleet = Stumbling(desk.db, lambda _car, _frame: None, desk.clock)
    clock = MachineClock()
    clock.rate = 1e9  # the least wait between two ticks
    caplog.set_level(logging.ERROR)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(serve._tick_for_ever(fleet, clock, dict))
    assert fleet.counts["tick_failed"] == 2
    assert "a tick failed" in caplog.text
    assert SECRET not in caplog.text
