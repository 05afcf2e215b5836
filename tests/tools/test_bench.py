"""The benchmark measures what it says: all engines go the same way, limits can be broken."""

import json
from pathlib import Path
from typing import Any

import pytest
from transitions import Machine as FlatMachine
from transitions.extensions import HierarchicalMachine

from firmware.wire.codes import PULSE_LOCK, PULSE_UNLOCK
from tools import bench, bench_car, bench_engines

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
    assert bench.main(["--json", str(out), "--runs", "1"]) == 0
    figures = json.loads(out.read_text())
    assert {"engine_events_vs_sismic", "card_to_unlock_pulse", "idle_turn_bytes"} <= set(figures)
    for figure in figures.values():
        assert {"value", "unit", "peer", "ratio", "runs"} <= set(figure)


@pytest.mark.parametrize(
    ("name", "figure"),
    [
        ("engine_events_vs_transitions_flat", {"ratio": 14.9}),
        ("card_to_lock_pulse", {"value": 60.1}),
        ("idle_use_bytes", {"value": 16}),
    ],
)
def test_a_broken_limit_is_told(name: str, figure: dict[str, float]) -> None:
    assert bench.broken_limits({name: figure}) == [name]
