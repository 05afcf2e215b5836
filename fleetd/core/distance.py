"""How far a use went, and by what: two readings of one counter, or nothing."""

from __future__ import annotations

from firmware.wire.journal_format import FLAG_ODOMETER_POSITIONS, FLAG_ODOMETER_PULSES

# Where an odometer's metres come from.
PULSES = "pulses"
POSITIONS = "positions"
NONE = "none"

_BY_FLAGS = {FLAG_ODOMETER_PULSES: PULSES, FLAG_ODOMETER_POSITIONS: POSITIONS}


def source_of(flags: int, odometer_m: int | None) -> str | None:
    """By the flags of `unlocked` or `ended`; Python's None: the car does not say."""
    if odometer_m is None:
        return NONE
    return _BY_FLAGS.get(flags & (FLAG_ODOMETER_PULSES | FLAG_ODOMETER_POSITIONS))


def between_m(
    start_m: int | None, start_source: str | None, end_m: int | None, end_source: str | None
) -> int | None:
    """None where no difference is a distance: another counter, or one that began anew."""
    if start_m is None or end_m is None or start_source != end_source or end_m < start_m:
        return None
    return end_m - start_m
