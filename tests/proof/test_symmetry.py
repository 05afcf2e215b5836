"""What the exploration takes as alike is alike: doors, engine and motion, key and knob."""

from __future__ import annotations

import itertools

import pytest

from firmware.snapshot import Snapshot
from firmware.wire import codes
from tests.proof import reading
from tests.proof.__main__ import PROFILES
from tests.proof.alike import Comparison
from tests.proof.car import Car
from tests.proof.explore import Exploration
from tests.proof.scene import CARD
from tests.proof.trouble import STORIES
from tests.proof.watchers import WATCHERS

VALUES = (codes.NO, codes.YES, codes.UNKNOWN)
DOORS = range(codes.IN_DOOR_DRIVER, codes.IN_TRUNK + 1)


def test_any_door_stands_for_the_others() -> None:
    """doors_open depends on how many doors are open, closed, unknown, and not on which."""
    seen: dict[tuple[int, ...], set[int]] = {}
    snapshot = Snapshot()
    for values in itertools.product(VALUES, repeat=5):
        snapshot.values[: codes.IN_TRUNK + 1] = bytes(values)
        seen.setdefault(tuple(sorted(values)), set()).add(snapshot.doors_open())
    assert len(seen) == 21
    assert all(len(answers) == 1 for answers in seen.values())


def test_one_door_says_as_much_as_five() -> None:
    """All that the table asks of five doors, one door can answer."""
    snapshot = Snapshot()
    answers = set()
    for value in VALUES:
        snapshot.values[: codes.IN_TRUNK + 1] = bytes(5)
        snapshot.values[codes.IN_DOOR_DRIVER] = value
        answers.add(snapshot.doors_open())
    assert answers == set(VALUES)


def test_engine_and_motion_are_alike_safe_1() -> None:
    """SAFE-1: in_motion does not know one from the other, and each alone gives every answer."""
    snapshot = Snapshot()
    for engine, moving in itertools.product(VALUES, repeat=2):
        answers = []
        for pair in ((engine, moving), (moving, engine)):
            snapshot.values[codes.IN_ENGINE], snapshot.values[codes.IN_MOVING] = pair
            answers.append(snapshot.in_motion())
            assert (answers[-1] == codes.NO) == reading.is_at_rest(snapshot.values)
        assert answers[0] == answers[1]
        snapshot.values[codes.IN_ENGINE], snapshot.values[codes.IN_MOVING] = engine, codes.NO
        assert snapshot.in_motion() == engine


def test_the_key_is_in_the_box_as_the_rules_say() -> None:
    """Connector and knob, each with every reading, beside the second reading of the rules."""
    snapshot = Snapshot()
    for has_knob, key, knob in itertools.product((False, True), VALUES, VALUES):
        snapshot.key_has_knob = has_knob
        snapshot.values[codes.IN_KEY], snapshot.values[codes.IN_KNOB_AT_RETURN] = key, knob
        assert snapshot.key_in_box() == reading.key_in_box(snapshot.values, has_knob)


def test_each_door_takes_the_car_the_same_way() -> None:
    """A start, a door, an end that it refuses: the same states and signals whichever door it is."""
    ways = set()
    for door in DOORS:
        car = Car("top24-2023", WATCHERS, {})
        states = []
        car.tap(CARD)
        for value in (codes.YES, codes.NO, codes.YES):
            car.put(door, value)
            step = car.step("input")
            states.append((step.after, tuple(step.codes), bytes(car.turn.levels)))
        car.command(codes.VERB_END)
        states.append((car.rental.state, tuple(car.lefts()), bytes(car.turn.levels)))
        assert not car.found
        ways.add(tuple(states))
    assert len(ways) == 1


def test_a_saved_state_is_the_same_state() -> None:
    """What `save` and `load` bring back answers as before, and has the same key."""
    car = Car("top24-2023", WATCHERS, {})
    car.tap(CARD)
    car.normalise()
    here, key = car.save(), car.key()
    car.command(codes.VERB_END)
    car.normalise()
    after = car.key()
    assert after != key
    car.load(here)
    assert car.key() == key
    car.command(codes.VERB_END)
    car.normalise()
    assert car.key() == after


@pytest.mark.parametrize("profile", PROFILES)
def test_merged_states_go_on_alike(profile: str) -> None:
    """What `normal.merge` makes one does, tells and becomes the same in every happening."""
    comparison = Comparison(profile, states=12, every=11)
    differences = list(comparison.differences(checked_max=25))
    assert comparison.checked == 25
    assert not differences, differences[0]


def test_the_key_box_alone_makes_no_other_states() -> None:
    """`top24-2018` and `top24-2023` differ in it, and in a setting that only END-8 reads: the same graph."""
    explorations = []
    for profile in ("top24-2018", "top24-2023"):
        exploration = Exploration(profile)
        exploration.run(15, STORIES)
        explorations.append(exploration)
    one, other = explorations
    assert (one.cores.states, one.transitions, one.car.steps) == (
        other.cores.states,
        other.transitions,
        other.car.steps,
    )
    assert (one.parents, one.how) == (other.parents, other.how)
    assert (one.edges_from, one.edges_to) == (other.edges_from, other.edges_to)
    assert list(one._seen) == list(other._seen)
