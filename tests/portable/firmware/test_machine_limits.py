"""The table engine at its limits: names that nobody knows, a state with as many rows as fit."""

from firmware.deadlines import Deadlines
from firmware.machine import Machine
from firmware.packed_table import PackedTable
from firmware.table_packer import PROGRAM_MAX, pack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.table_packer import Row

STATES = (("off", None, (), ()), ("on", None, (), ()))
ROWS: "tuple[Row, ...]" = (("off", "go", (), (), "on"), ("on", "stop", (), (), "off"))


class Nothing:
    """Guards and actions without names."""

    def hum(self) -> None:
        """Costs nothing."""


def machine(table: PackedTable) -> Machine:
    return Machine(table, Nothing(), Nothing(), None, Deadlines(()))


def said_by(table: PackedTable, state: str) -> str:
    engine = machine(table)
    try:
        engine.place(state)
    except ValueError as error:
        assert engine.state == "off"
        return str(error)
    return ""


def test_a_state_that_is_not_there_is_named() -> None:
    table = pack(STATES, (), ROWS, "off")
    assert said_by(table, "on") == ""
    assert said_by(table, "gone") == "no state gone"


def test_an_event_that_is_not_there_is_an_error() -> None:
    engine = machine(pack(STATES, (), ROWS, "off"))
    try:
        engine.dispatch("fly")
    except KeyError:
        assert engine.state == "off"
        return
    raise AssertionError("no table has that event")


def test_an_event_without_rows_takes_its_place_alone() -> None:
    table = pack(STATES, (), ROWS, "off")
    # Two places, one row of three bytes, the end.
    assert [len(program) for program in table.programs] == [6, 6]


def rows_of(length: int) -> "tuple[Row, ...]":
    """One row that fills so many bytes of the state's program."""
    return (("off", "go", (), ("hum",) * (length - 1 - 3), None),)


def test_a_states_rows_fill_its_program_and_no_more() -> None:
    engine = machine(pack(STATES, (), rows_of(PROGRAM_MAX), "off"))
    assert engine.dispatch("go")
    try:
        pack(STATES, (), rows_of(PROGRAM_MAX + 1), "off")
    except ValueError as error:
        assert str(error) == "the rows of off need more than 255 bytes"
        return
    raise AssertionError("that is a byte too much")


def test_timers_keep_their_names_and_events() -> None:
    timeouts = (("rest", "on", "rest_ms", "rested"), ("free", None, "free_ms", "freed"))
    table = pack(STATES, timeouts, ROWS, "off")
    assert table.timers == ("rest", "free")
    assert table.timer_events == ("rested", "freed")
    assert table.timer_delays == ("rest_ms", "free_ms")
    assert bytes(table.timer_states) == b"\1\xff"
