"""Cars that are shut out: a stolen box or key ends here, and so does a car that is sold.

Nothing that a blocked car says counts, nothing is said to it, and its log-in is refused. What it was told
before it has still: its bookings and cards open it until its lease is over.
"""

from __future__ import annotations

from fleetd import car_terms, next_boxes, vehicles
from fleetd.core.refused import Refused
from fleetd.store import booking_rows, box_rows, car_rows, terms_rows
from fleetd.store.car_rows import Car
from fleetd.turn import Turn

# What stands in the record of the car's changes.
BLOCKED, UNBLOCKED, RETIRED = "blocked", "unblocked", "retired"


def block(turn: Turn, car_id: str, who: str, why: str) -> int:
    """Until it is unblocked; how many bookings of it are to come or run."""
    if _car(turn, car_id, who, why).blocked_s is not None:
        raise Refused("car_is_blocked")
    car_rows.block(turn.db, car_id, turn.now_s, who, why, for_good=False)
    terms_rows.note_change(turn.db, car_id, turn.now_s, who, BLOCKED, why)
    return _bookings(turn, car_id)


def unblock(turn: Turn, car_id: str, who: str, why: str) -> None:
    """It is served again with its next HELLO."""
    if _car(turn, car_id, who, why).blocked_s is None:
        raise Refused("car_not_blocked")
    car_rows.unblock(turn.db, car_id)
    terms_rows.note_change(turn.db, car_id, turn.now_s, who, UNBLOCKED, why)


def retire(turn: Turn, car_id: str, who: str, why: str) -> int:
    """For good; as `block`. A box or key that was made for it is good for nothing any more."""
    _car(turn, car_id, who, why)
    car_rows.block(turn.db, car_id, turn.now_s, who, why, for_good=True)
    box_rows.forget(turn.db, car_id)
    terms_rows.note_change(turn.db, car_id, turn.now_s, who, RETIRED, why)
    return _bookings(turn, car_id)


def login_is_right(turn: Turn, car_id: str, password: bytes) -> bool:
    """A wrong password costs the same for every car, and tells nothing of it."""
    is_right = vehicles.login_is_right(turn, car_id, password)
    if not (is_right or next_boxes.password_is_right(turn, car_id, password)):
        return False
    car = car_rows.find(turn.db, car_id)
    if car is None or car.blocked_s is None:
        return True
    turn.counts["login_of_blocked_car"] += 1
    return False


def connected(turn: Turn) -> list[str]:
    """Blocked cars whose connections are to end."""
    links = ((car_id, turn.links.get(car_id)) for car_id in car_rows.blocked(turn.db))
    return [car_id for car_id, link in links if link is not None and link.is_online]


def _car(turn: Turn, car_id: str, who: str, why: str) -> Car:
    """That is not retired."""
    car = car_rows.find(turn.db, car_id)
    if car is None:
        raise Refused("no_car")
    for text in (who, why):
        car_terms.check_who(text)
    if car.retired_s is not None:
        raise Refused("car_retired")
    return car


def _bookings(turn: Turn, car_id: str) -> int:
    live = booking_rows.live_of_car(turn.db, car_id)
    return sum(booking.ends_s > turn.now_s for booking in live)
