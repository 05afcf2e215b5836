"""python -m simulator view: one look at a car through its feed, drawn or in lines."""

from __future__ import annotations

import argparse
import os
import select
import signal
import sys
import time
from collections import deque
from dataclasses import replace
from types import FrameType

from fleetd.arguments import PORT_MAX, Parser, is_whole
from simulator.desk.feed_client import FeedClient
from simulator.live.draw_screen import Screen, screen_of
from simulator.live.hands import request_of
from simulator.live.terminal import INTERRUPT, Keyboard, LeaveError
from simulator.live.told import NOTED, REFUSED, SIGNS, Told

DONE, FAILED = 0, 1
FRAME_S = 0.05
TOLD_KEPT = 100
#: Nobody was ever there for so long: it is no feed.
PATIENCE_S = 20.0
_ENDING = (signal.SIGINT, signal.SIGTERM)


def parser() -> argparse.ArgumentParser:
    found = Parser(
        prog="python -m simulator view",
        description="A live view of a simulated car, from its feed.",
        epilog="example:\n  python -m simulator view --feed 127.0.0.1:7070\n\n"
        "Any number of them may look at one car. Exit code 0: left by q or Ctrl-C; 1: there is no"
        "\nfeed; 2: the arguments are wrong.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    found.add_argument("--feed", required=True, type=feed_address, metavar="HOST:PORT",
                       help="as python -m simulator run tells it")  # fmt: skip
    found.add_argument("--desk", default="", metavar="URL", help="of its desk page, to be shown")
    found.add_argument("--phones", default="", metavar="URL", help="of the phone site, the same")
    found.add_argument("--plain", action="store_true", help="lines instead of a picture")
    return found


def main(argv: list[str]) -> int:
    """The exit code."""
    arguments = parser().parse_args(argv)
    for number in _ENDING:
        signal.signal(number, _leave)
    client = FeedClient(*arguments.feed)
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        if arguments.plain or not can_draw():
            return _lines(client)
        return _drawn(client, _places(arguments))
    except LeaveError as leave:
        return leave.code
    finally:
        client.close()


def can_draw() -> bool:
    """Whether both ends are a terminal that can show it."""
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    is_seen = sys.stdin.isatty() and sys.stdout.isatty()
    return is_seen and encoding == "utf8" and os.environ.get("TERM", "dumb") != "dumb"


def _lines(client: FeedClient) -> int:
    until_s = time.monotonic() + PATIENCE_S
    was_there = False
    while True:
        client.poll()
        for one in client.take_told():
            print(f"{one.at}  {SIGNS.get(one.kind, '')}{one.text}", flush=True)
        was_there |= client.is_there
        if not was_there and time.monotonic() > until_s:
            return _nobody(client)
        descriptor = client.fileno()
        select.select([] if descriptor is None else [descriptor], [], [], FRAME_S)


def _places(arguments: argparse.Namespace) -> str:
    """What a terminal said before the drawing hid it."""
    named = ("desk page", arguments.desk), ("phones", arguments.phones)
    return "   ".join(f"{name} {address}" for name, address in named if address)


def _drawn(client: FeedClient, places: str) -> int:
    from rich.console import Console

    from simulator.live.frames import Frames

    look = Look(client, places)
    if not look.is_ready(PATIENCE_S):
        return _nobody(client)
    console = Console(highlight=False)
    with Keyboard(sys.stdin.fileno()) as keyboard, Frames(console, time.monotonic) as frames:
        while True:
            look.hear(keyboard.read())
            client.poll()
            look.collect()
            frames.show(look.screen)
            descriptor = client.fileno()
            keyboard.wait(FRAME_S, *([] if descriptor is None else [descriptor]))


class Look:
    """What is on the screen, and what keys ask for."""

    def __init__(self, client: FeedClient, places: str) -> None:
        self._client = client
        self._places = places
        self._told: deque[Told] = deque(maxlen=TOLD_KEPT)
        self._was_there = True

    def is_ready(self, within_s: float) -> bool:
        """Wait until there is something to be seen."""
        until_s = time.monotonic() + within_s
        while time.monotonic() < until_s:
            self._client.poll()
            if self._client.car is not None and self._client.course is not None:
                return True
            time.sleep(FRAME_S)
        return False

    def hear(self, keys: str) -> None:
        """The keys q and Ctrl-C leave; the others go to the car."""
        for key in keys:
            if key in ("q", "Q", INTERRUPT):
                raise LeaveError
            request = request_of(key, self._client.car) if self._client.car else None
            if request is not None and not self._client.ask(request):
                self._say("The car's process is not there just now.")

    def collect(self) -> None:
        """What was told since the last time."""
        client = self._client
        self._told.extend(one for one in client.take_told() if one.kind != NOTED)
        for sentence in client.errors:
            self._say(sentence)
        client.errors.clear()
        if client.is_there != self._was_there:
            self._was_there = client.is_there
            back = "The car's process is back." if client.is_there else "The car's process is gone."
            self._say(back)

    def screen(self) -> Screen:
        """What there is to be seen now."""
        client = self._client
        assert client.car is not None
        screen = screen_of(client.car, list(self._told), self._now_s())
        return replace(screen, places=self._places)

    def _now_s(self) -> float:
        course = self._client.course
        assert course is not None
        return course.at(time.monotonic())

    def _say(self, sentence: str) -> None:
        at = self._told[-1].at if self._told else "        "
        self._told.append(Told(at, REFUSED, sentence))


def _nobody(client: FeedClient) -> int:
    print(
        f"--feed {client.place}: no car answers there; python -m simulator run starts one",
        file=sys.stderr,
    )
    return FAILED


def feed_address(text: str) -> tuple[str, int]:
    """HOST:PORT, for argparse."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not is_whole(port, 1, PORT_MAX):
        raise argparse.ArgumentTypeError(f"{text} is no address; write it like 127.0.0.1:7070")
    return host, int(port)


def _leave(number: int, _frame: FrameType | None) -> None:
    """Once: what comes while it is being left changes nothing more."""
    for other in _ENDING:
        signal.signal(other, signal.SIG_IGN)
    raise LeaveError(DONE if number == signal.SIGINT else 128 + number)
