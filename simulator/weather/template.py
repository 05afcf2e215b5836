"""A daemon's database as runs begin with it: people, cards, cars, no bookings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from firmware.identity import Identity
from fleetd.service import Fleet
from simulator.daemon.database import People, open_in_memory

#: 2026-04-01T09:00:00+09:00, on the grid of bookings.
START_S = 1_775_001_600
_PROFILES = Path("firmware/profiles")


def terms_of(profile: str) -> dict[str, Any]:
    """What the cars of that operator follow."""
    found: dict[str, Any] = json.loads((_PROFILES / f"{profile}.json").read_text(encoding="utf-8"))
    return found


@dataclass(frozen=True)
class Template:
    """`image` is the database; a driver is (ID, card)."""

    image: bytes
    drivers: tuple[tuple[str, bytes], ...]
    staff: tuple[bytes, ...]
    cars: tuple[Identity, ...]


def card_of(kind: int, number: int) -> bytes:
    """An identifier as a reader shows it."""
    return bytes((1, 1, 6, kind)) + number.to_bytes(4)


@cache
def template(profile: str, cars: int, drivers: int, staff: int) -> Template:
    """The same for the same arguments; made once a process."""
    random = Random(f"template {profile} {cars} {drivers} {staff}")
    db = open_in_memory(profile, START_S)
    people = People(db)
    fleet = Fleet(db, lambda _car, _frame: None, lambda: float(START_S), random.randbytes)
    made = []
    for number in range(1, drivers + 1):
        ident, card = people.driver(f"driver {number}", START_S), card_of(1, number)
        fleet.add_card(ident, card)
        made.append((ident, card))
    staff_cards = [card_of(2, number) for number in range(1, staff + 1)]
    for card in staff_cards:
        fleet.add_staff_card(card, "staff")
    identities = []
    for number in range(1, cars + 1):
        identity = fleet.add_car(f"car {number}", f"4b47{number:08x}")
        identities.append(Identity(identity.car, bytes.fromhex(identity.key)))
    for mail in fleet.unsent_mails():
        fleet.note_mail_sent(mail["id"])
    image = db.connection.serialize()
    db.close()
    return Template(image, tuple(made), tuple(staff_cards), tuple(identities))
