"""POS-1: the operator asks a car where it is; who asked, and why, is kept."""

import pytest

from firmware.wire import codes
from fleetd.core.refused import Refused
from tests.fleetd.rig import CAR, NOW_S, Desk, ScriptedCar, exchange, wire


def online(desk: Desk) -> ScriptedCar:
    car = wire(desk)
    car.booted_s -= 60
    desk.fleet.connected(CAR)
    car.hello()
    exchange(desk, car)
    return car


def test_a_request_goes_to_the_car_and_stays_on_record(desk: Desk) -> None:
    """POS-1."""
    car = online(desk)
    command = desk.fleet.ask_position(CAR, "Sato, desk", "accident reported")
    assert desk.fleet.command(command)["status"] == "pending"
    exchange(desk, car)
    (act,) = car.acts
    assert (act.verb, act.booking, act.driver, act.left_s) == (codes.VERB_POSITION, 0, 0, 0)
    assert act.command.hex() == command
    assert act.expires_s == car.uptime_s + 30
    desk.restart()
    found = desk.fleet.command(command)
    assert (found["car"], found["verb"], found["status"]) == (CAR, "position", "accepted")
    assert (found["who"], found["why"]) == ("Sato, desk", "accident reported")
    assert (found["driver"], found["booking"], found["made_s"]) == (None, None, NOW_S)


def test_it_is_done_once_however_often_it_is_sent(desk: Desk) -> None:
    car = online(desk)
    first = desk.fleet.ask_position(CAR, "desk", "overdue")
    desk.taken()
    desk.clock.now_s += 5
    desk.fleet.tick()
    frames = desk.taken()
    assert len(frames) == 1
    for frame in frames * 2:
        car.hear(frame)
    assert len(car.acts) == 1
    assert desk.fleet.ask_position(CAR, "desk", "overdue") != first


def test_an_absent_car_is_unreachable_and_a_silent_one_unknown(desk: Desk) -> None:
    absent = desk.fleet.ask_position(CAR, "desk", "overdue")
    desk.clock.now_s += 29
    desk.fleet.tick()
    assert desk.fleet.command(absent)["status"] == "pending"
    desk.clock.now_s += 1
    desk.fleet.tick()
    found = desk.fleet.command(absent)
    assert (found["status"], found["reasons"]) == ("refused", [{"code": "unreachable"}])
    online(desk)
    silent = desk.fleet.ask_position(CAR, "desk", "overdue")
    desk.clock.now_s += 30
    desk.fleet.tick()
    assert desk.fleet.command(silent)["status"] == "unknown"


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ("", "overdue"),
        ("desk", ""),
        (" ", "x"),
        ("desk", "a\nb"),
        ("d" * 201, "x"),
        ("d", "x" * 201),
    ],
)
def test_nobody_asks_without_a_name_and_a_reason(desk: Desk, who: str, why: str) -> None:
    with pytest.raises(Refused, match="bad_request_reason"):
        desk.fleet.ask_position(CAR, who, why)
    assert desk.db.row("SELECT count(*) FROM command")[0] == 0


def test_the_limits_of_who_and_why(desk: Desk) -> None:
    desk.fleet.ask_position(CAR, "佐藤" * 100, "x" * 200)


def test_unknown_cars_and_too_many_requests_are_refused(desk: Desk) -> None:
    with pytest.raises(Refused, match="no_car"):
        desk.fleet.ask_position("4b47000000ff", "desk", "overdue")
    for _ in range(4):
        desk.fleet.ask_position(CAR, "desk", "overdue")
    with pytest.raises(Refused, match="car_is_asked"):
        desk.fleet.ask_position(CAR, "desk", "overdue")
