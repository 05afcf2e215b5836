"""HELLO with numbers that no honest car has: refused, counted by field, and no harm that stays.

The car's own genuine key signs all of it, as a thief's box would.
"""

from __future__ import annotations

import struct
from typing import Any

import pytest

from firmware.wire import codes, frames, kb1
from firmware.wire.journal_format import pack_event
from fleetd.core import bounds
from fleetd.core.bounds import COUNTED_MAX, GEN_AHEAD_MAX
from tests.fleetd.rig import (
    CAR,
    HOUR_S,
    NOW_S,
    Desk,
    ScriptedCar,
    command_in,
    exchange,
    online,
    settle,
)

MOST = 0xFFFFFFFF
EDGES = (0, 1, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1)
NUMBERS = ("uptime", "gen", "rev", "counter", "journal", "next", "now")
THIEFS = b"thiefs b"


def say(desk: Desk, car: ScriptedCar, **changed: Any) -> None:
    """A HELLO that is the car's own but for some fields."""
    fields = {
        "flags": 2, "boot": car.boot, "uptime": car.uptime_s, "nonce": b"a nonce!", "gen": car.gen,
        "rev": car.rev, "hash": car.hash8, "counter": car.counter, "journal": car.journal,
        "next": len(car.events) + 1, "now": int(desk.clock.now_s),
    }  # fmt: skip
    fields.update(changed)
    body = struct.pack(">B8sI8sII8sIIII", *fields.values())
    desk.fleet.receive(CAR, car.frame(kb1.HELLO, body))


@pytest.mark.parametrize(
    ("field", "least", "most"),
    [
        ("counter", 0, COUNTED_MAX),
        ("uptime", 1, COUNTED_MAX),
        ("next", 1, COUNTED_MAX),
        ("gen", 0, 1 + GEN_AHEAD_MAX),
    ],
)
def test_a_number_is_taken_up_to_its_bound_and_not_beyond(
    desk: Desk, field: str, least: int, most: int
) -> None:
    car = online(desk)
    before = desk.car_row()
    for value in (most + 1, MOST, *([least - 1] if field == "next" else [])):
        say(desk, car, boot=THIEFS, **{field: value})
        assert desk.car_row() == before
        assert desk.taken() == []
    assert desk.fleet.counts[f"hello_{field}"] == 2 + (field == "next")
    for value in (least, most):
        say(desk, car, boot=THIEFS, **{"uptime": value, field: value})
        assert desk.car_row().boot == THIEFS
    assert desk.fleet.counts[f"hello_{field}"] == 2 + (field == "next")


def test_a_nonce_of_zeros_is_a_prompts_and_no_cars(desk: Desk) -> None:
    car = online(desk)
    say(desk, car, nonce=bytes(8))
    assert desk.fleet.counts["hello_nonce"] == 1


def test_three_in_a_row_are_an_alarm_with_a_count(desk: Desk) -> None:
    """It stays until somebody has seen to it, and there is one of it."""
    car = online(desk)
    for _ in range(2):
        say(desk, car, counter=MOST)
    desk.clock.now_s += 1
    car.hello()
    for _ in range(2):
        say(desk, car, counter=MOST)
    assert desk.alarms() == []
    say(desk, car, next=0)
    (alarm,) = desk.fleet.status()["alarms"]
    assert (alarm["name"], alarm["car"], alarm["times"]) == ("hello_refused", CAR, 1)
    assert alarm["detail"].startswith("its next cannot be")
    desk.clock.now_s += 1
    car.hello()
    for _ in range(7):
        say(desk, car, counter=MOST)
    (alarm,) = desk.fleet.status()["alarms"]
    assert alarm["times"] == 2


@pytest.mark.parametrize("field", NUMBERS)
def test_no_edge_ends_a_tick_while_a_command_waits(desk: Desk, field: str) -> None:
    """What a thief says in a boot of his own, and what he says in the car's."""
    car = online(desk)
    for value in EDGES:
        for boot in (THIEFS, car.boot):
            desk.fleet.ask_position(CAR, "Mori", "fuzzed")
            say(desk, car, **{"boot": boot, field: value})
            for _ in range(7):
                desk.clock.now_s += 5
                desk.fleet.tick()
            desk.taken()
    assert [name for name in desk.fleet.counts if name.endswith("_failed")] == []
    assert {"car_failed", "daemon_failed"} & set(desk.alarms()) == set()


