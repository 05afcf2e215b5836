"""A car's terms: set with the operation for the car, told to who decides, kept from who cannot."""

from __future__ import annotations

import json
from typing import Any

from firmware.terms import TermsError
from fleetd import copies
from fleetd.core import car_terms
from fleetd.core.car_terms import Choice
from fleetd.core.refused import Refused
from fleetd.core.rules import Rules
from fleetd.store import car_rows, notice_rows, terms_rows
from fleetd.turn import Turn

CANNOT_TAKE = "car_cannot_take_terms"
WHO_CHARACTERS_MAX = 200


def rules_of(turn: Turn, car_id: str) -> Rules:
    """The fleet's, with the car's own terms where it has any that it takes."""
    found = terms_rows.find(turn.db, car_id)
    if found is None or found.untaken_s is not None:
        return turn.rules
    return car_terms.rules_with(turn.rules, found.choice)


def when_blind(turn: Turn, car_id: str) -> dict[str, str]:
    """END-8: what goes with a `cannot_tell` of a car that is set to refuse: no trying again."""
    found = terms_rows.find(turn.db, car_id)
    set_to = found.choice.changes.get("cannot_tell") if found is not None else None
    return {"setting": set_to} if set_to == "refuse" else {}


def put(turn: Turn, car_id: str, choice: Choice, who: str) -> None:
    """From now on; TermsError when a car cannot go by that, and then nothing has changed.

    Setting what is set already has the car asked again that did not take it.
    """
    if car_rows.find(turn.db, car_id) is None:
        raise Refused("no_car")
    check_who(who)
    record = car_terms.record(choice)
    terms_rows.put(turn.db, car_id, choice, record, turn.now_s)
    told = json.dumps({"profile": choice.profile, **choice.changes}, sort_keys=True)
    terms_rows.note_change(turn.db, car_id, turn.now_s, who, "terms", told)
    notice_rows.clear_alarm(turn.db, CANNOT_TAKE, car_id, turn.now_s)
    copies.refresh(turn, car_id)


def change(turn: Turn, car_id: str, profile: str | None, changes: dict[str, Any], who: str) -> None:
    """Of what there is, or of the profile that the fleet was made with."""
    car = car_rows.find(turn.db, car_id)
    if car is None:
        raise Refused("no_car")
    if car.retired_s is not None:
        raise Refused("car_retired")
    found = terms_rows.find(turn.db, car_id)
    if found is None and profile is None:
        raise TermsError(
            f"car {car_id} goes by what its box was provisioned with; give --profile NAME with "
            f"the changes, one of {', '.join(car_terms.profiles())}"
        )
    before = found.choice if found is not None else Choice(profile or "")
    put(turn, car_id, car_terms.changed(before, profile, changes), who)


def describe(turn: Turn, car_id: str) -> dict[str, Any]:
    """What was set, whether the car has it, and who changed it."""
    if car_rows.find(turn.db, car_id) is None:
        raise Refused("no_car")
    found = terms_rows.find(turn.db, car_id)
    is_there = found is not None and found.untaken_s is None
    return {
        "car": car_id,
        "profile": found.choice.profile if found else None,
        "changes": found.choice.changes if found else {},
        "values": car_terms.values(found.choice) if found else {},
        "set_s": found.set_s if found else None,
        "untaken_since_s": found.untaken_s if found else None,
        "in_car_since_s": copies.terms_confirmed_s(turn, car_id) if is_there else None,
        "history": terms_rows.changes(turn.db, car_id),
    }


def withdraw(turn: Turn, car_id: str, why: str) -> None:
    """The car goes on without: by what it was provisioned with."""
    terms_rows.note_untaken(turn.db, car_id, turn.now_s)
    notice_rows.raise_alarm(turn.db, CANNOT_TAKE, car_id, turn.now_s, detail=why)


def check_who(who: str) -> None:
    """Somebody's name, for the record."""
    if not is_name(who):
        raise Refused("bad_request_reason")


def is_name(text: str) -> bool:
    """Something to be read, in one line."""
    return bool(text.strip()) and len(text) <= WHO_CHARACTERS_MAX and text.isprintable()
