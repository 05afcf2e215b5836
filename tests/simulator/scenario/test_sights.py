"""What a story may expect to see, and when that holds."""

import re
from types import SimpleNamespace
from typing import Any

import pytest

from simulator.scenario import document, sights, words
from simulator.scenario.seen import Seen
from simulator.scenario.sights import KEYS, Sight
from tools import tree

PAGE = (tree.ROOT / "docs/scenario.md").read_text(encoding="utf-8")


def view(**values: Any) -> Any:
    return SimpleNamespace(**values)


def sight(text: str) -> Sight:
    key, _, value = text.partition(":")
    return sights.parse(key, document.load(value.strip(), "x"))


def refused(*codes: str) -> Any:
    return view(refusal=tuple((code, frozenset[str]()) for code in codes))


def test_the_page_has_every_key_and_no_other() -> None:
    table = PAGE.split("\n## What can be seen\n")[1].split("\n**Reasons**")[0]
    first_cells = re.findall(r"^\|([^|]+)\|", table, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", " ".join(first_cells))) == set(KEYS)


def test_each_key_can_be_seen() -> None:
    assert [key for key in KEYS if not isinstance(getattr(Seen, key, None), property)] == []


def test_the_page_has_every_mail() -> None:
    assert [mail for mail in words.MAILS if f"`{mail}`" not in PAGE] == []


def test_a_word_and_a_count() -> None:
    assert sight("doors: locked").holds(view(doors="locked"))
    assert not sight("doors: locked").holds(view(doors="unlocked"))
    assert sight("buzzer: 2").holds(view(buzzer=2))
    assert not sight("buzzer: 2").holds(view(buzzer=3))


def test_a_refusal_is_among_and_a_list_is_exact() -> None:
    assert sight("refusal: door_open").holds(refused("brake_off", "door_open"))
    assert not sight("refusal: door_open").holds(refused("brake_off"))
    assert not sight("refusal: [door_open]").holds(refused("brake_off", "door_open"))
    assert not sight("refusal: [brake_off, door_open]").holds(refused("door_open"))
    assert sight("refusal: [door_open, brake_off]").holds(refused("brake_off", "door_open"))
    assert not sight("refusal: busy").holds(refused())


def test_cannot_tell_may_name_the_input() -> None:
    seen = view(refusal=(("cannot_tell", frozenset({"brake", "key"})),))
    assert sight("refusal: cannot_tell").holds(seen)
    assert sight("refusal: cannot_tell brake").holds(seen)
    assert not sight("refusal: cannot_tell engine").holds(seen)
    assert sight("refusal: [cannot_tell brake]").holds(seen)


def test_events_stand_in_order_with_others_between() -> None:
    seen = view(events=["reset", "locked", "fault", "ended"])
    assert sight("events: [locked, ended]").holds(seen)
    assert sight("events: locked").holds(seen)
    assert not sight("events: [ended, locked]").holds(seen)
    assert not sight("events: [locked, locked]").holds(seen)


def test_never_minds_each_word_of_a_list() -> None:
    seen = view(events=["reset", "locked"], **vars(refused("brake_off")))
    assert sight("events: [unlocked, locked]").appears(seen)
    assert not sight("events: [unlocked, ended]").appears(seen)
    assert sight("refusal: [door_open, brake_off]").appears(seen)
    assert not sight("refusal: [door_open]").appears(seen)


def test_warnings_are_exact() -> None:
    assert sight("warnings: [window_open, lights_on]").holds(
        view(warnings=("lights_on", "window_open"))
    )
    assert not sight("warnings: lights_on").holds(view(warnings=("lights_on", "window_open")))
    assert sight("warnings: []").holds(view(warnings=()))
    assert not sight("warnings: []").holds(view(warnings=("lights_on",)))


@pytest.mark.parametrize(
    ("key", "seen", "shown"),
    [
        ("doors", {"doors": "locked"}, "doors: locked"),
        ("buzzer", {"buzzer": 0}, "buzzer: 0"),
        ("events", {"events": []}, "events: none"),
        ("events", {"events": ["reset"]}, "events: reset"),
        ("events", {"events": ["reset", "locked"]}, "events: [reset, locked]"),
        (
            "refusal",
            {"refusal": (("cannot_tell", frozenset({"brake"})),)},
            "refusal: cannot_tell brake",
        ),
    ],
)
def test_what_is_shown_could_stand_in_a_story(key: str, seen: dict[str, Any], shown: str) -> None:
    assert sights.show(key, view(**seen)) == shown
