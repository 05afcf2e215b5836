"""Members, drivers, their cards, passwords and log-ins."""

from __future__ import annotations

from dataclasses import dataclass

from fleetd.store.database import Database


@dataclass(frozen=True, slots=True)
class Driver:
    """`number` is what cars know a driver by."""

    number: int
    id: str
    member: str
    name: str
    mail: str
    licence_until: str


@dataclass(frozen=True, slots=True)
class Account:
    """What checks a password."""

    id: str
    salt: bytes
    hash: bytes
    must_change: int
    failures: int
    failed_s: int


_DRIVER = f"SELECT {', '.join(Driver.__slots__)} FROM driver "  # noqa: S608 - our own names
_ACCOUNT = f"SELECT {', '.join(Account.__slots__)} FROM account "  # noqa: S608


def add_account(db: Database, account: str, salt: bytes, hashed: bytes) -> None:
    """With a first password, which must be changed."""
    db.run(
        "INSERT INTO account (id, salt, hash, must_change) VALUES (?, ?, ?, 1)",
        account, salt, hashed,
    )  # fmt: skip


def account(db: Database, ident: str) -> Account | None:
    row = db.row(_ACCOUNT + "WHERE id = ?", ident)
    return None if row is None else Account(*row)


def put_password(
    db: Database, ident: str, salt: bytes, hashed: bytes, *, must_change: bool
) -> None:
    """Another password; whoever is logged in is not any more."""
    db.run(
        "UPDATE account SET salt = ?, hash = ?, must_change = ?, failures = 0 WHERE id = ?",
        salt, hashed, int(must_change), ident,
    )  # fmt: skip
    db.run("DELETE FROM token WHERE account = ?", ident)


def note_login(db: Database, ident: str, now_s: int, *, is_right: bool) -> None:
    if is_right:
        db.run("UPDATE account SET failures = 0 WHERE id = ? AND failures > 0", ident)
    else:
        db.run(
            "UPDATE account SET failures = failures + 1, failed_s = ? WHERE id = ?", now_s, ident
        )


def add_token(db: Database, hashed: bytes, ident: str, expires_s: int, now_s: int) -> None:
    db.run("DELETE FROM token WHERE expires_s <= ?", now_s)
    db.run("INSERT INTO token VALUES (?, ?, ?)", hashed, ident, expires_s)


def token_account(db: Database, hashed: bytes, now_s: int) -> str | None:
    row = db.row("SELECT account FROM token WHERE hash = ? AND expires_s > ?", hashed, now_s)
    return None if row is None else row[0]


def delete_token(db: Database, hashed: bytes) -> None:
    db.run("DELETE FROM token WHERE hash = ?", hashed)


def add_member(db: Database, ident: str, name: str, mail: str, now_s: int) -> None:
    db.run("INSERT INTO member VALUES (?, ?, ?, ?)", ident, name, mail, now_s)


def member_mail(db: Database, ident: str) -> str | None:
    """None when there is no such member."""
    row = db.row("SELECT mail FROM member WHERE id = ?", ident)
    return None if row is None else row[0]


def newest_member(db: Database, prefix: str) -> str:
    """The highest ID that begins so, "" without one."""
    row = db.row("SELECT max(id) FROM member WHERE id GLOB ?", prefix + "[0-9]*")
    return row[0] or ""


def add_driver(
    db: Database, ident: str, member: str, name: str, mail: str, licence_until: str, now_s: int
) -> int:
    return db.insert(
        "INSERT INTO driver (id, member, name, mail, licence_until, added_s)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        ident, member, name, mail, licence_until, now_s,
    )  # fmt: skip


def driver(db: Database, ident: str) -> Driver | None:
    row = db.row(_DRIVER + "WHERE id = ?", ident)
    return None if row is None else Driver(*row)


def driver_by_number(db: Database, number: int) -> Driver | None:
    row = db.row(_DRIVER + "WHERE number = ?", number)
    return None if row is None else Driver(*row)


def drivers_of(db: Database, member: str) -> list[Driver]:
    return [Driver(*row) for row in db.rows(_DRIVER + "WHERE member = ? ORDER BY id", member)]


def card_owner(db: Database, identifier: bytes) -> int | None:
    row = db.row("SELECT driver FROM card WHERE identifier = ?", identifier)
    return None if row is None else int(row[0])


def card_of(db: Database, number: int) -> tuple[bytes, int] | None:
    """(identifier, since when) of a driver's card."""
    row = db.row("SELECT identifier, added_s FROM card WHERE driver = ?", number)
    return None if row is None else (row[0], row[1])


def put_card(db: Database, identifier: bytes, number: int, now_s: int) -> None:
    """A driver has one card: a new one takes the place of the old (ENROL-2)."""
    db.run("DELETE FROM card WHERE driver = ?", number)
    db.run("INSERT INTO card VALUES (?, ?, ?)", identifier, number, now_s)


def cards_of(db: Database, numbers: list[int]) -> dict[int, list[bytes]]:
    """Identifiers by driver, in the order of `numbers`; who has no card is left out."""
    marks = ", ".join("?" * len(numbers))
    rows = db.rows(
        f"SELECT driver, identifier FROM card WHERE driver IN ({marks})",  # noqa: S608
        *numbers,
    )
    found = {row[0]: [row[1]] for row in rows}
    return {number: found[number] for number in numbers if number in found}


def count_cards(db: Database) -> int:
    return int(db.row("SELECT count(*) FROM card")[0])


def drivers_with_cards(db: Database) -> list[int]:
    """All of them, by number."""
    return [row[0] for row in db.rows("SELECT driver FROM card ORDER BY driver")]


def put_staff_card(db: Database, identifier: bytes, staff: int, name: str) -> None:
    db.run("INSERT OR REPLACE INTO staff_card VALUES (?, ?, ?)", identifier, staff, name)


def newest_staff(db: Database) -> int:
    return int(db.row("SELECT coalesce(max(staff), 0) FROM staff_card")[0])


def remove_staff_card(db: Database, identifier: bytes, name: str) -> bool:
    """False: there is no such card of that name."""
    return bool(
        db.run("DELETE FROM staff_card WHERE identifier = ? AND name = ?", identifier, name)
    )


def staff_name(db: Database, identifier: bytes) -> str:
    """Whose staff card it is; "" for nobody's."""
    row = db.row("SELECT name FROM staff_card WHERE identifier = ?", identifier)
    return "" if row is None else str(row[0])


def staff_cards_of(db: Database, name: str) -> list[bytes]:
    """By their number, the oldest first."""
    rows = db.rows("SELECT identifier FROM staff_card WHERE name = ? ORDER BY staff", name)
    return [row[0] for row in rows]


def staff_cards(db: Database) -> dict[bytes, int]:
    return {row[0]: row[1] for row in db.rows("SELECT identifier, staff FROM staff_card")}
