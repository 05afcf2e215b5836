"""The table engine against `transitions`: the short form of `tests.oracle`, and that it can fail."""

import json
from pathlib import Path

import pytest

from firmware.machine import Machine
from firmware.packed_table import NO_PARENT
from tests import oracle


@pytest.mark.parametrize("seed", range(1, 5))
def test_same_as_transitions(seed: int) -> None:
    events, found = oracle.campaign(50, 3000, seed)
    assert events == 3000
    assert found == []


class EntersBeforeLeaving(Machine):
    def _go(self, target: int) -> None:
        old = self._at
        self._enter(target)
        super()._go(target)
        self._leave(old)


class AlwaysLeavesTheParent(Machine):
    def _go(self, target: int) -> None:
        parent = self._table.parents[self._at]
        if parent != NO_PARENT and parent == self._table.parents[target]:
            self._leave(parent)
            self._enter(parent)
        super()._go(target)


class ForgetsTimers(Machine):
    def _leave(self, state: int) -> None:
        for action in self._table.leave[state]:
            self._act(action)


class SaysNothing(Machine):
    def dispatch(self, event: str) -> bool:
        super().dispatch(event)
        return False


class CannotBePlaced(Machine):
    def place(self, name: str) -> None:
        self._table.states.index(name)


@pytest.mark.parametrize(
    "engine",
    [
        EntersBeforeLeaving,
        AlwaysLeavesTheParent,
        ForgetsTimers,
        SaysNothing,
        CannotBePlaced,
    ],
)
def test_a_wrong_engine_is_found(engine: type[Machine]) -> None:
    assert oracle.campaign(20, 1000, 1, engine)[1]


def test_the_command_writes_its_counts(tmp_path: Path) -> None:
    out = tmp_path / "oracle.json"
    assert oracle.main(["--tables", "3", "--events", "31", "--json", str(out)]) == 0
    counts = json.loads(out.read_text())
    assert (counts["tables"], counts["events"], counts["differences"]) == (3, 31, 0)


def test_the_command_fails_when_there_is_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oracle, "campaign", lambda *_: (50, ["table 3: state a"]))
    assert oracle.main(["--short"]) == 1
