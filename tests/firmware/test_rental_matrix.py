"""No cell of the rental's events by states is empty by accident: FAULT-1."""

import pytest

from firmware.commands import EVENTS
from firmware.rental_table import TIMEOUTS
from tools.table_checks import RENTAL

TOUCHES = ("card_tapped", "card_offered", "staff_card_tapped")
LEAVES = sorted(RENTAL.leaves())

#: Where a deadline of the table may be armed; a timer bound to a state is armed there alone.
ARMED = {
    "key_deadline_passed": ("unlocked", "boarding"),
    "key_return_deadline_passed": ("key_returned",),
    "reopen_window_passed": ("ended", "authorising", "reopened"),
    "warning_due": (
        "unlocked", "boarding", "in_use", "key_returned", "relocked", "secured",
    ),
    "enrol_deadline_passed": tuple(leaf for leaf in LEAVES if leaf != "maintenance"),
    "staff_deadline_passed": ("vacant", "ended", "maintenance", "authorising"),
}  # fmt: skip


@pytest.mark.parametrize("leaf", LEAVES)
@pytest.mark.parametrize("event", [*TOUCHES, *EVENTS.values()])
def test_whatever_is_asked_has_a_last_row_that_always_fits(leaf: str, event: str) -> None:
    rows = [row for row in RENTAL.rows_of(leaf) if row[1] == event]
    assert rows, f"{event} is not heard in {leaf}"
    assert any(not row[2] for row in rows), f"{event} may go unanswered in {leaf}"
    always = next(row for row in rows if not row[2])
    assert always[3], f"{event} is swallowed in {leaf}"


@pytest.mark.parametrize("timeout", TIMEOUTS)
def test_a_deadline_is_heard_wherever_it_may_pass(
    timeout: tuple[str, str | None, str, str],
) -> None:
    _, state, _, event = timeout
    for leaf in ARMED[event] if state is None else (state,):
        assert any(row[1] == event for row in RENTAL.rows_of(leaf)), (event, leaf)
