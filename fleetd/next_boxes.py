"""Another box, or another first key, for a car: nothing changes before it speaks.

The new identity is made once and waits. The box in service goes on until the first HELLO under the
new key; in that transaction the old key and password are refused for ever, and a new box is given
the whole copy. Whoever is interrupted before begins again with the same identity.
"""

from __future__ import annotations

from firmware.wire import frames, kb1
from firmware.wire.frames import KEY_BYTES
from fleetd import car_terms, copies, seals
from fleetd.core import broker_secrets, passwords, sync
from fleetd.core.refused import Refused
from fleetd.store import box_rows, car_rows, log_rows, notice_rows, terms_rows
from fleetd.store.box_rows import NextBox
from fleetd.store.car_rows import Speaker
from fleetd.turn import Turn
from fleetd.vehicles import PASSWORD_BYTES, Identity

_HASH_BYTES = 8
#: What stands in the record of the car's changes.
BOX, FIRST_KEY = "box", "first_key"


def prepare(turn: Turn, car_id: str, who: str, *, is_new_box: bool) -> Identity:
    """The identity for the box; the same one until it was heard."""
    car = car_rows.find(turn.db, car_id)
    if car is None:
        raise Refused("no_car")
    if car.retired_s is not None:
        raise Refused("car_retired")
    car_terms.check_who(who)
    found = box_rows.find(turn.db, car_id)
    if found is not None and bool(found.is_new_box) != is_new_box:
        raise Refused("other_box_waits")
    if found is None:
        key = turn.entropy(KEY_BYTES)
        password = turn.entropy(PASSWORD_BYTES).hex()
        salt = turn.entropy(broker_secrets.SALT_BYTES)
        found = NextBox(
            car_id, key, password, passwords.hash_secret(password.encode()),
            broker_secrets.hashed(password, salt), int(is_new_box), who, turn.now_s,
        )  # fmt: skip
        box_rows.put(turn.db, found)
        terms_rows.note_change(turn.db, car_id, turn.now_s, who, _what(found), "made")
    return Identity(car_id, found.key.hex(), found.password)


def give_up(turn: Turn, car_id: str, who: str) -> None:
    """The box in service stays, and what waits is good for nothing any more."""
    found = box_rows.find(turn.db, car_id)
    if found is None:
        raise Refused("no_next_box")
    car_terms.check_who(who)
    box_rows.forget(turn.db, car_id)
    terms_rows.note_change(turn.db, car_id, turn.now_s, who, _what(found), "given up")


def password_is_right(turn: Turn, car_id: str, password: bytes) -> bool:
    """Of the box that waits."""
    found = box_rows.find(turn.db, car_id)
    return found is not None and passwords.secret_is_right(password, found.password_hash)


def open_hello(turn: Turn, car: Speaker, sealed: bytes) -> tuple[int, bytes] | None:
    """What none of the car's keys opened, when it is the first HELLO of the box that waits."""
    found = box_rows.find(turn.db, car.id)
    if found is None:
        return None
    up = seals.direction_key(found.key, frames.UP)
    opened = seals.open_frame((up,), bytes.fromhex(car.id), sealed)
    if opened is None or opened[0] != kb1.HELLO:
        return None
    turn.attempt(lambda: _adopt(turn, found))
    return opened


def _adopt(turn: Turn, box: NextBox) -> None:
    box_rows.adopt(turn.db, box)
    link = turn.link(box.car)
    link.slot, link.asked_nonce = 0, b""
    what = _what(box)
    terms_rows.note_change(turn.db, box.car, turn.now_s, box.who, what, "heard")
    notice_rows.clear_alarm(turn.db, "car_cannot_take_key", box.car, turn.now_s)
    car = car_rows.find(turn.db, box.car)
    if box.is_new_box and car is not None:
        # Nothing that the box before had is a point of this one's history.
        gen = min(max(car.gen, car.said_gen) + 1, sync.GEN_MAX)
        log_rows.begin_generation(turn.db, car, gen, turn.entropy(_HASH_BYTES))
        car_rows.note_behind(turn.db, box.car, turn.now_s, revokes=False)
    copies.refresh(turn, box.car)
    turn.counts["box_adopted"] += 1


def _what(box: NextBox) -> str:
    return BOX if box.is_new_box else FIRST_KEY
