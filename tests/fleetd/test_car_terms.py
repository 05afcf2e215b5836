"""Rule 10: what a car goes by is set by the operator, in its log, and used by both sides."""

import json
from pathlib import Path

import pytest

from firmware.terms import TermsError, unpack_record
from firmware.wire import codes, kb1
from fleetd import car_keys, car_terms
from fleetd.core.car_terms import Choice, choice_of, parse, profiles, record, values
from fleetd.core.refused import Refused
from fleetd.core.rules import names
from fleetd.store import log_rows
from tests.fleetd.key_rig import OPERATOR, Pair
from tests.fleetd.rig import (
    CAR,
    HOUR_S,
    NOW_S,
    OTHER_CAR,
    Desk,
    ScriptedCar,
    exchange,
    settle,
    wire,
)

TERMS = codes.OP_PUT_TERMS, b""


def car_record(desk: Desk, car: str = CAR) -> bytes:
    found = log_rows.records(desk.db, car)[TERMS]
    assert isinstance(found, bytes)
    return found


def test_a_new_car_gets_the_terms_of_the_fleets_profile(desk: Desk) -> None:
    desk.fleet.add_car("Suginami 2", OTHER_CAR)
    assert car_record(desk, OTHER_CAR) == record(Choice("top24-2023"))
    told = desk.fleet.car_terms(OTHER_CAR)
    assert (told["profile"], told["changes"]) == ("top24-2023", {})
    assert told["in_car_since_s"] is None
    assert [(row["who"], row["what"]) for row in told["history"]] == [("car add", "terms")]
    assert profiles() == names()


def test_a_car_from_before_has_none_until_they_are_set(desk: Desk) -> None:
    assert desk.fleet.car_terms(CAR)["profile"] is None
    with pytest.raises(TermsError, match="give --profile NAME"):
        desk.fleet.set_car_terms(CAR, None, {"relock_s": 90}, OPERATOR)
    desk.fleet.set_car_terms(CAR, "top24-2018", {"relock_s": 90}, OPERATOR)
    assert unpack_record(car_record(desk))[0].relock_ms == 90000


def test_a_change_is_one_operation_and_is_told(desk: Desk) -> None:
    """Rule 1; who and when is kept."""
    desk.fleet.set_car_terms(CAR, "top24-2023", {}, OPERATOR)
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    rev = desk.car_row().rev
    desk.clock.now_s += 100
    told = desk.fleet.set_car_terms(CAR, None, {"key_s": 700, "reader": False}, "Sato")
    assert desk.car_row().rev == rev + 1
    exchange(desk, car)
    settle(desk, car, 2)
    assert car.records[TERMS] == car_record(desk)
    assert told["changes"] == {"key_s": 700, "reader": False}
    last = desk.fleet.car_terms(CAR)["history"][-1]
    assert (last["who"], last["at_s"]) == ("Sato", NOW_S + 100)
    assert json.loads(last["detail"]) == {"key_s": 700, "profile": "top24-2023", "reader": False}
    assert desk.fleet.car_terms(CAR)["in_car_since_s"] is not None
    desk.fleet.set_car_terms(CAR, None, {"key_s": "default"}, "Sato")
    assert desk.fleet.car_terms(CAR)["changes"] == {"reader": False}
    with pytest.raises(Refused, match="bad_request_reason"):
        desk.fleet.set_car_terms(CAR, None, {"key_s": 700}, " ")
    with pytest.raises(Refused, match="no_car"):
        desk.fleet.set_car_terms(OTHER_CAR, "top24-2023", {}, "Sato")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"relock_s": 5}, "relock_s: 5 is below 10"),
        ({"relock_s": "soon"}, "relock_s: 'soon' is not a whole number"),
        ({"no_sensor": ["engine"]}, "no_sensor: 'engine' cannot be spared"),
        ({"no_sensor": ["key"]}, "asked for by every end"),
        ({"format": 2}, "format: unknown"),
        ({"kye_s": 600}, "kye_s: unknown"),
        ({"reunlock": 1}, "write true or false"),
    ],
)
def test_what_no_car_can_go_by_is_refused_and_nothing_changes(
    desk: Desk, changes: dict[str, object], why: str
) -> None:
    """Decision 26: what a car cannot lack."""
    before = desk.car_row()
    with pytest.raises(TermsError, match=why):
        desk.fleet.set_car_terms(CAR, "top24-2023", changes, OPERATOR)
    assert desk.car_row() == before
    assert desk.fleet.car_terms(CAR)["history"] == []


def test_the_daemon_goes_by_the_cars_own_terms(desk: Desk) -> None:
    """START-1, REOPEN-4, ENROL-1, and which verbs there are."""
    booking = desk.fleet.book(desk.driver, CAR, NOW_S + HOUR_S, NOW_S + 2 * HOUR_S)
    number = booking["id"]
    other = desk.fleet.add_car("Suginami 2", OTHER_CAR).car
    desk.fleet.set_car_terms(
        CAR, "top24-2023",
        {"start_early_s": 300, "reopen_window_s": 1200, "enrolment": True, "enrol_s": 99},
        OPERATOR,
    )  # fmt: skip
    assert desk.fleet.booking(desk.driver, number)["start_from_s"] == NOW_S + HOUR_S - 300
    assert (desk.fleet.rules_of(CAR).enrol_s, desk.fleet.rules_of(other).enrol_s) == (99, 60)
    with pytest.raises(Refused, match="not_allowed_in_profile"):
        desk.fleet.operate(desk.driver, number, "reunlock", "1")
    desk.fleet.operate(desk.driver, number, "enrol", "2")
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    for code in (codes.AUDIT_UNLOCKED, codes.AUDIT_ENDED):
        car.happen(code, number, car.use_detail())
    car.tell()
    until_s = desk.fleet.booking(desk.driver, number)["window_until_s"]
    assert until_s == NOW_S + 1200


