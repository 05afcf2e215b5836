"""STAFF-CAR-1: the operator takes a car out of service; meanwhile no driver can start."""

import struct
from collections.abc import Callable

import pytest

from firmware.wire import codes, kb1
from fleetd.core.refused import Refused
from tests.fleetd.rig import CAR, Desk, ScriptedCar, exchange

BY_COMMAND = struct.pack(">B8s", codes.BY_COMMAND, bytes(8))


def since(desk: Desk) -> int | None:
    found: int | None = desk.fleet.status()["cars"][0]["in_maintenance_since_s"]
    return found


def tell(car: ScriptedCar, code: int) -> None:
    car.happen(code, 0, BY_COMMAND)
    car.tell()


def test_who_begins_and_ends_it_stays_on_record(desk: Desk, car: ScriptedCar) -> None:
    begun = desk.fleet.begin_maintenance(CAR, "Sato, workshop", "tyres")
    exchange(desk, car)
    assert since(desk) == int(desk.clock.now_s)
    ended = desk.fleet.end_maintenance(CAR, "Mori, workshop", "tyres done")
    exchange(desk, car)
    assert since(desk) is None
    assert [act.verb for act in car.acts] == [
        codes.VERB_MAINTENANCE_ON, codes.VERB_MAINTENANCE_OFF,
    ]  # fmt: skip
    assert {(act.booking, act.driver, act.left_s) for act in car.acts} == {(0, 0, 0)}
    found = desk.fleet.command(begun)
    assert (found["verb"], found["status"]) == ("maintenance_on", "accepted")
    assert (found["who"], found["why"]) == ("Sato, workshop", "tyres")
    assert desk.fleet.command(ended)["why"] == "tyres done"


def test_a_technician_at_the_car_is_seen_too(desk: Desk, car: ScriptedCar) -> None:
    """By the events alone: whoever it was that began it, and across a restart of the daemon."""
    assert since(desk) is None
    at_s = int(desk.clock.now_s)
    tell(car, codes.AUDIT_TECHNICIAN_IN)
    desk.clock.now_s += 60
    desk.restart()
    assert since(desk) == at_s
    desk.fleet.connected(CAR)
    tell(car, codes.AUDIT_TECHNICIAN_OUT)
    assert since(desk) is None


def test_the_phone_cannot_start_meanwhile(desk: Desk, car: ScriptedCar, booking: int) -> None:
    tell(car, codes.AUDIT_TECHNICIAN_IN)
    assert desk.fleet.booking(desk.driver, booking)["objections"]["start"] == "in_maintenance"
    with pytest.raises(Refused, match="in_maintenance"):
        desk.fleet.operate(desk.driver, booking, "start", "one")
    tell(car, codes.AUDIT_TECHNICIAN_OUT)
    assert desk.fleet.booking(desk.driver, booking)["objections"]["start"] == ""
    desk.fleet.operate(desk.driver, booking, "start", "two")


def test_other_operations_are_the_cars_to_refuse(
    desk: Desk, car: ScriptedCar, booking: int
) -> None:
    """Should the daemon be wrong about it, a use can be ended all the same."""
    car.happen(codes.AUDIT_UNLOCKED, booking, car.use_detail())
    car.tell()
    tell(car, codes.AUDIT_TECHNICIAN_IN)
    assert desk.fleet.booking(desk.driver, booking)["objections"]["end"] == ""
    desk.fleet.operate(desk.driver, booking, "end", "end")
    exchange(desk, car)
    assert car.acts[-1].verb == codes.VERB_END


def test_a_refused_maintenance_changes_nothing(desk: Desk, car: ScriptedCar) -> None:
    """The car is in use."""
    command = desk.fleet.begin_maintenance(CAR, "Sato", "tyres")
    refusal = kb1.pack_result(
        bytes.fromhex(command), False, [(codes.NOT_RETURNED, 0)], b"", codes.NO, codes.NO
    )
    desk.fleet.receive(CAR, car.frame(kb1.RESULT, refusal))
    assert desk.fleet.command(command)["reasons"] == [{"code": "not_returned"}]
    assert since(desk) is None


def test_the_staffs_coming_and_going_is_kept_and_changes_nothing(
    desk: Desk, car: ScriptedCar, booking: int
) -> None:
    for code in (codes.AUDIT_STAFF_IN, codes.AUDIT_STAFF_OUT):
        tell(car, code)
    assert since(desk) is None
    assert desk.fleet.status()["events"] == 2
    assert desk.fleet.booking(desk.driver, booking)["objections"]["start"] == ""


@pytest.mark.parametrize("verb", ["begin_maintenance", "end_maintenance"])
def test_nobody_does_it_without_a_name_and_a_reason(desk: Desk, verb: str) -> None:
    act: Callable[[str, str, str], str] = getattr(desk.fleet, verb)
    with pytest.raises(Refused, match="bad_request_reason"):
        act(CAR, "", "tyres")
    with pytest.raises(Refused, match="bad_request_reason"):
        act(CAR, "Sato", " ")
    with pytest.raises(Refused, match="no_car"):
        act("4b47000000ff", "Sato", "tyres")


def test_no_driver_can_ask_for_it(desk: Desk, booking: int) -> None:
    for verb in ("maintenance_on", "maintenance_off", "position"):
        with pytest.raises(Refused, match="not_allowed_in_profile"):
            desk.fleet.operate(desk.driver, booking, verb, verb)
