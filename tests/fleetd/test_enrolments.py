"""ENROL-1, ENROL-2: a card that was held to the reader becomes the driver's."""

import json
import struct
from collections.abc import Generator
from pathlib import Path

import pytest

from firmware.wire import codes, kb1
from fleetd.core import car_copy
from fleetd.core.refused import Refused
from fleetd.store.notice_rows import OPEN_MAX
from tests.fleetd.rig import (
    CAR,
    CARD,
    HOUR_S,
    NOW_S,
    OTHER_CAR,
    Desk,
    ScriptedCar,
    exchange,
    records_of,
    settle,
)
from tests.fleetd.test_familiar_cards import add_strangers, cards_of

NEW_CARD = bytes.fromhex("01010601CAFE0001")


@pytest.fixture
def desk(tmp_path: Path) -> Generator[Desk, None, None]:
    found = Desk(tmp_path / "fleet.db", "jparc-2023")
    yield found
    found.db.close()


def ask(desk: Desk, car: ScriptedCar, booking: int, key: str = "enrol") -> str:
    command: str = desk.fleet.operate(desk.driver, booking, "enrol", key)
    exchange(desk, car)
    return command


def touch(car: ScriptedCar, booking: int, card: bytes = NEW_CARD, driver: int = 1) -> None:
    detail = struct.pack(">B8sI", codes.BY_CARD, card, driver)
    car.happen(codes.AUDIT_CARD_ENROLLED, booking, detail)
    car.tell()


def outcome(desk: Desk, command: str) -> tuple[str | None, str | None]:
    found = desk.fleet.command(command)
    return found["enrolment"], found["card"]


def test_a_card_takes_the_place_of_the_old_one(desk: Desk, car: ScriptedCar, booking: int) -> None:
    desk.fleet.add_card(desk.driver, CARD)
    settle(desk, car, 3)
    assert cards_of(desk) == {CARD: 1}
    desk.fleet.note_mail_sent(max(mail["id"] for mail in desk.fleet.unsent_mails()))
    command = ask(desk, car, booking)
    (act,) = car.acts
    assert (act.verb, act.booking, act.driver) == (codes.VERB_ENROL, booking, 1)
    assert act.left_s == NOW_S + 2 * HOUR_S - int(desk.clock.now_s)
    assert outcome(desk, command) == ("open", None)
    touch(car, booking)
    assert outcome(desk, command) == ("registered", "…0001")
    assert cards_of(desk) == {NEW_CARD: 1}
    mail = desk.fleet.unsent_mails()[-1]
    assert (mail["name"], mail["account"]) == ("card_registered", desk.driver)
    assert json.loads(mail["content"]) == {"number": "…0001"}
    settle(desk, car, 3)
    assert {ident for op, ident in car.records if op == codes.OP_PUT_CARD} == {NEW_CARD}
    assert desk.alarms() == []


def test_a_doubled_event_registers_once(desk: Desk, car: ScriptedCar, booking: int) -> None:
    """SAFE-5."""
    ask(desk, car, booking)
    touch(car, booking)
    mails, rev = desk.mails(), desk.car_row().rev
    desk.fleet.receive(CAR, car.events_frame(first=1))
    desk.restart()
    desk.fleet.receive(CAR, car.events_frame(first=1))
    assert (desk.mails(), desk.car_row().rev) == (mails, rev)
    assert mails.count("card_registered") == 1


@pytest.mark.parametrize("whose", ["driver", "staff"])
def test_somebody_elses_card_stays_theirs(
    desk: Desk, car: ScriptedCar, booking: int, whose: str
) -> None:
    desk.fleet.add_card(desk.driver, CARD)
    command = ask(desk, car, booking)
    if whose == "staff":
        desk.fleet.add_staff_card(NEW_CARD, "Mori")
    else:
        desk.fleet.add_card(desk.other, NEW_CARD)
    before, mails = records_of(desk.db), desk.mails()
    touch(car, booking)
    assert outcome(desk, command) == ("card_of_somebody_else", "…0001")
    assert (records_of(desk.db), desk.mails()) == (before, mails)
    (alarm,) = desk.fleet.status()["alarms"]
    assert (alarm["name"], alarm["booking"]) == ("card_not_registered", booking)
    assert alarm["detail"] == f"card …0001 for {desk.driver}: card_of_somebody_else"