class OldCar(ScriptedCar):
    """Knows operations 1 to 6; a whole frame with another one is refused, and nothing of it taken."""

    reason = kb1.NACK_SENSELESS

    def hear(self, frame: bytes) -> None:
        opened = kb1_opened(self, frame)
        if opened is not None:
            self._deliver(
                self.frame(kb1.NACK, kb1.pack_nack(opened, self.reason, self.gen, self.rev))
            )
        else:
            super().hear(frame)


def kb1_opened(car: OldCar, frame: bytes) -> int | None:
    """The kind of a frame that the old car does not take."""
    kind, body = frame[1], frame[4:-16]
    if kind not in (kb1.DELTA, kb1.SNAP):
        return None
    ops = kb1.unpack_delta(body)[4] if kind == kb1.DELTA else kb1.unpack_snap(body)[5]
    return kind if any(op > codes.OP_DEL_STAFF for op, _ in ops) else None


@pytest.mark.parametrize("reason", [kb1.NACK_SENSELESS, kb1.NACK_UNSUPPORTED])
@pytest.mark.parametrize("is_new", [True, False], ids=["at its first snapshot", "by a delta"])
def test_an_old_car_goes_on_without(desk: Desk, reason: int, *, is_new: bool) -> None:
    """F35: the operator is told; bookings reach the car as before, and a new one can be tried."""
    car = OldCar(CAR, desk.identity.key, lambda frame: desk.fleet.receive(CAR, frame), desk.clock)
    car.reason = reason
    if not is_new:
        car.hello()
        exchange(desk, car)
    desk.fleet.set_car_terms(CAR, "top24-2023", {"start_early_s": 60}, OPERATOR)
    desk.fleet.rotate_key(CAR, OPERATOR)
    if is_new:
        car.hello()
    exchange(desk, car)
    settle(desk, car, 5 if reason == kb1.NACK_UNSUPPORTED else 190)
    alarms = desk.alarms()
    assert car_terms.CANNOT_TAKE in alarms
    assert car_keys.CANNOT_TAKE in alarms
    assert TERMS not in car.records
    assert desk.fleet.rules_of(CAR).start_early_s == 840
    assert not car_keys.state(desk.car_row())["is_changing"]
    desk.fleet.book(desk.driver, CAR, NOW_S + HOUR_S, NOW_S + 2 * HOUR_S)
    settle(desk, car, 5)
    row = desk.car_row()
    assert (car.gen, car.rev, car.hash8) == (row.gen, row.rev, row.hash)
    assert len(car.records) == 1
    # Its program is changed; the operator sets the terms once more.
    updated = wire(desk)
    updated.gen, updated.rev, updated.hash8 = car.gen, car.rev, car.hash8
    updated.records = car.records
    desk.fleet.set_car_terms(CAR, None, {}, OPERATOR)
    updated.hello()
    exchange(desk, updated)
    settle(desk, updated, 5)
    assert updated.records[TERMS] == car_record(desk)
    assert car_terms.CANNOT_TAKE not in desk.alarms()


def test_a_nack_about_something_else_takes_nothing_back(desk: Desk) -> None:
    desk.fleet.set_car_terms(CAR, "top24-2023", {}, OPERATOR)
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    settle(desk, car, 2)
    for _ in range(4):
        car._deliver(
            car.frame(kb1.NACK, kb1.pack_nack(kb1.DELTA, kb1.NACK_UNSUPPORTED, car.gen, car.rev))
        )
    assert TERMS in log_rows.records(desk.db, CAR)
    desk.fleet.set_car_terms(CAR, None, {"key_s": 700}, OPERATOR)
    desk.taken()
    late = kb1.pack_nack(kb1.DELTA, kb1.NACK_UNSUPPORTED, car.gen, car.rev - 1)
    car._deliver(car.frame(kb1.NACK, late))
    assert TERMS in log_rows.records(desk.db, CAR)


def test_a_real_car_takes_them_and_poison_is_kept_from_it(tmp_path: Path) -> None:
    """F34: a record that the daemon should never have made."""
    pair = Pair(tmp_path)
    terms = pair.box.loop._controller.rental.terms
    pair.desk.fleet.set_car_terms(CAR, "top24-2023", {"relock_s": 90}, OPERATOR)
    pair.settle(5)
    assert terms.relock_ms == 90000
    spoilt = bytearray(record(Choice("top24-2023")))
    spoilt[11:13] = b"\0\5"
    with pair.desk.db.transaction():
        pair.desk.db.run("UPDATE car_terms SET record = ?", bytes(spoilt))
    pair.desk.fleet.add_booking(pair.desk.other, CAR, NOW_S + 9 * HOUR_S, NOW_S + 10 * HOUR_S)
    pair.settle(5)
    assert not pair.is_in_step
    assert terms.relock_ms == 90000
    pair.settle(190)
    assert car_terms.CANNOT_TAKE in pair.desk.alarms()
    pair.check()
    assert terms.relock_ms == 60000  # as its box was provisioned


def test_values_as_people_write_them() -> None:
    assert parse("no_sensor", "lights,window") == ["lights", "window"]
    assert parse("no_door", "") == []
    assert [parse("x", text) for text in ("true", "false", "60", "voice", "default", "²")] == [
        True, False, 60, "voice", "default", "²",
    ]  # fmt: skip


def test_what_a_box_was_given_is_told_as_changes() -> None:
    raw = values(Choice("jparc-2023")) | {"key_s": 900, "format": 1, "check": "00000000"}
    choice = choice_of("jparc-2023", raw, {"reader": False, "check": "0"})
    assert choice == Choice("jparc-2023", {"key_s": 900, "reader": False})
