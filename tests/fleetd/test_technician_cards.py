"""TECH-1: a technician's staff card and its PIN: of one card, car and day, told and kept nowhere."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from firmware.wire import codes, console_key
from fleetd.core.refused import Refused
from tests.fleetd.rig import CAR, CARD, OTHER_CAR, Desk, ScriptedCar, online, settle

#: The desk's clock begins on this day, at nine in Japan.
TODAY = date(2026, 4, 1)
#: Of it, counted from 2020-01-01.
NUMBER = 2282
STAFF = bytes.fromhex("0101060155667788")
SECOND = bytes.fromhex("0101060155667799")
OF_ABE = bytes.fromhex("01010601556677AA")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    found = Desk(tmp_path / "f.db")
    found.fleet.put_technician("mori", 1)
    found.fleet.put_technician_card("mori", STAFF)
    return found


def due(key: bytes, card: bytes = STAFF, day: int = NUMBER) -> str:
    return console_key.pin_of(key, card, day)


def told(desk: Desk, day: date | None = None, car: str = CAR, who: str = "mori") -> list[str]:
    return [one.pin for one in desk.fleet.technician_pins(car, who, day)[1]]


def test_the_pin_that_the_box_expects_today(desk: Desk) -> None:
    key = bytes.fromhex(desk.identity.key)
    assert desk.fleet.technician_pins(CAR, "mori")[0] == TODAY
    assert told(desk) == [due(key)]
    assert told(desk, TODAY + timedelta(days=1)) == [due(key, day=NUMBER + 1)]
    other = desk.fleet.add_car("Suginami 2", OTHER_CAR)
    assert told(desk, car=OTHER_CAR) == [due(bytes.fromhex(other.key))] != told(desk)


def test_the_day_is_japans(desk: Desk) -> None:
    """The desk's clock shows nine in the morning; fifteen hours later it is the next day."""
    desk.clock.now_s += 15 * 3600 - 1
    assert desk.fleet.technician_pins(CAR, "mori")[0] == TODAY
    desk.clock.now_s += 1
    assert desk.fleet.technician_pins(CAR, "mori")[0] == TODAY + timedelta(days=1)


def test_each_card_has_its_own(desk: Desk) -> None:
    key = bytes.fromhex(desk.identity.key)
    desk.fleet.put_technician_card("mori", SECOND)
    assert told(desk) == [due(key), due(key, SECOND)]
    assert [one.card for one in desk.fleet.technician_pins(CAR, "mori")[1]] == ["…7788", "…7799"]
    desk.fleet.remove_technician_card("mori", STAFF)
    assert told(desk) == [due(key, SECOND)]


def test_what_is_kept_is_who_which_car_card_and_day_and_no_pin(desk: Desk) -> None:
    (pin,) = told(desk, TODAY + timedelta(days=2))
    assert desk.fleet.console_pins(5) == [
        {"at_s": int(desk.clock.now_s), "who": "mori", "car": CAR, "day": "2026-04-03",
         "card": "…7788"}
    ]  # fmt: skip
    kept = str([row[:] for row in desk.db.rows("SELECT * FROM console_pin")])
    for shown in (kept, repr(desk.fleet.technician_pins(CAR, "mori"))):
        assert pin not in shown
        assert pin.replace(" ", "") not in shown


@pytest.mark.parametrize(
    ("car", "who", "days", "code"),
    [
        ("4b4700000009", "mori", 0, "no_car"),
        (CAR, "nobody", 0, "no_technician"),
        (CAR, "abe", 0, "no_staff_card"),
        (CAR, "mori", -1, "bad_pin_day"),
        (CAR, "mori", 8, "bad_pin_day"),
    ],
)
def test_who_may_not_gets_none_and_nothing_is_kept(
    desk: Desk, car: str, who: str, days: int, code: str
) -> None:
    desk.fleet.put_technician("abe", 3)
    with pytest.raises(Refused, match=code):
        told(desk, TODAY + timedelta(days=days), car, who)
    assert desk.fleet.console_pins(5) == []


