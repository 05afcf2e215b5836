"""The phone's operations: at most once, with an honest answer."""

import pytest

from firmware.wire import codes, frames, kb1
from fleetd.core.refused import Refused
from fleetd.service import Fleet
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Desk, ScriptedCar, exchange, settle, wire

END_S = NOW_S + 2 * HOUR_S


def online(desk: Desk) -> tuple[ScriptedCar, int]:
    number: int = desk.fleet.book(desk.driver, CAR, NOW_S, END_S)["id"]
    car = wire(desk)
    desk.fleet.connected(CAR)
    car.hello()
    exchange(desk, car)
    desk.clock.now_s += 5
    return car, number


def commands_of(desk: Desk, car: ScriptedCar, waiting: list[bytes]) -> list[kb1.Command]:
    """The CMD frames among them."""
    key = frames.direction_key(bytes.fromhex(desk.identity.key), frames.DOWN)
    opened = [frames.open_frame((key,), car.car, frame) for frame in waiting]
    return [kb1.unpack_command(found[1]) for found in opened if found and found[0] == kb1.CMD]


def test_a_start_from_the_button_to_the_answer(desk: Desk) -> None:
    """START-2."""
    car, number = online(desk)
    command = desk.fleet.operate(desk.driver, number, "start", "k1")
    assert desk.fleet.command(command)["status"] == "pending"
    exchange(desk, car)
    found = desk.fleet.command(command)
    assert (found["status"], found["locked"], found["blocked"]) == ("accepted", "no", "no")
    (act,) = car.acts
    assert (act.verb, act.booking, act.driver) == (codes.VERB_START, number, 1)
    assert act.boot == car.boot
    assert act.expires_s == car.uptime_s + 30
    assert act.left_s == END_S - NOW_S - 5


def test_the_same_key_is_the_same_command(desk: Desk) -> None:
    car, number = online(desk)
    first = desk.fleet.operate(desk.driver, number, "start", "k1")
    exchange(desk, car)
    assert desk.fleet.operate(desk.driver, number, "start", "k1") == first
    exchange(desk, car)
    assert len(car.acts) == 1
    with pytest.raises(Refused, match="key_reused"):
        desk.fleet.operate(desk.driver, number, "end", "k1")
    assert desk.fleet.operate(desk.driver, number, "end", "k2") != first


def test_sent_again_until_answered_with_the_same_id(desk: Desk) -> None:
    car, number = online(desk)
    command = desk.fleet.operate(desk.driver, number, "start", "k1")
    sent = commands_of(desk, car, desk.taken())
    for _ in range(29):
        desk.clock.now_s += 1
        desk.fleet.tick()
        sent += commands_of(desk, car, desk.taken())
    assert {one.command.hex() for one in sent} == {command}
    assert len(sent) == 6
    assert [one.counter for one in sent] == sorted({one.counter for one in sent})
    assert {one.expires_s for one in sent} == {sent[0].expires_s}


def test_sent_and_unanswered_is_unknown_and_a_late_answer_the_truth(desk: Desk) -> None:
    car, number = online(desk)
    command = desk.fleet.operate(desk.driver, number, "start", "k1")
    waiting = desk.taken()
    desk.clock.now_s += 29
    desk.fleet.tick()
    assert desk.fleet.command(command)["status"] == "pending"
    desk.clock.now_s += 1
    desk.fleet.tick()
    assert desk.fleet.command(command)["status"] == "unknown"
    desk.clock.now_s -= 20
    car.hear(waiting[0])
    assert desk.fleet.command(command)["status"] == "accepted"


def test_never_sent_is_unreachable(desk: Desk) -> None:
    number = desk.fleet.book(desk.driver, CAR, NOW_S, END_S)["id"]
    command = desk.fleet.operate(desk.driver, number, "start", "k1")
    desk.clock.now_s += 30
    desk.fleet.tick()
    found = desk.fleet.command(command)
    assert (found["status"], found["reasons"]) == ("refused", [{"code": "unreachable"}])
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    assert car.acts == []


