"""A view's end of the feed: it joins at any time, and again when the car's process is another."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from simulator.desk import feed_client
from simulator.desk.clock import Course
from simulator.desk.feed import HOST, FeedServer
from simulator.desk.feed_client import FeedClient
from simulator.live.told import Told

LOOKS_MAX = 100_000
COURSE = Course(1.0, 1775000000.0, 2.0)


def told(number: int, text: str) -> dict[str, Any]:
    return {"told": {"n": number, "at": "09:00:00", "kind": "said", "text": text}}


class Feed:
    """A server that can be ended and begun again on its port."""

    def __init__(self) -> None:
        self.greeting: list[dict[str, Any]] = [
            COURSE.message(), {"car": {"state": "vacant"}}, told(1, "one"),
        ]  # fmt: skip
        self.asked: list[dict[str, Any]] = []
        self.server = FeedServer(0, lambda: self.greeting, self.asked.append)
        self.client = FeedClient(HOST, self.server.port)

    def until(self, found: Callable[[], object]) -> None:
        for _ in range(LOOKS_MAX):
            self.server.poll()
            self.client.poll()
            if found():
                return
        raise AssertionError("it did not come")

    def restart(self) -> None:
        port = self.server.port
        self.server.close()
        for _ in range(LOOKS_MAX):
            self.client.poll()
            if not self.client.is_there:
                break
        assert not self.client.is_there
        self.server = FeedServer(port, lambda: self.greeting, self.asked.append)


@pytest.fixture
def feed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Feed]:
    monkeypatch.setattr(feed_client, "_AGAIN_AFTER_S", 0.0)
    found = Feed()
    yield found
    found.client.close()
    found.server.close()


def test_it_knows_all_when_it_has_joined(feed: Feed) -> None:
    feed.until(lambda: feed.client._fresh)
    assert feed.client.course == COURSE
    assert feed.client.car == {"state": "vacant"}
    assert feed.client.take_told() == [Told("09:00:00", "said", "one")]
    assert feed.client.take_told() == []


def test_it_asks_and_hears_refusals(feed: Feed) -> None:
    assert not feed.client.ask({"pause": True})
    feed.until(lambda: feed.client.is_there)
    assert feed.client.ask({"do": "open driver"})
    feed.until(lambda: feed.asked)
    assert feed.asked == [{"do": "open driver"}]
    feed.server.tell({"id": 1, "error": "it does not open"})
    feed.until(lambda: feed.client.errors)
    assert feed.client.errors == ["it does not open"]


def test_a_line_is_told_once(feed: Feed) -> None:
    feed.until(lambda: feed.client._fresh)
    feed.server.tell(told(1, "one"))
    feed.server.tell(told(2, "two"))
    feed.until(lambda: len(feed.client._fresh) == 2)
    assert [one.text for one in feed.client.take_told()] == ["one", "two"]


def test_it_comes_back_to_a_car_that_was_started_again(feed: Feed) -> None:
    feed.until(lambda: feed.client._fresh)
    feed.client.take_told()
    feed.greeting = [{"car": {"state": "in_use"}}, told(1, "again")]
    feed.restart()
    feed.until(lambda: feed.client._fresh)
    assert feed.client.car == {"state": "in_use"}
    assert feed.client.course == COURSE  # until it is told another
    assert [one.text for one in feed.client.take_told()] == ["again"]


def test_what_makes_no_sense_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((HOST, 0)) as listener:
        client = FeedClient(HOST, listener.getsockname()[1])
        client.poll()
        line, _ = listener.accept()
        with line:
            line.sendall(b'x\n[1]\n{"car": 3}\n{"clock": {}}\n{"car": {"state": "off"}}\n')
            for _ in range(LOOKS_MAX):
                client.poll()
                if client.car:
                    break
        client.close()
        assert (client.car, client.course) == ({"state": "off"}, None)
