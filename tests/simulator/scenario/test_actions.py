"""The vocabulary of actions: what the page says, what is understood and what is done are one."""

import inspect
import re
from datetime import datetime, timedelta, timezone

import pytest

from simulator.scenario import actions, values, words
from simulator.scenario.actions import ACTIONS
from simulator.scenario.problem import WordError
from simulator.scenario.stage import Stage
from tools import tree

NOW = datetime(2026, 4, 1, 9, 40, tzinfo=timezone(timedelta(hours=9)))
PAGE = (tree.ROOT / "docs/scenario.md").read_text(encoding="utf-8")

#: A word for each place, to try a pattern with.
WORD_FOR = {
    "IDM": "0101060112AB34CD",
    "ID": "B1",
    "DRIVER": "XXY00001001",
    "DOOR": "rear-left",
    "GEAR": "N",
    "START": "10:00",
    "END": "12:00",
    "DURATION": "20m",
    "DELAY": "8s",
    "SECONDS": "15m",
    "SHIFT": "-3600s",
    "DISTANCE": "3.5km",
    "PERCENT": "30%",
    "VOLT": "11.4V",
    "INPUT": "brake",
    "VALUE": "off",
    "REASON": "overdue",
}


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def written(pattern: str) -> str:
    return " ".join(WORD_FOR.get(word.rstrip("*"), word) for word in pattern.split())


@pytest.mark.parametrize("pattern", ACTIONS)
def test_each_action_is_understood_as_itself(pattern: str) -> None:
    assert actions.parse(written(pattern), 1, NOW).pattern == pattern


@pytest.mark.parametrize("pattern", ACTIONS)
def test_each_action_has_a_method_that_takes_its_arguments(pattern: str) -> None:
    action = actions.parse(written(pattern), 1, NOW)
    inspect.signature(getattr(Stage, action.method)).bind(None, *action.arguments)


def test_the_page_has_every_action_and_no_other() -> None:
    said = set(re.findall(r"`([^`]+)`", section("Actions"))) - {"DOOR", "as DRIVER", *words.DOORS}
    shown = {
        actions.parse(" ".join(WORD_FOR.get(word, word) for word in text.split()), 1, NOW).pattern
        for text in said
    }
    # `as DRIVER` is shown once, for all that the phone does.
    assert shown == {pattern for pattern in ACTIONS if not pattern.endswith(" as DRIVER")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("opne driver", "did you mean open?"),
        ("open drivr", "did you mean driver?"),
        ("open", "expected open DOOR"),
        ("site strat", "did you mean site start?"),
        ("site extend", "expected site start | site end | site extend DURATION"),
        ("gear X", "expected one of P, R, N, D"),
        ("window close", "did you mean window closed?"),
        ("tap 12AB", "16 hexadecimal digits"),
        ("drive fast", "expected drive DISTANCE in DURATION"),
        ("drive 3 in 20m", "write it like 3.5km or 800m"),
        ("network lossy 130%", "at most 100%"),
        ("network slow 8", "write it like 500ms"),
        ("battery 11", "write it like 11.4V"),
        ("stuck brake closed", "expected one of on, off, yes, no"),
        ("unknown brakes", "did you mean brake?"),
        ("clock jump 1500ms", "whole number of seconds"),
        ("book B2 X 12:00 10:00", "booking B2 ends at 2026-04-01T10:00:00+09:00, but starts at"),
        ("battery 99V", "more than 32V, the most that a box measures"),
        ("drive 5km in 0m", "5000 m in 0 s is faster than 300 km/h; give the drive more time"),
        ("drive 301km in 1h", "faster than 300 km/h"),
        ("network slow 3601s", "write at most 60m"),
        ("site start as", "as DRIVER behind it when somebody else does it"),
        ("reset now", "expected reset"),
        ("", "no action here"),
    ],
)
def test_what_is_wrong_is_said(text: str, expected: str) -> None:
    with pytest.raises(WordError, match=re.escape(expected)):
        actions.parse(text, 1, NOW)


def test_arguments_have_the_units_of_the_simulator() -> None:
    def arguments(text: str) -> tuple[values.Argument, ...]:
        return actions.parse(text, 1, NOW).arguments

    assert arguments("drive 3.5km in 20m") == (3500, 1_200_000_000)
    assert arguments("drive 300km in 1h") == (300_000, 3_600_000_000)
    assert arguments("network slow 60m") == (3_600_000_000,)
    assert arguments("battery 32V") == (32_000,)
    assert arguments("clock jump -3600s") == (-3600,)
    assert arguments("network slow 8s") == (8_000_000,)
    assert arguments("site extend 15m as XXY00002002") == (900, "XXY00002002")
    assert arguments("battery 11.4V") == (11400,)
    assert arguments("tap 0101060112ab34cd") == (bytes.fromhex("0101060112AB34CD"),)
    assert arguments("centre position accident, third car") == ("accident, third car",)
    assert arguments("stuck rear-left open") == ("door_rear_left", 1)
    assert arguments("stuck knob rent") == ("knob", 0)


def test_only_driving_takes_time() -> None:
    assert actions.parse("drive 3.5km in 20m", 1, NOW).takes_us == 1_200_000_000
    assert actions.parse("site extend 15m", 1, NOW).takes_us == 0


def test_every_input_has_its_words() -> None:
    assert set(values.INPUT_VALUES) == set(words.INPUTS)
