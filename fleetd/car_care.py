"""What the operator changes of a car itself: terms, keys, its box. A public method is a transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from fleetd import (
    blocks,
    car_keys,
    car_terms,
    next_boxes,
    technician_cards,
    technicians,
    vehicles,
)
from fleetd.core import broker_secrets
from fleetd.core.car_terms import Choice
from fleetd.core.rules import Rules
from fleetd.store import box_rows, broker_rows, car_rows, console_rows, terms_rows
from fleetd.technician_cards import Pin
from fleetd.technicians import Answered
from fleetd.transactions import Transactions
from fleetd.vehicles import Identity


class CarCare(Transactions):
    """`who` changed it stays in the database."""

    def add_car(
        self,
        name: str,
        car: str = "",
        deliver: Callable[[Identity], None] | None = None,
        terms: Choice | None = None,
    ) -> Identity:
        """Identity, key and password of a new car: the only time that they are told.

        It gets `terms`, or those of the fleet's profile, as its first record.

        `deliver` is called before the car is there: a key that cannot be kept makes no car.
        """
        with self._turn() as turn:
            identity = vehicles.add(turn, name, car, terms or Choice(self.profile))
            salt = turn.entropy(broker_secrets.SALT_BYTES)
            broker_rows.note_password(
                turn.db, identity.car, broker_secrets.hashed(identity.password, salt)
            )
            if deliver is not None:
                deliver(identity)
            return identity

    def cars(self) -> list[dict[str, str]]:
        """What can be booked: identities and names."""
        with self._turn() as turn:
            everyone = car_rows.everyone(turn.db)
            return [{"car": car.id, "name": car.name} for car in everyone if not car.blocked_s]

    def car_names(self) -> dict[str, str]:
        """Of all that there are and were."""
        with self._turn() as turn:
            return {car.id: car.name for car in car_rows.everyone(turn.db)}

    def set_car_terms(
        self, car: str, profile: str | None, changes: dict[str, Any], who: str
    ) -> dict[str, Any]:
        """What the car goes by now; TermsError says what cannot be."""
        with self._turn() as turn:
            car_terms.change(turn, car, profile, changes, who)
            return car_terms.describe(turn, car)

    def car_terms(self, car: str) -> dict[str, Any]:
        with self._turn() as turn:
            return car_terms.describe(turn, car)

    def rules_of(self, car: str) -> Rules:
        """The fleet's rules, with this car's own terms."""
        with self._turn() as turn:
            return car_terms.rules_of(turn, car)

    def rotate_key(self, car: str, who: str) -> int:
        """The number of the new key."""
        with self._turn() as turn:
            return car_keys.rotate(turn, car, who)

    def prepare_box(self, car: str, who: str, *, is_new_box: bool) -> Identity:
        """For the box that is put into the car, or gets another first key; the same until heard."""
        with self._turn() as turn:
            return next_boxes.prepare(turn, car, who, is_new_box=is_new_box)

    def give_up_box(self, car: str, who: str) -> None:
        """The box in service stays."""
        with self._turn() as turn:
            next_boxes.give_up(turn, car, who)

    def choice_of(self, car: str) -> Choice | None:
        """What the car goes by; None: what its box was provisioned with."""
        with self._turn() as turn:
            found = terms_rows.find(turn.db, technicians.car_of(turn, car).id)
            return None if found is None else found.choice

    def box_waits(self, car: str) -> bool:
        """Whether an identity was made under which the car was not heard yet."""
        with self._turn() as turn:
            return box_rows.find(turn.db, car) is not None

    def car_was_heard(self, car: str) -> bool:
        """Ever, under whichever key; Refused without such a car."""
        with self._turn() as turn:
            return technicians.car_of(turn, car).heard_s > 0

    def put_technician(self, name: str, level: int) -> None:
        """May unlock boxes up to this level, from now on."""
        with self._turn() as turn:
            technicians.put(turn, name, level)

    def remove_technician(self, name: str) -> int:
        """Unlocks nothing more, nor do the staff cards; how many those were."""
        with self._turn() as turn:
            return technician_cards.dismiss(turn, name)

    def technicians(self) -> list[dict[str, Any]]:
        with self._turn() as turn:
            return technician_cards.everyone(turn)

    def answer_console(
        self, car: str, question: str, who: str, *, is_next: bool = False
    ) -> Answered:
        """The answer to what a box's console asks; who got it is kept."""
        with self._turn() as turn:
            return technicians.answer(turn, car, question, who, is_next=is_next)

    def put_technician_card(self, name: str, identifier: bytes) -> None:
        """A staff card of this technician; every car learns of it."""
        with self._turn() as turn:
            technician_cards.give(turn, name, identifier)

    def remove_technician_card(self, name: str, identifier: bytes) -> None:
        with self._turn() as turn:
            technician_cards.take(turn, name, identifier)

    def technician_pins(
        self, car: str, who: str, day: date | None = None
    ) -> tuple[date, list[Pin]]:
        """The day in Japan, and each staff card's PIN for it; whom they were told is kept."""
        with self._turn() as turn:
            return technician_cards.pins(turn, car, who, day)

    def console_pins(self, most: int) -> list[dict[str, Any]]:
        """Whom PINs were told, the newest first."""
        with self._turn() as turn:
            return technician_cards.told(turn, most)

    def technicians_log(self, car: str, most: int) -> list[dict[str, Any]]:
        """What was done at consoles, and by whom; `car` "": at all."""
        with self._turn() as turn:
            return technicians.log(turn.db, car, most)

    def console_answers(self, most: int) -> list[dict[str, Any]]:
        """Whom which question was answered, the newest first."""
        with self._turn() as turn:
            return console_rows.latest_answers(turn.db, most)

    def block_car(self, car: str, who: str, why: str) -> int:
        """Nothing that it says counts until it is unblocked; how many bookings that is about."""
        with self._turn() as turn:
            return blocks.block(turn, car, who, why)

    def unblock_car(self, car: str, who: str, why: str) -> None:
        with self._turn() as turn:
            blocks.unblock(turn, car, who, why)

    def retire_car(self, car: str, who: str, why: str) -> int:
        """As `block_car`, for good."""
        with self._turn() as turn:
            return blocks.retire(turn, car, who, why)
