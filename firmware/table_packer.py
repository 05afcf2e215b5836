"""Packs a statechart's tuples (`machine` tells what they mean) into a `PackedTable`."""

from firmware.packed_table import NEGATED, NO_PARENT, STAY, PackedTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    StateRow = tuple[str, str | None, tuple[str, ...], tuple[str, ...]]
    TimeoutRow = tuple[str, str | None, str, str]
    Row = tuple[str, str, tuple[str, ...], tuple[str, ...], str | None]

PROGRAM_MAX = 0xFF


def pack(
    states: "tuple[StateRow, ...]",
    timeouts: "tuple[TimeoutRow, ...]",
    transitions: "tuple[Row, ...]",
    initial: str,
) -> PackedTable:
    """ValueError when a state does not exist or the rows of one need more than PROGRAM_MAX bytes."""
    guards: "list[str]" = []
    actions: "list[str]" = []
    table = PackedTable()
    table.states = tuple([row[0] for row in states])
    table.initial = initial
    table.timers = tuple([row[0] for row in timeouts])
    table.timer_events = tuple([row[3] for row in timeouts])
    table.timer_delays = tuple([row[2] for row in timeouts])
    table.timer_states = bytes([_state(table, row[1]) for row in timeouts])
    table.parents = bytes([_state(table, row[1]) for row in states])
    table.events = {}
    for row in transitions:
        table.events.setdefault(row[1], len(table.events))
    table.enter = [_numbers(actions, state[2]) for state in states]
    table.leave = [_numbers(actions, state[3]) for state in states]
    table.programs = [_program(table, state, transitions, guards, actions) for state in states]
    table.guards = tuple(guards)
    table.actions = tuple(actions)
    return table


def _state(table: PackedTable, name: "str | None") -> int:
    return NO_PARENT if name is None else table.states.index(name)


def _program(
    table: PackedTable,
    state: "StateRow",
    transitions: "tuple[Row, ...]",
    guards: "list[str]",
    actions: "list[str]",
) -> bytes:
    program = bytearray(len(table.events))
    for event in table.events:
        begin = len(program)
        for source in (state[0], state[1]):
            for row in transitions:
                if row[0] == source and row[1] == event:
                    target = STAY if row[4] is None else _state(table, row[4])
                    _add_row(program, target, _numbers(guards, row[2]), _numbers(actions, row[3]))
        if len(program) > PROGRAM_MAX:
            raise ValueError("the rows of %s need more than %d bytes" % (state[0], PROGRAM_MAX))
        if len(program) > begin:
            program[table.events[event]] = begin
            program.append(0)
    return bytes(program)


def _add_row(program: bytearray, target: int, guards: bytes, actions: bytes) -> None:
    first_action = len(program) + 3 + len(guards)
    end = first_action + len(actions)
    program.extend(bytes((end & 0xFF, target, first_action & 0xFF)))
    program.extend(guards)
    program.extend(actions)


def _numbers(names: "list[str]", wanted: "tuple[str, ...]") -> bytes:
    found = bytearray()
    for name in wanted:
        plain = name[1:] if name[0] == "!" else name
        if plain not in names:
            names.append(plain)
        found.append(names.index(plain) | (NEGATED if name[0] == "!" else 0))
    return bytes(found)
