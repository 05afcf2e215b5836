"""Phones and cars are answered from indexes: what grows for ever is never read through."""

from collections.abc import Callable
from typing import Any

import pytest

from firmware.wire import codes
from fleetd.store.database import Database
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Desk, exchange, online, settle
from tests.fleetd.test_enrolments import touch

#: Tables of which no row ever goes.
GROWING = ("event", "command", "booking", "mail", "alarm")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[Any, ...]]]:
    """As they are prepared: SQLite plans before it knows the values."""
    found: list[tuple[str, tuple[Any, ...]]] = []

    def noted(call: Callable[..., Any]) -> Callable[..., Any]:
        def run(db: Database, sql: str, *values: Any) -> Any:
            found.append((sql, values))
            return call(db, sql, *values)

        return run

    for name in ("row", "rows", "run"):
        monkeypatch.setattr(Database, name, noted(getattr(Database, name)))
    return found


def test_nothing_that_grows_is_read_through(
    desk: Desk, asked: list[tuple[str, tuple[Any, ...]]]
) -> None:
    car = online(desk)
    number = desk.fleet.book(desk.driver, CAR, NOW_S + HOUR_S, NOW_S + 2 * HOUR_S, "a")["id"]
    settle(desk, car, 3)
    asked.clear()
    desk.clock.now_s = NOW_S + HOUR_S
    command = desk.fleet.operate(desk.driver, number, "start", "b")
    exchange(desk, car)
    car.happen(codes.AUDIT_UNLOCKED, number, car.use_detail())
    car.happen(codes.AUDIT_ENROL_EXPIRED, number)
    touch(car, number)
    desk.fleet.command(command)
    desk.fleet.booking(desk.driver, number)
    desk.fleet.upcoming(desk.driver, 9)
    desk.fleet.events_of(number)
    desk.fleet.extend(desk.driver, number, HOUR_S, "c")
    car.happen(codes.AUDIT_ENDED, number, car.use_detail())
    car.tell()
    exchange(desk, car)
    desk.clock.now_s += 10
    desk.fleet.tick()
    explained = set()
    for sql, values in [*asked]:
        if sql.startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
            plan = desk.db.connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)
            explained |= {(row[3], sql) for row in plan}
    bad = [
        one
        for one in explained
        if one[0].startswith(tuple(f"SCAN {name}" for name in GROWING)) and "INDEX" not in one[0]
    ]
    assert len(explained) > 30
    assert bad == []
