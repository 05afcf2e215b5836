"""What few happenings look at (`memory`): with it kept apart the same states are reached in the same ways."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.proof import explore, memory
from tests.proof.explore import Exploration
from tests.proof.happenings import Happening

STATES = 60
#: Enough to come to unknown doors and keys, a starter that did not obey, cards that are asked about.
NAMES = frozenset((
    "door reads no", "door reads unknown", "key in box reads no", "key in box reads unknown",
    "own card, online", "unknown card, online", "centre answers", "start", "lock",
    "pulses done, relays stay", "reset",
))  # fmt: skip


def explored(shares: bool = True) -> Exploration:
    exploration = Exploration("top24-2018", shares=shares, names=NAMES)
    exploration.run(STATES)
    return exploration


def test_the_same_states_and_transitions_with_copies_and_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(explore, "CHECK_EVERY", 4)
    one, other = explored(), explored(shares=False)
    assert (one.parents, one.how, one.transitions) == (other.parents, other.how, other.transitions)
    assert (one.edges_from, one.edges_to) == (other.edges_from, other.edges_to)
    assert [one.state(at) for at in range(STATES)] == [other.state(at) for at in range(STATES)]
    assert not one.complaints
    assert not other.complaints
    assert one.copies > one.tries / 10
    assert one.checked == one.copies // 4
    assert other.copies == 0


#: For each field the happenings that make it decide where another one leads. How a key read before
#: decides little but what is told of it, which the watchers see.
LOOKS = {
    memory.DOOR: ("door reads no", "door reads yes", "door reads unknown", "own card"),
    memory.ASKED: ("own card, online", "unknown card, online", "centre answers"),
    memory.STARTER: (
        "own card", "pulses done, relays obey", "pulses done, relays stay",
        "next deadline falls due", "reset",
    ),
}  # fmt: skip


@pytest.mark.parametrize("field", LOOKS)
def test_a_look_that_is_not_declared_is_noticed(
    field: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy that is tried all the same shows that it was none."""
    declared = memory.reads

    def fewer(events: Sequence[Happening]) -> list[int]:
        return [
            fields
            if field == memory.STARTER and event.name.startswith("pulses")
            else fields & ~field
            for event, fields in zip(events, declared(events), strict=True)
        ]

    monkeypatch.setattr(explore, "CHECK_EVERY", 1)
    monkeypatch.setattr(memory, "reads", fewer)
    exploration = Exploration("top24-2018", names=frozenset(LOOKS[field]))
    exploration.run(40)
    assert "copies_are_right" in {said.watcher for said in exploration.complaints.values()}
