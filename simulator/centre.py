"""The centre as a simulated car's world knows it: what people do there, and what it shows them.

Names are those of stories ("B1", "XXY00001001"). Who stands behind it is another matter:
`simulator.daemon` is the daemon's own code in simulated time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from simulator.audit import AuditEvent, Reason
from simulator.network import Server

# What a phone shows of a request.
PENDING = "pending"
ACCEPTED = "accepted"
REFUSED = "refused"
UNKNOWN = "unknown"

# Statuses of a booking.
BOOKED = "booked"
IN_USE = "in_use"
ENDED = "ended"
REOPENED = "reopened"
OVER = "over"
CANCELLED = "cancelled"

OnRefusal = Callable[[list[Reason]], None]


@dataclass(frozen=True)
class CarIdentity:
    """What a car needs to be that car: 12 hex digits, 64 hex digits, and its password."""

    car: str
    key: str
    password: str

    def __repr__(self) -> str:
        return f"CarIdentity(car={self.car!r})"


@dataclass
class Command:
    """One request of a phone or of the operator, from the button to its end."""

    verb: str
    status: str = PENDING
    reasons: list[Reason] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    #: The daemon's name for it; "" for what the centre decides alone.
    ident: str = ""


@dataclass(frozen=True)
class Booking:
    """A booking as the centre has it now; times are Unix seconds."""

    name: str
    driver: str
    starts_s: int
    ends_s: int
    status: str = BOOKED


class Centre(Protocol):
    """One car's. Methods that may be refused give the refusal's code, "" when it is done."""

    identity: CarIdentity
    #: Who answers when the car connects.
    server: Server
    #: Told of every refusal, the car's and the centre's own.
    on_refusal: OnRefusal
    #: Names in order; those from before the car's story are not among them.
    mails: list[str]
    #: What was asked on the phone last.
    site: Command | None
    #: (why, the request), in order.
    position_requests: list[tuple[str, Command]]

    @property
    def events(self) -> Sequence[AuditEvent]:
        """What the car told, each event once."""

    @property
    def bookings(self) -> Sequence[Booking]:
        """All that have a name, cancelled ones too."""

    @property
    def left_behind(self) -> Sequence[str]:
        """What the pages of bookings warn of: `lights_on`, `window_open` (END-2)."""

    @property
    def is_in_step(self) -> bool:
        """Is the car connected, and has it said so that it has everything?"""

    def add_card(self, idm: bytes, driver: str) -> str:
        """The driver's only card; no mail."""

    def add_staff(self, idm: bytes, name: str) -> str:
        """A member of staff's card."""

    def add_booking(self, name: str, driver: str, starts_s: int, ends_s: int) -> str:
        """A booking that is simply there, without rules and mail."""

    def book(self, name: str, driver: str, starts_s: int, ends_s: int) -> str:
        """A driver books."""

    def change(self, name: str, starts_s: int, ends_s: int) -> str:
        """Its driver wants it at another time."""

    def cancel(self, name: str) -> str:
        """Its driver does not want it any more."""

    def operate(self, verb: str, driver: str | None = None) -> Command:
        """The phone: start, end, reopen, lock, reunlock, enrol; `driver` None: the booking's."""

    def extend(self, by_s: int, driver: str | None = None) -> Command:
        """The phone: a later end (USE-4)."""

    def ask_position(self, why: str) -> Command:
        """POS-1: where is the car?"""
