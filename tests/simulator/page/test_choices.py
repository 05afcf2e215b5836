"""What a desk can begin anew with, and what is no such thing."""

from typing import Any

import pytest

from simulator.page.browser_news import LINES_MAX, Mailbox
from simulator.page.choices import choices, read_wish
from simulator.page.feed_line import AskError

WISH: dict[str, Any] = {
    "story": "rental-day.yaml",
    "profile": "top24-2023",
    "vm": "cpython",
    "hold": False,
}


def test_every_choice_is_one() -> None:
    found = choices()
    assert [one["title"] for one in found["stories"]][:2] == [
        "A car that waits for you", "A rental day",
    ]  # fmt: skip
    assert len({one["file"] for one in found["stories"]}) == len(found["stories"]) > 50
    assert found["profiles"] == ["jparc-2023", "top24-2018", "top24-2023"]
    assert {one["profile"] for one in found["stories"]} <= set(found["profiles"])
    for profile in found["profiles"]:
        assert read_wish({**WISH, "profile": profile})["begin"]["profile"] == profile
    for vm in found["vms"]:
        wish = read_wish({**WISH, "vm": vm["vm"]})["begin"]
        assert wish["vm"] == vm["vm"]
        assert wish["scenario"].endswith("rental-day.yaml")


def test_another_interpreter_alone_leaves_the_rest() -> None:
    assert read_wish({**WISH, "story": None, "profile": None}) == {
        "begin": {"scenario": None, "profile": None, "vm": "cpython", "hold": False}
    }


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"story": "../../etc/passwd"}, "no story"),
        ({"story": "none.yaml"}, "no story"),
        ({"story": 3}, "no story"),
        ({"story": []}, "no story"),
        ({"profile": "../profiles/top24-2023"}, "no profile"),
        ({"profile": None}, "no profile"),
        ({"profile": "."}, "no profile"),
        ({"vm": "pypy"}, "no interpreter"),
        ({"vm": []}, "no interpreter"),
        ({"hold": 1}, "true or false"),
        ({"more": 1}, "takes story, profile, vm and hold"),
    ],
)
def test_a_wish_that_cannot_be(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(AskError) as refused:
        read_wish({**WISH, **wrong})
    assert said in str(refused.value)
    assert refused.value.status == 400


def test_what_waits_for_a_slow_browser_is_bounded() -> None:
    """Of a kind only the newest, lines up to a limit; taken once."""
    import asyncio

    async def play() -> tuple[str, str]:
        mailbox = Mailbox()
        for number in range(LINES_MAX + 50):
            mailbox.put("car", number)
            mailbox.put("told", number)
        return await mailbox.take(1), await mailbox.take(0)

    waited, nothing = asyncio.run(play())
    assert waited.count("event: car\n") == 1
    assert f"event: car\ndata: {LINES_MAX + 49}\n" in waited
    assert waited.count("event: told\n") == LINES_MAX
    assert "data: 49\n" not in waited
    assert nothing == ": nothing new\n\n"
