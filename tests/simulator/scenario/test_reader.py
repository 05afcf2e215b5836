"""Broken stories: one clear sentence each, with file, line and what was expected."""

import re

import pytest

from simulator.scenario.problem import StoryError
from simulator.scenario.reader import read_file, read_text
from tests.simulator.scenario.told import HEAD, HEAD_LINES, story

STEP = "steps:\n  - {after: 1s}\n"


def error_of(text: str) -> StoryError:
    with pytest.raises(StoryError) as caught:
        read_text(text, "story.yaml")
    return caught.value


def step_error(step: str) -> StoryError:
    error = error_of(f"{HEAD}steps:\n  - {{after: 1s}}\n  - {step}\n")
    assert error.line == HEAD_LINES + 3
    return error


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("{atr: 1s}", "key of a step atr is not known; did you mean at?"),
        ("{at: '9h'}", "at: '9h' is not a time; write it like 09:45"),
        ("{at: '09:30'}", "at: 09:30 lies before now, 09:50:00"),
        ("{after: soon}", "after: 'soon' is not a duration"),
        ("{do: []}", "do is empty"),
        ("{do: {tap: 1}}", "an action is one word, not a mapping"),
        ("{do: jump}", "action jump is not known; expected one of tap, tap-licence"),
        ("{see: {}}", "see is empty; expected any of state, reader"),
        ("{see: [locked]}", "see is a mapping (key: value), not a list"),
        ("{see: {dors: locked}}", "thing to see dors is not known; did you mean doors?"),
        ("{see: {doors: open}}", "value of doors open is not known"),
        ("{see: {state: unloked}}", "did you mean unlocked?"),
        ("{see: {reader: red-blnk}}", "did you mean red-blink?"),
        ("{see: {hazard_flashes: two}}", "hazard_flashes is a count"),
        ("{see: {hazard_flashes: -1}}", "is not a number from 0"),
        ("{see: {state: [vacant]}}", "state is one value, not a list"),
        ("{see: {refusal: to_early}}", "did you mean too_early?"),
        ("{see: {refusal: door_open trunk}}", "only cannot_tell names inputs"),
        ("{see: {events: unlock}}", "did you mean unlocked?"),
        ("{see: {events: []}}", "use never"),
        ("{see: {mails: booking_mad}}", "did you mean booking_made?"),
        ("{see: {warnings: lights}}", "did you mean lights_on?"),
        ("{see: {site: open}}", "expected one of pending, accepted, refused, unknown"),
        ("{within: 5s}", "within needs see in the same step"),
        ("{never: {doors: unlocked}}", "never needs during in the same step"),
        ("{during: 5s}", "during needs never in the same step"),
        ("{}", "an empty step"),
        ("tap", "a step is a mapping"),
        ("{do: reset, do: hang}", "do stands here twice"),
    ],
)
def test_a_step_that_is_wrong(step: str, expected: str) -> None:
    assert expected in step_error(step).sentence


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("", 1, "the file is empty"),
        ("- a\n- b\n", 1, "a story is a mapping"),
        ("title: x\n", 1, "profile is missing"),
        (HEAD + "stpes: []\n", HEAD_LINES + 1, "did you mean steps?"),
        (HEAD + "steps: []\n", HEAD_LINES + 1, "steps is empty"),
        (HEAD + "steps:\n  - {at: 1\n", HEAD_LINES + 3, "not YAML"),
        (HEAD + "network: maybe\n" + STEP, HEAD_LINES + 1, "expected one of up, down"),
        (HEAD + "car: {reader: maybe}\n" + STEP, HEAD_LINES + 1, "expected one of yes, no"),
        (HEAD + "car: {raeder: yes}\n" + STEP, HEAD_LINES + 1, "did you mean reader?"),
        (HEAD + "rules: [START4]\n" + STEP, HEAD_LINES + 1, "they look like START-4"),
        (HEAD.replace("0101060112AB34CD", "0101") + STEP, 4, "16 hexadecimal digits"),
        (HEAD.replace('end: "12:00"', 'end: "9:00"') + STEP, 6, "ends after it starts"),
        (HEAD.replace("driver: ", "drivr: ") + STEP, 6, "did you mean driver?"),
        (HEAD.replace("id: B1, ", "") + STEP, 6, "id is missing"),
        (HEAD.replace("+09:00", "") + STEP, 3, "now: '2026-04-01T09:50:00' is not a date and time"),
        (HEAD.replace("2026", "1999") + STEP, 3, "years 2021 to 2099"),
        (HEAD + "title: again\n", HEAD_LINES + 1, "title stands here twice, first in line 1"),
        ("title: a\x07b\n", 1, "not YAML"),
    ],
)
def test_a_story_that_is_wrong(text: str, line: int, expected: str) -> None:
    error = error_of(text)
    assert expected in error.sentence
    assert error.line == line
    assert str(error).startswith(f"story.yaml:{line}: ")


def test_a_booking_that_nobody_made_cannot_be_changed() -> None:
    assert "expected one of B1" in step_error("{do: cancel B2}").sentence
    story(
        "  - {do: book B2 XXY00001001 14:00 15:00}\n  - {do: [change B2 15:00 16:00, cancel B2]}\n"
    )


def test_times_only_go_forward_and_both_are_named() -> None:
    error = error_of(f'{HEAD}steps:\n  - {{after: 20m}}\n  - {{at: "10:05:00"}}\n')
    assert error.line == HEAD_LINES + 3
    assert "step 2 is at 10:05:00, but it is 10:10:00 by then" in error.sentence


def test_driving_and_never_count_as_time() -> None:
    for step in ("{do: drive 3km in 20m}", "{never: {doors: unlocked}, during: 20m}"):
        assert "10:10:00" in error_of(f'{HEAD}steps:\n  - {step}\n  - {{at: "10:05"}}\n').sentence


def test_words_stay_words() -> None:
    """What YAML 1.1 would take for booleans, numbers and sexagesimals."""
    read = story(
        "  - {at: 09:55:00, do: engine on}\n  - {do: lights off, see: {sounding: no}}\n",
        HEAD.replace("title: A story for a test", "title: no") + "car: {reader: yes}\n",
    )
    assert read.title == "no"
    assert read.settings == {"reader": True}
    assert read.steps[0].at_us == 300_000_000
    assert read.steps[1].see[0].wanted == "no"


def test_a_list_and_a_single_value_differ_for_a_refusal() -> None:
    read = story("  - {see: {refusal: busy}}\n  - {see: {refusal: [busy]}}\n")
    assert [step.see[0].is_list for step in read.steps] == [False, True]


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(StoryError, match=re.escape("no-such.yaml: cannot be read: No such file")):
        read_file("no-such.yaml")


def test_a_file_that_is_not_text(tmp_path: pytest.TempPathFactory) -> None:
    path = f"{tmp_path}/story.yaml"
    with open(path, "wb") as file:
        file.write(b"\xff\xfe\x00")
    with pytest.raises(StoryError, match="UTF-8"):
        read_file(path)


def test_nesting_has_an_end() -> None:
    assert "nested too deep" in error_of(f"{HEAD}steps:\n  - " + "[" * 5000 + "]" * 5000).sentence
