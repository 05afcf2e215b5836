"""The table engine: order of rows, negation, entry and exit, timers bound to states."""

from firmware.deadlines import Deadlines
from firmware.machine import Machine
from firmware.table_packer import pack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

STATES = (
    ("off", None, ("enter_off",), ("leave_off",)),
    ("on", None, ("enter_on",), ("leave_on",)),
    ("slow", "on", ("enter_slow",), ("leave_slow",)),
    ("fast", "on", ("enter_fast",), ("leave_fast",)),
)
TIMEOUTS = (
    ("rest", "on", "rest_ms", "rest_due"),
    ("slack", "slow", "slack_ms", "slack_due"),
    ("free", None, "rest_ms", "free_due"),
)
ROWS = (
    ("off", "go", ("is_calm", "!is_wet"), ("note",), "slow"),
    ("off", "go", (), (), "fast"),
    ("slow", "go", (), (), "fast"),
    ("on", "go", (), ("shout",), None),
    ("on", "back", (), (), "slow"),
    ("on", "stop", (), (), "off"),
)


class Delays:
    rest_ms = 1000
    slack_ms = 300


class Parts:
    calm = True
    wet = False

    def __init__(self) -> None:
        self.log: "list[str]" = []

    def is_calm(self) -> bool:
        return self.calm

    def is_wet(self) -> bool:
        return self.wet


def _action(name: str) -> "Callable[[Parts], None]":
    return lambda self: self.log.append(name)


for _name in (
    "enter_off leave_off enter_on leave_on enter_slow leave_slow enter_fast leave_fast note shout"
).split():
    setattr(Parts, _name, _action(_name))


def machine(initial: str = "off") -> "tuple[Machine, Parts, Deadlines]":
    parts = Parts()
    deadlines = Deadlines(tuple(row[0] for row in TIMEOUTS))
    return (
        Machine(pack(STATES, TIMEOUTS, ROWS, initial), parts, parts, Delays(), deadlines),
        parts,
        deadlines,
    )


def test_first_row_whose_guards_hold_wins() -> None:
    engine, parts, _ = machine()
    assert engine.dispatch("go")
    assert engine.state == "slow"
    assert parts.log == ["note", "leave_off", "enter_on", "enter_slow"]


def test_an_exclamation_mark_negates() -> None:
    engine, parts, _ = machine()
    parts.wet = True
    engine.dispatch("go")
    assert engine.state == "fast"


def test_no_row_no_effect() -> None:
    engine, parts, _ = machine()
    assert not engine.dispatch("back")
    assert engine.state == "off" and parts.log == []


def test_a_leafs_own_row_comes_before_its_parents() -> None:
    engine, parts, _ = machine("slow")
    engine.dispatch("go")
    assert engine.state == "fast" and parts.log == ["leave_slow", "enter_fast"]


def test_target_none_only_acts() -> None:
    engine, parts, _ = machine("fast")
    assert engine.dispatch("go")
    assert engine.state == "fast" and parts.log == ["shout"]


def test_leaving_the_parent_comes_after_leaving_the_leaf() -> None:
    engine, parts, _ = machine("fast")
    engine.dispatch("stop")
    assert parts.log == ["leave_fast", "leave_on", "enter_off"]


def test_a_states_timer_lives_as_long_as_the_state() -> None:
    engine, _, deadlines = machine()
    engine.dispatch("go")
    assert deadlines.left_ms(0) == 1000 and deadlines.left_ms(1) == 300
    deadlines.now_ms += 200
    engine.dispatch("go")
    assert deadlines.left_ms(0) == 800 and not deadlines.is_armed(1)
    engine.dispatch("stop")
    assert not deadlines.is_armed(0)


def test_a_timer_without_a_state_is_left_alone() -> None:
    engine, _, deadlines = machine()
    deadlines.arm(2, 5000)
    engine.dispatch("go")
    engine.dispatch("stop")
    assert deadlines.is_armed(2)


def test_place_stands_without_entering() -> None:
    engine, parts, deadlines = machine()
    engine.place("slow")
    assert engine.state == "slow" and parts.log == [] and not deadlines.is_armed(1)


def test_a_table_that_is_too_large_is_refused() -> None:
    rows = tuple([("off", "e%d" % i, ("is_calm",), ("note",), "slow") for i in range(60)])
    try:
        pack(STATES, TIMEOUTS, rows, "off")
    except ValueError as error:
        assert "the rows of off" in str(error)
    else:
        raise AssertionError("rows beyond a byte's reach were accepted")


def test_an_unknown_state_is_a_bug() -> None:
    engine, _, _ = machine()
    try:
        engine.place("sideways")
    except ValueError as error:
        assert "sideways" in str(error)
    else:
        raise AssertionError("an unknown state was accepted")
