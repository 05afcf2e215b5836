"""Makes the fleet of a desk: database, people with passwords and cards, the car, bookings."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

from fleetd.core.car_terms import choice_of
from fleetd.core.refused import Refused
from fleetd.service import Fleet
from fleetd.store import fleet_rows
from fleetd.store.database import create
from fleetd.vehicles import Identity
from simulator.daemon.database import profile_of
from simulator.desk.accounts import Accounts, Driver
from simulator.desk.stage import RECORDS_S
from simulator.desk.state_files import StateError, write_whole
from simulator.live.cast import OTHER_CARD, STAFF_CARD
from simulator.live.narration import UNKNOWN_CARD, demo_driver
from simulator.scenario.preparation import staff_cards, unix_s
from simulator.scenario.runner import profile_terms
from simulator.scenario.story import Story

DATABASE, IDENTITY = "fleet.db", "identity.json"
CAR_NAME = "The car on the desk"
OTHER_DRIVER = "KAG00009001"
_DRIVER = re.compile(r"([A-Z]{3}[0-9]{5})(?!000)([0-9]{3})", re.ASCII)
#: A member's drivers are numbered in order: no more are made to come to the one that is wanted.
_ORDINAL_MAX = 9
_MAIL = "driver@example.org"
#: Easily read, said and typed.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def seed(folder: Path, story: Story) -> Accounts:
    """A new fleet in that folder, some hours before the story. StateError says what hinders it."""
    now_s = unix_s(story.now) - RECORDS_S - 60
    store = create(folder / DATABASE)
    try:
        with store.transaction():
            fleet_rows.add(store, profile_of(story.profile), now_s)
        fleet = Fleet(store, lambda _car, _frame: None, lambda: now_s)
        accounts = _people(fleet, story, _car(fleet, folder / IDENTITY, story))
    except Refused as refused:
        raise StateError(f"{story.path}: the daemon does not take it: {refused.code}") from None
    finally:
        store.close()
    accounts.keep(folder)
    return accounts


def _car(fleet: Fleet, path: Path, story: Story) -> Identity:
    def deliver(identity: Identity) -> None:
        kept = {"car": identity.car, "key": identity.key, "password": identity.password}
        write_whole(path, json.dumps(kept).encode() + b"\n")

    choice = choice_of(profile_of(story.profile), profile_terms(story), story.settings)
    return fleet.add_car(CAR_NAME, deliver=deliver, terms=choice)


def _people(fleet: Fleet, story: Story, car: Identity) -> Accounts:
    own_card, demo = demo_driver(story)
    cards = {driver: idm for idm, driver in reversed(story.cards.items())}
    if own_card != UNKNOWN_CARD:
        cards[demo] = own_card
    names = dict.fromkeys([demo, *_names(story)])
    if not any(name != demo for name in cards):
        names[OTHER_DRIVER] = None
        cards[OTHER_DRIVER] = OTHER_CARD
    drivers: dict[str, Driver] = {}
    for name in names:
        drivers[name] = _driver(fleet, name, cards.get(name, b""), drivers)
    staff = staff_cards(story) or [STAFF_CARD]
    for idm in staff:
        fleet.add_staff_card(idm, "staff")
    bookings = []
    for one in story.bookings:
        made = fleet.add_booking(
            drivers[one.driver].ident, car.car, unix_s(one.start), unix_s(one.end)
        )
        bookings.append((one.id, int(made["id"])))
    return Accounts(
        car.car, demo, tuple(drivers.values()), tuple(idm.hex().upper() for idm in staff),
        tuple(bookings),
    )  # fmt: skip


def _names(story: Story) -> Iterator[str]:
    """All drivers that a story speaks of."""
    yield from story.cards.values()
    for booking in story.bookings:
        yield booking.driver
    for step in story.steps:
        for action in step.do:
            for place, argument in zip(_places(action.pattern), action.arguments, strict=False):
                if place == "DRIVER":
                    yield str(argument)


def _places(pattern: str) -> list[str]:
    return [word for word in pattern.split() if word.rstrip("*").isupper()]


def _driver(fleet: Fleet, name: str, card: bytes, others: dict[str, Driver]) -> Driver:
    """Somebody who can log in; with the story's name as ID, if it is one."""
    ident, first = _register(fleet, name, {one.ident for one in others.values()})
    password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
    token = fleet.login(ident, first)
    fleet.change_password(token, first, password)
    if card:
        fleet.add_card(ident, card)
    return Driver(name, ident, password, card.hex().upper())


def _register(fleet: Fleet, name: str, taken: set[str]) -> tuple[str, str]:
    """(ID, first password)."""
    found = _DRIVER.fullmatch(name)
    if found is None or int(found[2]) > _ORDINAL_MAX or any(one[:8] == found[1] for one in taken):
        made = fleet.register(name, _MAIL, "", "", b"")
        return made.driver, made.driver_password
    made = fleet.register(name, _MAIL, found[1], "", b"")
    ident, first = made.driver, made.driver_password
    for _ in range(int(found[2]) - 1):
        ident, first = fleet.add_driver(found[1], name, _MAIL)
    return ident, first
