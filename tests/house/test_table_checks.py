"""The check of the statecharts: silent on ours, firing on each planted fault."""

import pytest

from tools import table_checks
from tools.table_checks import Row, StateRow, Table, TimeoutRow

STATES: tuple[StateRow, ...] = (
    ("off", None, (), ()),
    ("on", None, (), ()),
    ("dim", "on", ("shine",), ()),
    ("bright", "on", (), ("shine",)),
)
TIMEOUTS: tuple[TimeoutRow, ...] = (("sleep", "on", "sleep_ms", "sleep_deadline_passed"),)
ROWS: tuple[Row, ...] = (
    ("off", "pressed", ("lamp_is_whole",), ("shine",), "dim"),
    ("off", "pressed", (), (), None),
    ("dim", "pressed", (), (), "bright"),
    ("on", "pressed", (), (), "off"),
    ("on", "sleep_deadline_passed", ("!lamp_is_whole",), (), "off"),
)
SOUND = Table(STATES, TIMEOUTS, ROWS, "off", frozenset({"lamp_is_whole"}), frozenset({"shine"}))


def test_our_tables_are_sound() -> None:
    assert list(table_checks.check(table_checks.RENTAL)) == []
    assert list(table_checks.check_profiles()) == []


def test_a_sound_table_passes() -> None:
    assert list(table_checks.check(SOUND)) == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("of", "pressed", (), (), "dim"), "there is no state of"),
        (("off", "held", (), (), "dimm"), "the target dimm is no leaf"),
        (("off", "held", (), (), "on"), "the target on is no leaf"),
        (("off", "held", ("lamp_is_hole",), (), "dim"), "there is no guard lamp_is_hole"),
        (("off", "held", ("lamp_is_whole", "!lamp_is_whole"), (), "dim"), "stands there twice"),
        (("off", "held", (), ("shin",), "dim"), "there is no action shin"),
        (("off", "pressed", ("lamp_is_whole",), (), None), "never wins"),
        (("dim", "pressed", ("lamp_is_whole",), (), None), "never wins"),
    ],
)
def test_a_wrong_row_is_found(row: Row, said: str) -> None:
    found = list(table_checks.check(SOUND._replace(transitions=(*ROWS, row))))
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (("lost", None, (), ()), "state lost is reached from nowhere"),
        (("off", None, (), ()), "state off stands there twice"),
        (("deep", "dim", (), ()), "deeper than two levels"),
        (("stray", "nothing", (), ()), "unknown parent nothing"),
        (("on", None, ("shin",), ()), "there is no action shin"),
    ],
)
def test_a_wrong_state_is_found(state: StateRow, said: str) -> None:
    assert any(said in text for text in table_checks.check(SOUND._replace(states=(*STATES, state))))


@pytest.mark.parametrize(
    ("timeout", "said"),
    [
        (("sleep", "on", "sleep_ms", "sleep_deadline_passed"), "timer sleep stands there twice"),
        (("wake", "of", "sleep_ms", "sleep_deadline_passed"), "there is no state of"),
        (("wake", None, "sleep_ms", "woken"), "no row hears its event woken"),
    ],
)
def test_a_wrong_timer_is_found(timeout: TimeoutRow, said: str) -> None:
    found = table_checks.check(SOUND._replace(timeouts=(*TIMEOUTS, timeout)))
    assert any(said in text for text in found)


def test_an_initial_state_must_be_a_leaf() -> None:
    assert any("no leaf" in text for text in table_checks.check(SOUND._replace(initial="on")))


def test_a_guard_that_nobody_asks_is_found() -> None:
    table = SOUND._replace(guards=SOUND.guards | {"it_rains"})
    assert list(table_checks.check(table)) == ["guard it_rains is asked by no row"]


def test_too_many_rows_are_found() -> None:
    rows = tuple(("off", f"event_{number}", (), (), None) for number in range(256))
    assert any(
        "is the limit" in text
        for text in table_checks.check(SOUND._replace(transitions=ROWS + rows))
    )
