"""Four processes that find each other, live through kills, and leave nothing behind."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from tests.simulator.desk.desk_rig import CARD, LOOK_EVERY_S, PATIENCE_S, DeskRun

Start = Callable[..., DeskRun]


@pytest.fixture(name="start")
def starter(tmp_path: Path) -> Iterator[Start]:
    runs: list[DeskRun] = []

    def start(*options: str, **more: str) -> DeskRun:
        runs.append(DeskRun(tmp_path, *options, **more))
        return runs[-1]

    yield start
    for run in runs:
        run.close()


def until_gone(pids: Iterable[int]) -> None:
    ends_s = time.monotonic() + PATIENCE_S
    while any(is_alive(pid) for pid in pids):
        assert time.monotonic() < ends_s
        threading.Event().wait(LOOK_EVERY_S)


def is_alive(pid: int) -> bool:
    """Whoever inherits it may not have fetched its exit code yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_visitor_opens_the_car_by_card_and_by_phone(start: Start) -> None:
    """Addresses, driver, password and card as they are printed are all that it takes."""
    run = start("--speed", "5")
    run.until_told("The car is yours.")
    run.told(r"cars +mqtt://127\.0\.0\.1:\d+")
    run.told(f"card {CARD}")
    run.ask(do=f"tap {CARD}")
    run.until_car(lambda car: not car["body"]["is_locked"], "unlocked car")
    assert run.car()["state"] == "unlocked"
    # The daemon heard of it, in the car's own time.
    token = run.log_in()
    seen = run.until(
        lambda: [
            one
            for one in run.phone("GET", "/v1/bookings", token)["bookings"]
            if one["state"] == "in_use"
        ],
        "booking in use",
    )
    assert 0 <= seen[0]["started_s"] - 1775004600 < 3600  # 09:50 and what passed since
    assert run.car()["is_in_step"]
    assert run.end() == 0
    assert "Traceback" not in run.text + run.logs()


def test_hands_may_ask_for_nonsense_and_get_a_sentence(start: Start) -> None:
    run = start()
    run.ask(do="open sesame")
    run.until(lambda: run.car() and run.feed.errors, "refusal")
    assert run.feed.errors[0].startswith("door sesame is not known; expected one of driver")
    assert run.end() == 0


def test_a_car_that_is_killed_is_as_it_was_and_goes_on(start: Start) -> None:
    """SAFE-3: the world and the flash outlive the process; to the box it is a power cut."""
    run = start("--speed", "5")
    run.until_told("The car is yours.")
    run.ask(do=f"tap {CARD}")
    # The motors take a moment longer than the decision.
    run.until_car(lambda car: not car["body"]["is_locked"], "unlocked car")
    for done in ("open driver", "knob rent", "key out", "close driver"):
        run.ask(do=done)
    run.until_car(lambda car: car["state"] == "in_use", "car in use")
    run.kill("car")
    run.until_told("The car was killed by signal 9; it is started again.")
    run.until_told("The car is back")
    run.until_car(lambda car: car["state"] == "in_use" and car["is_in_step"], "car in use again")
    body = run.car()["body"]
    assert not body["key_is_in"]
    assert not body["is_blocked"]
    assert body["knob"] == "rent"
    run.kill("serve")
    run.until_told("The daemon was killed by signal 9; it is started again.")
    # Both are there again and speak with each other: a return is heard of.
    for done in ("key in", "knob return"):
        run.ask(do=done)
    run.until_car(lambda car: car["state"] == "key_returned", "key that is heard of")
    run.touch_until(CARD, lambda car: car["state"] == "ended", "end of the rental")
    run.until_told("mail end_accepted")
    assert run.end() == 0


def test_whoever_kills_the_launcher_kills_all(start: Start) -> None:
    run = start()
    run.until(lambda: len(run.pids()) == 4, "four processes")
    pids = run.pids().values()
    run.process.kill()
    run.process.wait()
    until_gone(pids)


def test_kept_it_goes_on_where_it_ended(start: Start) -> None:
    run = start("--speed", "5", "--keep")
    run.until_told("--keep: nothing is kept in ")
    run.until_told("The car is yours.")
    password = run.told(r"password (\S+),")[1]
    run.ask(do="window open")
    run.until_car(lambda car: car["body"]["window_is_open"], "open window")
    assert run.end(signal.SIGTERM) in (143, 1)
    again = start("--keep")
    again.until_told("The car is back")
    assert again.told(r"password (\S+),")[1] == password
    again.until_car(lambda car: car["body"]["window_is_open"], "open window")
    again.until_car(lambda car: car["is_in_step"], "car in step")
    assert again.end() == 0


def test_a_port_in_use_is_one_sentence(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run = start("--port", str(port))
        assert run.process.wait(60) == 1
    run._reader.join()
    (line,) = run.lines
    assert line.startswith(f"port {port} cannot be had: Address already in use")
    assert "make run PORT=8090" in line


def test_a_desk_has_one_launcher(start: Start) -> None:
    run = start()
    run.until_told("Ctrl-C ends it")
    other = start()
    assert other.process.wait(60) == 1
    other._reader.join()
    assert "another process uses it" in other.text
    assert run.end() == 0


def test_without_its_view_the_desk_ends(start: Start) -> None:
    run = start()
    os.kill(run.until(lambda: run.pids().get("view"), "view"), signal.SIGKILL)
    assert run.process.wait(PATIENCE_S) == 1
    assert "The view was killed by signal 9; all is ended." in run.until(lambda: run.text, "line")
