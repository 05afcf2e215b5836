"""Breaks the firmware in one place while a `with` block runs, and puts it back."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from firmware.rental_rows import RENTAL
from firmware.table_packer import pack

Row = tuple[str, str, tuple[str, ...], tuple[str, ...], str | None]
Rows = list[Row]


def _tuples() -> Any:
    """The table's own tuples; the box unloads them once they are packed."""
    table = importlib.import_module("firmware.rental_table")
    sys.modules.pop("firmware.rental_table", None)
    return table


class Plant:
    """What was changed, so that it can be undone."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for undo in reversed(self._undo):
            undo()

    def attribute(self, thing: Any, name: str, value: Any) -> None:
        """A method or a module's function or number becomes another one."""
        before = getattr(thing, name)
        setattr(thing, name, value)
        self._undo.append(lambda: setattr(thing, name, before))

    def rows(self, change: Callable[[Rows], Rows]) -> None:
        """The rental's rows become what `change` makes of them; ValueError when it changes none."""
        table = _tuples()
        rows = change(list(table.TRANSITIONS))
        if rows == list(table.TRANSITIONS):
            raise ValueError("the planted change found no row")
        before = dict(vars(RENTAL))
        vars(RENTAL).update(vars(pack(table.STATES, table.TIMEOUTS, tuple(rows), table.INITIAL)))
        self._undo.append(lambda: vars(RENTAL).update(before))

    def row(self, state: str, event: str, number: int = 0, **new: Any) -> None:
        """One row, the `number`th of that state and event: other guards, actions or target."""

        def change(rows: Rows) -> Rows:
            places = [i for i, row in enumerate(rows) if row[:2] == (state, event)]
            at = places[number]
            _, _, guards, actions, target = rows[at]
            rows[at] = (
                state,
                event,
                new.get("guards", guards),
                new.get("actions", actions),
                new.get("target", target),
            )
            return rows

        self.rows(change)

    def guard(self, state: str, event: str, guard: str) -> None:
        """The guard is dropped from all rows of that state and event."""
        self.rows(
            lambda rows: [
                (s, e, tuple(g for g in guards if g != guard), a, t)
                if (s, e) == (state, event)
                else (s, e, guards, a, t)
                for s, e, guards, a, t in rows
            ]
        )

    def action(self, action: str, *instead: str) -> None:
        """Wherever the action stands in a row, these stand there."""
        self.rows(
            lambda rows: [
                (s, e, g, tuple(x for a in actions for x in (instead if a == action else (a,))), t)
                for s, e, g, actions, t in rows
            ]
        )

    def add(self, *row: Any) -> None:
        """One row more, before all others."""
        self.rows(lambda rows: [row, *rows])
