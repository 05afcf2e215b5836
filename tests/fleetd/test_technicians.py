"""TECH-1: answers for those who may, of this car and level only; who it was stays."""

from pathlib import Path

import pytest

from firmware.wire import codes, console_key
from fleetd.core.refused import Refused
from tests.fleetd.rig import CAR, Desk, ScriptedCar, online, settle

QUESTION = "KB1-7Q2M-9XCD-1"
NONCE = b"7Q2M9XCD"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    found = Desk(tmp_path / "f.db")
    found.fleet.put_technician("mori", 1)
    return found


def due(key: bytes, level: int = 1) -> str:
    return console_key.answer_to(key, bytes.fromhex(CAR), NONCE, level)


def answer(desk: Desk, question: str = QUESTION, who: str = "mori", car: str = CAR) -> str:
    return desk.fleet.answer_console(car, question, who).answer


def test_the_answer_that_the_box_expects(desk: Desk) -> None:
    assert answer(desk) == due(bytes.fromhex(desk.identity.key))
    for typed in ("kb1-7q2m-9xcd-1", " KBI 7Q2M 9XCD 1 ", "kbl-7q2m-9xcd-1"):
        assert answer(desk, typed) == answer(desk)


def test_what_is_kept_is_who_when_which_car_and_level_and_no_secret(desk: Desk) -> None:
    told = answer(desk)
    kept = desk.fleet.console_answers(5)
    assert kept == [
        {"at_s": int(desk.clock.now_s), "who": "mori", "car": CAR, "level": 1, "nonce": "7Q2M9XCD"}
    ]
    assert told not in str(desk.db.rows("SELECT * FROM console_answer")[0][:])
    assert told not in repr(desk.fleet.answer_console(CAR, QUESTION, "mori"))


@pytest.mark.parametrize(
    ("question", "who", "car", "code"),
    [
        ("KB1-7Q2M-9XC-1", "mori", CAR, "bad_question"),
        ("KB1-7Q2M-9XCD-4", "mori", CAR, "bad_question"),
        ("", "mori", CAR, "bad_question"),
        (QUESTION, "mori", "4b4700000009", "no_car"),
        (QUESTION, "nobody", CAR, "no_technician"),
        (QUESTION, "Mori", CAR, "no_technician"),
        ("KB1-7Q2M-9XCD-2", "mori", CAR, "level_not_yours"),
        ("KB1-7Q2M-9XCD-1-7", "mori", CAR, "key_not_known"),
    ],
)
def test_who_may_not_gets_none_and_nothing_is_kept(
    desk: Desk, question: str, who: str, car: str, code: str
) -> None:
    with pytest.raises(Refused, match=code):
        answer(desk, question, who, car)
    assert desk.fleet.console_answers(5) == []


def test_rights_are_changed_and_end(desk: Desk) -> None:
    desk.fleet.put_technician("mori", 3)
    assert answer(desk, "KB1-7Q2M-9XCD-3") == due(bytes.fromhex(desk.identity.key), 3)
    assert [one["level"] for one in desk.fleet.technicians()] == [3]
    desk.fleet.remove_technician("mori")
    assert desk.fleet.technicians() == []
    with pytest.raises(Refused, match="no_technician"):
        answer(desk)
    with pytest.raises(Refused, match="no_technician"):
        desk.fleet.remove_technician("mori")
    with pytest.raises(Refused, match="bad_level"):
        desk.fleet.put_technician("mori", 4)


def test_a_box_that_goes_by_a_key_record_says_its_number(desk: Desk) -> None:
    """Whichever of its keys a car goes by, its question names it."""
    online(desk)
    first = desk.car_row().key
    number = desk.fleet.rotate_key(CAR, "mori")
    key = desk.car_row().slot_key
    assert key is not None
    assert answer(desk, f"{QUESTION}-{number}") == due(key)
    assert answer(desk) == due(first)
    desk.taken()
    heard = ScriptedCar(CAR, key.hex(), lambda f: desk.fleet.receive(CAR, f), desk.clock, seed=5)
    heard.hello()
    settle(desk, heard)
    assert desk.fleet.rotate_key(CAR, "mori") == number + 1
    # Its second change is on its way: it may go by either.
    newest = desk.car_row().slot_key
    assert newest is not None
    assert answer(desk, f"{QUESTION}-{number}") == due(key)
    assert answer(desk, f"{QUESTION}-{number + 1}") == due(newest)


def test_the_box_that_waits_has_its_own_key(desk: Desk) -> None:
    identity = desk.fleet.prepare_box(CAR, "mori", is_new_box=True)
    found = desk.fleet.answer_console(CAR, QUESTION, "mori", is_next=True)
    assert found.answer == due(bytes.fromhex(identity.key))
    assert answer(desk) == due(bytes.fromhex(desk.identity.key))


def test_events_of_the_console_are_told_with_the_name(desk: Desk) -> None:
    car = online(desk)
    answer(desk)
    by = bytes((codes.BY_TECHNICIAN,))
    car.happen(codes.AUDIT_TECHNICIAN_ACTION, detail=by + NONCE + bytes((codes.ACT_OPEN, 1)))
    car.happen(codes.AUDIT_TECHNICIAN_ACTION, detail=by + b"AAAAAAAA" + bytes((codes.ACT_OPEN, 1)))
    car.happen(codes.AUDIT_DOOR_OPENED, detail=by)
    car.tell()
    found = desk.fleet.technicians_log("", 20)
    assert [(one["event"], one["question"], one["who"]) for one in found] == [
        ("open", "7Q2M9XCD", ["mori"]),
        ("open", "AAAAAAAA", []),
    ]
    assert desk.fleet.technicians_log("4b4700000009", 20) == []
