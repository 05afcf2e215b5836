"""A car that does not take its terms or its key: an older program, or a record without sense.

It stands before that operation for good, since operations are in order. So the daemon takes the
record back, forgets the way there, and gives the car a snapshot without it; the operator is told.
"""

from __future__ import annotations

from firmware.wire import codes, kb1
from fleetd import car_keys, car_terms, copies
from fleetd.store import car_rows, log_rows
from fleetd.store.car_rows import Car
from fleetd.turn import Turn

#: A program from before there were such records says only that it sees no sense, as it would of
#: any other record: that often, and it is these.
STRIKES = 3


def hear_nack(turn: Turn, car: Car, reason: int, gen: int, rev: int) -> None:
    """Of a DELTA or a SNAP, from a car that stands where it stood."""
    is_sure = reason == kb1.NACK_UNSUPPORTED
    is_likely = reason == kb1.NACK_SENSELESS and turn.link(car.id).nacks >= STRIKES
    if (gen, rev) != (car.said_gen, car.said_rev) or not (is_sure or is_likely):
        return
    why = f"refused with reason {reason} at {gen}.{rev}"
    has_terms = log_rows.is_unconfirmed(turn.db, car.id, codes.OP_PUT_TERMS)
    has_key = log_rows.is_unconfirmed(turn.db, car.id, codes.OP_PUT_KEY)
    if has_terms:
        car_terms.withdraw(turn, car.id, why)
    if has_key:
        car_keys.withdraw(turn, car, why)
    if has_terms or has_key:
        copies.refresh(turn, car.id)
        found = car_rows.find(turn.db, car.id)
        if found is not None:
            log_rows.trim(turn.db, found, found.rev)
        turn.link(car.id).nacks = 0
