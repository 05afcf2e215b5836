"""A button is there exactly when what it does is possible; and its absence has the same reason."""

import json
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from firmware import terms
from fleetd.core import outlook
from fleetd.core.refused import Refused
from fleetd.core.rules import load_profile, names
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Desk

STARTS = NOW_S + 2 * HOUR_S
ENDS = NOW_S + 4 * HOUR_S
QUARTER = 900


def test_the_daemon_and_the_box_have_the_same_terms() -> None:
    """START-1, REOPEN-4, USE-5, ENROL-1: what both decide by, they decide by the same figures."""
    boxes = sorted((Path(terms.__file__).parent / "profiles").glob("*.json"))
    assert "top24-2023" in [path.stem for path in boxes]
    for path in boxes:
        box, rules = json.loads(path.read_text()), load_profile(path.stem)
        assert box["start_early_s"] == rules.start_early_s
        assert box["reopen_window_s"] == rules.reopen_window_s
        assert box["reunlock"] == rules.has_reunlock
        assert (box["enrolment"], box["enrol_s"]) == (rules.has_enrolment, rules.enrol_s)


def refusal_of(act: Callable[[], object]) -> str:
    try:
        act()
    except Refused as refused:
        return refused.code
    return ""


TIMES = (
    NOW_S, STARTS - HOUR_S, STARTS - HOUR_S + 1, STARTS - QUARTER, STARTS - QUARTER + 1, STARTS,
    ENDS - 1, ENDS, ENDS + 1,
)  # fmt: skip
STATUSES = ("booked", "in_use", "ended", "reopened", "over", "cancelled")


@pytest.mark.parametrize("profile", names())
def test_a_button_says_what_the_operation_would(tmp_path: Path, profile: str) -> None:
    """BOOK-7, BOOK-8, BOOK-12: each operation at each moment of each kind of booking."""
    desk = Desk(tmp_path / "fleet.db", profile)
    fleet, driver = desk.fleet, desk.driver
    number = fleet.add_booking(driver, CAR, STARTS, ENDS)["id"]
    fleet.add_booking(desk.other, CAR, ENDS + HOUR_S, ENDS + 2 * HOUR_S)
    acts: dict[str, Callable[[], object]] = {
        "extend": lambda: fleet.extend(driver, number, QUARTER),
        "change": lambda: fleet.change(driver, number, STARTS, ENDS),
        "cancel": lambda: fleet.cancel(driver, number),
    }
    seen = set()
    for now_s, status, (name, act) in product(TIMES, STATUSES, acts.items()):
        with desk.db.transaction():
            desk.db.run(
                "UPDATE booking SET status = ?, starts_s = ?, ends_s = ?, changes = 0,"
                " extensions = 0 WHERE id = ?",
                status, STARTS, ENDS, number,
            )  # fmt: skip
        desk.clock.now_s = now_s
        said = fleet.booking(driver, number)["objections"][name]
        assert refusal_of(act) == said, f"{name} of what is {status}, {now_s - STARTS} s"
        seen.add((name, said))
    assert seen == {
        ("extend", ""), ("extend", "not_started"), ("extend", "booking_over"),
        ("change", ""), ("change", "change_too_late"), ("cancel", ""), ("cancel", "change_too_late"),
    }  # fmt: skip
    desk.db.close()


@pytest.mark.parametrize(
    ("now_s", "status", "state"),
    [
        (STARTS - 841, "booked", "booked"),
        (STARTS - 840, "booked", "waiting_to_start"),
        (ENDS - 1, "booked", "waiting_to_start"),
        (ENDS, "booked", "unused"),
        (ENDS, "in_use", "in_use"),
        (ENDS + 599, "ended", "reopen_possible"),
        (ENDS + 600, "ended", "over"),
        (ENDS, "reopened", "reopened"),
        (ENDS, "over", "over"),
        (STARTS, "cancelled", "cancelled"),
    ],
)
def test_the_state_of_a_booking(desk: Desk, now_s: int, status: str, state: str) -> None:
    """START-1, REOPEN-1."""
    number = desk.fleet.add_booking(desk.driver, CAR, STARTS, ENDS)["id"]
    with desk.db.transaction():
        desk.db.run(
            "UPDATE booking SET status = ?, window_until_s = ? WHERE id = ?",
            status, ENDS + 600, number,
        )  # fmt: skip
    desk.clock.now_s = now_s
    row = desk.fleet.booking(desk.driver, number)
    assert row["state"] == state
    shown = [one["id"] for one in desk.fleet.upcoming(desk.driver, 9)]
    assert shown == ([] if state in ("over", "unused", "cancelled") else [number])
    possible = {verb for verb in ("start", "end", "reopen", "lock") if not row["objections"][verb]}
    verbs = {
        "waiting_to_start": {"start"},
        "in_use": {"end"},
        "reopen_possible": {"reopen"},
        "reopened": {"lock"},
    }
    assert possible == verbs.get(state, set())


def test_the_last_extension_is_used_up(desk: Desk) -> None:
    """BOOK-8: 9 for top24-2023; and the next driver's booking leaves no room before that."""
    number = desk.fleet.add_booking(desk.driver, CAR, STARTS, ENDS)["id"]
    with desk.db.transaction():
        desk.db.run("UPDATE booking SET status = 'in_use' WHERE id = ?", number)
    desk.clock.now_s = STARTS
    for _ in range(9):
        assert desk.fleet.booking(desk.driver, number)["objections"]["extend"] == ""
        desk.fleet.extend(desk.driver, number, QUARTER)
    assert desk.fleet.booking(desk.driver, number)["objections"]["extend"] == "extensions_used"


def test_states_are_the_listed_ones() -> None:
    assert len(set(outlook.STATES)) == len(outlook.STATES) == 8
