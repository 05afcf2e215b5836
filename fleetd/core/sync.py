"""Where a car stands beside the daemon's log: rules 3 and 6 of the protocol."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from firmware.wire import kb1

IN_STEP = "in_step"
BEHIND = "behind"
UNKNOWN = "unknown"
FORKED = "forked"

#: A car further behind than this gets a snapshot.
DELTA_OPS_MAX = 200
LOG_OPS_MAX = 1000
LOG_AGE_S_MAX = 30 * 86400
#: Acknowledged operations are kept for HELLOs that come late.
LOG_ACKED_OPS = 50
GEN_MAX = 0xFFFFFFFF
#: Why a car does not take a frame.
NACK_NAMES = {
    kb1.NACK_UNKNOWN_KIND: "unknown_kind",
    kb1.NACK_SENSELESS: "senseless",
    kb1.NACK_DOES_NOT_FIT: "does_not_fit",
    kb1.NACK_STORAGE: "storage",
    kb1.NACK_UNSUPPORTED: "unsupported",
}


@dataclass(frozen=True, slots=True)
class Point:
    """A state that the daemon published."""

    gen: int
    rev: int
    hash8: bytes


def judge(own: Point, base_rev: int, car: Point, hash_at: Callable[[int], bytes | None]) -> str:
    """`base_rev`: the oldest revision whose hash is still known; `hash_at` tells the hashes.

    FORKED: the car has seen what this database has not, so it was restored or cloned.
    """
    if car.gen != own.gen:
        return FORKED if car.gen > own.gen else UNKNOWN
    if car.rev > own.rev:
        return FORKED
    if car.rev < base_rev:
        return UNKNOWN
    if hash_at(car.rev) != car.hash8:
        return FORKED
    return IN_STEP if car.rev == own.rev else BEHIND


def is_stale(uptime_s: int, point: Point, last: tuple[int, int, int], *, is_current: bool) -> bool:
    """Was this HELLO said before the last one of its boot, which said (uptime, gen, rev)?"""
    if uptime_s != last[0]:
        return uptime_s < last[0]
    return not is_current or (point.gen, point.rev) < last[1:]


def keep_from_rev(own_rev: int, acked_rev: int, old_rev: int) -> int:
    """The revision that becomes the log's base; `old_rev`: the last one that is too old."""
    return max(min(acked_rev, own_rev) - LOG_ACKED_OPS, own_rev - LOG_OPS_MAX, old_rev, 0)
