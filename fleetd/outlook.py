"""Bookings as a phone shows them: their state, what can be done with each now, what the car has."""

from __future__ import annotations

from typing import Any

from fleetd import car_terms, command_states, copies, people, reservations
from fleetd.core import bookings, distance, outlook
from fleetd.core.refused import Refused
from fleetd.store import account_rows, booking_rows, car_rows, event_rows
from fleetd.turn import Turn

#: Nobody is offered more in one go.
EXTEND_S_MAX = 6 * 3600


def upcoming(turn: Turn, account: str, most: int) -> list[dict[str, Any]]:
    """Of the driver, or of all the member's drivers."""
    drivers = [driver.number for driver in people.drivers_of_account(turn, account)]
    found = booking_rows.upcoming_of_drivers(turn.db, drivers, turn.now_s, most)
    return [_describe(turn, number) for number in found]


def booking(turn: Turn, account: str | None, number: int) -> dict[str, Any]:
    """Somebody else's booking is none; an account of None is the operator's."""
    found = booking_rows.find(turn.db, number)
    if found is None:
        raise Refused("no_booking" if account is not None else "no_such_booking")
    if account is not None:
        drivers = {driver.number for driver in people.drivers_of_account(turn, account)}
        if found.driver not in drivers:
            raise Refused("no_booking")
    return _describe(turn, number)


def _extend_s_max(turn: Turn, found: bookings.Booking, around: bookings.Surroundings) -> int:
    """How much longer it could be at the most; 0 when it cannot."""
    grid_s = turn.rules.grid_s
    for by_s in range(grid_s, EXTEND_S_MAX + grid_s, grid_s):
        if bookings.refuse_extension(turn.rules, found, by_s, around, turn.now_s):
            return by_s - grid_s
    return EXTEND_S_MAX


def _describe(turn: Turn, number: int) -> dict[str, Any]:
    """Every column, and beside them `state`, `objections` and what else a page asks for."""
    row = reservations.describe(turn, number)
    found = booking_rows.find(turn.db, number)
    driver = account_rows.driver(turn.db, row["driver"])
    if found is None or driver is None:
        raise Refused("no_booking")
    around = reservations.surroundings(turn, driver, found.car, found.id)
    cancellable = found.status == bookings.BOOKED
    car = car_rows.find(turn.db, found.car)
    rules = car_terms.rules_of(turn, found.car)
    in_maintenance = car is not None and car.maintenance_since_s is not None
    is_blocked = car is not None and car.blocked_s is not None
    is_in_use = found.status == bookings.IN_USE
    happened = event_rows.codes_of_booking(turn.db, number) if is_in_use else []
    state = outlook.state(rules, found, turn.now_s)
    percent = bookings.cancel_percent(turn.rules, found, turn.now_s) if cancellable else None
    return {
        **row,
        "state": state,
        "warnings": outlook.warnings(
            state, lights_on=row["end_lights_on"] == 1, window_open=row["end_window_open"] == 1
        ),
        "objections": outlook.objections(
            rules,
            found,
            around,
            turn.now_s,
            in_maintenance=in_maintenance,
            is_blocked=is_blocked,
        ),
        "distance_m": distance.between_m(
            row["start_odometer_m"], row["start_odometer_source"],
            row["end_odometer_m"], row["end_odometer_source"],
        ),
        "locked_itself": outlook.locked_itself(happened) or None,
        "start_from_s": outlook.start_from_s(rules, found),
        "cancel_percent_now": percent,
        "extend_s_max": _extend_s_max(turn, found, around),
        "receipt": copies.receipt(turn, number),
        "last_command": command_states.last_of_booking(turn, driver.id, number),
    }  # fmt: skip
