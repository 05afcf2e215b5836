"""Time from a simulator: fast, standing still, jumping, and gone."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from fleetd.serving import clock as clock_file
from fleetd.serving.clock import (
    LINE_BYTES_MAX,
    WALL_MAX_S,
    Follower,
    Lines,
    MachineClock,
    Reading,
    SimulatedClock,
    parse,
)
from fleetd.serving.exchange import SILENCE_LEAST_S, Exchange
from fleetd.serving.serve import main, tick_real_s
from tests.fleetd.daemon import PATIENCE_S, Daemon, LiveCar, Phone, until
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Clock, Desk
from tests.fleetd.simulated_clock import ClockServer


class Machine:
    def __init__(self) -> None:
        self.now_s = 500.0

    def __call__(self) -> float:
        return self.now_s


def line(**changes: Any) -> bytes:
    clock = {"monotonic_s": 500.0, "simulated_s": NOW_S, "rate": 60.0, **changes}
    return json.dumps({"clock": clock}).encode()


def test_simulated_time_runs_at_its_rate() -> None:
    machine = Machine()
    clock = SimulatedClock(Reading(400.0, NOW_S, 60.0), machine)
    assert clock.now_s() == NOW_S + 6000
    before_s = clock.passed_s()
    machine.now_s += 2
    assert clock.now_s() == NOW_S + 6120
    assert clock.passed_s() - before_s == 120


def test_a_jump_moves_the_time_and_lets_none_pass() -> None:
    machine = Machine()
    clock = SimulatedClock(Reading(500.0, NOW_S, 1.0), machine)
    machine.now_s += 5
    clock.take(Reading(505.0, NOW_S + HOUR_S, 0.0))
    assert (clock.now_s(), clock.passed_s(), clock.rate) == (NOW_S + HOUR_S, 5, 0)
    machine.now_s += 100
    assert (clock.now_s(), clock.passed_s()) == (NOW_S + HOUR_S, 5)
    clock.take(Reading(605.0, NOW_S, 2.0))
    machine.now_s += 1
    assert (clock.now_s(), clock.passed_s()) == (NOW_S + 2, 7)


def test_time_stays_within_what_the_wire_can_say() -> None:
    machine = Machine()
    assert SimulatedClock(Reading(0.0, WALL_MAX_S - 1.0, 1.0), machine).now_s() == WALL_MAX_S
    assert SimulatedClock(Reading(9000.0, 10.0, 1.0), machine).now_s() == 0


def test_the_line_that_is_understood() -> None:
    assert parse(line()) == Reading(500.0, NOW_S, 60.0)
    assert parse(line(rate=0)) == Reading(500.0, NOW_S, 0.0)


@pytest.mark.parametrize(
    "other",
    [
        b"", b"\xff", b"[]", b"7", b"{}", b'{"clock": 7}', b'{"clock": {}}', b"[" * 3000,
        line(rate=-1), line(rate=True), line(rate="1"), line(rate=None), line(rate=10**400),
        line(simulated_s=-1), line(simulated_s=WALL_MAX_S + 1), line(monotonic_s=float("nan")),
        line(rate=float("inf")),
    ],
)  # fmt: skip
def test_other_lines_are_ignored(other: bytes) -> None:
    assert parse(other) is None


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_lines_are_found_however_they_are_cut(size: int) -> None:
    long = b"y" * (LINE_BYTES_MAX + 1)
    data = b"a\n\n" + b"x" * LINE_BYTES_MAX + b"\n" + long + b"\nb\n" + long * 3 + b"\nc\nrest"
    lines = Lines()
    found = [one for at in range(0, len(data), size) for one in lines.feed(data[at : at + size])]
    assert found == [b"a", b"", b"x" * LINE_BYTES_MAX, b"b", b"c"]


def test_the_tick_keeps_up_with_the_rate() -> None:
    assert [tick_real_s(rate) for rate in (0, 0.5, 1, 4, 50, 60, 1e9)] == [
        1, 1, 1, 0.25, 0.02, 0.02, 0.02,
    ]  # fmt: skip


def test_a_lost_simulator_is_sought_again_and_its_time_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clock_file, "CONNECT_ANEW_S", 0.01)

    async def scene(server: ClockServer) -> None:
        follower = Follower("127.0.0.1", server.port)
        clock = await follower.clock(PATIENCE_S)
        assert clock.rate == 2
        await asyncio.to_thread(server.connected.acquire)
        server.cut()
        first_s = clock.now_s()
        await asyncio.to_thread(server.connected.acquire)
        assert clock.now_s() >= first_s
        server.tell(NOW_S, 0)
        while clock.rate:
            await asyncio.sleep(0.01)
        assert clock.now_s() == NOW_S
        await follower.stop()

    with ClockServer(NOW_S, 2) as server:
        asyncio.run(asyncio.wait_for(scene(server), PATIENCE_S))


def test_each_reading_is_confirmed() -> None:
    """So that the simulated car can wait until the daemon no longer answers in another time."""

    async def scene(server: ClockServer) -> None:
        follower = Follower("127.0.0.1", server.port)
        await follower.clock(PATIENCE_S)
        await asyncio.to_thread(server.connected.acquire)
        assert await asyncio.to_thread(server.heard) == server.told_monotonic_s
        server.tell(NOW_S, 5)
        assert await asyncio.to_thread(server.heard) == server.told_monotonic_s
        await follower.stop()

    with ClockServer(NOW_S, 2) as server:
        asyncio.run(asyncio.wait_for(scene(server), PATIENCE_S))


def test_cars_fall_silent_in_their_own_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their keep alive is counted where they live; a slow machine is not their silence."""
    machine = Machine()
    monkeypatch.setattr(time, "monotonic", machine)
    clock = SimulatedClock(Reading(500.0, NOW_S, 60.0), machine)
    endpoint = Exchange().endpoint(desk.fleet, clock)
    machine.now_s += 3
    assert (endpoint.clock(), endpoint.own_clock()) == (180, 503)
    assert endpoint.limits.silence_least_s == SILENCE_LEAST_S
    assert Exchange().endpoint(desk.fleet, MachineClock()).limits.silence_least_s == 0


