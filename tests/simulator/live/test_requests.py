"""What a view may ask: understood, or refused in a sentence that says what was expected."""

from datetime import datetime
from typing import Any

import pytest

from simulator.live.requests import (
    Do,
    Jump,
    Pause,
    Rate,
    Request,
    RequestError,
    Resume,
    Say,
    read_request,
)

NOW = datetime.fromisoformat("2026-04-01T09:30:00+09:00")


def test_an_action_is_read_as_a_story_has_it() -> None:
    request = read_request({"do": "tap 0101060112AB34CD"}, NOW)
    assert isinstance(request, Do)
    assert (request.action.method, request.action.arguments) == (
        "tap", (bytes.fromhex("0101060112AB34CD"),),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "request_"),
    [
        ({"rate": 10}, Rate(10.0)),
        ({"rate": 0.125}, Rate(0.125)),
        ({"rate": 1000}, Rate(1000.0)),
        ({"pause": True}, Pause(True)),
        ({"pause": False}, Pause(False)),
        ({"jump": "deadline"}, Jump()),
        ({"story": "resume"}, Resume()),
        ({"story": "step"}, Resume(one_step=True)),
        ({"say": "Lunch.\x1b[2J\n"}, Say("Lunch. [2J ")),
    ],
)
def test_the_others(asked: dict[str, Any], request_: Request) -> None:
    assert read_request(asked, NOW) == request_


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "one of do, rate, pause, jump, story, say"),
        ({"do": "open driver", "rate": 2}, "one of do"),
        ({"do": "open driver", "x": 2}, "one of do"),
        ({"fly": True}, "one of do"),
        ({"do": 3}, "words of an action"),
        ({"do": "opne driver"}, "action opne is not known; did you mean open?"),
        ({"do": "tap 12"}, "'12' is not a card"),
        ({"do": ""}, "no action here"),
        ({"do": "x" * 201}, "200 characters"),
        ({"rate": 0}, "from 0.125 to 1000"),
        ({"rate": 1000.1}, "from 0.125 to 1000"),
        ({"rate": float("nan")}, "from 0.125 to 1000"),
        ({"rate": 10**400}, "from 0.125 to 1000"),
        ({"rate": True}, "from 0.125 to 1000"),
        ({"rate": "10"}, "from 0.125 to 1000"),
        ({"pause": 1}, "true or false"),
        ({"jump": "end"}, "jump knows only deadline"),
        ({"story": None}, "story knows only resume"),
        ({"say": ""}, "1 to 300"),
        ({"say": "x" * 301}, "1 to 300"),
        ({"say": ["x"]}, "1 to 300"),
    ],
)
def test_bad_input_gets_a_sentence(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(RequestError) as found:
        read_request(asked, NOW)
    assert said in str(found.value)
