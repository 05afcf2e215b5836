"""Audit events taken apart, and which of a frame's events are new."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from firmware.wire import codes
from firmware.wire.code_names import AUDIT_NAMES, REASON_NAMES
from firmware.wire.journal_format import EPOCH_2020_S, FLAG_POSITION_VALID, HEAD, HEAD_BYTES
from fleetd.core.bounds import LEFT_OUT_MAX
from fleetd.core.distance import source_of

#: What an event has for a code when it is too short to have one.
UNREADABLE = 0
_HEAD = struct.Struct(HEAD)
_NO_HEAD = (UNREADABLE, -EPOCH_2020_S, 0, 0)
_GAP = bytes((codes.AUDIT_GAP,))
_USE = ">B8sIiiiB"
_ENROLLED = ">B8sI"
_CAUSE = ">B8s"
_PLACE = ">iiB"
#: The car cannot tell where it is.
NOWHERE: tuple[int, ...] = ()


class Event(NamedTuple):
    """One entry of a car's journal; `body` is what the car wrote, `at_s` Unix seconds."""

    body: bytes
    code: int
    at_s: int
    clock_was_trusted: bool
    booking: int
    detail: bytes

    @property
    def name(self) -> str:
        return AUDIT_NAMES.get(self.code, f"event_{self.code}")

    @property
    def gap(self) -> int:
        """How many events this one stands for as lost; 0 for any other."""
        return gap_of(self.body)

    @property
    def reasons(self) -> list[str]:
        """Of a refusal, by name."""
        if not self.name.endswith("_refused") or len(self.detail) < 10:
            return []
        pairs = self.detail[10 : 10 + 5 * self.detail[9]]
        return [
            REASON_NAMES.get(pairs[at], f"reason_{pairs[at]}") for at in range(0, len(pairs), 5)
        ]


@dataclass(frozen=True, slots=True)
class Use:
    """What `unlocked` and `ended` tell; None where the car could not tell it."""

    driver: int
    odometer_m: int | None
    latitude_udeg: int | None
    longitude_udeg: int | None
    flags: int

    @property
    def odometer_source(self) -> str | None:
        """One of `distance`; Python's None where the car does not say."""
        return source_of(self.flags, self.odometer_m)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What `card_enrolled` tells: which card was held to the reader, for which driver."""

    identifier: bytes
    driver: int


@dataclass(slots=True)
class Intake:
    """What a frame of events adds to a journal that is complete up to `seq`."""

    seq: int
    #: Numbers, and what the car wrote.
    new: list[tuple[int, bytes]] = field(default_factory=list)
    #: (first, last) numbers that the car itself says are lost.
    missing: list[tuple[int, int]] = field(default_factory=list)
    #: The frame begins beyond the next number: nothing from there on was taken.
    has_hole: bool = False


def parse_event(body: bytes) -> Event:
    """Never fails: what cannot be read is kept as it came."""
    if len(body) < HEAD_BYTES:
        return Event(body, UNREADABLE, 0, False, 0, b"")
    code, at_s, trusted, booking = _HEAD.unpack_from(body)
    return Event(body, code, at_s + EPOCH_2020_S, trusted == 1, booking, body[HEAD_BYTES:])


def heads(bodies: Iterable[bytes]) -> list[tuple[int, int, int, int]]:
    """(code, `at` since 2020, clock, booking) of each as `parse_event` reads it, and no more."""
    unpack = _HEAD.unpack_from
    return [unpack(body) if len(body) >= HEAD_BYTES else _NO_HEAD for body in bodies]


def gap_of(body: bytes) -> int:
    """How many events it stands for as lost; 0 for any other."""
    if not body.startswith(_GAP) or len(body) < HEAD_BYTES + 4:
        return 0
    count: int = struct.unpack_from(">I", body, HEAD_BYTES)[0]
    return count


def parse_use(detail: bytes) -> Use | None:
    """The detail of `unlocked` and `ended`; None when it is too short."""
    if len(detail) < struct.calcsize(_USE):
        return None
    _, _, driver, odometer_m, latitude, longitude, flags = struct.unpack_from(_USE, detail)
    has_position = bool(flags & FLAG_POSITION_VALID)
    return Use(
        driver,
        odometer_m if odometer_m >= 0 else None,
        latitude if has_position else None,
        longitude if has_position else None,
        flags,
    )


def parse_enrolled(detail: bytes) -> Enrolled | None:
    """The detail of `card_enrolled`; None when it is too short."""
    if len(detail) < struct.calcsize(_ENROLLED):
        return None
    _, identifier, driver = struct.unpack_from(_ENROLLED, detail)
    return Enrolled(identifier, driver)


def parse_place(detail: bytes) -> tuple[int, ...] | None:
    """What `position_reported` tells in microdegrees, or NOWHERE; None when it is too short."""
    if len(detail) < struct.calcsize(_CAUSE + _PLACE[1:]):
        return None
    *place, flags = struct.unpack_from(_PLACE, detail, struct.calcsize(_CAUSE))
    return tuple(place) if flags & FLAG_POSITION_VALID else NOWHERE


def parse_cause(detail: bytes) -> tuple[int, bytes] | None:
    """(BY_CARD and the like, the card's or command's identifier); None when it is too short."""
    return struct.unpack_from(_CAUSE, detail) if len(detail) >= struct.calcsize(_CAUSE) else None


def take_in(seq: int, first_seq: int, bodies: list[bytes]) -> Intake:
    """Each number once and in order. A gap's own number is the last that it stands for.

    ValueError: a gap that is longer than any can be.
    """
    if first_seq == seq + 1 and not [body for body in bodies if body.startswith(_GAP)]:
        return Intake(seq + len(bodies), list(enumerate(bodies, first_seq)))  # as nearly all do
    intake = Intake(seq)
    new = intake.new
    for number, body in enumerate(bodies, first_seq):
        if number <= seq:
            continue
        gap = gap_of(body) if body.startswith(_GAP) else 0
        if gap > LEFT_OUT_MAX:
            raise ValueError(f"a gap of {gap} events")
        if number - (gap or 1) > seq:
            intake.has_hole = True
            break
        if gap:
            intake.missing.append((seq + 1, number))
        new.append((number, body))
        seq = number
    intake.seq = seq
    return intake
