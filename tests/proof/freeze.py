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
    "Commands._refused": "whether a refusal is journaled once more; no decision reads it",
    "Commands._held": "answers that wait for the relays; each is followed to its release at once",
    "Controller._lamp": "what was shown last; decides the phase of the blinking alone",
    "Controller._lamp_at_ms": "the phase of the blinking",
    "Controller._saved_at_ms": "when the record is renewed; the record itself is part of the state",
    "Controller._saved_wall_s": "the same",
    "Rental.finished": "of the step that just ended; the next one begins by clearing it",
    "Rental.undone": "the same; the answer that it goes into is followed at once",
    "Rental.ending_before": "each step begins by noting it",
    "Rental._before": "the same",
    "Controller._began_ms": "each reset is explored to the turn in which the inputs are told",
    "Controller.told": "what the technician reads at the console; no decision reads it",
    "Deadlines.*": "enters by rank, see `rank`",
    "ReaderWindow.*": "begins anew with each event; its memory is explored by the events of the window",
    "Rental.unlock_until_ms": "enters as passed or not",
    "StarterWatch.*": "gives records of faults and nothing else; begins anew with each event",
    "Rental.ends_at_ms": "enters as passed or not; the booking's length is anybody's choice",
    "Request.*": "one request lives for one event; `standing` is judged anew when an input changes",
    "Session.ends_s": "read by an extension alone, which is an event",
    "Session.use_detail": "text of a record: place, distance, and the session's own fields",
    "Edges.is_stale": "only asks for another look at the same inputs",
    "Edges._is_fresh": "the same",
}

#: What stands around a controller and is not its state.
_OUTSIDE = {"Terms", "Settings", "PackedTable", "Snapshot", "Turn", "Bookings", "Cards", "Tables"}
_PLAIN = (int, str, bytes, type(None))
#: A deadline that is nearer than this counts as just about to fall due.
SOON_MS = 1000

#: One object's plain attributes as they were: numbers and names, bytes, lists. Shared: not to be changed.
Kept = tuple[dict[str, Any], tuple[tuple[str, bytes], ...], tuple[tuple[str, tuple[Any, ...]], ...]]
Saved = tuple[Kept, ...]


class Part:
    """One object: names of its plain attributes, by kind."""

    def __init__(self, thing: Any) -> None:
        self.thing = thing
        self.names = names = vars(thing)
        kind = type(thing).__name__
        self.scalars = tuple(n for n, v in names.items() if isinstance(v, _PLAIN))
        self.arrays = tuple(n for n, v in names.items() if isinstance(v, bytearray))
        self.lists = tuple(n for n, v in names.items() if isinstance(v, list))
        self.get = _getter(self.scalars)
        self._get_arrays = _getter(self.arrays)
        self._get_lists = _getter(self.lists)
        self.kept: dict[Any, Kept] = {}
        self.keys: dict[Any, int] = {}
        whole = f"{kind}.*" in LEFT_OUT
        self.key_get, self._key_arrays, self._key_lists = (
            _getter(() if whole else tuple(n for n in some if f"{kind}.{n}" not in LEFT_OUT))
            for some in (self.scalars, self.arrays, self.lists)
        )

    def is_plain(self) -> bool:
        """Whether there is anything to remember."""
        return bool(self.scalars or self.arrays or self.lists)

    def is_keyed(self) -> bool:
        return (self.key_get, self._key_arrays, self._key_lists) != (_nothing, _nothing, _nothing)

    def save(self) -> Kept:
        thing = self.thing
        found = (
            self.get(thing),
            tuple(map(bytes, self._get_arrays(thing))),
            tuple(map(tuple, self._get_lists(thing))),
        )
        kept = self.kept.get(found)
        if kept is None:
            kept = self.kept[found] = (
                dict(zip(self.scalars, found[0], strict=True)),
                tuple(zip(self.arrays, found[1], strict=True)),
                tuple(zip(self.lists, found[2], strict=True)),
            )
        return kept

    def key(self) -> int:
        """A number for what this part brings to the key."""
        thing = self.thing
        found = (
            self.key_get(thing),
            tuple(map(bytes, self._key_arrays(thing))),
            tuple(map(tuple, self._key_lists(thing))),
        )
        return self.keys.setdefault(found, len(self.keys))


class Shape:
    """All parts of one controller, always in the same order."""

    def __init__(self, controller: Any) -> None:
        self.parts: list[Part] = []
        self._seen: set[int] = set()
        self._walk(controller)
        self._keyed = [part for part in self.parts if part.is_keyed()]

    def _walk(self, thing: Any) -> None:
        if id(thing) in self._seen or type(thing).__name__ in _OUTSIDE:
            return
        self._seen.add(id(thing))
        part = Part(thing)
        if part.is_plain():
            self.parts.append(part)
        for value in vars(thing).values():
            if type(value).__module__.startswith("firmware.") and hasattr(value, "__dict__"):
                self._walk(value)

    def save(self) -> Saved:
        """Everything, as values that nobody changes."""
        return tuple([part.save() for part in self.parts])

    def load(self, saved: Saved) -> None:
        """The same controller stands there again."""
        for part, (scalars, arrays, lists) in zip(self.parts, saved, strict=True):
            names = part.names
            names.update(scalars)
            for name, array in arrays:
                names[name][:] = array
            for name, values in lists:
                names[name] = list(values)

    def key(self) -> tuple[int, ...]:
        """What decides how this controller goes on, deadlines excepted; numbers mean one run's."""
        return tuple([part.key() for part in self._keyed])


def rank(deadlines: Deadlines, free: tuple[int, ...]) -> tuple[Any, ...]:
    """Which deadlines are armed, in which order they fall due, and which of them any moment.

    `free`: slots that may fall due at any time: the warning, whose phase the booking decides, and
    the enrolment, which goes on beside all else.
    """
    armed = sorted(
        (ticks_diff(deadlines._at_ms[slot], deadlines.now_ms), slot)
        for slot in range(len(deadlines.names))
        if deadlines._armed[slot] and slot not in free
    )
    found: list[Any] = [deadlines.left_ms(slot) > 0 for slot in free]
    found += [deadlines._armed[slot] for slot in free]
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
