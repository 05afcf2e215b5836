"""Technicians' staff cards, and the PIN of the day that opens a box's console with one (TECH-1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from firmware.wire import console_key
from fleetd import copies, people, technicians
from fleetd.core.refused import Refused
from fleetd.store import account_rows, console_rows
from fleetd.store.car_rows import Car
from fleetd.turn import Turn

#: A PIN is told for no later day: who may no more has none that is good for longer.
PIN_DAYS_MAX = 7


@dataclass(frozen=True, slots=True)
class Pin:
    """Of one card; `after_change`: once the car has heard of its new key, "" when there is none."""

    card: str
    pin: str
    after_change: str

    def __repr__(self) -> str:
        return f"Pin({self.card})"


def give(turn: Turn, name: str, identifier: bytes) -> None:
    """A staff card, of which every car learns: with it and a PIN this person opens consoles."""
    _check_technician(turn, name)
    owner = account_rows.staff_name(turn.db, identifier)
    if owner not in ("", name):
        raise Refused("card_of_somebody_else")
    if not owner:
        people.add_staff_card(turn, identifier, name)


def take(turn: Turn, name: str, identifier: bytes) -> None:
    """It is a staff card no more, in each car as soon as that one is heard."""
    if not account_rows.remove_staff_card(turn.db, identifier, name):
        raise Refused("no_staff_card")
    copies.refresh_all(turn)


def dismiss(turn: Turn, name: str) -> int:
    """A technician no more, and the staff cards open no car; how many those were."""
    technicians.remove(turn, name)
    cards = account_rows.staff_cards_of(turn.db, name)
    for card in cards:
        take(turn, name, card)
    return len(cards)


def pins(turn: Turn, car_id: str, who: str, day: date | None = None) -> tuple[date, list[Pin]]:
    """(day, PIN of each of the person's cards); of today in Japan without a `day`.

    Kept with who, car, card and day before they are told.
    """
    _check_technician(turn, who)
    car = technicians.car_of(turn, car_id)
    cards = account_rows.staff_cards_of(turn.db, who)
    if not cards:
        raise Refused("no_staff_card")
    today = technicians.day_at(turn.now_s)
    day = today if day is None else day
    if not today <= day <= today + timedelta(days=PIN_DAYS_MAX):
        raise Refused("bad_pin_day")
    for card in cards:
        console_rows.add_pin(turn.db, who, car.id, day.isoformat(), card, turn.now_s)
    return day, [_pin(car, card, day) for card in cards]


def everyone(turn: Turn) -> list[dict[str, Any]]:
    """Those who may something now, with their staff cards."""
    found = console_rows.technicians(turn.db)
    for one in found:
        cards = account_rows.staff_cards_of(turn.db, one["name"])
        one["cards"] = [people.card_shown(card) for card in cards]
    return found


def told(turn: Turn, most: int) -> list[dict[str, Any]]:
    """Whom which PIN was told, the newest first."""
    found = console_rows.latest_pins(turn.db, most)
    for one in found:
        one["card"] = people.card_shown(one.pop("identifier"))
    return found


def _check_technician(turn: Turn, name: str) -> None:
    if not console_rows.level_of(turn.db, name):
        raise Refused("no_technician")


def _pin(car: Car, card: bytes, day: date) -> Pin:
    number = (day - technicians.DAY_0).days
    now, newest = car.spoken_key, car.slot_key
    after = ""
    if newest is not None and newest != now:
        after = console_key.pin_of(newest, card, number)
    return Pin(people.card_shown(card), console_key.pin_of(now, card, number), after)
