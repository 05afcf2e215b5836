"""Cars: their identity, and where each of them stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from firmware.wire.frames import CAR_BYTES, KEY_BYTES
from fleetd import car_terms
from fleetd.core import passwords
from fleetd.core.car_terms import Choice
from fleetd.core.refused import Refused
from fleetd.store import car_rows, event_rows, fleet_rows, notice_rows
from fleetd.store.car_rows import Car
from fleetd.turn import Turn

_CAR = re.compile(r"[0-9a-f]{12}")
PASSWORD_BYTES = 24
#: Who set a new car's terms.
ADDING = "car add"


@dataclass(frozen=True, slots=True)
class Identity:
    """What a car is given once, and what nobody is shown again."""

    car: str
    key: str
    password: str

    def __repr__(self) -> str:
        return f"Identity(car={self.car!r})"


def add(turn: Turn, name: str, car: str, terms: Choice) -> Identity:
    """`car` "": an identity by chance."""
    car = car or turn.entropy(CAR_BYTES).hex()
    if not _CAR.fullmatch(car):
        raise Refused("bad_car_id")
    if car_rows.find(turn.db, car) is not None:
        raise Refused("car_exists")
    if not car_terms.is_name(name):
        raise Refused("bad_name")
    other = car_rows.named(turn.db, name)
    if other is not None:
        raise Refused("car_name_taken", about=f"car {other}")
    key = turn.entropy(KEY_BYTES)
    password = turn.entropy(PASSWORD_BYTES).hex()
    hashed = passwords.hash_secret(password.encode())
    car_rows.add(turn.db, car, name, key, hashed, turn.now_s)
    car_terms.put(turn, car, terms, ADDING)
    return Identity(car, key.hex(), password)


def login_is_right(turn: Turn, car: str, password: bytes) -> bool:
    """The endpoint's CONNECT."""
    hashed = car_rows.password_hash(turn.db, car)
    return hashed is not None and passwords.secret_is_right(password, hashed)


def status(turn: Turn) -> dict[str, Any]:
    """For the operator: cars, alarms, counters. Nothing secret."""
    return {
        "now_s": turn.now_s,
        "line": fleet_rows.line(turn.db),
        "cars": [_describe(turn, car) for car in car_rows.everyone(turn.db)],
        "alarms": notice_rows.open_alarms(turn.db),
        "mails_unsent": len(notice_rows.unsent_mails(turn.db)),
        "events": event_rows.count(turn.db),
        "counters": dict(sorted(turn.counts.items())),
    }


def _describe(turn: Turn, car: Car) -> dict[str, Any]:
    return {
        "car": car.id,
        "name": car.name,
        "is_online": turn.link(car.id).is_online,
        "heard_s": car.heard_s or None,
        "gen": car.gen,
        "rev": car.rev,
        "said_gen": car.said_gen,
        "said_rev": car.said_rev,
        "is_in_step": bool(car.heard_s) and car.behind_s is None,
        "behind_since_s": car.behind_s,
        "in_maintenance_since_s": car.maintenance_since_s,
        "blocked_since_s": car.blocked_s,
        "retired_since_s": car.retired_s,
        "blocked_by": car.blocked_by,
        "blocked_why": car.blocked_why,
        "revocation_not_confirmed_since_s": car.revoked_s,
        "missing_events": [
            {"journal": row[0], "first": row[1], "last": row[2], "why": row[3]}
            for row in event_rows.missing(turn.db, car.id)
        ],
    }
