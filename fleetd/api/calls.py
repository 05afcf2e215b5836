"""A call of the API: one row says where it is, what it needs, what it does and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fleetd.api.answers import Answer
from fleetd.api.attempts import Attempts
from fleetd.api.fields import Field
from fleetd.service import Fleet

#: Whose token a call needs.
NOBODY = "nobody"
#: Any token, also one that is good for nothing but the change of a first password.
TOKEN = "token"  # noqa: S105 - no secret, the name of a need
ACCOUNT = "account"
DRIVER = "driver"

DRIVER_ID_CHARACTERS = 11


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, checked. `account`, `token` and `key` are empty where a call needs none."""

    fleet: Fleet
    attempts: Attempts
    address: str
    account: str
    token: str
    key: str
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Mapping[str, Any]

    @property
    def is_driver(self) -> bool:
        """A member's ID is a driver's without the last three digits."""
        return len(self.account) == DRIVER_ID_CHARACTERS

    def __repr__(self) -> str:
        return f"Asked(account={self.account!r})"


@dataclass(frozen=True, slots=True)
class Call:
    """`answer` names a schema of schemas.py, "" is no content; `codes`: refusals of its own."""

    method: str
    path: str
    run: Callable[[Asked], Answer]
    summary: str
    answer: str
    needs: str = DRIVER
    status: int = 200
    needs_key: bool = False
    query: Mapping[str, Field] = field(default_factory=dict)
    body: Mapping[str, Field] = field(default_factory=dict)
    codes: tuple[str, ...] = ()
