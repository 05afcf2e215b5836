"""Cars, where each of them stands, and who it is."""

from __future__ import annotations

from typing import NamedTuple

from firmware.wire.chain import EMPTY_HASH
from firmware.wire.kb1 import Hello
from fleetd.core.bounds import COUNTED_MAX
from fleetd.core.sync import Point
from fleetd.store.database import Database

#: The boots of a car that are remembered, to know a HELLO of an old one.
BOOTS_MAX = 1000


class Speaker(NamedTuple):
    """Of a car what it takes to open its frames and to answer; quicker read than all of it."""

    id: str
    key: bytes
    slot_key: bytes | None
    former_key: bytes | None
    key_slot: int
    settled_s: int
    blocked_s: int | None

    def __repr__(self) -> str:
        """No keys: it may end up in a log."""
        return f"Speaker({self.id})"

    @property
    def spoken_key(self) -> bytes:
        """The one with which the car said its last HELLO."""
        return (self.key, self.slot_key, self.former_key)[self.key_slot] or self.key


class Car(NamedTuple):
    """`said_*`: what the car said last; `is_known`: that this is a point of the log."""

    id: str
    name: str
    key: bytes
    gen: int
    rev: int
    hash: bytes
    base_rev: int
    base_hash: bytes
    behind_s: int | None
    revoked_s: int | None
    boot: bytes
    uptime_s: int
    heard_s: int
    counter: int
    said_gen: int
    said_rev: int
    is_known: int
    settled_s: int
    maintenance_since_s: int | None
    key_number: int
    slot_key: bytes | None
    key_record: bytes | None
    former_key: bytes | None
    key_slot: int
    key_made_s: int | None
    key_heard_s: int | None
    blocked_s: int | None
    blocked_by: str
    blocked_why: str
    retired_s: int | None

    def __repr__(self) -> str:
        """No keys: it may end up in a log."""
        return f"Car({self.id})"

    @property
    def point(self) -> Point:
        return Point(self.gen, self.rev, self.hash)

    @property
    def spoken_key(self) -> bytes:
        return (self.key, self.slot_key, self.former_key)[self.key_slot] or self.key


_SELECT = f"SELECT {', '.join(Car._fields)} FROM car "  # noqa: S608 - our own names
_FIND = _SELECT + "WHERE id = ?"
_FIND_SPEAKER = f"SELECT {', '.join(Speaker._fields)} FROM car WHERE id = ?"  # noqa: S608


def add(db: Database, car: str, name: str, key: bytes, password_hash: bytes, now_s: int) -> None:
    db.run(
        "INSERT INTO car (id, name, key, password_hash, gen, rev, hash, base_rev, base_hash,"
        " added_s) VALUES (?, ?, ?, ?, 1, 0, ?, 0, ?, ?)",
        car, name, key, password_hash, EMPTY_HASH, EMPTY_HASH, now_s,
    )  # fmt: skip


def find(db: Database, car: str) -> Car | None:
    row = db.row(_FIND, car)
    return None if row is None else Car._make(row)


def named(db: Database, name: str) -> str | None:
    """The car of that name; blanks around it, and small or capital letters make no other one.

    A retired car leaves its name to another.
    """
    row = db.row(
        "SELECT id FROM car WHERE trim(name) = ? COLLATE NOCASE AND retired_s IS NULL", name.strip()
    )
    return None if row is None else str(row[0])


def find_speaker(db: Database, car: str) -> Speaker | None:
    row = db.row(_FIND_SPEAKER, car)
    return None if row is None else Speaker._make(row)


def whole(db: Database, speaker: Speaker) -> Car:
    """All that is kept of it."""
    return Car._make(db.row(_FIND, speaker.id))


def everyone(db: Database) -> list[Car]:
    return [Car(*row) for row in db.rows(_SELECT + "ORDER BY id")]


def password_hash(db: Database, car: str) -> bytes | None:
    row = db.row("SELECT password_hash FROM car WHERE id = ?", car)
    return None if row is None else row[0]


def behind(db: Database) -> list[str]:
    """Cars that have not confirmed everything, and are not shut out."""
    rows = db.rows("SELECT id FROM car WHERE behind_s IS NOT NULL AND blocked_s IS NULL")
    return [row[0] for row in rows]


def blocked(db: Database) -> list[str]:
    """Cars that are shut out, for good or until somebody lets them in."""
    return [row[0] for row in db.rows("SELECT id FROM car WHERE blocked_s IS NOT NULL")]


def last_of_boot(db: Database, car: str, boot: bytes) -> tuple[int, int, int] | None:
    """(uptime, gen, rev) of the newest HELLO of a boot; None for a boot never heard of."""
    row = db.row("SELECT uptime_s, gen, rev FROM car_boot WHERE car = ? AND boot = ?", car, boot)
    return None if row is None else (row[0], row[1], row[2])


def note_boot(db: Database, car: str, boot: bytes, uptime_s: int, point: Point, now_s: int) -> None:
    """The newest HELLO of this boot."""
    db.run(
        "INSERT INTO car_boot VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (car, boot) DO UPDATE SET"
        " uptime_s = excluded.uptime_s, gen = excluded.gen, rev = excluded.rev,"
        " heard_s = excluded.heard_s",
        car, boot, uptime_s, point.gen, point.rev, now_s,
    )  # fmt: skip


