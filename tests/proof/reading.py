"""The rules read once more, from plain facts: written from docs/rules.md, not from the firmware.

Nothing here calls the firmware's judgement. `Facts` is what anybody could have seen: the journal as
far as it is durable, the inputs, the clock, and what the centre sent.
"""

from __future__ import annotations

from typing import NamedTuple

from firmware.wire import codes

EARLY_S = 14 * 60
WINDOW_S = 45 * 60

#: Published lengths of the deadlines in ms, longest first where there are several.
PUBLISHED_MS = {
    "ask": 3_000,
    "relock": 60_000,
    "key": 600_000,
    "key_return": 600_000,
    "reopen_window": 600_000,
    "reopen_relock": 60_000,
    "warn": 1 << 30,  # until 10 minutes before the end
    "enrol": 60_000,
    "staff": 60_000,
    "staff_relock": 60_000,
}

LAMPS = {
    "top24-2018": (
        codes.LAMP_RED_BLINK,
        codes.LAMP_RED,
        codes.LAMP_RED_BLINK,
        codes.LAMP_RED_BLINK,
    ),
    "top24-2023": (
        codes.LAMP_RED_BLINK,
        codes.LAMP_RED,
        codes.LAMP_RED_BLINK,
        codes.LAMP_RED_BLINK,
    ),
    "jparc-2023": (
        codes.LAMP_GREEN_BLINK,
        codes.LAMP_THREE_COLOUR,
        codes.LAMP_ORANGE_BLINK,
        codes.LAMP_ORANGE_BLINK,
    ),
}
"""A start is possible, asking, an end is possible, the reopen window."""

IN_USE = ("unlocked", "boarding", "in_use", "key_returned", "relocked", "secured")


class Booking(NamedTuple):
    """As the centre sent it."""

    id: int
    driver: int
    starts_s: int
    ends_s: int

    def window_ends_s(self) -> int:
        """START-4, for a booking that was known before its window opened."""
        return min(self.starts_s - EARLY_S + WINDOW_S, self.ends_s)


class Around(NamedTuple):
    """What is not the car's: clock, centre, journal."""

    wall_s: int
    is_trusted: bool
    lease_holds: bool
    has_room: bool


def card_start(driver: int, around: Around, bookings: list[Booking], used: set[int]) -> int:
    """The booking that a touch of this driver's card may start now, 0 for none (START-1, START-5)."""
    if not driver or not around.is_trusted or not around.lease_holds or not around.has_room:
        return 0
    for booking in bookings:
        opens_s = booking.starts_s - EARLY_S
        is_theirs = booking.driver == driver and booking.id not in used
        if is_theirs and opens_s <= around.wall_s < booking.window_ends_s():
            return booking.id
    return 0


def command_start(
    booking: int, driver: int, left_s: int, around: Around, bookings: list[Booking], used: set[int]
) -> bool:
    """Whether a signed start is in order: the centre's clock is in `left_s` (SAFE-4)."""
    for known in bookings:
        if known.id == booking and known.driver == driver and booking not in used:
            longest_s = known.ends_s - known.starts_s + EARLY_S
            return 0 < left_s <= longest_s and around.has_room
    return False


def end_checks_hold(
    values: bytearray, has_knob: bool, gear_is_checked: bool, reviews: bool
) -> bool:
    """END-1 from the raw inputs; `reviews`: what cannot be told is left to staff (END-8)."""
    fine = (codes.NO, codes.UNKNOWN) if reviews else (codes.NO,)
    sure = (codes.YES, codes.UNKNOWN) if reviews else (codes.YES,)
    if values[codes.IN_ENGINE] != codes.NO or values[codes.IN_MOVING] != codes.NO:
        return False
    if values[codes.IN_KEY] not in sure:
        return False
    if has_knob and values[codes.IN_KNOB_AT_RETURN] not in sure:
        return False
    if values[codes.IN_BRAKE] not in sure:
        return False
    for door in range(codes.IN_DOOR_DRIVER, codes.IN_TRUNK + 1):
        if values[door] not in fine:
            return False
    return not gear_is_checked or values[codes.IN_GEAR_P] in sure


def key_in_box(values: bytearray, has_knob: bool) -> int:
    """A connector: plugged in. A knob: key in and knob at return."""
    found = (values[codes.IN_KEY], values[codes.IN_KNOB_AT_RETURN] if has_knob else codes.YES)
    if codes.NO in found:
        return codes.NO
    return codes.UNKNOWN if codes.UNKNOWN in found else codes.YES


def tell(told: bytes, values: bytearray, has_knob: bool) -> bytes:
    """What somebody knows of the five doors and the key who looks now and knew `told` before."""
    now = bytes(values[: codes.IN_TRUNK + 1]) + bytes((key_in_box(values, has_knob),))
    return bytes([old if new == codes.UNKNOWN else new for old, new in zip(told, now, strict=True)])


#: What nobody has looked at yet.
NOTHING_TOLD = bytes([codes.UNKNOWN] * 6)


def lock_checks_hold(values: bytearray, has_knob: bool) -> bool:
    """REOPEN-3: every door closed, the key in the box."""
    for door in range(codes.IN_DOOR_DRIVER, codes.IN_TRUNK + 1):
        if values[door] != codes.NO:
            return False
    at_return = not has_knob or values[codes.IN_KNOB_AT_RETURN] == codes.YES
    return values[codes.IN_KEY] == codes.YES and at_return


def is_at_rest(values: bytearray) -> bool:
    """SAFE-1: both known, both no."""
    return values[codes.IN_ENGINE] == codes.NO and values[codes.IN_MOVING] == codes.NO
