"""What is late, what a car's storage says, and from when on somebody has to hear of it."""

from __future__ import annotations

from dataclasses import dataclass

from firmware import storage_codes as bits
from firmware.wire import codes

#: A car says HELLO every 15 minutes +- 20 %: this is three of them in a row that did not come.
SILENT_S = 60 * 60
#: Of a car that nobody needs soon: one in a garage without a network is no alarm, but the lease is
#: over after 72 h, and two days are left to drive there.
SILENT_IDLE_S = 24 * 3600
#: A booking that starts so soon makes a car one that is needed.
NEEDED_S = 12 * 3600
#: Rule 7: past it no card starts this car, revoked or not.
LEASE_S = 72 * 3600
#: A car went back to a boot that had been over so often within an hour. A frame that somebody kept
#: and sent again does that twice; two boxes with one identity do it with each HELLO.
RETURNS_MAX = 4
RETURNS_WITHIN_S = 3600
#: Generations that were begun against another database; then it must have a daemon of its own.
FORKS_MAX = 3

_STORAGE_WORDS = {
    bits.OPENED_DAMAGED: "something is gone that no power cut takes away",
    bits.OPENED_NEWER: "written by a newer program",
    bits.OPENED_FAILED: "cannot be read or written",
    bits.OPENED_FOREIGN: "of another car or size",
    bits.MENDED: "wrong bits were set right",
    bits.WORN: "sectors are worn out",
    bits.FULL: "full, no use can start",
}
_STORAGES = {
    codes.FAULT_JOURNAL_FAILED: "journal",
    codes.FAULT_CACHE_FAILED: "copy of the bookings",
}
_ANTENNAS = {codes.ANTENNA_OPEN: "not connected", codes.ANTENNA_SHORT: "shorted"}


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on a car that is not heard of is an alarm."""

    silent_s: int = SILENT_S
    silent_idle_s: int = SILENT_IDLE_S


def is_silent(limits: Limits, since_s: int, now_s: int, *, is_needed: bool) -> bool:
    """`since_s`: when it was heard last, or was added."""
    return now_s - since_s >= (limits.silent_s if is_needed else limits.silent_idle_s)


def storage_words(fault: int, argument: int) -> str:
    """What a storage fault says; "" for any other fault."""
    storage = _STORAGES.get(fault)
    if storage is None:
        return ""
    said = [words for bit, words in _STORAGE_WORDS.items() if argument & bit]
    return f"{storage}: {', '.join(said) or f'code {argument}'}"


def detail_of(fault: int, argument: int) -> str:
    """What a fault says that the car will take back: volts, or what is wrong with the antenna."""
    if fault == codes.FAULT_ANTENNA_MISSING:
        return _ANTENNAS.get(argument, "")
    if fault in (codes.FAULT_BATTERY_LOW, codes.FAULT_BATTERY_CRITICAL) and argument:
        return f"{argument // 10}.{argument % 10} V"
    return ""  # a battery's 0: it could not tell


def counted_above(values: list[int], bounds: tuple[int, ...]) -> dict[int, int]:
    """How many are at least each bound."""
    return {bound: sum(value >= bound for value in values) for bound in bounds}