@contextmanager
def serving(folder: Path, server: ClockServer) -> Iterator[Daemon]:
    daemon = Daemon(folder, "--clock", f"127.0.0.1:{server.port}")
    try:
        yield daemon
    finally:
        if daemon.process.poll() is None:
            daemon.kill()


def test_the_daemon_lives_in_the_simulators_time(tmp_path: Path) -> None:
    with ClockServer(NOW_S, 0) as server, serving(tmp_path, server) as daemon:
        phone = Phone(daemon)
        phone.log_in()
        status, made = phone.ask(
            "POST", "/v1/bookings", "b1", car=CAR, starts_s=NOW_S, ends_s=NOW_S + 2 * HOUR_S
        )
        assert (status, made.get("made_s")) == (201, NOW_S), made
        car = LiveCar(daemon, clock=Clock())
        car.connect()
        car.script.hello(trusted=False)
        until(lambda: car.script.times, "time from the centre")
        assert {now_s for _, now_s in car.script.times} == {NOW_S}
        status, asked = phone.ask("POST", f"/v1/bookings/{made['id']}/commands", "c1", verb="end")
        assert status == 202
        place = f"/v1/commands/{asked['id']}"
        until(lambda: phone.get(place)["status"] == "accepted", "answer")
        # A day later, at once.
        server.tell(NOW_S + 24 * HOUR_S, 1)
        until(lambda: phone.get(f"/v1/bookings/{made['id']}")["state"] != made["state"], "morrow")
        car.leave()
        assert daemon.stop() == 0
        assert daemon.log.read_text() == ""


def test_a_simulator_that_tells_nothing(
    tmp_path: Path, desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fleetd.serving.serve.FIRST_WITHIN_S", 0.2)
    with ClockServer(NOW_S, 1, is_mute=True) as server:
        place = f"127.0.0.1:{server.port}"
        exit_code = main(["--db", str(desk.path), "--clock", place, "--http-port", "0",
                          "--mqtt-port", "0"])  # fmt: skip
    seen = capsys.readouterr()
    assert (exit_code, seen.out) == (1, "")
    assert seen.err == f"--clock {place}: told no time for 0 s; is the simulator running there?\n"


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("192.0.2.7:9000", "--clock 192.0.2.7:9000: is for a simulator on this machine;"),
        ("fleet.example.org:9000", "--clock fleet.example.org:9000: is for a simulator"),
        ("127.0.0.1", "127.0.0.1 is no HOST:PORT; write it as"),
        (":9000", ":9000 is no HOST:PORT"),
        ("127.0.0.1:0", "is no HOST:PORT"),
        ("127.0.0.1:65536", "is no HOST:PORT"),
    ],
)
def test_only_a_simulator_on_this_machine(
    desk: Desk, capsys: pytest.CaptureFixture[str], place: str, sentence: str
) -> None:
    assert main(["--db", str(desk.path), "--clock", place]) == 2
    assert sentence in capsys.readouterr().err
