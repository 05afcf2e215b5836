"""The identity that waits for its box, and how it takes the place of the one before."""

from __future__ import annotations

from typing import NamedTuple

from fleetd.store.database import Database


class NextBox(NamedTuple):
    """`is_new_box`: not the one that is in the car, so that it has neither copy nor journal."""

    car: str
    key: bytes
    password: str
    password_hash: bytes
    broker_password: str
    is_new_box: int
    who: str
    made_s: int

    def __repr__(self) -> str:
        """No keys: it may end up in a log."""
        return f"NextBox({self.car})"


_FIND = f"SELECT {', '.join(NextBox._fields)} FROM next_box WHERE car = ?"  # noqa: S608 - ours


def find(db: Database, car: str) -> NextBox | None:
    row = db.row(_FIND, car)
    return None if row is None else NextBox._make(row)


def put(db: Database, box: NextBox) -> None:
    db.run("INSERT OR REPLACE INTO next_box VALUES (?, ?, ?, ?, ?, ?, ?, ?)", *box)


def forget(db: Database, car: str) -> bool:
    """False: there was none."""
    return bool(db.run("DELETE FROM next_box WHERE car = ?", car))


def adopt(db: Database, box: NextBox) -> None:
    """From now on the car has this key and password, and no other."""
    db.run(
        "UPDATE car SET key = ?, password_hash = ?, broker_password = ?, slot_key = NULL,"
        " key_record = NULL, former_key = NULL, key_slot = 0, key_made_s = NULL,"
        " key_heard_s = NULL WHERE id = ?",
        box.key, box.password_hash, box.broker_password, box.car,
    )  # fmt: skip
    forget(db, box.car)
