"""The table engine: runs a statechart of tuples; knows no car.

    STATES       ((name, parent or None, entry actions, exit actions), ...)      depth two
    TIMEOUTS     ((timer, state or None, delay, event), ...)
    TRANSITIONS  ((source, event, guards, actions, target or None), ...)
    INITIAL      a leaf's name

Rows are tried in order, a leaf's own before its parent's; the first whose guards all hold wins. A
leading `!` negates a guard. Target None runs the actions and stays. Otherwise: actions, exit
actions (leaf, then parent if it is left), entry actions (parent if it is entered, then leaf). A
parent's row to one of its own children does not leave the parent. A timer bound to a state is
armed when the state is entered and disarmed when it is left; one bound to None is armed and
disarmed by actions alone.

It runs on the packed form of the tuples (`packed_table`). Guards and actions are methods.
"""

from firmware.deadlines import Deadlines
from firmware.packed_table import NEGATED, NO_PARENT, STAY, PackedTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Machine:
    """One running statechart. `delays` has an attribute in ms for each TIMEOUTS row's delay."""

    def __init__(
        self,
        table: PackedTable,
        guards: "Any",
        actions: "Any",
        delays: "Any",
        deadlines: Deadlines,
    ) -> None:
        self._table = table
        # Asked for by name when they are due: bound methods kept in tuples take 2 KB of RAM.
        self._guards = guards
        self._actions = actions
        for name in table.guards:
            getattr(guards, name)
        for name in table.actions:
            getattr(actions, name)
        self._delays = delays
        self._deadlines = deadlines
        self._at = table.states.index(table.initial)
        self.state = table.initial

    def place(self, name: str) -> None:
        """Stand in `name` without entering it: no action, no timer (after a reset).

        ValueError when there is no such state.
        """
        if name not in self._table.states:
            raise ValueError("no state " + name)
        self._at = self._table.states.index(name)
        self.state = self._table.states[self._at]

    def dispatch(self, event: str) -> bool:
        """Let the first fitting row act; whether there was one. KeyError for an unknown event."""
        table = self._table
        program = table.programs[self._at]
        at = program[table.events[event]]
        if not at:
            return False
        end = program[at]
        while end:
            place = at + 3
            actions = program[at + 2]
            while place < actions:
                guard = program[place]
                if guard < NEGATED:
                    if not getattr(self._guards, table.guards[guard])():
                        break
                elif getattr(self._guards, table.guards[guard ^ NEGATED])():
                    break
                place += 1
            else:
                while place < end:
                    self._act(program[place])
                    place += 1
                if program[at + 1] != STAY:
                    self._go(program[at + 1])
                return True
            at = end
            end = program[at]
        return False

    def _go(self, target: int) -> None:
        parents = self._table.parents
        old = self._at
        same_parent = parents[old] != NO_PARENT and parents[old] == parents[target]
        self._leave(old)
        if parents[old] != NO_PARENT and not same_parent:
            self._leave(parents[old])
        self._at = target
        self.state = self._table.states[target]
        if parents[target] != NO_PARENT and not same_parent:
            self._enter(parents[target])
        self._enter(target)

    def _enter(self, state: int) -> None:
        table = self._table
        for i in range(len(table.timer_states)):
            if table.timer_states[i] == state:
                self._deadlines.arm(i, getattr(self._delays, table.timer_delays[i]))
        for action in table.enter[state]:
            self._act(action)

    def _leave(self, state: int) -> None:
        table = self._table
        for action in table.leave[state]:
            self._act(action)
        for i in range(len(table.timer_states)):
            if table.timer_states[i] == state:
                self._deadlines.disarm(i)

    def _act(self, action: int) -> None:
        getattr(self._actions, self._table.actions[action])()
