"""Two things in one turn, of which one shuts the car and the other opens it: the later one holds."""

from firmware.turn import Turn
from firmware.wire import codes
from tests.portable.firmware.car_rig import Car
from tests.portable.firmware.loop_rig import CARD

OPEN = (codes.NO, codes.NO)


def answers(car: Car) -> "list[tuple[bytes, bool]]":
    return sorted([(one[0], one[1]) for one in car.results()])


def test_of_two_opposite_pulses_the_later_one_is_wanted_safe_2() -> None:
    for line in range(codes.PULSES):
        turn = Turn()
        turn.pulse(line, codes.BY_CARD, CARD, 5)
        turn.pulse(line ^ 1, codes.BY_COMMAND, CARD, 5)
        wanted = [i for i in range(codes.PULSES) if turn.pulse_cause[i]]
        assert wanted == [line ^ 1]


def test_the_other_relay_keeps_what_was_decided_for_it() -> None:
    turn = Turn()
    turn.pulse(codes.PULSE_LOCK, codes.BY_DEADLINE, CARD, 5)
    turn.pulse(codes.PULSE_BLOCK, codes.BY_DEADLINE, CARD, 5)
    turn.pulse(codes.PULSE_UNLOCK, codes.BY_CARD, CARD, 5)
    wanted = [i for i in range(codes.PULSES) if turn.pulse_cause[i]]
    assert wanted == [codes.PULSE_UNLOCK, codes.PULSE_BLOCK]


def test_start_3_a_start_in_the_turn_that_leaves_maintenance_opens() -> None:
    car = Car()
    car.book()
    car.centre.online = True
    car.send(b"MAINT_ON", codes.VERB_MAINTENANCE_ON, 0, 0)
    car.run(1000)
    assert car.loop.state == "maintenance"
    car.centre.take()
    car.send(b"MAINTOFF", codes.VERB_MAINTENANCE_OFF, 0, 0)
    car.send(b"STARTSTA", codes.VERB_START)
    car.run(2000)
    assert car.loop.state == "unlocked" and car.read_back() == OPEN
    assert answers(car) == [(b"MAINTOFF", True), (b"STARTSTA", True)]
    assert car.rises() == [1, 0, 1, 0]


class Jparc(Car):
    profile = "jparc-2023"


def test_use_5_a_reunlock_in_the_turn_of_the_security_lock_opens() -> None:
    car = Jparc()
    car.return_key()
    car.centre.online = True
    car.run_until_due("key_return", 1)
    car.send(b"REUNLOCK", codes.VERB_REUNLOCK)
    car.after(1)
    assert codes.AUDIT_SECURED in [event[0] for event in car.loop.committed]
    car.run(2000)
    assert car.loop.state == "unlocked" and car.read_back() == OPEN
    assert answers(car) == [(b"REUNLOCK", True)]


def test_end_4_an_end_in_the_turn_of_a_start_that_is_repeated_shuts() -> None:
    """The other way round: what opens comes first, and the car is shut as the state says."""
    car = Car()
    car.book()
    car.centre.online = True
    car.send(b"STARTSTA", codes.VERB_START)
    car.send(b"ENDENDEN", codes.VERB_END)
    car.run(2000)
    assert car.loop.state == "ended" and car.read_back() == (codes.YES, codes.YES)
    assert car.rises() == [0, 1, 0, 1]