def test_a_car_that_comes_back_in_time_gets_its_command(desk: Desk) -> None:
    car, number = online(desk)
    desk.fleet.disconnected(CAR)
    command = desk.fleet.operate(desk.driver, number, "start", "k1")
    assert desk.taken() == []
    desk.clock.now_s += 10
    desk.fleet.connected(CAR)
    desk.fleet.tick()
    assert desk.taken() == []  # which boot it is in is not known before its HELLO
    car.hello()
    exchange(desk, car)
    assert desk.fleet.command(command)["status"] == "accepted"


def test_a_car_that_connects_anew_is_asked_nothing_before_its_hello(desk: Desk) -> None:
    """The old connection may not have been seen to end; the boot may be another."""
    car, number = online(desk)
    desk.fleet.connected(CAR)
    desk.fleet.operate(desk.driver, number, "start", "k1")
    assert desk.taken() == []
    car.hello()
    exchange(desk, car)
    assert len(car.acts) == 1


def test_a_command_never_goes_to_another_boot(desk: Desk) -> None:
    """A car that has forgotten what it did could do it twice."""
    car, number = online(desk)
    command = desk.fleet.operate(desk.driver, number, "start", "k1")
    (lost,) = desk.taken()
    car.boot_anew()
    desk.clock.now_s += 6
    car.hello()
    settle(desk, car, 10)
    car.hear(lost)
    assert car.acts == []
    settle(desk, car, 15)
    assert desk.fleet.command(command)["status"] == "unknown"


def test_a_late_frame_does_nothing(desk: Desk) -> None:
    """The expiry is in the car's own uptime."""
    car, number = online(desk)
    desk.fleet.operate(desk.driver, number, "start", "k1")
    (late,) = desk.taken()
    desk.clock.now_s += 31
    car.hear(late)
    assert car.acts == []


def test_a_restarted_daemon_goes_on(desk: Desk) -> None:
    car, number = online(desk)
    command = desk.fleet.operate(desk.driver, number, "start", "k1")
    desk.restart()
    car._deliver = lambda frame: desk.fleet.receive(CAR, frame)
    desk.clock.now_s += 6
    car.hello()
    exchange(desk, car)
    assert desk.fleet.command(command)["status"] == "accepted"
    assert len(car.acts) == 1


def test_a_refusal_says_why(desk: Desk) -> None:
    car, number = online(desk)
    command = desk.fleet.operate(desk.driver, number, "end", "k1")
    desk.taken()
    reasons = [
        (codes.BRAKE_OFF, 0),
        (codes.CANNOT_TELL, 1 << codes.IN_GEAR_P),
        (codes.TOO_EARLY, NOW_S),
    ]
    body = kb1.pack_result(
        bytes.fromhex(command), False, reasons, bytes((codes.WARN_LIGHTS_ON,)), 0, 2
    )
    desk.fleet.receive(CAR, car.frame(kb1.RESULT, body))
    found = desk.fleet.command(command)
    assert found["status"] == "refused"
    assert found["reasons"] == [
        {"code": "brake_off"},
        {"code": "cannot_tell", "inputs": ["gear"]},
        {"code": "too_early", "possible_from_s": NOW_S},
    ]
    assert found["warnings"] == ["lights_on"]
    assert (found["locked"], found["blocked"]) == ("no", "cannot_tell")
    accepted = kb1.pack_result(bytes.fromhex(command), True, [], b"", 1, 1)
    desk.fleet.receive(CAR, car.frame(kb1.RESULT, accepted))
    assert desk.fleet.command(command)["status"] == "refused"


def refusal(fleet: Fleet, driver: str, booking: int, verb: str, key: str = "k") -> str:
    with pytest.raises(Refused) as caught:
        fleet.operate(driver, booking, verb, key)
    return caught.value.code


