"""What the phone asks a car to do: done once, told honestly."""

from typing import Any

import pytest

from firmware.wire import codes, kb1
from firmware.wire.code_names import REASON_NAMES, WARNING_NAMES
from fleetd.api import booking_calls, command_calls
from fleetd.sentences import is_known
from tests.fleetd.api.phone import Phone, Reply, phone_of
from tests.fleetd.rig import (
    CAR,
    Desk,
    ScriptedCar,
    command_in,
    exchange,
    online,
)


@pytest.fixture
def phone(desk: Desk, booking: int) -> Phone:
    return phone_of(desk)


def operate(phone: Phone, booking: int, verb: str = "start", key: str = "key-1") -> Reply:
    return phone.post(f"/v1/bookings/{booking}/commands", key, verb=verb)


def answer(car: ScriptedCar, command: kb1.Command, reasons: list[tuple[int, int]]) -> bytes:
    result = kb1.pack_result(command.command, not reasons, reasons, b"", codes.UNKNOWN, codes.YES)
    return car.frame(kb1.RESULT, result)


def test_a_command_is_sent_and_accepted(desk: Desk, phone: Phone, booking: int) -> None:
    """START-2: the phone does what a card does."""
    car = online(desk)
    asked = operate(phone, booking)
    assert asked.status == 202
    assert (asked.body["status"], asked.body["reached_car"]) == ("pending", "cannot_tell")
    assert asked.body["expires_s"] == asked.body["made_s"] + 30
    exchange(desk, car)
    done = phone.get(asked.headers["location"]).body
    assert (done["status"], done["reached_car"]) == ("accepted", "yes")
    assert (done["locked"], done["blocked"]) == ("no", "no")
    assert len(car.acts) == 1


def test_the_same_key_is_the_same_command(desk: Desk, phone: Phone, booking: int) -> None:
    car = online(desk)
    first = operate(phone, booking).body
    exchange(desk, car)
    again = operate(phone, booking).body
    assert (again["id"], again["status"]) == (first["id"], "accepted")
    exchange(desk, car)
    assert len(car.acts) == 1
    assert operate(phone, booking, "end").error == (409, "key_reused")
    assert operate(phone, booking, "end", "key-2").body["id"] != first["id"]


def test_a_refusal_of_the_car_comes_with_its_reasons(
    desk: Desk, phone: Phone, booking: int
) -> None:
    """END-5: every failed check."""
    car = online(desk)
    asked = operate(phone, booking, "end")
    unclear = 1 << codes.IN_BRAKE | 1 << codes.IN_GEAR_P
    reasons = [(codes.ENGINE_RUNNING, 0), (codes.CANNOT_TELL, unclear)]
    desk.fleet.receive(CAR, answer(car, command_in(desk), reasons))
    refused = phone.get(asked.headers["location"]).body
    assert (refused["status"], refused["reached_car"]) == ("refused", "yes")
    assert [one["code"] for one in refused["reasons"]] == ["engine_running", "cannot_tell"]
    assert all(one["sentence"] for one in refused["reasons"])
    assert len(refused["reasons"][1]["inputs"]) == 2
    assert "setting" not in refused["reasons"][1]
    desk.fleet.set_car_terms(CAR, "top24-2023", {"cannot_tell": "refuse"}, "mori")
    asked = operate(phone, booking, "end", "again")
    desk.fleet.receive(CAR, answer(car, command_in(desk), reasons))
    told = phone.get(asked.headers["location"]).body["reasons"]
    assert "setting" not in told[0]
    assert told[1]["setting"] == "refuse"
    assert told[1]["sentence"] != refused["reasons"][1]["sentence"]
    assert (refused["locked"], refused["blocked"]) == ("cannot_tell", "yes")


def test_a_car_that_is_not_there_is_unreachable_at_the_expiry(
    desk: Desk, phone: Phone, booking: int
) -> None:
    asked = operate(phone, booking)
    assert (asked.body["status"], asked.body["reached_car"]) == ("pending", "no")
    desk.clock.now_s += 29
    desk.fleet.tick()
    assert phone.get(asked.headers["location"]).body["status"] == "pending"
    desk.clock.now_s += 1
    desk.fleet.tick()
    done = phone.get(asked.headers["location"]).body
    assert (done["status"], done["reached_car"]) == ("refused", "no")
    assert [one["code"] for one in done["reasons"]] == ["unreachable"]


def test_an_answer_that_never_comes_is_unknown_and_a_late_one_is_still_told(
    desk: Desk, phone: Phone, booking: int
) -> None:
    car = online(desk)
    asked = operate(phone, booking)
    command = command_in(desk)
    desk.clock.now_s += 30
    desk.fleet.tick()
    done = phone.get(asked.headers["location"]).body
    assert (done["status"], done["reached_car"]) == ("unknown", "cannot_tell")
    desk.fleet.receive(CAR, answer(car, command, []))
    done = phone.get(asked.headers["location"]).body
    assert (done["status"], done["reached_car"]) == ("accepted", "yes")


def test_a_command_is_shown_to_its_driver_and_member_only(
    desk: Desk, phone: Phone, booking: int
) -> None:
    place = operate(phone, booking).headers["location"]
    other = phone_of(desk, desk.other).get(place)
    assert other.error == (404, "no_command")
    assert other.body == phone.get("/v1/commands/0011223344556677").body
    assert phone_of(desk, "KAG00001").get(place).status == 200
    for junk in ("x", "0" * 15, "0" * 17, "G" * 16, "%00"):
        assert phone.get(f"/v1/commands/{junk}").error == (404, "no_command")


def test_a_verb_that_the_terms_do_not_have_is_refused(
    desk: Desk, phone: Phone, booking: int
) -> None:
    """USE-5: re-unlock only where the profile has it."""
    assert operate(phone, booking, "reunlock").error == (409, "not_allowed_in_profile")
    reply = operate(phone, booking, "explode")
    assert (reply.error, reply.body["field"]) == ((400, "bad_field"), "verb")


def test_only_so_many_commands_wait_for_a_car(desk: Desk, phone: Phone, booking: int) -> None:
    for number in range(4):
        assert operate(phone, booking, "start", f"key-{number}").status == 202
    assert operate(phone, booking, "start", "key-4").error == (409, "busy")


def test_every_code_that_can_be_told_has_a_sentence() -> None:
    told: set[Any] = {*REASON_NAMES.values(), *WARNING_NAMES.values()}
    for call in (*booking_calls.CALLS, *command_calls.CALLS):
        told.update(call.codes)
    assert [code for code in sorted(told) if not is_known(code)] == []
