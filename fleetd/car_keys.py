"""A car's keys: which one opened what it said, which one signs what it hears, and a new one.

Slot 0 is what the car was given once. A new key goes to the car as a record, wrapped under slot 0;
the daemon signs with what the car spoke with last, so that the change is complete when the car
has said HELLO under the new key, however often either side is cut off on the way.
"""

from __future__ import annotations

from typing import Any

from firmware.wire import frames, kb1
from firmware.wire.frames import KEY_BYTES
from firmware.wire.key_record import pack_key
from fleetd import car_terms, copies, next_boxes, seals
from fleetd.core.refused import Refused
from fleetd.store import car_rows, notice_rows, terms_rows
from fleetd.store.car_rows import Car, Speaker
from fleetd.turn import Turn

CANNOT_TAKE = "car_cannot_take_key"
FIRST, NEWEST, FORMER = 0, 1, 2
#: Which key is tried first, by the slot that the car spoke with last.
_ORDERS = ((FIRST, NEWEST, FORMER), (NEWEST, FIRST, FORMER), (FORMER, FIRST, NEWEST))
_NONCE_BYTES = 8
_NUMBER_MAX = 255


def open_frame(turn: Turn, car: Speaker, sealed: bytes) -> tuple[int, bytes] | None:
    """(kind, body) of what the car said; None, and counted, when none of its keys made the tag.

    A key that the car has given up is good for HELLO alone: with that a car comes back that has
    lost its copy, or whose answers do not reach it.
    """
    keys = (car.key, car.slot_key, car.former_key)
    for slot in _ORDERS[car.key_slot]:
        key = keys[slot]
        if key is None:
            continue
        up = seals.direction_key(key, frames.UP)
        opened = seals.open_frame((up,), bytes.fromhex(car.id), sealed)
        if opened is None:
            continue
        if slot not in (car.key_slot, NEWEST) and opened[0] != kb1.HELLO:
            turn.counts["frame_under_old_key"] += 1
            return None
        turn.link(car.id).slot = slot
        return opened
    opened = next_boxes.open_hello(turn, car, sealed)
    if opened is None:
        turn.counts["frame_not_signed"] += 1
    return opened


def hear_hello(turn: Turn, car: Car) -> Car:
    """The car as it is known now that this HELLO, which is not an old one, was opened."""
    slot = turn.link(car.id).slot
    if slot != car.key_slot:
        turn.counts["key_slot_changed"] += 1
        car_rows.note_key_slot(turn.db, car.id, slot, turn.now_s)
        if slot == NEWEST:
            notice_rows.clear_alarm(turn.db, CANNOT_TAKE, car.id, turn.now_s)
    return car_rows.find(turn.db, car.id) or car


def rotate(turn: Turn, car_id: str, who: str) -> int:
    """A new key by chance; its number. It is nowhere but in the database, and in the car."""
    car = car_rows.find(turn.db, car_id)
    if car is None:
        raise Refused("no_car")
    if car.retired_s is not None:
        raise Refused("car_retired")
    car_terms.check_who(who)
    if car.slot_key is not None and car.key_heard_s is None:
        raise Refused("key_change_running")
    number = _put(turn, car, turn.entropy(KEY_BYTES), car.slot_key)
    terms_rows.note_change(turn.db, car_id, turn.now_s, who, "key", f"number {number}")
    notice_rows.clear_alarm(turn.db, CANNOT_TAKE, car_id, turn.now_s)
    copies.refresh(turn, car_id)
    return number


def withdraw(turn: Turn, car: Car, why: str) -> None:
    """The car did not take it, and keeps the one that it has."""
    if car.former_key is not None:
        _put(turn, car, car.former_key, None)
        car_rows.note_key_slot(turn.db, car.id, NEWEST, turn.now_s)
    else:
        car_rows.drop_slot_key(turn.db, car.id)
    notice_rows.raise_alarm(turn.db, CANNOT_TAKE, car.id, turn.now_s, detail=why)


def _put(turn: Turn, car: Car, key: bytes, former: bytes | None) -> int:
    number = car.key_number % _NUMBER_MAX + 1
    nonce = turn.entropy(_NONCE_BYTES)
    record = pack_key(car.key, bytes.fromhex(car.id), number, nonce, key)
    car_rows.put_slot_key(turn.db, car.id, number, key, record, former, turn.now_s)
    return number


def state(car: Car) -> dict[str, Any]:
    """For the operator; nothing secret. `slot`: under which the car spoke last."""
    return {
        "number": car.key_number if car.slot_key is not None else 0,
        "slot": min(car.key_slot, NEWEST) if car.slot_key is not None else FIRST,
        "made_s": car.key_made_s,
        "heard_s": car.key_heard_s,
        "is_changing": car.slot_key is not None and car.key_heard_s is None,
    }
