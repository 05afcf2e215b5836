"""Who may unlock the console of a car's box, and the answers to what the box asks (TECH-1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from firmware.wire import console_key
from firmware.wire.journal_format import EPOCH_2020_S, HEAD_BYTES
from fleetd import car_terms
from fleetd.core.refused import Refused
from fleetd.decode.events import event_words
from fleetd.store import account_rows, box_rows, car_rows, console_rows
from fleetd.store.car_rows import Car
from fleetd.store.database import Database
from fleetd.turn import Turn

_NUMBER_MAX = 255
#: Of an event's body: who caused it.
_IDENT = slice(HEAD_BYTES + 1, HEAD_BYTES + 9)
#: The first of the days that PINs are counted by.
DAY_0 = date(2020, 1, 1)


@dataclass(frozen=True, slots=True)
class Answered:
    """`answer` is for one question of one car, and for the eyes of who asked."""

    car: str
    level: int
    nonce: str
    answer: str

    def __repr__(self) -> str:
        return f"Answered({self.car}, {self.nonce})"


def put(turn: Turn, name: str, level: int) -> None:
    if not car_terms.is_name(name):
        raise Refused("bad_name")
    if not 1 <= level <= console_key.LEVELS:
        raise Refused("bad_level")
    console_rows.put_technician(turn.db, name, level, turn.now_s)


def remove(turn: Turn, name: str) -> None:
    if not console_rows.remove_technician(turn.db, name, turn.now_s):
        raise Refused("no_technician")


def car_of(turn: Turn, car_id: str) -> Car:
    found = car_rows.find(turn.db, car_id)
    if found is None:
        raise Refused("no_car")
    return found


def answer(turn: Turn, car_id: str, question: str, who: str, *, is_next: bool = False) -> Answered:
    """Kept with who and when before it is told. `is_next`: the box asks that waits to be heard."""
    read = console_key.read_question(question)
    if read is None:
        raise Refused("bad_question")
    nonce, level, number = read
    car = car_of(turn, car_id)
    may = console_rows.level_of(turn.db, who)
    if not may:
        raise Refused("no_technician")
    if level > may:
        raise Refused("level_not_yours")
    waits = box_rows.find(turn.db, car.id) if is_next else None
    key = waits.key if waits is not None and not number else key_of(car, number)
    if key is None:
        raise Refused("key_not_known")
    console_rows.add_answer(turn.db, who, car.id, level, nonce, turn.now_s)
    told = console_key.answer_to(key, bytes.fromhex(car.id), nonce, level)
    return Answered(car.id, level, nonce.decode(), told)


def key_of(car: Car, number: int) -> bytes | None:
    """The key that the box goes by, as its question tells: 0, or the number of its key record."""
    if not number:
        return car.key
    if number == car.key_number and car.slot_key is not None:
        return car.slot_key
    if number == (car.key_number - 2) % _NUMBER_MAX + 1:
        return car.former_key
    return None


def day_at(now_s: int) -> date:
    """In Japan, where the cars are, whatever the operator's clock shows."""
    return DAY_0 + timedelta(days=console_key.day_of(now_s - EPOCH_2020_S))


def log(db: Database, car: str = "", most: int = -1) -> list[dict[str, Any]]:
    """What cars told of their consoles, and by whom: by `question`, or by a staff `card`.

    Whoever had the question answered, or was told the card's PIN of that day; for a card that came
    without either the name that it has. The newest `most`, oldest of them first; `car` "": of all.
    """
    found = []
    for row in console_rows.events_by_technicians(db, car, most):
        words = event_words(row["body"])
        did = str(words.get("action", words["event"]))
        told = {"car": row["car"], "at_s": row["at_s"], "event": did}
        if "question" in words:
            who = console_rows.answered(db, row["car"], words["question"].encode())
            found.append({**told, "question": words["question"], "who": who})
        elif "card" in words:
            ident = row["body"][_IDENT]
            day = day_at(row["at_s"]).isoformat()
            who = console_rows.had_pin(db, row["car"], ident, day)
            owner = account_rows.staff_name(db, ident)
            found.append({**told, "card": words["card"], "who": who or ([owner] if owner else [])})
    return found