def test_what_the_daemon_refuses_by_itself(desk: Desk) -> None:
    _, number = online(desk)
    assert refusal(desk.fleet, desk.driver, 99, "start") == "no_booking"
    assert refusal(desk.fleet, desk.other, number, "start") == "not_this_driver"
    assert refusal(desk.fleet, "KAG00001", number, "start") == "member_cannot_book"
    assert refusal(desk.fleet, "KAG00001999", number, "start") == "no_driver"
    assert refusal(desk.fleet, desk.driver, number, "reunlock") == "not_allowed_in_profile"
    assert refusal(desk.fleet, desk.driver, number, "explode") == "not_allowed_in_profile"
    assert refusal(desk.fleet, desk.driver, number, "start", "") == "bad_key"
    assert refusal(desk.fleet, desk.driver, number, "start", "k" * 81) == "bad_key"
    for at in range(4):
        desk.fleet.operate(desk.driver, number, "start", f"k{at}")
    assert refusal(desk.fleet, desk.driver, number, "start") == "busy"
    for bad in ("", "zz" * 8, "00" * 8, "00" * 9):
        with pytest.raises(Refused, match="no_command"):
            desk.fleet.command(bad)


def test_no_start_after_the_licence_has_ended(desk: Desk) -> None:
    driver, _ = desk.fleet.add_driver("KAG00001", "Aoki Mio", "m@example.org", "2026-04-01")
    number = desk.fleet.add_booking(driver, CAR, NOW_S, NOW_S + 40 * HOUR_S)["id"]
    desk.fleet.operate(driver, number, "start", "k1")
    desk.clock.now_s = NOW_S + 15 * HOUR_S  # midnight
    assert refusal(desk.fleet, driver, number, "start") == "licence_expired"
    desk.fleet.operate(driver, number, "end", "k2")


def test_no_start_is_signed_for_what_the_car_says_has_ended(desk: Desk) -> None:
    """SAFE-2, START-6: a box that lost its journal would take it. All else the car answers."""
    car, number = online(desk)
    desk.fleet.operate(desk.driver, number, "start", "k1")
    exchange(desk, car)
    car.acts.clear()
    happened = [
        (codes.AUDIT_UNLOCKED, car.use_detail(), False),
        (codes.AUDIT_ENDED, car.use_detail(), True),
        (codes.AUDIT_REOPENED, b"\2", True),
        (codes.AUDIT_REOPEN_LOCKED, b"\2", True),
    ]
    for code, detail, is_over in happened:
        car.happen(code, number, detail)
        car.tell()
        exchange(desk, car)
        if is_over:
            assert refusal(desk.fleet, desk.driver, number, "start", f"s{code}") == "booking_over"
        else:
            desk.fleet.operate(desk.driver, number, "start", f"s{code}")
        for verb in ("end", "reopen", "lock"):
            desk.fleet.operate(desk.driver, number, verb, f"{verb}{code}")
            exchange(desk, car)
    starts = [act for act in car.acts if act.verb == codes.VERB_START]
    assert (len(starts), len(car.acts)) == (1, 1 + 3 * len(happened))


def test_a_start_past_the_booked_end_is_the_cars_to_refuse(desk: Desk) -> None:
    """SAFE-2: of a booking without a sign of use; it is told that nothing of it is left."""
    car, number = online(desk)
    desk.clock.now_s = END_S
    desk.fleet.operate(desk.driver, number, "start", "k1")
    exchange(desk, car)
    assert [act.left_s for act in car.acts] == [0]


def journaled(car: ScriptedCar, command: str, booking: int) -> None:
    """The car journals that it received the command, as it does before it acts."""
    car.happen(codes.AUDIT_COMMAND_RECEIVED, booking, bytes((2,)) + bytes.fromhex(command))


def told_before(desk: Desk) -> tuple[ScriptedCar, int]:
    """A car whose journal the daemon knows, and its booking."""
    car, number = online(desk)
    car.happen(codes.AUDIT_RESET, 0, b"\0")
    car.tell()
    desk.clock.now_s += 1
    return car, number


