"""Driving in a story: it takes its time, and needs no separate turn of the key."""

from tests.simulator.scenario.told import START, missed, told

AWAY = START + "  - {do: [open driver, knob rent, key out, close driver, drive 3km in 20m]}\n"


def test_who_drives_off_with_the_engine_off_starts_and_stops_it() -> None:
    timeline = [what for _, what in told(AWAY).timeline]
    marks = [what for what in timeline if what in ("engine on", "car moves", "car stands")]
    assert marks == ["engine on", "car moves", "car stands"]
    assert timeline.index("engine off") > timeline.index("car moves")


def test_an_engine_that_was_started_before_runs_on() -> None:
    steps = AWAY.replace("drive 3km", "engine on, drive 3km")
    assert "engine off" not in [what for _, what in told(steps).timeline]


def test_twenty_minutes_have_passed_on_arrival() -> None:
    outcome = told(AWAY + "  - {at: '10:10:30', see: {state: in_use}}\n")
    assert outcome.failures == []


def test_a_blocked_car_does_not_drive() -> None:
    assert missed("  - {do: drive 3km in 20m}\n  - {see: {engine: blocked}}\n") == []
    timeline = [what for _, what in told("  - {do: drive 3km in 20m}\n").timeline]
    assert "car moves" not in timeline
