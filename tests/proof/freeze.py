"""A whole controller as plain values: to come back to it, and to know it again.

`save` and `load` hold every plain attribute of every object that a controller is made of, so that
an attribute added tomorrow is part of the explored state without anybody naming it here. `key` is
what two states must share to be taken as one; what it leaves out stands in LEFT_OUT with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from firmware.deadlines import Deadlines
from firmware.ticks import ticks_diff

#: Left out of the key: "Class.attribute" or "Class.*", and why that loses nothing.
LEFT_OUT = {
    "Alerts.*": "levels of lamps and sounder that lapse; no decision reads them, and the watchers "
    "judge each signal in the turn that gives it",
    "Boot.*": "every command is made for this boot, with the next counter; old ones are events",
    "Commands._answers": "read only for a command that comes again, which is an event of its own",
    "Commands._held": "answers that wait for the relays; each is followed to its release at once",
    "Controller._lamp": "what was shown last; decides the phase of the blinking alone",
    "Controller._lamp_at_ms": "the phase of the blinking",
    "Controller._saved_at_ms": "when the record is renewed; the record itself is part of the state",
    "Controller._saved_wall_s": "the same",
    "Controller._finished": "of the step that just ended; the next one begins by clearing it",
    "Controller._ending": "the same: the step begins by noting who waits for an end",
    "Controller._began_ms": "each reset is explored to the turn in which the inputs are told",
    "Deadlines.*": "enters by rank, see `rank`",
    "ReaderWindow.*": "begins anew with each event; its memory is explored by the events of the window",
    "Rental.unlock_until_ms": "enters as passed or not",
    "StarterWatch.*": "gives records of faults and nothing else; begins anew with each event",
    "Rental.ends_at_ms": "enters as passed or not; the booking's length is anybody's choice",
    "Request.*": "one request lives for one event; `standing` is judged anew when an input changes",
    "Session.ends_s": "read by an extension alone, which is an event",
    "Session.use_detail": "text of a record: place, distance, and the session's own fields",
    "Edges._is_stale": "only asks for another look at the same inputs",
    "Edges._is_fresh": "the same",
}

#: What stands around a controller and is not its state.
_OUTSIDE = {"Terms", "Settings", "PackedTable", "Snapshot", "Turn", "Bookings", "Cards", "Tables"}
_PLAIN = (int, str, bytes, type(None))
#: A deadline that is nearer than this counts as just about to fall due.
SOON_MS = 1000

Saved = list[tuple[tuple[Any, ...], tuple[bytes, ...], tuple[tuple[Any, ...], ...]]]


class Part:
    """One object: names of its plain attributes, by kind."""

    def __init__(self, thing: Any) -> None:
        self.thing = thing
        names = vars(thing)
        kind = type(thing).__name__
        self.scalars = tuple(n for n, v in names.items() if isinstance(v, _PLAIN))
        self.arrays = tuple(n for n, v in names.items() if isinstance(v, bytearray))
        self.lists = tuple(n for n, v in names.items() if isinstance(v, list))
        self.get = _getter(self.scalars)
        whole = f"{kind}.*" in LEFT_OUT
        self.key_get = _getter(
            () if whole else tuple(n for n in self.scalars if f"{kind}.{n}" not in LEFT_OUT)
        )
        self.key_arrays = (
            () if whole else tuple(n for n in self.arrays if f"{kind}.{n}" not in LEFT_OUT)
        )
        self.key_lists = (
            () if whole else tuple(n for n in self.lists if f"{kind}.{n}" not in LEFT_OUT)
        )


class Shape:
    """All parts of one controller, always in the same order."""

    def __init__(self, controller: Any) -> None:
        self.parts: list[Part] = []
        self._seen: set[int] = set()
        self._walk(controller)
        self._keyed = [
            p for p in self.parts if p.key_get is not _nothing or p.key_arrays or p.key_lists
        ]

    def _walk(self, thing: Any) -> None:
        if id(thing) in self._seen or type(thing).__name__ in _OUTSIDE:
            return
        self._seen.add(id(thing))
        self.parts.append(Part(thing))
        for value in vars(thing).values():
            if type(value).__module__.startswith("firmware.") and hasattr(value, "__dict__"):
                self._walk(value)

    def save(self) -> Saved:
        """Everything, as values that nobody changes."""
        return [
            (
                part.get(part.thing),
                tuple([bytes(getattr(part.thing, name)) for name in part.arrays]),
                tuple([tuple(getattr(part.thing, name)) for name in part.lists]),
            )
            for part in self.parts
        ]

    def load(self, saved: Saved) -> None:
        """The same controller stands there again."""
        for part, (scalars, arrays, lists) in zip(self.parts, saved, strict=True):
            names = vars(part.thing)
            names.update(zip(part.scalars, scalars, strict=True))
            for name, array in zip(part.arrays, arrays, strict=True):
                names[name] = bytearray(array)
            for name, values in zip(part.lists, lists, strict=True):
                names[name] = list(values)

    def key(self) -> tuple[Any, ...]:
        """What decides how this controller goes on, deadlines excepted."""
        return tuple(
            [
                (
                    part.key_get(part.thing),
                    [bytes(getattr(part.thing, name)) for name in part.key_arrays].__repr__()
                    if part.key_arrays
                    else "",
                    tuple([tuple(getattr(part.thing, name)) for name in part.key_lists]),
                )
                for part in self._keyed
            ]
        )


def rank(deadlines: Deadlines, free: int) -> tuple[Any, ...]:
    """Which deadlines are armed, in which order they fall due, and which of them any moment.

    `free`: a slot that may fall due at any time (the warning, whose phase the booking decides).
    """
    armed = sorted(
        (ticks_diff(deadlines._at_ms[slot], deadlines.now_ms), slot)
        for slot in range(len(deadlines.names))
        if deadlines._armed[slot] and slot != free
    )
    found: list[Any] = [deadlines._armed[free]]
    last = -1
    for left_ms, slot in armed:
        found.append((slot, left_ms <= SOON_MS, left_ms == last))
        last = left_ms
    return tuple(found)


def _nothing(_thing: Any) -> tuple[Any, ...]:
    return ()


def _getter(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    if not names:
        return _nothing
    if len(names) == 1:
        one = attrgetter(names[0])
        return lambda thing: (one(thing),)
    return attrgetter(*names)
