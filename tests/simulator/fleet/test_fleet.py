"""Cars for days: nothing lost, nobody let in, the same result for the same arguments (SAFE-2, SAFE-5)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator.fleet.command import FINE, NOT_FINE, main
from simulator.weather.told import Told

KEYS = {
    "vehicle_days", "wall_s", "vehicle_days_per_s", "safety_violations", "audit_events",
    "audit_lost", "audit_doubled", "digest",
}  # fmt: skip


def test_a_harsh_day_is_fine_and_the_same_again(tmp_path: Path) -> None:
    results = []
    for number in (1, 2):
        out = tmp_path / f"{number}.json"
        arguments = ["--cars", "2", "--days", "1", "--seed", "4", "--faults", "harsh"]
        assert main([*arguments, "--json", str(out)]) == FINE
        results.append(json.loads(out.read_text()))
    first, second = results
    assert set(first) >= KEYS
    assert first["digest"] == second["digest"]
    assert first["audit_events"] > 0
    assert first["counts"]["opened"] > 0
    assert first["vehicle_days"] >= 2
    assert (first["safety_violations"], first["audit_lost"], first["audit_doubled"]) == (0, 0, 0)


def test_a_lost_event_is_an_answer_of_no(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Told, "lost_and_doubled", lambda _told, _office: (7, 1, 0))
    assert main(["--cars", "1", "--days", "1", "--faults", "none"]) == NOT_FINE
    out = capsys.readouterr().out
    assert out.startswith("1 car, 1 day: ")
    assert "7 events: 1 lost, 0 doubled" in out


@pytest.mark.parametrize("cars", ["0", "-1", "many", "1000000"])
def test_wrong_usage(cars: str) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--cars", cars, "--days", "1"])
    assert end.value.code == 2


def test_a_place_for_the_result_is_tried_first(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--cars", "5000", "--days", "3650", "--json", "no/folder.json"])
    assert end.value.code == 2
    assert "no/folder.json: there is no folder no; make it first" in capsys.readouterr().err