def forget_old_boots(db: Database, car: str) -> None:
    db.run(
        "DELETE FROM car_boot WHERE car = ? AND boot NOT IN"
        " (SELECT boot FROM car_boot WHERE car = ? ORDER BY heard_s DESC, boot LIMIT ?)",
        car, car, BOOTS_MAX,
    )  # fmt: skip


def note_hello(db: Database, car: str, hello: Hello, now_s: int) -> None:
    """Numbers of commands are a boot's own: what was said in another one binds nobody."""
    db.run(
        "UPDATE car SET counter = iif(boot = ?1, max(counter, ?2), ?2), boot = ?1, uptime_s = ?3,"
        " journal = ?4, next_seq = ?5, heard_s = ?6 WHERE id = ?7",
        hello.boot, hello.counter, hello.uptime_s, hello.journal, hello.next_seq, now_s, car,
    )  # fmt: skip


def note_standing(db: Database, car: str, gen: int, rev: int, *, is_known: bool) -> None:
    """What the car said that it has."""
    db.run(
        "UPDATE car SET said_gen = ?, said_rev = ?, is_known = ? WHERE id = ?",
        gen, rev, int(is_known), car,
    )  # fmt: skip


def note_in_step(db: Database, car: str) -> None:
    db.run("UPDATE car SET behind_s = NULL, revoked_s = NULL WHERE id = ?", car)


def note_behind(db: Database, car: str, now_s: int, *, revokes: bool) -> None:
    """The operator sees since when a car lacks something, a revocation above all."""
    db.run(
        "UPDATE car SET behind_s = coalesce(behind_s, ?),"
        " revoked_s = CASE WHEN ? THEN coalesce(revoked_s, ?) ELSE revoked_s END WHERE id = ?",
        now_s, int(revokes), now_s, car,
    )  # fmt: skip


def note_settled(db: Database, car: str, now_s: int) -> None:
    """Every event that the car has told of is here."""
    db.run("UPDATE car SET settled_s = ? WHERE id = ?", now_s, car)


def note_maintenance(db: Database, car: str, since_s: int | None) -> None:
    """None: it is over."""
    db.run("UPDATE car SET maintenance_since_s = ? WHERE id = ?", since_s, car)


def next_counter(db: Database, car: str) -> int | None:
    """A number for a command, above all before in this boot; None when there are no more."""
    row = db.row(
        "UPDATE car SET counter = counter + 1 WHERE id = ? AND counter < ? RETURNING counter",
        car, COUNTED_MAX,
    )  # fmt: skip
    return None if row is None else int(row[0])


def block(db: Database, car: str, now_s: int, who: str, why: str, *, for_good: bool) -> None:
    """Since when it is shut out stays what it was."""
    db.run(
        "UPDATE car SET blocked_s = coalesce(blocked_s, ?1), blocked_by = ?2, blocked_why = ?3,"
        " retired_s = iif(?4, ?1, NULL) WHERE id = ?5",
        now_s, who, why, int(for_good), car,
    )  # fmt: skip


def unblock(db: Database, car: str) -> None:
    db.run("UPDATE car SET blocked_s = NULL, blocked_by = '', blocked_why = '' WHERE id = ?", car)


def put_telemetry(
    db: Database,
    car: str,
    at_s: int,
    battery_mv: int,
    odometer_m: int,
    position: tuple[int, int] | None,
    now_s: int,
    latest_s: int,
) -> None:
    """Newest wins, by the car's own time; but not over anything else for ever.

    What is there from after `latest_s` was kept while our own clock was ahead.
    """
    latitude, longitude = position or (None, None)
    db.run(
        "INSERT INTO telemetry VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (car) DO UPDATE SET"
        " at_s = excluded.at_s, battery_mv = excluded.battery_mv,"
        " odometer_m = excluded.odometer_m, latitude_udeg = excluded.latitude_udeg,"
        " longitude_udeg = excluded.longitude_udeg, received_s = excluded.received_s"
        " WHERE excluded.at_s >= telemetry.at_s OR telemetry.at_s > ?",
        car, at_s, battery_mv, odometer_m, latitude, longitude, now_s, latest_s,
    )  # fmt: skip


def put_slot_key(
    db: Database,
    car: str,
    number: int,
    key: bytes,
    record: bytes,
    former: bytes | None,
    now_s: int,
) -> None:
    """What was in the slot until now is the former one for a car that speaks with it."""
    db.run(
        "UPDATE car SET key_number = ?, slot_key = ?, key_record = ?, former_key = ?,"
        " key_slot = CASE key_slot WHEN 0 THEN 0 ELSE 2 END, key_made_s = ?, key_heard_s = NULL"
        " WHERE id = ?",
        number, key, record, former, now_s, car,
    )  # fmt: skip


def drop_slot_key(db: Database, car: str) -> None:
    db.run(
        "UPDATE car SET slot_key = NULL, key_record = NULL, former_key = NULL, key_slot = 0,"
        " key_made_s = NULL, key_heard_s = NULL WHERE id = ?",
        car,
    )


def note_key_slot(db: Database, car: str, slot: int, now_s: int) -> None:
    """Under which the car was heard; under the newest, and what was before is done with."""
    db.run(
        "UPDATE car SET key_slot = ?1, former_key = iif(?1 = 1, NULL, former_key),"
        " key_heard_s = iif(?1 = 1, coalesce(key_heard_s, ?2), key_heard_s) WHERE id = ?3",
        slot, now_s, car,
    )  # fmt: skip
