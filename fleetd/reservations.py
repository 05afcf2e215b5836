"""Bookings made, changed, extended, cancelled: the change, the log of the car and the mail in one."""

from __future__ import annotations

from typing import Any

from fleetd import copies, notices
from fleetd.core import bookings
from fleetd.core.bookings import Booking, Surroundings
from fleetd.core.refused import Refused
from fleetd.store import account_rows, booking_rows, car_rows
from fleetd.store.account_rows import Driver
from fleetd.turn import Turn

TIME_S_MAX = 0xFFFFFFFF
KEY_CHARACTERS_MAX = 80


def add(turn: Turn, driver: Driver, car: str, starts_s: int, ends_s: int) -> int:
    """A booking that is simply there, without rules and mail."""
    if not 0 <= starts_s < ends_s <= TIME_S_MAX:
        raise Refused("too_short")
    _refuse_car(turn, car)
    booking = booking_rows.add(turn.db, car, driver.number, starts_s, ends_s, turn.now_s)
    copies.refresh(turn, car)
    return booking


def book(turn: Turn, driver: Driver, car: str, starts_s: int, ends_s: int, key: str) -> int:
    """The booking's number."""
    what = f"book {car} {starts_s} {ends_s}"
    done = _done_before(turn, driver, key, what)
    if done:
        return done
    _refuse_car(turn, car)
    around = surroundings(turn, driver, car)
    _refuse(bookings.refuse_new(turn.rules, driver.number, starts_s, ends_s, around, turn.now_s))
    booking = add(turn, driver, car, starts_s, ends_s)
    notices.mail_driver(turn, "booking_made", driver.number, booking)
    _note_done(turn, driver, key, what, booking)
    return booking


def change(
    turn: Turn, driver: Driver, booking_id: int, starts_s: int, ends_s: int, key: str
) -> None:
    """BOOK-7."""
    what = f"change {booking_id} {starts_s} {ends_s}"
    if _done_before(turn, driver, key, what):
        return
    booking = own_booking(turn, driver, booking_id)
    _refuse_car(turn, booking.car)
    around = surroundings(turn, driver, booking.car, booking.id)
    _refuse(bookings.refuse_change(turn.rules, booking, starts_s, ends_s, around, turn.now_s))
    columns = {"starts_s": starts_s, "ends_s": ends_s, "changes": booking.changes + 1}
    _settle(turn, booking, columns, "booking_changed")
    _note_done(turn, driver, key, what, booking_id)


def extend(turn: Turn, driver: Driver, booking_id: int, by_s: int, key: str) -> None:
    """BOOK-8, BOOK-12."""
    what = f"extend {booking_id} {by_s}"
    if _done_before(turn, driver, key, what):
        return
    booking = own_booking(turn, driver, booking_id)
    _refuse_car(turn, booking.car)
    around = surroundings(turn, driver, booking.car, booking.id)
    _refuse(bookings.refuse_extension(turn.rules, booking, by_s, around, turn.now_s))
    columns = {"ends_s": booking.ends_s + by_s, "extensions": booking.extensions + 1}
    _settle(turn, booking, columns, "booking_extended")
    _note_done(turn, driver, key, what, booking_id)


def cancel(turn: Turn, driver: Driver, booking_id: int, key: str) -> None:
    """BOOK-9 to BOOK-11; what it costs is kept with the booking."""
    what = f"cancel {booking_id}"
    if _done_before(turn, driver, key, what):
        return
    booking = own_booking(turn, driver, booking_id)
    _refuse(bookings.refuse_cancel(booking))
    percent = bookings.cancel_percent(turn.rules, booking, turn.now_s)
    columns = {
        "status": bookings.CANCELLED,
        "cancelled_s": turn.now_s,
        "cancel_percent": percent,
    }
    _settle(turn, booking, columns, "booking_cancelled")
    _note_done(turn, driver, key, what, booking_id)


def own_booking(turn: Turn, driver: Driver, booking_id: int) -> Booking:
    """Somebody else's booking is none."""
    booking = booking_rows.find(turn.db, booking_id)
    if booking is None or booking.driver != driver.number:
        raise Refused("no_booking")
    return booking


def free_times(
    turn: Turn, driver: Driver, car: str, from_s: int, to_s: int, except_id: int = 0
) -> list[tuple[int, int]]:
    """When this driver could book the car, looking at the car alone."""
    _refuse_car(turn, car)
    live = booking_rows.live_of_car(turn.db, car, except_id)
    return bookings.free_times(turn.rules, driver.number, live, from_s, to_s, turn.now_s)


def describe(turn: Turn, booking_id: int) -> dict[str, Any]:
    """Every column, the driver by ID."""
    row = booking_rows.details(turn.db, booking_id)
    driver = account_rows.driver_by_number(turn.db, row["driver"])
    row["driver"] = driver.id if driver else ""
    return row


def surroundings(turn: Turn, driver: Driver, car: str, except_id: int = 0) -> Surroundings:
    """What a decision about the times of a booking looks at."""
    return Surroundings(
        of_car=booking_rows.live_of_car(turn.db, car, except_id),
        of_driver=booking_rows.live_of_driver(turn.db, driver.number, except_id),
        open_of_member=booking_rows.count_open_of_member(turn.db, driver.member, turn.now_s),
        licence_until=driver.licence_until,
    )


def _settle(turn: Turn, booking: Booking, columns: dict[str, Any], mail: str) -> None:
    booking_rows.change(turn.db, booking.id, columns)
    notices.mail_driver(turn, mail, booking.driver, booking.id)
    copies.refresh(turn, booking.car)


def _refuse_car(turn: Turn, car: str) -> None:
    """One that is not there, or is shut out: no booking would reach it."""
    found = car_rows.find(turn.db, car)
    if found is None or found.retired_s is not None:
        raise Refused("no_car")
    if found.blocked_s is not None:
        raise Refused("car_blocked")


def _refuse(code: str) -> None:
    if code:
        raise Refused(code)


def _done_before(turn: Turn, driver: Driver, key: str, what: str) -> int:
    """The booking of the same request, asked for again; 0 when it is new. No key: always new."""
    if not key:
        return 0
    if len(key) > KEY_CHARACTERS_MAX:
        raise Refused("bad_key")
    found = booking_rows.request(turn.db, driver.id, key)
    if found is None:
        return 0
    if found[0] != what:
        raise Refused("key_reused")
    return found[1]


def _note_done(turn: Turn, driver: Driver, key: str, what: str, booking: int) -> None:
    if key:
        booking_rows.put_request(turn.db, driver.id, key, what, booking)
