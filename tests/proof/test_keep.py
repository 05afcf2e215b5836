"""An exploration that is kept: its folder is made, and another run goes on from there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proof import __main__ as program
from tests.proof import explore
from tests.proof.checkpoint import Checkpoint


def test_a_kept_exploration_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load, went_on = Checkpoint.load, []
    monkeypatch.setattr(Checkpoint, "load", lambda self: went_on.append(load(self)))
    monkeypatch.setattr(explore, "PAUSE_STATES", 2)
    folder = tmp_path / "not" / "there"
    names = ("top24-2018",)
    first, is_fine = program.explore(names, short=True, states_max=3, keep=folder)
    assert is_fine
    assert [path.name for path in folder.iterdir()] == ["top24-2018-2.states"]
    again, _ = program.explore(names, short=True, states_max=5, keep=folder)
    whole, _ = program.explore(names, short=True, states_max=5)
    for counts in (first, again, whole):
        counts["top24-2018"].pop("cpu_seconds")
    assert went_on == [False, True]
    assert first != whole
    assert again == whole
