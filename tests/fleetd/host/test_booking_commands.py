"""`fleetd booking`: what a fee rests on, and how the car was left."""

import json
from pathlib import Path

import pytest

from firmware.wire import codes
from firmware.wire.journal_format import (
    FLAG_LIGHTS_ON,
    FLAG_ODOMETER_POSITIONS,
    FLAG_ODOMETER_PULSES,
    FLAG_STAFF_REVIEW,
    FLAG_WINDOW_OPEN,
)
from fleetd.host.command_line import main
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Desk, exchange, settle, wire


def shown(desk: Desk, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    assert main(["booking", "1", "--db", str(desk.path), *more]) == 0
    return capsys.readouterr().out


def use(desk: Desk, start: tuple[int, int], end: tuple[int, int]) -> None:
    """(metres, flags) of both."""
    number = desk.fleet.add_booking(desk.driver, CAR, NOW_S, NOW_S + 2 * HOUR_S)["id"]
    car = wire(desk)
    desk.fleet.connected(CAR)
    car.hello()
    settle(desk, car, 3)
    for code, (metres, flags) in ((codes.AUDIT_UNLOCKED, start), (codes.AUDIT_ENDED, end)):
        car.happen(code, number, car.use_detail(1, metres, flags))
        car.tell()
        exchange(desk, car)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    found = Desk(tmp_path / "fleet.db")
    monkeypatch.setattr("time.time", found.clock)
    return found


def test_a_use_with_its_distance_source_place_and_what_was_left(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    """END-2, END-4, END-8."""
    pulses = FLAG_ODOMETER_PULSES
    left = FLAG_LIGHTS_ON | FLAG_WINDOW_OPEN | FLAG_STAFF_REVIEW
    use(desk, (1000, pulses), (19_500, pulses | left))
    lines = shown(desk, capsys).splitlines()
    assert lines[1:] == [
        "used from 2026-04-01 09:00 to 2026-04-01 09:00, 18.5 km, by wheel pulses",
        "ended at 35.700000, 139.600000",
        "ended with the lights on and a window open",
        "to be reviewed by staff (docs/profiles.md, cannot_tell)",
    ]
    found = json.loads(shown(desk, capsys, "--json"))
    assert (found["distance_m"], found["end_odometer_source"]) == (18_500, "pulses")
    assert (found["end_lights_on"], found["end_window_open"], found["needs_review"]) == (1, 1, 1)


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ((1000, 0), (3000, 0), "2.0 km, source not told"),
        ((-1, 0), (-1, 0), "distance not known: no odometer"),
        ((1000, FLAG_ODOMETER_POSITIONS), (3000, FLAG_ODOMETER_PULSES),
         "distance not known: by positions at the start, by wheel pulses at the end"),
        ((3000, FLAG_ODOMETER_PULSES), (10, FLAG_ODOMETER_PULSES),
         "distance not known: the odometer went from 3000 m to 10 m"),
    ],
)  # fmt: skip
def test_a_distance_that_is_none_says_why(
    desk: Desk, capsys: pytest.CaptureFixture[str],
    start: tuple[int, int], end: tuple[int, int], said: str,
) -> None:  # fmt: skip
    use(desk, start, end)
    assert shown(desk, capsys).splitlines()[1].endswith(f", {said}")


def test_a_booking_that_nobody_has_used_and_one_that_is_not_there(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.fleet.add_booking(desk.driver, CAR, NOW_S + HOUR_S, NOW_S + 2 * HOUR_S)
    assert len(shown(desk, capsys).splitlines()) == 1
    assert main(["booking", "2", "--db", str(desk.path)]) == 1
    assert capsys.readouterr().err.startswith("2: There is no booking of this number.")
