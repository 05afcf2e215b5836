"""How a story is played: what a step waits for, what it misses, what it must never see."""

import json
from pathlib import Path

import pytest

from simulator.scenario.problem import StoryError
from simulator.scenario.runner import profile_terms
from tests.simulator.scenario.told import HEAD, START, missed, story, told

TAP = "tap 0101060112AB34CD"


def test_a_story_that_holds() -> None:
    outcome = told(START + "  - {do: open driver, see: {state: boarding}}\n")
    assert outcome.passed
    assert outcome.timeline == sorted(outcome.timeline, key=lambda entry: entry[0])


def test_within_stops_at_the_first_moment() -> None:
    outcome = told("  - {do: site start}\n  - {within: 1h, see: {state: unlocked}}\n")
    assert outcome.passed
    assert outcome.lasted_us < 1_000_000


def test_within_sees_what_is_gone_again_soon() -> None:
    """The refusal is shown for less than a second of the hour."""
    assert (
        missed("  - {do: tap 0101060199999999}\n  - {within: 1h, see: {reader: refused}}\n") == []
    )


def test_within_wants_all_at_one_moment() -> None:
    steps = f"  - {{do: {TAP}}}\n  - {{within: 5s, see: {{reader: red, doors: unlocked}}}}\n"
    assert missed(steps) == [("reader: red within 5 s", "reader: dark")]


def test_what_is_missed_is_told_with_its_place() -> None:
    outcome = told("  - {after: 1s}\n  - {see: {doors: unlocked, engine: free, state: vacant}}\n")
    found = [(f.step, f.line, f.wanted, f.seen) for f in outcome.failures]
    line = HEAD.count("\n") + 3
    assert found == [
        (2, line, "doors: unlocked", "doors: locked"),
        (2, line, "engine: free", "engine: blocked"),
    ]


def test_never_runs_to_its_end_and_minds_every_moment() -> None:
    steps = "  - {do: site start, never: {hazards: flashing, engine: blocked}, during: 5m}\n"
    outcome = told(steps)
    assert outcome.lasted_us == 300_000_000
    wanted = [failure.wanted for failure in outcome.failures]
    assert wanted == [
        "never engine: blocked during 300 s",
        "never hazards: flashing during 300 s",
    ]
    assert outcome.failures[1].seen.startswith("hazards: flashing at 09:50:00.")


def test_never_counts_events_and_refusals_from_its_own_beginning() -> None:
    steps = START + "  - {never: {events: unlocked}, during: 10s}\n"
    assert missed(steps) == []
    steps = "  - {do: tap 0101060199999999}\n  - {after: 5s}\n"
    assert missed(steps + "  - {never: {refusal: unknown_card}, during: 10s}\n") == []
    assert missed("  - {do: site start, never: {events: unlocked}, during: 10s}\n") != []


def test_see_and_never_in_one_step_run_together() -> None:
    steps = "  - {do: site start, within: 5s, see: {doors: unlocked}, never: {doors: locked}, during: 9s}\n"
    assert missed(steps) == [("never doors: locked during 9 s", "doors: locked at 09:50:00")]


def test_see_after_do_gives_contacts_time_to_settle() -> None:
    assert missed(START + "  - {do: open driver}\n  - {see: {state: boarding}}\n") == []
    steps = START + "  - {do: open driver, see: {state: unlocked}}\n"
    assert missed(steps) == [("state: unlocked", "state: boarding")]


def test_counts_are_since_the_last_do() -> None:
    steps = START + "  - {after: 5s, see: {hazard_flashes: 2}}\n"
    assert missed(steps) == []
    assert missed(steps + "  - {do: lights on, see: {hazard_flashes: 0}}\n") == []
    events = "  - {do: lights off}\n  - {see: {events: unlocked}}\n"
    assert missed(START + events) == [("events: unlocked", "events: none")]


def test_actions_of_a_list_are_done_one_after_the_other() -> None:
    """A door that opens and closes in one list is seen to have been open."""
    steps = START + "  - {do: [open driver, close driver], see: {state: boarding}}\n"
    assert missed(steps) == []


def test_actions_of_neighbouring_steps_leave_a_hand_its_time() -> None:
    """A door that has just been closed is closed when the card is held up."""
    one_by_one = "".join(f"  - {{do: {action}}}\n" for action in ("open driver", "close driver"))
    begun_us = told(START + "  - {do: open driver}\n").lasted_us
    assert told(START + one_by_one).lasted_us == begun_us + 200_000
    assert (
        missed(START + one_by_one + "  - {do: site end}\n  - {within: 5s, see: {state: ended}}\n")
        == []
    )


def test_a_step_that_names_a_time_or_a_cut_keeps_to_it() -> None:
    begun = START + "  - {do: open driver}\n"
    begun_us = told(begun).lasted_us
    begun += "  - {after: 10ms, do: close driver}\n"
    assert (
        told(begun).lasted_us
        == told(begun + "  - {do: power cut}\n").lasted_us
        == begun_us + 10_000
    )


