"""What a car remembers and few happenings look at: all others are tried once, whatever it is.

A state is a core and a memory, a number below MEMORIES of four fields. Which happenings look at a
field is said here; any other one does from the same core the same with every value of it, and
leaves it as it was. Copied are those alone; what comes of them is the same as if all were tried.
`Exploration` tries some of the copied ones all the same; `test_memory.py` compares whole runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from firmware.wire import codes
from tests.proof import normal
from tests.proof.scene import CARD, OTHER_CARD, STAFF_CARD, STRANGER

if TYPE_CHECKING:
    from tests.proof.car import Car
    from tests.proof.happenings import Happening

#: While the door reads unknown: how it read before, by car and journal. Looked at when it reads anew.
DOOR = 3
#: While the key reads unknown: the same.
KEY = 3 << 2
#: While the centre is asked: about which card. Looked at when the answer or its deadline comes.
ASKED = 3 << 4
#: How the starter block reads. Looked at after a reset, and written when a pulse is over.
STARTER = 1 << 6
FIELDS = (DOOR, KEY, ASKED, STARTER)
MEMORIES = 1 << 7
#: What `rescue` looks at: it moves door and key, and lets the asking end.
OF_A_RESCUE = DOOR | KEY | ASKED

_READS = {
    DOOR: ("door reads no", "door reads yes", "journal fails: door"),
    KEY: ("key in box reads no", "key in box reads yes", "journal fails: key"),
    ASKED: (
        "centre answers",
        "centre answers, other's window open",
        "centre answers, new booking",
        "next deadline falls due",
        "two deadlines fall due in one turn",
        "next deadline falls due, key cannot be told",
        "an enrolment is over as the next deadline falls due",
        "pulses done as a deadline falls due",
        "journal fails: deadline",
        "journal fails: centre answers",
    ),
    STARTER: (
        "pulses done, relays obey",
        "pulses done, relays stay",
        "pulses done, relays stay, booked end passed",
        "pulses done, no read-back",
        "pulses done as a deadline falls due",
        "journal fails: pulses done",
        "journal fails: relays stay",
    ),
}
_DOOR_AT = codes.IN_DOOR_DRIVER
_KEY_AT = 5  # in what is told
_KEPT_KEY_AT = 2 * codes.INPUTS
_CARDS = (CARD, OTHER_CARD, STRANGER, STAFF_CARD)


def reads(events: Sequence[Happening]) -> list[int]:
    """The fields that each happening looks at or writes; a reset looks at the starter."""
    names = {name for some in _READS.values() for name in some}
    unknown = names - {event.name for event in events}
    if unknown:
        raise ValueError(f"no such happening: {unknown}")
    found = []
    for event in events:
        fields = sum(field for field, some in _READS.items() if event.name in some)
        found.append(STARTER if is_reset(event) else fields)
    return found


def is_reset(event: Happening) -> bool:
    """Power goes and comes: how doors and key read before is forgotten."""
    return event.name.startswith("reset")


def take(car: Car) -> tuple[int, int]:
    """The memory, taken out of the car, and which fields are in use in this state."""
    edges, told = car.controller._edges, car.told
    values = car.snapshot.values
    memory = used = 0
    if values[_DOOR_AT] == codes.UNKNOWN:
        known = edges._known[_DOOR_AT]
        if known == told[0] == edges._kept[_DOOR_AT]:
            memory, used = known, DOOR
            _put_door(car, codes.NO)
    if values[codes.IN_KEY] == codes.UNKNOWN:
        known = edges._key
        if known == told[_KEY_AT] == edges._kept[_KEPT_KEY_AT]:
            memory |= known << 2
            used |= KEY
            _put_key(car, codes.NO)
    asking = car.controller._taps._asking
    if asking and asking == car.diary.asked and asking in _CARDS:
        memory |= _CARDS.index(asking) << 4
        used |= ASKED
        _put_asked(car, CARD)
    blocked = values[codes.IN_BLOCKED]
    if car.rental.state in normal.ALIVE["starter"] and blocked != codes.UNKNOWN:
        memory |= blocked << 6
        used |= STARTER
        _put_starter(car, codes.NO)
    return memory, used


def put(car: Car, memory: int, used: int) -> None:
    """The car of that core with this memory."""
    if used & DOOR:
        _put_door(car, memory & 3)
    if used & KEY:
        _put_key(car, memory >> 2 & 3)
    if used & ASKED:
        _put_asked(car, _CARDS[memory >> 4 & 3])
    if used & STARTER:
        _put_starter(car, memory >> 6)


def _put_door(car: Car, value: int) -> None:
    edges = car.controller._edges
    kept = edges._kept
    edges._known[_DOOR_AT] = value
    edges._kept = kept[:_DOOR_AT] + bytes((value,)) + kept[_DOOR_AT + 1 :]
    car.told = bytes((value,)) + car.told[1:]


def _put_key(car: Car, value: int) -> None:
    edges = car.controller._edges
    kept = edges._kept
    edges._key = value
    edges._kept = kept[:_KEPT_KEY_AT] + bytes((value,)) + kept[_KEPT_KEY_AT + 1 :]
    car.told = car.told[:_KEY_AT] + bytes((value,))


def _put_asked(car: Car, card: bytes) -> None:
    car.controller._taps._asking = car.diary.asked = card


def _put_starter(car: Car, value: int) -> None:
    car.snapshot.values[codes.IN_BLOCKED] = value  # not as news
    car.controller._starter._wanted = value
