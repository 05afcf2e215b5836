"""The benchmark measures what it says: all engines go the same way, limits can be broken."""

import json
from pathlib import Path
from typing import Any

import pytest
from transitions import Machine as FlatMachine
from transitions.extensions import HierarchicalMachine

from firmware.wire.codes import PULSE_LOCK, PULSE_UNLOCK
from tools import (
    bench,
    bench_car,
    bench_crowd,
    bench_engines,
    bench_ingest,
    bench_push,
    bench_reader,
    bench_turns,
)

EVENTS = bench_engines.trace(400)


@pytest.mark.parametrize(
    "peer",
    [
        lambda events: bench_engines.transitions(FlatMachine, events),
        lambda events: bench_engines.transitions(HierarchicalMachine, events),
        bench_engines.python_statemachine,
        bench_engines.sismic,
    ],
    ids=["flat", "nested", "python-statemachine", "sismic"],
)
def test_a_peer_goes_the_way_that_ours_goes(peer: Any) -> None:
    event: list[str] = [""]
    mine, theirs = bench_engines.ours(event), peer(event)
    went = set()
    for name in EVENTS:
        event[0] = name
        mine.run()
        theirs.run()
        went.add(mine.state())
        assert theirs.state() == mine.state()
    assert len(went) > 3


def test_the_card_story_reaches_both_pulses() -> None:
    found = bench_car.rental(0, "cpython")
    assert set(found) == {PULSE_UNLOCK, PULSE_LOCK}
    for total_ms, storage_ms in found.values():
        assert total_ms > storage_ms > 0


def test_bench_json_has_its_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_engines, "EVENTS", 200)
    monkeypatch.setattr(bench_engines, "EVENTS_SLOW", 20)
    rental = {PULSE_UNLOCK: (5.0, 1.0), PULSE_LOCK: (4.0, 1.0)}
    monkeypatch.setattr(bench_car, "rental", lambda refused: rental)
    monkeypatch.setattr(bench, "FLAT_TIMES_MIN", 0)
    out = tmp_path / "bench.json"
    parts = ["--only", "engines", "car", "idle"]
    assert bench.main(["--json", str(out), "--runs", "1", *parts]) == 0
    figures = json.loads(out.read_text())
    assert {"engine_events_vs_sismic", "card_to_unlock_pulse", "idle_turn_bytes"} <= set(figures)
    for figure in figures.values():
        assert {"value", "unit", "peer", "ratio", "runs"} <= set(figure)


@pytest.mark.parametrize(
    ("name", "figure"),
    [
        ("engine_events_vs_transitions_flat", {"value": 1, "ratio": 14.9}),
        ("card_to_lock_pulse", {"value": 60.1, "ratio": None}),
        ("idle_use_bytes", {"value": 16, "ratio": None}),
        ("durable_events_by_48", {"value": 1, "ratio": 0.59}),
        ("booking_to_acknowledgement", {"value": 1, "ratio": 4.1}),
        ("bytes_of_a_change", {"value": 111, "ratio": 1.01}),
        ("crowd_messages", {"value": 4999, "ratio": 0.2}),
        ("reader_poll", {"value": 11.0, "ratio": 1.257}),
        ("reader_touch_inviting", {"value": 150.1, "ratio": 1.01}),
        ("turns_near_a_bad_network", {"value": 50.1, "ratio": 1.01}),
    ],
)
def test_a_broken_limit_is_told(name: str, figure: dict[str, float]) -> None:
    assert bench.broken_limits({name: figure}) == [name]


def test_ours_and_raw_take_the_same_events(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bench_ingest, "COMMITS", 2)
    ours, raw = bench_ingest.Ours(tmp_path / "ours.db"), bench_ingest.Raw(tmp_path / "raw.db")
    for batch in (8, 48):
        assert ours.seconds(batch) > 0
        assert raw.seconds(batch) > 0
    assert ours.count() == raw.count() == 2 * (8 + 48)


def test_a_booking_goes_to_a_real_box_and_is_acknowledged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_push, "ROUNDS", 2)
    figures = bench_push.measure()
    assert figures["booking_to_its_commit"]["runs"] == 2
    assert 60 < figures["bytes_of_a_change"]["value"] < 200
    assert figures["bytes_of_200_bookings"]["value"] > 200 * 16


def test_a_small_crowd_comes_rests_and_floods(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("CARS", 12), ("ARRIVE_S", 0.1), ("FRAME_EVERY_S", 0.5), ("STEADY_S", 0.3),
        ("FLOOD_S", 0.2), ("FLOODING", 4),
    ):  # fmt: skip
        monkeypatch.setattr(bench_crowd, name, value)
    figures = bench_crowd.measure()
    assert figures["crowd_messages"]["value"] > 0
    assert figures["crowd_messages"]["peer_value"] > 0


def test_a_held_card_is_polled_in_more_than_the_least_time() -> None:
    found = bench_reader.polls(2, "cpython")
    assert len(found) >= 7
    assert min(found) > bench_reader.FLOOR_MS > 8.7


def test_touches_are_noticed_whether_the_reader_invites_or_not() -> None:
    for path, lamp in ((bench_reader.INVITES, "red-blink"), (bench_reader.DARK, "dark")):
        assert min(bench_reader.touches(path, lamp, 2, "cpython")) > bench_reader.FLOOR_MS


def test_a_car_turns_beside_a_bad_network() -> None:
    figures = bench_turns.measure(2)
    near = figures["turns_near_a_bad_network"]
    assert near["connections"] > 0
    assert near["runs"] > 0
    assert near["longest_ms"] >= near["value"] > 0
