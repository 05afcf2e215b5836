"""Members, drivers, their cards and log-ins."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from fleetd import copies, notices
from fleetd.core import passwords
from fleetd.core.refused import Refused
from fleetd.store import account_rows, notice_rows
from fleetd.store.account_rows import Driver
from fleetd.turn import Turn

_MEMBER = re.compile(r"[A-Z]{3}[0-9]{5}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+")
MEMBER_PREFIX = "KAG"
CARD_BYTES = 8
TEXT_CHARACTERS_MAX = 200
TOKEN_BYTES = 32
TOKEN_S = 7 * 86400
_NO_SALT = bytes(passwords.SALT_BYTES)


@dataclass(frozen=True, slots=True)
class Registered:
    """A member and a driver with their first passwords."""

    member: str
    member_password: str
    driver: str
    driver_password: str

    def __repr__(self) -> str:
        return f"Registered(member={self.member!r}, driver={self.driver!r})"


def add_member(turn: Turn, name: str, mail: str, member: str) -> tuple[str, str]:
    """(member's ID, first password), which goes by mail as well. "" as `member`: the next ID."""
    member = member or _next_member(turn)
    if not _MEMBER.fullmatch(member):
        raise Refused("bad_member_id")
    if account_rows.account(turn.db, member) is not None:
        raise Refused("member_exists")
    _check_texts(name, mail)
    password = _add_account(turn, member)
    account_rows.add_member(turn.db, member, name, mail, turn.now_s)
    notice_rows.add_mail(
        turn.db, "member_registered", member, mail, turn.now_s,
        content={"first_password": password},
    )  # fmt: skip
    return member, password


def add_driver(
    turn: Turn, member: str, name: str, mail: str, licence_until: str
) -> tuple[str, str]:
    """(driver's ID, first password); the first driver of a member is 001."""
    if account_rows.member_mail(turn.db, member) is None:
        raise Refused("no_member")
    _check_texts(name, mail)
    if licence_until:
        _check_day(licence_until)
    ordinal = len(account_rows.drivers_of(turn.db, member)) + 1
    if ordinal > 999:
        raise Refused("too_many_drivers")
    ident = f"{member}{ordinal:03d}"
    password = _add_account(turn, ident)
    number = account_rows.add_driver(turn.db, ident, member, name, mail, licence_until, turn.now_s)
    notices.mail_driver(turn, "driver_registered", number, content={"first_password": password})
    return ident, password


def register(
    turn: Turn, name: str, mail: str, member: str, licence_until: str, card: bytes
) -> Registered:
    """All of it or nothing."""
    member, member_password = add_member(turn, name, mail, member)
    driver, driver_password = add_driver(turn, member, name, mail, licence_until)
    if card:
        add_card(turn, driver_of_id(turn, driver), card)
    return Registered(member, member_password, driver, driver_password)


def add_card(turn: Turn, driver: Driver, identifier: bytes) -> None:
    """The driver's only card; the cars that the driver has booked learn of it."""
    _check_card(identifier)
    if account_rows.card_owner(turn.db, identifier) == driver.number:
        return
    refusal = register_card(turn, driver, identifier, turn.now_s)
    if refusal:
        raise Refused(refusal)


def register_card(turn: Turn, driver: Driver, identifier: bytes, at_s: int) -> str:
    """Give the driver this card from then on (ENROL-2), by mail too; the refusal's code, or ""."""
    owner = account_rows.card_owner(turn.db, identifier)
    if owner not in (None, driver.number) or identifier in account_rows.staff_cards(turn.db):
        return "card_of_somebody_else"
    old, since_s = account_rows.card_of(turn.db, driver.number) or (b"", at_s)
    if since_s > at_s:  # a car told late of it; meanwhile the driver got another one
        return "card_replaced_since"
    account_rows.put_card(turn.db, identifier, driver.number, at_s)
    content = {"number": card_shown(identifier)}
    notices.mail_driver(turn, "card_registered", driver.number, content=content)
    copies.refresh_of_driver(turn, driver.number, old)
    return ""


def _check_card(identifier: bytes) -> None:
    """Zeros are what a reader shows for a card that changes its number; no car knows them."""
    if len(identifier) != CARD_BYTES or not any(identifier):
        raise Refused("bad_card")


def card_shown(identifier: bytes) -> str:
    """As much of a card's number as is told."""
    return f"…{identifier.hex().upper()[-4:]}"


def add_staff_card(turn: Turn, identifier: bytes, name: str) -> None:
    """Every car learns of it."""
    _check_card(identifier)
    if account_rows.card_owner(turn.db, identifier) is not None:
        raise Refused("card_of_somebody_else")
    number = account_rows.newest_staff(turn.db) + 1
    account_rows.put_staff_card(turn.db, identifier, number, name)
    copies.refresh_all(turn)


def driver_of_id(turn: Turn, ident: str) -> Driver:
    """Refused for a member's ID, which can neither book nor operate, and for an unknown one."""
    found = account_rows.driver(turn.db, ident)
    if found is not None:
        return found
    is_member = account_rows.member_mail(turn.db, ident) is not None
    raise Refused("member_cannot_book" if is_member else "no_driver")


def login(turn: Turn, account: str, password: str) -> tuple[str, str]:
    """(token, "") or ("", the refusal's code). A wrong try is counted, so nothing is raised."""
    found = account_rows.account(turn.db, account)
    if found is None:
        passwords.hash_password(password, _NO_SALT)  # as long as for a known one
        return "", "wrong_login"
    if passwords.must_wait(found.failures, found.failed_s, turn.now_s):
        return "", "too_many_tries"
    is_right = passwords.password_is_right(password, found.salt, found.hash)
    account_rows.note_login(turn.db, account, turn.now_s, is_right=is_right)
    if not is_right:
        return "", "wrong_login"
    return _add_token(turn, account), ""


def account_of(turn: Turn, token: str, *, with_first_password: bool = False) -> str:
    """Whose token it is. A first password opens nothing but its change."""
    ident = account_rows.token_account(turn.db, passwords.hash_secret(token.encode()), turn.now_s)
    found = account_rows.account(turn.db, ident) if ident else None
    if found is None:
        raise Refused("not_logged_in")
    if found.must_change and not with_first_password:
        raise Refused("password_must_change")
    return found.id


def change_password(turn: Turn, token: str, old: str, new: str) -> tuple[str, str]:
    """As `login`: a new token, because the old ones end with the password."""
    ident = account_of(turn, token, with_first_password=True)
    refusal = passwords.refuse_password(new, old)
    if refusal:
        return "", refusal
    _, refusal = login(turn, ident, old)
    if refusal:
        return "", refusal
    salt = turn.entropy(passwords.SALT_BYTES)
    hashed = passwords.hash_password(new, salt)
    account_rows.put_password(turn.db, ident, salt, hashed, must_change=False)
    return _add_token(turn, ident), ""


def logout(turn: Turn, token: str) -> None:
    account_rows.delete_token(turn.db, passwords.hash_secret(token.encode()))


def drivers_of_account(turn: Turn, account: str) -> list[Driver]:
    """A driver sees itself, a member all its drivers."""
    found = account_rows.driver(turn.db, account)
    return [found] if found else account_rows.drivers_of(turn.db, account)


def _add_token(turn: Turn, account: str) -> str:
    token = turn.entropy(TOKEN_BYTES).hex()
    hashed = passwords.hash_secret(token.encode())
    account_rows.add_token(turn.db, hashed, account, turn.now_s + TOKEN_S, turn.now_s)
    return token


def _add_account(turn: Turn, ident: str) -> str:
    password = passwords.first_password(turn.entropy(passwords.FIRST_BYTES))
    salt = turn.entropy(passwords.SALT_BYTES)
    account_rows.add_account(turn.db, ident, salt, passwords.hash_password(password, salt))
    return password


def _next_member(turn: Turn) -> str:
    newest = account_rows.newest_member(turn.db, MEMBER_PREFIX)
    return f"{MEMBER_PREFIX}{int(newest[3:] or 0) + 1:05d}"


def _check_texts(name: str, mail: str) -> None:
    if not 0 < len(name.strip()) <= TEXT_CHARACTERS_MAX:
        raise Refused("bad_name")
    if len(mail) > TEXT_CHARACTERS_MAX or not _MAIL.fullmatch(mail):
        raise Refused("bad_mail")


def _check_day(day: str) -> None:
    try:
        date.fromisoformat(day)
    except ValueError:
        raise Refused("bad_day") from None