def test_a_command_that_a_reset_swallowed_goes_to_the_new_boot(desk: Desk) -> None:
    """The journal shows that the boot before never received it."""
    car, number = told_before(desk)
    command = desk.fleet.operate(desk.driver, number, "start", "k1")
    desk.taken()
    car.boot_anew()
    car.happen(codes.AUDIT_RESET, 0, b"\0")
    car.hello()
    assert commands_of(desk, car, desk.taken()) == [], "its journal is not told yet"
    car.tell()
    (sent,) = commands_of(desk, car, desk.taken())
    assert (sent.command.hex(), sent.boot) == (command, car.boot)


def test_a_command_is_not_sent_again_to_a_car_whose_journal_is_a_new_one(desk: Desk) -> None:
    """What the boot before did has gone with the old one: it may have acted."""
    car, number = told_before(desk)
    command = desk.fleet.operate(desk.driver, number, "start", "k1")
    desk.taken()
    desk.clock.now_s += 1
    car.boot_anew()
    car.journal, car.events, car.acked = 0x12, [], 0
    car.happen(codes.AUDIT_RESET, 0, b"\0")
    car.hello()
    car.tell()
    settle(desk, car, 40)
    assert car.acts == []
    assert desk.fleet.command(command)["status"] == "unknown"


def test_a_command_that_the_boot_before_received_is_never_sent_again(desk: Desk) -> None:
    car, number = told_before(desk)
    command = desk.fleet.operate(desk.driver, number, "start", "k1")
    desk.taken()
    journaled(car, command, number)
    car.boot_anew()
    car.happen(codes.AUDIT_RESET, 0, b"\0")
    car.hello()
    car.tell()
    settle(desk, car, 40)
    assert car.acts == []
    assert desk.fleet.command(command)["status"] == "unknown"


@pytest.mark.parametrize("was_received", [False, True])
def test_a_command_older_than_the_boot_waits_for_what_the_journal_says(
    desk: Desk, was_received: bool
) -> None:
    """Rule 8, I3: a clone of this database may have sent it to the boot before (long seed 20069)."""
    car, number = told_before(desk)
    desk.fleet.disconnected(CAR)
    command = desk.fleet.operate(desk.driver, number, "start", "k1")
    assert commands_of(desk, car, desk.taken()) == []
    desk.restart()  # a process does not know of one before it what a copy was made of meanwhile
    if was_received:
        journaled(car, command, number)
    desk.clock.now_s += 1
    car.boot_anew()
    car.happen(codes.AUDIT_RESET, 0, b"\0")
    desk.fleet.connected(CAR)
    car.hello()
    assert commands_of(desk, car, desk.taken()) == [], "its journal is not told yet"
    car.tell()
    sent = commands_of(desk, car, desk.taken())
    assert len(sent) == (0 if was_received else 1)


def test_a_command_of_this_process_does_not_wait_for_the_journal(desk: Desk) -> None:
    """No copy of the database was ever asked to send it: whoever has a copy is another process."""
    car, number = told_before(desk)
    desk.fleet.disconnected(CAR)
    desk.fleet.operate(desk.driver, number, "start", "k1")
    desk.clock.now_s += 1
    car.boot_anew()
    car.happen(codes.AUDIT_RESET, 0, b"\0")
    desk.fleet.connected(CAR)
    car.hello()
    assert len(commands_of(desk, car, desk.taken())) == 1


def test_a_command_younger_than_the_boot_does_not_wait_for_the_journal(desk: Desk) -> None:
    car, number = told_before(desk)
    car.happen(codes.AUDIT_RESET, 0, b"\0")
    car.hello()
    desk.taken()
    desk.fleet.operate(desk.driver, number, "start", "k1")
    assert len(commands_of(desk, car, desk.taken())) == 1
