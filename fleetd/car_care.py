"""What the operator changes of a car itself: its terms, its key. A public method is a transaction."""

from __future__ import annotations

from typing import Any

from fleetd import car_keys, car_terms
from fleetd.core.rules import Rules
from fleetd.transactions import Transactions


class CarCare(Transactions):
    """`who` changed it stays in the database."""

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
