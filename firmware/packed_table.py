"""A statechart's tuples, packed: names once, rows as bytes.

On a chip the tuples of a table cost about 160 bytes of RAM a row, packed ones about 8; so the box
packs the table when it starts and lets the tuples go.

A state's program begins with a place for each event: where its rows begin, 0 for none. An event's
rows are the state's own and then its parent's, ended by a 0, each

    next u8 | target u8 (255: stay) | actions u8 | guard u8 ... | action u8 ...

where `next` and `actions` are places in the program and the top bit of a guard negates it.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    StateRow = tuple[str, str | None, tuple[str, ...], tuple[str, ...]]
    TimeoutRow = tuple[str, str | None, str, str]
    Row = tuple[str, str, tuple[str, ...], tuple[str, ...], str | None]

NEGATED = 0x80
STAY = 0xFF
NO_PARENT = 0xFF
PROGRAM_MAX = 0xFF


class PackedTable:
    """What `Machine` runs on. Numbers are indices into `states`, `events`, `guards`, `actions`."""

    def __init__(
        self,
        states: "tuple[StateRow, ...]",
        timeouts: "tuple[TimeoutRow, ...]",
        transitions: "tuple[Row, ...]",
        initial: str,
    ) -> None:
        self.states = tuple([row[0] for row in states])
        self.initial = initial
        self.timers = tuple([row[0] for row in timeouts])
        self.timer_events = tuple([row[3] for row in timeouts])
        self.timer_delays = tuple([row[2] for row in timeouts])
        self.timer_states = bytes([self._state(row[1]) for row in timeouts])
        self.parents = bytes([self._state(row[1]) for row in states])
        self._guards: "list[str]" = []
        self._actions: "list[str]" = []
        self.events: "dict[str, int]" = {}
        for row in transitions:
            self.events.setdefault(row[1], len(self.events))
        self.enter = [self._action_numbers(row[2]) for row in states]
        self.leave = [self._action_numbers(row[3]) for row in states]
        self.programs = [self._program(row, transitions) for row in states]
        self.guards = tuple(self._guards)
        self.actions = tuple(self._actions)

    def _state(self, name: "str | None") -> int:
        return NO_PARENT if name is None else self.states.index(name)

    def _program(self, state: "StateRow", transitions: "tuple[Row, ...]") -> bytes:
        program = bytearray(len(self.events))
        for event in self.events:
            begin = len(program)
            for source in (state[0], state[1]):
                for row in transitions:
                    if row[0] == source and row[1] == event:
                        self._add_row(program, row)
            if len(program) > begin:
                program[self.events[event]] = begin
                program.append(0)
        return bytes(program)

    def _add_row(self, program: bytearray, row: "Row") -> None:
        guards = bytes([self._guard_number(name) for name in row[2]])
        actions = self._action_numbers(row[3])
        begin = len(program)
        end = begin + 3 + len(guards) + len(actions)
        if end > PROGRAM_MAX:
            raise ValueError("the rows of %s need more than %d bytes" % (row[0], PROGRAM_MAX))
        target = STAY if row[4] is None else self._state(row[4])
        program.extend(bytes((end, target, begin + 3 + len(guards))))
        program.extend(guards)
        program.extend(actions)

    def _guard_number(self, name: str) -> int:
        if name[0] == "!":
            return _number(self._guards, name[1:]) | NEGATED
        return _number(self._guards, name)

    def _action_numbers(self, names: "tuple[str, ...]") -> bytes:
        return bytes([_number(self._actions, name) for name in names])


def _number(names: "list[str]", name: str) -> int:
    if name not in names:
        names.append(name)
    return names.index(name)
