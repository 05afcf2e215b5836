"""The interlock's whole input space, all branches (SAFE-1, SAFE-2), and that the space can fail."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from firmware.interlock import permits
from firmware.snapshot import Snapshot
from firmware.turn import Turn
from firmware.wire import codes
from tests import interlock_space

Permits = Callable[[int, Turn, Snapshot, bool], bool]


def test_every_case_and_every_branch_safe_1_safe_2(tmp_path: Path) -> None:
    out = tmp_path / "interlock.json"
    assert interlock_space.main(["--json", str(out)]) == 0
    counts = json.loads(out.read_text())
    assert counts["cases"] > 150_000
    assert 0 < counts["permitted"] < counts["cases"]
    assert counts["branches"] > 0
    assert counts["branches_missed"] == counts["lines_missed"] == counts["disagreements"] == 0


def without_the_journal(line: int, turn: Turn, snapshot: Snapshot, is_journaled: bool) -> bool:
    return permits(line, turn, snapshot, True)


def blocks_unless_known_to_move(
    line: int, turn: Turn, snapshot: Snapshot, is_journaled: bool
) -> bool:
    if line == codes.PULSE_BLOCK and snapshot.in_motion() != codes.YES:
        return is_journaled and turn.pulse_cause[line] != codes.BY_NOBODY
    return permits(line, turn, snapshot, is_journaled)


def one_millisecond_late(line: int, turn: Turn, snapshot: Snapshot, is_journaled: bool) -> bool:
    snapshot.now_ms -= 1
    answer = permits(line, turn, snapshot, is_journaled)
    snapshot.now_ms += 1
    return answer


def also_by_itself(line: int, turn: Turn, snapshot: Snapshot, is_journaled: bool) -> bool:
    if turn.pulse_cause[line] == codes.BY_RESUME:
        turn.pulse_cause[line] = codes.BY_CARD
    return permits(line, turn, snapshot, is_journaled)


def never(line: int, turn: Turn, snapshot: Snapshot, is_journaled: bool) -> bool:
    return False


@pytest.mark.parametrize(
    "wrong",
    [without_the_journal, blocks_unless_known_to_move, one_millisecond_late, also_by_itself, never],
)
def test_a_wrong_interlock_disagrees(wrong: Permits, monkeypatch: pytest.MonkeyPatch) -> None:
    few = [
        case
        for case in interlock_space.whole_space()
        if case.now_ms == 1000 and case.cause in interlock_space.CAUSES
    ]
    monkeypatch.setattr(interlock_space, "whole_space", lambda: few)
    assert interlock_space.disagreements(permits)[2] == []
    assert interlock_space.disagreements(wrong)[2]


def test_a_branch_that_nothing_takes_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    some = [case for case in interlock_space.whole_space() if case.line != codes.PULSE_BLOCK]
    monkeypatch.setattr(interlock_space, "whole_space", lambda: some[::50])
    found = interlock_space.survey()
    assert found.disagreements == []
    assert found.branches_missed > 0
    assert not found.holds()