def test_the_time_passes_and_nothing_changes(desk: Desk, car: ScriptedCar, booking: int) -> None:
    command = ask(desk, car, booking)
    desk.clock.now_s += 60
    car.happen(codes.AUDIT_ENROL_EXPIRED, booking)
    car.tell()
    assert outcome(desk, command) == ("time_over", None)
    assert "card_registered" not in desk.mails()
    again = ask(desk, car, booking, "again")
    touch(car, booking)
    assert outcome(desk, command) == ("time_over", None)
    assert outcome(desk, again) == ("registered", "…0001")


def test_the_event_says_that_it_opened_when_the_answer_is_lost(
    desk: Desk, car: ScriptedCar, booking: int
) -> None:
    command = desk.fleet.operate(desk.driver, booking, "enrol", "enrol")
    ident = bytes.fromhex(command)
    desk.taken()
    car.happen(codes.AUDIT_ENROL_OPENED, booking, struct.pack(">B8s", codes.BY_COMMAND, ident))
    car.tell()
    assert outcome(desk, command) == ("open", None)
    until_s = desk.fleet.command(command)["enrol_until_s"]
    assert until_s == int(desk.clock.now_s) + 60
    touch(car, booking)
    late = car.frame(kb1.RESULT, kb1.pack_result(ident, True, [], b"", 1, 1))
    desk.fleet.receive(CAR, late)
    assert desk.fleet.command(command)["status"] == "accepted"
    assert outcome(desk, command) == ("registered", "…0001")


def test_a_car_that_tells_late_does_not_undo_a_newer_card(
    desk: Desk, car: ScriptedCar, booking: int
) -> None:
    command = ask(desk, car, booking)
    desk.fleet.disconnected(CAR)
    detail = struct.pack(">B8sI", codes.BY_CARD, NEW_CARD, 1)
    car.happen(codes.AUDIT_CARD_ENROLLED, booking, detail)
    desk.clock.now_s += 1
    desk.fleet.add_card(desk.driver, CARD)
    car.tell()
    assert outcome(desk, command) == ("card_replaced_since", "…0001")
    assert cards_of(desk) == {CARD: 1}
    assert desk.alarms() == ["card_not_registered"]


def test_a_car_with_the_old_card_loses_it_in_a_large_fleet(
    desk: Desk, car: ScriptedCar, booking: int
) -> None:
    """The car of a booking that is over still knows the driver's card."""
    desk.fleet.add_card(desk.driver, CARD)
    desk.fleet.add_car("Suginami 2", OTHER_CAR)
    desk.fleet.add_booking(desk.driver, OTHER_CAR, NOW_S + 3 * HOUR_S, NOW_S + 4 * HOUR_S)
    add_strangers(desk, car_copy.FAMILIAR_MAX)
    with desk.db.transaction():
        desk.db.run("UPDATE booking SET status = 'over' WHERE car = ?", OTHER_CAR)
    assert (codes.OP_PUT_CARD, CARD) in records_of(desk.db, OTHER_CAR)
    ask(desk, car, booking)
    touch(car, booking)
    for one in (CAR, OTHER_CAR):
        assert (codes.OP_PUT_CARD, CARD) not in records_of(desk.db, one)
        assert (codes.OP_PUT_CARD, NEW_CARD) in records_of(desk.db, one)


@pytest.mark.parametrize("detail", [b"", bytes(12), struct.pack(">B8sI", 1, NEW_CARD, 2)])
def test_an_event_that_makes_no_sense_changes_nothing(
    desk: Desk, car: ScriptedCar, booking: int, detail: bytes
) -> None:
    """Too short, or of a driver whose booking it is not; it is kept all the same."""
    ask(desk, car, booking)
    car.happen(codes.AUDIT_CARD_ENROLLED, booking, detail)
    car.tell()
    assert cards_of(desk) == {}
    assert desk.fleet.counts["enrolment_senseless"] == 1
    assert len(desk.fleet.events_of(booking)) == 1