@pytest.mark.parametrize("counter", [COUNTED_MAX - 1, COUNTED_MAX])
def test_what_a_thief_said_of_his_boot_is_nothing_to_the_cars(desk: Desk, counter: int) -> None:
    """The highest counter that is taken leaves his boot without commands, and no other one."""
    car = online(desk)
    say(desk, car, boot=THIEFS, counter=counter)
    desk.fleet.ask_position(CAR, "Mori", "to the thief")
    sent = [frame for frame in desk.taken() if kind_of(desk, frame) == kb1.CMD]
    assert len(sent) == COUNTED_MAX - counter
    assert desk.fleet.counts["command_without_number"] == 1 - len(sent)
    settle(desk, car, 31)
    car.boot_anew()
    car.hello()
    exchange(desk, car)
    desk.fleet.ask_position(CAR, "Mori", "to the car")
    assert command_in(desk).counter == 1


def kind_of(desk: Desk, frame: bytes) -> int:
    key = frames.direction_key(bytes.fromhex(desk.identity.key), frames.DOWN)
    opened = frames.open_frame((key,), bytes.fromhex(CAR), frame)
    return opened[0] if opened else 0


def test_in_one_boot_the_counter_only_rises(desk: Desk) -> None:
    """A HELLO from before the last command lowers nothing; a restored database is lifted."""
    car = online(desk)
    for _ in range(3):
        desk.fleet.ask_position(CAR, "Mori", "where")
        exchange(desk, car)
    late = car.counter - 2
    desk.clock.now_s += 1
    say(desk, car, counter=late)
    assert desk.car_row().counter == car.counter == 3
    desk.clock.now_s += 1
    say(desk, car, counter=70)
    desk.fleet.ask_position(CAR, "Mori", "where")
    assert command_in(desk).counter == 71


def test_generations_cannot_be_used_up(desk: Desk) -> None:
    """Each step that is believed is small, and after three a person is asked."""
    car = online(desk)
    for _ in range(9):
        own = desk.car_row().gen
        say(desk, car, boot=THIEFS, uptime=own, gen=own + GEN_AHEAD_MAX, rev=5)
        desk.clock.now_s += 1
    assert desk.car_row().gen <= 1 + 3 * (GEN_AHEAD_MAX + 1)


def test_events_not_told_are_those_of_the_newest_hello(desk: Desk) -> None:
    car = online(desk)
    car.happen(1)
    car.tell()
    exchange(desk, car)
    for _ in range(3):
        car.happen(1)
    say(desk, car, next=COUNTED_MAX)
    assert desk.fleet.figures()["events_not_told_max"] == COUNTED_MAX - 2
    desk.clock.now_s += 1
    car.hello()
    assert desk.fleet.figures()["events_not_told_max"] == 3
    say(desk, car, boot=THIEFS, journal=0x99, next=COUNTED_MAX)
    desk.clock.now_s += 1
    car.hello()
    assert desk.fleet.figures()["events_not_told"] == 3
    desk.clock.now_s += 5
    car.tell()
    assert desk.fleet.figures()["events_not_told"] == 0
    settled_s = desk.car_row().settled_s
    assert settled_s == int(desk.clock.now_s), "all that was told of is here"


def test_a_journal_that_is_gone_is_not_waited_for(desk: Desk) -> None:
    """What a lost flash had not told will never come; the alarm says that it is gone."""
    car = online(desk)
    for _ in range(9):
        car.happen(1)
    car.tell()
    car.hello()
    desk.clock.now_s += 1
    assert desk.fleet.figures()["events_not_told"] == 1
    car.journal, car.events, car.acked = 0x22, [], 0
    car.boot_anew()
    car.hello()
    assert desk.fleet.figures()["events_not_told"] == 0


def test_a_gap_or_a_hole_beyond_all_sense_moves_no_figure(desk: Desk) -> None:
    car = online(desk)
    gap = pack_event(codes.AUDIT_GAP, 5, 1, 0, struct.pack(">I", MOST))
    for body in (kb1.pack_events(car.journal, MOST - 5, [gap]), kb1.pack_events(7, 1, [gap])):
        for _ in range(3):
            desk.fleet.receive(CAR, car.frame(kb1.EVENTS, body))
            desk.clock.now_s += 130
    assert desk.fleet.figures()["events_missing"] == {"gap": 0, "lost": 0}
    assert desk.fleet.counts["frame_senseless"] == 6


def test_what_is_senseless_is_pure(desk: Desk) -> None:
    """The bounds leave an honest car room for more than its life."""
    ages_s = 60 * 365 * 24 * HOUR_S
    hello = kb1.Hello(False, True, b"b" * 8, ages_s, b"n" * 8, 90, 5, bytes(8), ages_s // 5, 1,
                      ages_s // 60, NOW_S)  # fmt: skip
    assert bounds.senseless_field(hello, 1) == ""
