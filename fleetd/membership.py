"""Members, drivers, staff: their accounts, log-ins and cards. A public method is a transaction."""

from __future__ import annotations

from fleetd import people
from fleetd.core.refused import Refused
from fleetd.people import Registered
from fleetd.transactions import Transactions


class Membership(Transactions):
    """Who may do something, and with which card."""

    def login(self, account: str, password: str) -> str:
        """A token. With a first password it is good for `change_password` only."""
        with self._turn() as turn:
            token, refusal = people.login(turn, account, password)
        return _or_refused(token, refusal)

    def change_password(self, token: str, old: str, new: str) -> str:
        """A new token; all others of the account end."""
        with self._turn() as turn:
            token, refusal = people.change_password(turn, token, old, new)
        return _or_refused(token, refusal)

    def account_of(self, token: str) -> str:
        """A driver's or a member's ID."""
        with self._turn() as turn:
            return people.account_of(turn, token)

    def driver_of(self, token: str) -> str:
        """The driver's ID; a member's token is refused."""
        with self._turn() as turn:
            return people.driver_of_id(turn, people.account_of(turn, token)).id

    def logout(self, token: str) -> None:
        with self._turn() as turn:
            people.logout(turn, token)

    def add_member(self, name: str, mail: str, member: str = "") -> tuple[str, str]:
        """(member's ID, first password)."""
        with self._turn() as turn:
            return people.add_member(turn, name, mail, member)

    def register(
        self, name: str, mail: str, member: str, licence_until: str, card: bytes
    ) -> Registered:
        """A member with the first driver, who is the same person, and the card if there is one."""
        with self._turn() as turn:
            return people.register(turn, name, mail, member, licence_until, card)

    def add_driver(
        self, member: str, name: str, mail: str, licence_until: str = ""
    ) -> tuple[str, str]:
        """(driver's ID, first password); `licence_until` as 2026-04-01."""
        with self._turn() as turn:
            return people.add_driver(turn, member, name, mail, licence_until)

    def add_card(self, driver: str, identifier: bytes) -> None:
        with self._turn() as turn:
            people.add_card(turn, people.driver_of_id(turn, driver), identifier)

    def add_staff_card(self, identifier: bytes, name: str) -> None:
        with self._turn() as turn:
            people.add_staff_card(turn, identifier, name)


def _or_refused(token: str, refusal: str) -> str:
    if refusal:
        raise Refused(refusal)
    return token
