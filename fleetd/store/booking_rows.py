"""Bookings."""

from __future__ import annotations

from typing import Any

from fleetd.core.bookings import BOOKED, IN_USE, Booking
from fleetd.core.car_copy import HORIZON_S, PAST_S_MAX
from fleetd.store.database import Database

_COLUMNS = ", ".join(Booking.__slots__)
_SELECT = f"SELECT {_COLUMNS} FROM booking "  # noqa: S608 - our own names
#: What an effect or a change may set.
SETTABLE = frozenset(
    {
        "starts_s", "ends_s", "status", "changes", "extensions", "window_until_s", "cancelled_s",
        "cancel_percent", "started_s", "ended_s", "start_odometer_m", "end_odometer_m",
        "end_latitude_udeg", "end_longitude_udeg", "needs_review", "warned_s",
        "start_odometer_source", "end_odometer_source", "end_lights_on", "end_window_open",
    }
)  # fmt: skip


def add(db: Database, car: str, driver: int, starts_s: int, ends_s: int, now_s: int) -> int:
    return db.insert(
        "INSERT INTO booking (car, driver, starts_s, ends_s, status, made_s)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        car, driver, starts_s, ends_s, BOOKED, now_s,
    )  # fmt: skip


def find(db: Database, booking: int) -> Booking | None:
    row = db.row(_SELECT + "WHERE id = ?", booking)
    return None if row is None else Booking(*row)


def details(db: Database, booking: int) -> dict[str, Any]:
    """Every column, for pages and statements."""
    return dict(db.row("SELECT * FROM booking WHERE id = ?", booking))


def change(db: Database, booking: int, columns: dict[str, Any]) -> None:
    """Set some columns."""
    unknown = set(columns) - SETTABLE
    if unknown:
        raise ValueError(f"columns of booking that nobody may set: {', '.join(sorted(unknown))}")
    names = ", ".join(f"{name} = ?" for name in columns)
    db.run(f"UPDATE booking SET {names} WHERE id = ?", *columns.values(), booking)  # noqa: S608


def live_of_car(db: Database, car: str, except_id: int = 0) -> list[Booking]:
    """Those that take room, are in use, or have a reopen window."""
    rows = db.rows(
        _SELECT + "WHERE car = ? AND status IN ('booked', 'in_use', 'ended', 'reopened')"
        " AND id <> ? ORDER BY starts_s, id",
        car, except_id,
    )  # fmt: skip
    return [Booking(*row) for row in rows]


def used_up_of_car(db: Database, car: str, now_s: int) -> list[Booking]:
    """Used and over before their time is."""
    rows = db.rows(
        _SELECT + "WHERE car = ? AND status = 'over' AND ends_s > ? ORDER BY starts_s, id",
        car, now_s,
    )  # fmt: skip
    return [Booking(*row) for row in rows]


def live_of_driver(db: Database, driver: int, except_id: int = 0) -> list[Booking]:
    """Those that take room, on any car."""
    rows = db.rows(
        _SELECT + "WHERE driver = ? AND status IN ('booked', 'in_use') AND id <> ?"
        " ORDER BY starts_s, id",
        driver, except_id,
    )  # fmt: skip
    return [Booking(*row) for row in rows]


def latest_drivers(db: Database, car: str, most: int) -> list[int]:
    """Who booked the car last, or will use it last: at most so many drivers."""
    rows = db.rows(
        "SELECT driver FROM booking WHERE car = ? GROUP BY driver"
        " ORDER BY max(starts_s) DESC, driver LIMIT ?",
        car, most,
    )  # fmt: skip
    return [row[0] for row in rows]


def cars_of_driver(db: Database, driver: int) -> list[str]:
    """Cars whose copy may hold a booking of the driver."""
    rows = db.rows(
        "SELECT DISTINCT car FROM booking WHERE driver = ?"
        " AND status IN ('booked', 'in_use', 'ended', 'reopened') ORDER BY car",
        driver,
    )
    return [row[0] for row in rows]


