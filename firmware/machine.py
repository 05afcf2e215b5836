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

The tuples stay where they are (in flash, on the box): per state the engine keeps one `bytes`
of row numbers. Guards and actions are methods, looked up by name when a row needs them.
"""

from firmware.deadlines import Deadlines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    StateRow = tuple[str, str | None, tuple[str, ...], tuple[str, ...]]
    TimeoutRow = tuple[str, str | None, str, str]
    Row = tuple[str, str, tuple[str, ...], tuple[str, ...], str | None]


class Machine:
    """One running statechart. `delays` has an attribute in ms for each TIMEOUTS row's delay."""

    def __init__(
        self,
        states: "tuple[StateRow, ...]",
        timeouts: "tuple[TimeoutRow, ...]",
        transitions: "tuple[Row, ...]",
        initial: str,
        guards: "Any",
        actions: "Any",
        delays: "Any",
        deadlines: Deadlines,
    ) -> None:
        self._states = states
        self._timeouts = timeouts
        self._transitions = transitions
        self._guards = guards
        self._actions = actions
        self._delays = delays
        self._deadlines = deadlines
        self._rows = [self._rows_of(row) for row in states]
        self._at = self._index(initial)
        self.state = initial

    def _index(self, name: str) -> int:
        for i in range(len(self._states)):
            if self._states[i][0] == name:
                return i
        raise ValueError("no state " + name)

    def _rows_of(self, state: "StateRow") -> bytes:
        own = [i for i in range(len(self._transitions)) if self._transitions[i][0] == state[0]]
        if state[1] is not None:
            for i in range(len(self._transitions)):
                if self._transitions[i][0] == state[1]:
                    own.append(i)
        return bytes(own)

    def place(self, name: str) -> None:
        """Stand in `name` without entering it: no action, no timer (after a reset)."""
        self._at = self._index(name)
        self.state = self._states[self._at][0]

    def dispatch(self, event: str) -> bool:
        """Let the first fitting row act; whether there was one."""
        for number in self._rows[self._at]:
            row = self._transitions[number]
            if row[1] == event and self._holds(row[2]):
                self._take(row)
                return True
        return False

    def _holds(self, guards: "tuple[str, ...]") -> bool:
        for name in guards:
            if name[0] == "!":
                if getattr(self._guards, name[1:])():
                    return False
            elif not getattr(self._guards, name)():
                return False
        return True

    def _take(self, row: "Row") -> None:
        self._run(row[3])
        target = row[4]
        if target is None:
            return
        old = self._states[self._at]
        at = self._index(target)
        new = self._states[at]
        same_parent = old[1] is not None and old[1] == new[1]
        self._leave(old)
        if old[1] is not None and not same_parent:
            self._leave(self._states[self._index(old[1])])
        self._at = at
        self.state = new[0]
        if new[1] is not None and not same_parent:
            self._enter(self._states[self._index(new[1])])
        self._enter(new)

    def _run(self, names: "tuple[str, ...]") -> None:
        for name in names:
            getattr(self._actions, name)()

    def _enter(self, state: "StateRow") -> None:
        for i in range(len(self._timeouts)):
            timeout = self._timeouts[i]
            if timeout[1] == state[0]:
                self._deadlines.arm(i, getattr(self._delays, timeout[2]))
        self._run(state[2])

    def _leave(self, state: "StateRow") -> None:
        self._run(state[3])
        for i in range(len(self._timeouts)):
            if self._timeouts[i][1] == state[0]:
                self._deadlines.disarm(i)
