"""What the exploration found, each the shortest way to it: it must not come back."""

from __future__ import annotations

import pytest

from firmware.wire import codes
from tests.proof.car import Car
from tests.proof.life import Life
from tests.proof.scene import CARD
from tests.proof.trouble import ALL
from tests.proof.watchers import WATCHERS

STAY = "pulses done, relays stay"
DONE = "pulses done, relays obey"
RETURNED = (
    "own card", DONE, "door reads yes", "key in box reads no", "door reads no",
    "key in box reads yes",
)  # fmt: skip
RELOCKED = (
    "key in box reads no", "key in box reads unknown", "own card", DONE,
    "next deadline falls due",
)  # fmt: skip
FOUND = {
    "safe_5_a_change_in_the_first_turn_that_fails_is_told": ("journal fails: key",),
    "safe_5_the_same_after_a_reset": ("reset", "journal fails: door"),
    "fault_1_an_end_that_cannot_be_journaled_is_answered": ("own card", "journal fails: end"),
    "fault_1_a_later_turn_that_fails_does_not_forget_who_waits": (
        *RETURNED, "end", "journal fails: door", DONE,
    ),
    "fault_1_a_finished_end_that_cannot_be_journaled_is_finished_later": (
        *RETURNED, "end", "journal fails: pulses done",
    ),
    "safe_3_a_key_that_was_taken_in_a_locked_car_was_taken_after_a_reset_too": (
        *RELOCKED, "key in box reads no", "reset, key moved", "doors locked reads no",
    ),
    "safe_3_the_same_when_it_could_not_be_journaled": (
        *RELOCKED, "key in box reads no", "journal fails: key", "start",
    ),
    "use_2_a_key_that_was_out_already_is_out_in_a_car_that_is_boarded": (
        "key in box reads no", "engine reads yes", "own card", "key in box reads unknown", DONE,
        "two deadlines fall due in one turn", "door reads yes", "key in box reads no",
        "engine reads no",
    ),
    "tech_3_what_a_technicians_turn_hears_of_the_key_is_not_his_doing": (
        "key in box reads no", "own card, key cannot be told", "technician unlocks, console locked",
    ),
    "use_3_a_warning_in_a_failing_end_is_not_the_last": (
        "own card", "end", "a warning falls due", "reset, key moved",
    ),
    "use_2_a_lock_due_in_a_failing_end_still_comes": (
        *RETURNED, "time passes to 1 s before the next deadline", "end",
        "next deadline falls due", "pulses done, relays stay", "pulses done, relays stay",
        "pulses done, relays stay",
    ),
    "touch_1_a_card_that_a_command_overtook_is_forgotten": (
        "own card, online", "start", DONE, "end", DONE,
        "other's card, other's window open, online", "centre answers, other's window open",
    ),
    "safe_5_a_key_that_was_taken_while_the_power_was_away_is_told": (
        "door reads yes", "own card", "reset, key moved", "door reads no", "key in box reads yes",
        "own card",
    ),
    "end_5_a_key_taken_while_an_end_is_done_counts_as_taken": (
        *RETURNED[:3], "door reads no", "end", "key in box reads no", "key in box reads yes",
        *[STAY] * 3, "next deadline falls due",
    ),
    "use_2_an_end_that_fails_knows_of_the_time_of_the_key": (
        "key in box reads no", "own card", "key in box reads yes", "own card",
        "reset, inputs never rest",
    ),
    "start_7_a_key_that_was_out_and_could_not_be_told_at_the_start": (
        "key in box reads no", "key in box reads unknown", "own card", DONE, "door reads yes",
        "key in box reads no", "door reads no", "key in box reads yes", "own card",
    ),
    "use_2_a_look_for_the_key_outlives_a_turn_that_fails": (
        *RETURNED, "engine reads yes", "next deadline falls due", "key in box reads unknown",
        "engine reads no", "journal fails: own card", "key in box reads yes",
        "next deadline falls due",
    ),
}  # fmt: skip
#: A driver whose key cannot be told may end where the operator leaves that to staff (END-8).
REVIEWED = (*RETURNED[:5], "key in box reads unknown", "end", STAY, STAY, STAY)


def test_end_8_an_end_that_fails_while_the_key_cannot_be_told() -> None:
    """USE-2, END-8: the use goes on with the key taken, and the time of its return is a whole one."""
    car = play((*REVIEWED, "key in box reads yes"), "jparc-2023")
    assert car.rental.state == "key_returned"
    assert car.next_ms() == [600_000]


@pytest.mark.parametrize("name", FOUND)
def test_found(name: str) -> None:
    """SAFE-5, FAULT-1, USE-2, USE-3, TOUCH-1: a sequence that once went wrong."""
    play(FOUND[name], "top24-2023")


def play(steps: tuple[str, ...], profile: str) -> Car:
    """The car after all that, with nothing to complain of."""
    by_name = {happening.name: happening for happening in ALL}
    car = Car(profile, WATCHERS, {})
    for step in steps:
        assert by_name[step].can(car), step
        by_name[step].do(car)
        assert not car.found, car.found
        car.normalise()
    return car


def test_safe_3_a_reset_that_cannot_be_journaled_gives_no_time_back() -> None:
    """SAFE-3, SAFE-4: the time off counts although neither the reset nor the next turn was written."""
    life = Life()
    life.run(70)
    life.tap(CARD)
    assert life.loop.state == "unlocked"
    life.journal_storage.fail_next(3)
    life.power_cycle(30, trusted=True)
    life.move(codes.IN_DOOR_PASSENGER, codes.YES)
    assert not life.found, life.found