def all_of_drivers(db: Database, drivers: list[int]) -> list[Booking]:
    marks = ", ".join("?" * len(drivers))
    rows = db.rows(_SELECT + f"WHERE driver IN ({marks}) ORDER BY starts_s, id", *drivers)
    return [Booking(*row) for row in rows]


def upcoming_of_drivers(db: Database, drivers: list[int], now_s: int, most: int) -> list[int]:
    """Their numbers, by their start: what is in use, to come, or can be reopened."""
    marks = ", ".join("?" * len(drivers))
    rows = db.rows(
        f"SELECT id FROM booking WHERE driver IN ({marks})"  # noqa: S608 - question marks
        " AND (status IN ('in_use', 'reopened') OR (status = 'booked' AND ends_s > ?)"
        " OR (status = 'ended' AND window_until_s > ?)) ORDER BY starts_s, id LIMIT ?",
        *drivers, now_s, now_s, most,
    )  # fmt: skip
    return [row[0] for row in rows]


def count_open_of_member(db: Database, member: str, now_s: int) -> int:
    """BOOK-4: in use, or still to come."""
    row = db.row(
        "SELECT count(*) FROM booking JOIN driver ON driver.number = booking.driver"
        " WHERE driver.member = ? AND (status = ? OR (status = ? AND ends_s > ?))",
        member, IN_USE, BOOKED, now_s,
    )  # fmt: skip
    return int(row[0])


def cars_with_changes(db: Database, now_s: int) -> list[str]:
    """Cars whose copy lacks a booking that has come near, or has one that is past."""
    rows = db.rows(
        "SELECT DISTINCT booking.car FROM booking JOIN car ON car.id = booking.car"
        " LEFT JOIN car_record ON car_record.car = booking.car"
        " AND car_record.booking = booking.id"
        " WHERE booking.status = 'booked' AND booking.starts_s BETWEEN ? AND ?"
        " AND (booking.ends_s > ? OR (booking.ends_s > car.settled_s AND booking.ends_s > ?))"
        " = (car_record.booking IS NULL)",
        now_s - 2 * PAST_S_MAX, now_s + HORIZON_S, now_s, now_s - PAST_S_MAX,
    )  # fmt: skip
    used_up = db.rows(
        "SELECT DISTINCT booking.car FROM booking JOIN car_record"
        " ON car_record.car = booking.car AND car_record.booking = booking.id"
        " WHERE booking.status = 'over' AND booking.starts_s > ? AND booking.ends_s <= ?",
        now_s - 2 * HORIZON_S, now_s,
    )  # fmt: skip
    return sorted({row[0] for row in rows + used_up})


def starting_unconfirmed(db: Database, before_s: int, put_before_s: int, now_s: int) -> list[Any]:
    """(booking, car) of those that start before then and are not confirmed by the car (rule 9)."""
    return db.rows(
        "SELECT booking.id, booking.car FROM booking"
        " LEFT JOIN car_record ON car_record.car = booking.car"
        " AND car_record.booking = booking.id"
        " WHERE booking.status = 'booked' AND booking.starts_s <= ? AND booking.ends_s > ?"
        " AND car_record.since_s IS NULL AND coalesce(car_record.put_s, 0) <= ?",
        before_s, now_s, put_before_s,
    )  # fmt: skip


def in_use_past_end(db: Database, now_s: int) -> list[Booking]:
    rows = db.rows(_SELECT + "WHERE status = 'in_use' AND ends_s <= ?", now_s)
    return [Booking(*row) for row in rows]


def was_warned(db: Database, booking: int) -> bool:
    return db.row("SELECT warned_s FROM booking WHERE id = ?", booking)[0] is not None


def request(db: Database, account: str, key: str) -> tuple[str, int] | None:
    """(what was asked for, its booking) under that key."""
    row = db.row("SELECT what, booking FROM request WHERE account = ? AND key = ?", account, key)
    return None if row is None else (row[0], row[1])


def put_request(db: Database, account: str, key: str, what: str, booking: int) -> None:
    db.run("INSERT INTO request VALUES (?, ?, ?, ?)", account, key, what, booking)