def test_a_week_ahead_is_the_furthest(desk: Desk) -> None:
    assert told(desk, TODAY + timedelta(days=7)) == [
        due(bytes.fromhex(desk.identity.key), day=NUMBER + 7)
    ]


def test_a_removed_technician_gets_none(desk: Desk) -> None:
    desk.fleet.remove_technician("mori")
    with pytest.raises(Refused, match="no_technician"):
        told(desk)


def test_a_removed_technicians_cards_open_no_car(desk: Desk) -> None:
    """They open parked cars without any PIN (STAFF-CAR-1): whoever left must not keep one."""
    desk.fleet.put_technician_card("mori", SECOND)
    desk.fleet.put_technician("abe", 1)
    desk.fleet.put_technician_card("abe", OF_ABE)
    car = online(desk)
    settle(desk, car)
    assert desk.fleet.remove_technician("mori") == 2
    settle(desk, car)
    staff = [record for op, record in car.records if op == codes.OP_PUT_STAFF]
    assert staff == [OF_ABE]


def test_cars_learn_of_the_card_and_of_its_end(desk: Desk) -> None:
    car = online(desk)
    settle(desk, car)
    assert (codes.OP_PUT_STAFF, STAFF) in car.records
    desk.fleet.remove_technician_card("mori", STAFF)
    settle(desk, car)
    assert (codes.OP_PUT_STAFF, STAFF) not in car.records
    with pytest.raises(Refused, match="no_staff_card"):
        desk.fleet.remove_technician_card("mori", STAFF)


def test_a_card_is_one_persons(desk: Desk) -> None:
    desk.fleet.put_technician("abe", 1)
    desk.fleet.put_technician_card("mori", STAFF)  # once more: nothing new
    with pytest.raises(Refused, match="card_of_somebody_else"):
        desk.fleet.put_technician_card("abe", STAFF)
    with pytest.raises(Refused, match="no_staff_card"):
        desk.fleet.remove_technician_card("abe", STAFF)
    desk.fleet.add_card(desk.driver, CARD)
    with pytest.raises(Refused, match="card_of_somebody_else"):
        desk.fleet.put_technician_card("abe", CARD)
    with pytest.raises(Refused, match="no_technician"):
        desk.fleet.put_technician_card("nobody", SECOND)
    with pytest.raises(Refused, match="bad_card"):
        desk.fleet.put_technician_card("mori", bytes(8))


def test_while_a_key_is_changed_both_are_told(desk: Desk) -> None:
    online(desk)
    first = desk.car_row().key
    desk.fleet.rotate_key(CAR, "mori")
    newest = desk.car_row().slot_key
    assert newest is not None
    ((_, now, after),) = [
        (one.card, one.pin, one.after_change) for one in desk.fleet.technician_pins(CAR, "mori")[1]
    ]
    assert (now, after) == (due(first), due(newest))
    desk.taken()
    heard = ScriptedCar(CAR, newest.hex(), lambda f: desk.fleet.receive(CAR, f), desk.clock, seed=5)
    heard.hello()
    settle(desk, heard)
    (one,) = desk.fleet.technician_pins(CAR, "mori")[1]
    assert (one.pin, one.after_change) == (due(newest), "")


def test_events_are_told_with_the_name(desk: Desk) -> None:
    """Whom the PIN was told; without one that the daemon told, whose card it is."""
    car = online(desk)
    by = bytes((codes.BY_TECHNICIAN,))
    car.happen(codes.AUDIT_TECHNICIAN_ACTION, detail=by + STAFF + bytes((codes.ACT_OPEN, 1)))
    car.tell()
    (found,) = desk.fleet.technicians_log("", 20)
    assert (found["event"], found["card"], found["who"]) == ("open", "...7788", ["mori"])
    assert "question" not in found
    desk.fleet.remove_technician_card("mori", STAFF)
    assert desk.fleet.technicians_log("", 20)[0]["who"] == []
    desk.fleet.put_technician_card("mori", STAFF)
    told(desk)
    desk.fleet.remove_technician_card("mori", STAFF)
    assert desk.fleet.technicians_log("", 20)[0]["who"] == ["mori"]