@pytest.mark.parametrize("begins", ["power cut, power on", "reset"])
def test_a_touch_waits_until_the_box_that_starts_hears_cards(begins: str) -> None:
    """TOUCH-1: as a driver does; at a time that the story names the card lies there from before."""
    see = "  - {within: 10s, see: {state: unlocked}}\n"
    tap = "tap 0101060112AB34CD"
    assert missed(f"  - {{do: [{begins}, {tap}]}}\n{see}") == []
    started = f"  - {{do: [{begins}]}}\n  - {{within: 5s, see: {{state: vacant}}}}\n"
    assert missed(f"{started}  - {{do: {tap}}}\n{see}") == []
    early = f"  - {{after: 0s, do: {tap}}}\n"
    refused = "  - {within: 1s, see: {reader: refused}}\n"
    assert missed(started + early + refused) == []
    assert missed(started + early + see) != []


def test_a_card_takes_the_place_of_one_that_is_still_there() -> None:
    taps = "".join(f"  - {{do: {word} {card}}}\n" for word, card in (
        ("tap", "0101060112AB34CD"), ("staff-tap", "0101060177777777"), ("tap-licence", "e8253eec"),
    ))  # fmt: skip
    outcome = told(taps + "  - {after: 3s, see: {state: unlocked}}\n")
    cards = [(t_ms, what) for t_ms, what in outcome.timeline if what.startswith("card ")]
    away = [t_ms for t_ms, what in cards if what.endswith("away")]
    there = [t_ms for t_ms, what in cards if what.endswith("on the reader")]
    assert (len(there), away) == (3, [*there[1:], there[2] + 1500])


def test_driving_takes_its_time_and_distance() -> None:
    begun = START + "  - {do: [open driver, knob rent, close driver, engine on]}\n"
    outcome = told(begun + "  - {do: drive 3.5km in 20m}\n  - {see: {state: in_use}}\n")
    assert outcome.passed
    assert 1_200_000_000 <= outcome.lasted_us < 1_205_000_000
    assert [what for _, what in outcome.timeline].count("car moves") == 1


def test_at_runs_to_that_time_of_the_scenario_not_of_the_box() -> None:
    outcome = told('  - {do: clock jump -3600s}\n  - {at: "10:00:00"}\n')
    assert outcome.lasted_us == 600_000_000


def test_an_at_of_the_second_that_has_begun_is_now() -> None:
    outcome = told('  - {do: lights on, see: {state: vacant}}\n  - {at: "09:50:00"}\n')
    assert outcome.passed
    assert outcome.lasted_us == 200_000


def test_an_at_that_has_passed_cannot_be_played() -> None:
    late = "  - {do: site start}\n  - {within: 2m, see: {state: relocked}}\n"
    with pytest.raises(StoryError, match=r"step 3 is at 09:50:30, but it is 09:51:00\.\d+ by then"):
        told(late + '  - {at: "09:50:30"}\n')


def test_after_a_failure_a_time_that_has_passed_ends_the_story() -> None:
    late = "  - {within: 10s, see: {doors: unlocked}}\n"
    outcome = told(late + '  - {at: "09:50:02"}\n  - {see: {doors: unlocked}}\n')
    assert [failure.step for failure in outcome.failures] == [1, 2]


def test_bookings_of_the_head_did_not_arrive_just_now() -> None:
    """START-4: half an hour into the booking the window has a quarter of an hour left."""
    head = HEAD.replace("09:50:00", "10:30:50")
    steps = '  - {see: {reader: red-blink}}\n  - {at: "10:31:01", see: {reader: dark}}\n'
    assert missed(steps, head) == []


def test_without_network_the_car_has_its_records_all_the_same() -> None:
    steps = f"  - {{do: {TAP}}}\n  - {{within: 2s, see: {{state: unlocked}}}}\n"
    assert missed(steps, HEAD + "network: down\n") == []


def test_unknown_profile_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(
        StoryError,
        match=r"story\.yaml:2: profile top24-2032 is not known; did you mean top24-2023\?",
    ):
        profile_terms(story("  - {after: 1s}\n", HEAD.replace("top24-2023", "top24-2032")))


def test_a_term_out_of_range_says_which(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"relock_s": 0}))
    named = story("  - {after: 1s}\n", HEAD.replace("top24-2023", str(path)))
    with pytest.raises(StoryError, match=r"mine\.json: start_early_s: missing"):
        profile_terms(named)
    path.write_text(json.dumps({**profile_terms(story("  - {after: 1s}\n")), "relock_s": 0}))
    with pytest.raises(StoryError, match=r"relock_s: 0 is below 10"):
        profile_terms(named)
    path.write_text("{")
    with pytest.raises(StoryError, match="cannot be read"):
        profile_terms(named)


def test_a_settings_value_reaches_the_car() -> None:
    steps = "  - {do: [key out, knob rent]}\n"
    notes = [what for _, what in told(steps, HEAD + "car: {key_box: connector}\n").timeline]
    assert "the knob does not turn: this car has a connector" in notes
