"""Keeps what a car has to know in the transaction of what changed it (rule 1)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from firmware.wire import codes
from fleetd import isolation
from fleetd.core import bookings, car_copy, sync
from fleetd.store import account_rows, booking_rows, car_rows, log_rows, notice_rows, terms_rows
from fleetd.store.car_rows import Car
from fleetd.turn import Turn

#: Rule 9: a booking that its car lacks so long before its start.
LACKED_S = 3600
#: What was written just now is on its way.
ON_ITS_WAY_S = 60
BOOKING_NOT_IN_CAR = "booking_not_in_car"


def refresh(turn: Turn, car_id: str) -> None:
    """Append what the car's copy lacks, or has too much, to its log."""
    car = car_rows.find(turn.db, car_id)
    if car is None:
        return
    live = booking_rows.live_of_car(turn.db, car_id)
    live += booking_rows.used_up_of_car(turn.db, car_id, turn.now_s)
    needed = [b for b in live if car_copy.is_needed(b, car.settled_s, turn.now_s)]
    cards = account_rows.cards_of(turn.db, _drivers(turn, car_id, needed))
    want = car_copy.wanted_records(
        needed, cards, account_rows.staff_cards(turn.db), car.settled_s, turn.now_s,
        _fixed(turn, car),
    )  # fmt: skip
    operations = car_copy.operations(log_rows.records(turn.db, car_id), want)
    if not operations:
        return
    log_rows.append(turn.db, car, operations, turn.now_s)
    revokes = any(op % 2 == 0 for op, _, _ in operations)
    car_rows.note_behind(turn.db, car_id, turn.now_s, revokes=revokes)
    _trim(turn, car_id)
    turn.changed.add(car_id)


def _fixed(turn: Turn, car: Car) -> car_copy.Records:
    """Terms and key, of which a car has one each."""
    found: car_copy.Records = {}
    terms = terms_rows.find(turn.db, car.id)
    if terms is not None and terms.untaken_s is None:
        found[codes.OP_PUT_TERMS, b""] = terms.record
    if car.key_record is not None:
        found[codes.OP_PUT_KEY, b""] = car.key_record
    return found


def terms_confirmed_s(turn: Turn, car_id: str) -> int | None:
    """Since when the car has its terms."""
    return log_rows.confirmed_s(turn.db, car_id, codes.OP_PUT_TERMS)


def _drivers(turn: Turn, car_id: str, needed: list[bookings.Booking]) -> list[int]:
    """Whose cards the car should know, the most important first, each once."""
    drivers = [booking.driver for booking in needed]
    if account_rows.count_cards(turn.db) <= car_copy.FAMILIAR_MAX:
        drivers += account_rows.drivers_with_cards(turn.db)
    else:
        drivers += booking_rows.latest_drivers(turn.db, car_id, car_copy.FAMILIAR_MAX)
    return list(dict.fromkeys(drivers))


def refresh_all(turn: Turn) -> None:
    """Something that every car holds has changed."""
    _refresh_each(turn, [car.id for car in car_rows.everyone(turn.db)])


def refresh_by_time(turn: Turn) -> None:
    """Bookings that came within the horizon, or are past."""
    _refresh_each(turn, booking_rows.cars_with_changes(turn.db, turn.now_s))


def _refresh_each(turn: Turn, cars: Iterable[str]) -> None:
    """One that cannot be written is an alarm for that car, and is tried with its next change."""
    for car_id in cars:
        isolation.apart(turn, car_id, "a copy", partial(refresh, turn, car_id))


def refresh_of_driver(turn: Turn, driver: int, gone: bytes = b"") -> None:
    """The cars that this driver has booked, and those with a card of theirs that is `gone`.

    All of them while all may know every card.
    """
    if account_rows.count_cards(turn.db) <= car_copy.FAMILIAR_MAX:
        refresh_all(turn)
        return
    cars = set(booking_rows.cars_of_driver(turn.db, driver))
    if gone:
        cars.update(log_rows.cars_with(turn.db, codes.OP_PUT_CARD, gone))
    _refresh_each(turn, sorted(cars))


def watch_starts(turn: Turn) -> None:
    """Rule 9: an alarm for each booking that its car lacks shortly before it starts."""
    for booking, car_id in booking_rows.starting_unconfirmed(
        turn.db, turn.now_s + LACKED_S, turn.now_s - ON_ITS_WAY_S, turn.now_s
    ):
        notice_rows.raise_alarm(turn.db, BOOKING_NOT_IN_CAR, car_id, turn.now_s, booking)
    for car_id in sorted(notice_rows.open_alarm_cars(turn.db, BOOKING_NOT_IN_CAR)):
        notice_rows.clear_alarms_of_confirmed(turn.db, BOOKING_NOT_IN_CAR, car_id, turn.now_s)


def receipt(turn: Turn, booking_id: int) -> dict[str, int | str | None]:
    """Rule 9: whether the car has the booking, and since when."""
    booking = booking_rows.find(turn.db, booking_id)
    found = log_rows.receipt(turn.db, booking.car, booking_id) if booking else None
    if found is not None:
        put_s, since_s = found
        state = "on_its_way" if since_s is None else "in_car"
        return {"state": state, "put_s": put_s, "in_car_since_s": since_s}
    is_to_come = booking is not None and booking.status == bookings.BOOKED
    state = "later" if is_to_come else "not_needed"
    return {"state": state, "put_s": None, "in_car_since_s": None}


def _trim(turn: Turn, car_id: str) -> None:
    """Rule 6."""
    car = car_rows.find(turn.db, car_id)
    if car is None:
        return
    acked_rev = car.said_rev if car.is_known else car.base_rev
    old_rev = log_rows.last_rev_before(turn.db, car_id, turn.now_s - sync.LOG_AGE_S_MAX)
    log_rows.trim(turn.db, car, sync.keep_from_rev(car.rev, acked_rev, old_rev))
