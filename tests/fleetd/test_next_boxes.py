"""Another box or first key for a car: nothing changes before it is heard, everything then."""

from pathlib import Path

import pytest

from firmware.wire import codes, kb1
from fleetd.core.refused import Refused
from fleetd.store import broker_rows
from fleetd.vehicles import Identity
from tests.fleetd.rig import CAR, HOUR_S, Desk, ScriptedCar, exchange, online, records_of, settle


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "f.db")


def new_box(desk: Desk, identity: Identity) -> ScriptedCar:
    return ScriptedCar(
        CAR, identity.key, lambda frame: desk.fleet.receive(CAR, frame), desk.clock, seed=9
    )


def logs_in(desk: Desk, password: str) -> bool:
    return desk.fleet.check_car_login(CAR, password.encode())


def book(desk: Desk) -> int:
    now_s = int(desk.clock.now_s)
    return int(desk.fleet.add_booking(desk.driver, CAR, now_s + HOUR_S, now_s + 2 * HOUR_S)["id"])


def test_the_identity_is_made_once_and_waits(desk: Desk) -> None:
    """Whoever is interrupted goes on with the same one."""
    first = desk.fleet.prepare_box(CAR, "mori", is_new_box=True)
    assert desk.fleet.prepare_box(CAR, "mori", is_new_box=True) == first
    assert first.key != desk.identity.key
    assert desk.fleet.box_waits(CAR)
    with pytest.raises(Refused, match="other_box_waits"):
        desk.fleet.prepare_box(CAR, "mori", is_new_box=False)
    with pytest.raises(Refused, match="no_car"):
        desk.fleet.prepare_box("4b4700000009", "mori", is_new_box=True)


def test_until_it_is_heard_the_box_in_service_goes_on(desk: Desk) -> None:
    car = online(desk)
    identity = desk.fleet.prepare_box(CAR, "mori", is_new_box=True)
    number = book(desk)
    settle(desk, car)
    assert desk.fleet.receipts(number)["state"] == "in_car"
    assert logs_in(desk, desk.identity.password)
    assert logs_in(desk, identity.password)
    assert not logs_in(desk, "another")


def test_its_first_hello_puts_it_in_the_place_of_the_other_with_every_booking(desk: Desk) -> None:
    old = online(desk)
    number = book(desk)
    settle(desk, old)
    gen = desk.car_row().gen
    identity = desk.fleet.prepare_box(CAR, "mori", is_new_box=True)
    box = new_box(desk, identity)
    desk.fleet.connected(CAR)
    box.hello()
    assert not desk.fleet.box_waits(CAR)
    settle(desk, box)
    assert desk.car_row().gen == gen + 1
    assert box.records == records_of(desk.db)
    assert any(op == codes.OP_PUT_BOOKING for op, _ in box.records)
    assert desk.fleet.receipts(number)["state"] == "in_car"
    assert desk.fleet.status()["cars"][0]["is_in_step"]
    assert not logs_in(desk, desk.identity.password)
    assert logs_in(desk, identity.password)
    history = desk.fleet.car_terms(CAR)["history"]
    assert [(row["what"], row["detail"], row["who"]) for row in history] == [
        ("box", "made", "mori"),
        ("box", "heard", "mori"),
    ]
    assert identity.key not in str(history)


def test_the_box_before_is_refused_from_then_on(desk: Desk) -> None:
    old = online(desk)
    box = new_box(desk, desk.fleet.prepare_box(CAR, "mori", is_new_box=True))
    box.hello()
    exchange(desk, box)
    heard = desk.car_row()
    refused = desk.fleet.counts["frame_not_signed"]
    old.happen(codes.AUDIT_DOOR_OPENED, detail=b"\0")
    old.tell()
    old.boot_anew()
    old.hello()
    assert desk.fleet.counts["frame_not_signed"] == refused + 2
    assert desk.car_row() == heard
    assert desk.taken() == []


def test_only_a_hello_brings_it_in(desk: Desk) -> None:
    online(desk)
    box = new_box(desk, desk.fleet.prepare_box(CAR, "mori", is_new_box=True))
    box.happen(codes.AUDIT_DOOR_OPENED, detail=b"\0")
    box.tell()
    desk.fleet.receive(CAR, box.frame(kb1.TELEMETRY, bytes(17)))
    assert desk.fleet.box_waits(CAR)


def test_another_first_key_of_the_same_box_keeps_its_copy(desk: Desk) -> None:
    car = online(desk)
    book(desk)
    settle(desk, car)
    before = desk.car_row()
    identity = desk.fleet.prepare_box(CAR, "mori", is_new_box=False)
    box = new_box(desk, identity)
    box.gen, box.rev, box.hash8, box.records = car.gen, car.rev, car.hash8, car.records
    box.hello()
    settle(desk, box)
    found = desk.car_row()
    assert (found.gen, found.rev) == (before.gen, before.rev)
    assert found.key.hex() == identity.key
    assert desk.fleet.status()["cars"][0]["is_in_step"]


def test_a_key_that_came_over_the_air_ends_with_the_first_one(desk: Desk) -> None:
    """It was wrapped under the first key, which is no more."""
    car = online(desk)
    desk.fleet.rotate_key(CAR, "mori")
    settle(desk, car)
    box = new_box(desk, desk.fleet.prepare_box(CAR, "mori", is_new_box=True))
    box.hello()
    settle(desk, box)
    found = desk.car_row()
    assert (found.slot_key, found.key_record, found.former_key, found.key_slot) == (None,) * 3 + (
        0,
    )
    assert (codes.OP_PUT_KEY, b"") not in box.records


def test_given_up_it_is_good_for_nothing(desk: Desk) -> None:
    car = online(desk)
    identity = desk.fleet.prepare_box(CAR, "mori", is_new_box=True)
    desk.fleet.give_up_box(CAR, "mori")
    new_box(desk, identity).hello()
    assert not logs_in(desk, identity.password)
    assert desk.car_row().key.hex() == desk.identity.key
    car.hello()
    settle(desk, car)
    assert desk.fleet.status()["cars"][0]["is_in_step"]
    with pytest.raises(Refused, match="no_next_box"):
        desk.fleet.give_up_box(CAR, "mori")


def test_a_broker_lets_in_the_box_that_waits(desk: Desk) -> None:
    """It keeps one password for a car: that of the box which is on its way."""
    before = tuple(broker_rows.cars(desk.db)[0])
    identity = desk.fleet.prepare_box(CAR, "mori", is_new_box=True)
    waiting = tuple(broker_rows.cars(desk.db)[0])
    assert waiting[1].hex() == identity.key
    assert waiting[2] != before[2]
    new_box(desk, identity).hello()
    assert tuple(broker_rows.cars(desk.db)[0]) == waiting