def test_it_is_offered_only_where_the_terms_have_it(tmp_path: Path) -> None:
    """ENROL-1."""
    desk = Desk(tmp_path / "other.db", "top24-2023")
    number = desk.fleet.add_booking(desk.driver, CAR, NOW_S, NOW_S + HOUR_S)["id"]
    objections = desk.fleet.booking(desk.driver, number)["objections"]
    assert objections["enrol"] == "not_allowed_in_profile"
    with pytest.raises(Refused, match="not_allowed_in_profile"):
        desk.fleet.operate(desk.driver, number, "enrol", "key")
    desk.db.close()


@pytest.mark.parametrize(
    ("now_s", "status", "said"),
    [
        (NOW_S - 841, "booked", "too_early"),
        (NOW_S - 840, "booked", ""),
        (NOW_S + 2 * HOUR_S - 1, "booked", ""),
        (NOW_S + 2 * HOUR_S, "booked", "booking_over"),
        (NOW_S + 2 * HOUR_S, "in_use", ""),
        (NOW_S, "ended", "booking_over"),
        (NOW_S, "reopened", "booking_over"),
        (NOW_S, "cancelled", "no_booking"),
    ],
)
def test_when_it_is_offered(desk: Desk, booking: int, now_s: int, status: str, said: str) -> None:
    """ENROL-1: from 14 minutes before the start, and during use."""
    with desk.db.transaction():
        desk.db.run(
            "UPDATE booking SET status = ?, window_until_s = ? WHERE id = ?",
            status, NOW_S + 600, booking,
        )  # fmt: skip
    desk.clock.now_s = now_s
    assert desk.fleet.booking(desk.driver, booking)["objections"]["enrol"] == said
    if said in ("booking_over", "no_booking") and status != "booked":
        with pytest.raises(Refused, match=said):
            desk.fleet.operate(desk.driver, booking, "enrol", "key")


def test_a_card_that_nobody_asked_for_is_nobodys(
    desk: Desk, car: ScriptedCar, booking: int
) -> None:
    """A stolen car's key makes no card that opens the driver's next car."""
    desk.fleet.add_card(desk.driver, CARD)
    settle(desk, car, 3)
    touch(car, booking)
    settle(desk, car, 3)
    assert cards_of(desk) == {CARD: 1}
    (alarm,) = desk.fleet.status()["alarms"]
    assert alarm["name"] == "card_not_registered"
    assert alarm["detail"].endswith("nobody asked for it")


def test_one_asking_is_good_for_one_card(desk: Desk, car: ScriptedCar, booking: int) -> None:
    """Each card of a driver's goes to every car: a car with its key stolen could keep all of them busy."""
    command = ask(desk, car, booking)
    touch(car, booking)
    settle(desk, car, 3)
    revs = [one["rev"] for one in desk.fleet.status()["cars"]]
    for number in range(20):
        touch(car, booking, bytes.fromhex("01010601CAFE0100")[:7] + bytes((number,)))
        exchange(desk, car)
    assert car.acked == 21
    assert outcome(desk, command) == ("registered", "…0001")
    assert desk.mails().count("card_registered") == 1
    assert cards_of(desk) == {NEW_CARD: 1}
    assert [one["rev"] for one in desk.fleet.status()["cars"]] == revs
    assert desk.alarms() == ["card_not_registered"] * OPEN_MAX


def test_a_card_counts_though_nothing_said_that_it_opened(
    desk: Desk, car: ScriptedCar, booking: int
) -> None:
    """Neither the answer nor the event came: once, all the same."""
    command = desk.fleet.operate(desk.driver, booking, "enrol", "enrol")
    desk.taken()
    touch(car, booking)
    assert outcome(desk, command) == ("registered", "…0001")
    touch(car, booking, CARD)
    assert cards_of(desk) == {NEW_CARD: 1}


def test_a_refused_asking_is_good_for_none(desk: Desk, car: ScriptedCar, booking: int) -> None:
    command = desk.fleet.operate(desk.driver, booking, "enrol", "enrol")
    desk.taken()
    ident = bytes.fromhex(command)
    refused = kb1.pack_result(ident, False, [(codes.BUSY, 0)], b"", 1, 1)
    desk.fleet.receive(CAR, car.frame(kb1.RESULT, refused))
    touch(car, booking)
    assert cards_of(desk) == {}
    assert desk.alarms() == ["card_not_registered"]
