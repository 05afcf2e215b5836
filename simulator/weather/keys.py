"""Which keys the cars were ever given, and which of them signed a frame: a second account.

It takes the keys from what daemons commit, and does its own arithmetic as docs/protocol.md has it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from functools import lru_cache

from firmware.identity import Identity
from firmware.wire.frames import HEAD_BYTES, TAG_BYTES
from simulator.weather.chronicle import Violation

HIDDEN = "no key of a car shows in a frame, an event or an answer"
UP, DOWN = b"kb/1 up", b"kb/1 down"
_WRAPPED_AT, _CHECK_AT = 9, 41


@lru_cache(4096)
def _direction_key(key: bytes, direction: bytes) -> bytes:
    return hmac.digest(key, direction, hashlib.sha256)


def unwrap(first: bytes, car: bytes, record: bytes) -> bytes | None:
    """The key in that record; None when it was not made for a car with that first key."""
    pad = hmac.digest(first, b"kb/1 wrap" + car + record[:_WRAPPED_AT], hashlib.sha256)
    key = bytes(a ^ b for a, b in zip(pad, record[_WRAPPED_AT:_CHECK_AT], strict=True))
    check = hmac.digest(key, b"kb/1 key" + record[:1], hashlib.sha256)[:8]
    return key if check == record[_CHECK_AT:] else None


class Keys:
    """By car, 12 hex digits."""

    def __init__(self, cars: Iterable[Identity]) -> None:
        #: All that a car was ever given, by whichever daemon; what its box came with first.
        self._made = {identity.car_hex: [identity.key] for identity in cars}

    def first(self, car: str) -> bytes:
        return self._made[car][0]

    def is_known(self, car: str, key: bytes) -> bool:
        return key in self._made[car]

    def note(self, car: str, key: bytes) -> None:
        """A daemon committed it."""
        if key not in self._made[car]:
            self._made[car].append(key)

    def signer(self, car: str, frame: bytes, direction: bytes) -> bytes | None:
        """The car's key that signed the frame; None when none of them did."""
        if len(frame) < HEAD_BYTES + TAG_BYTES:
            return None
        message, tag = bytes.fromhex(car) + frame[:-TAG_BYTES], frame[-TAG_BYTES:]
        for key in reversed(self._made[car]):
            made = hmac.digest(_direction_key(key, direction), message, hashlib.sha256)
            if made[:TAG_BYTES] == tag:
                return key
        return None

    def look_for_secrets(self, where: str, shown: bytes | str) -> None:
        """Violation when one of them stands in it, as bytes or as text."""
        text = shown if isinstance(shown, str) else ""
        data = shown if isinstance(shown, bytes) else b""
        for car, made in self._made.items():
            for key in made:
                if key in data or (text and (key.hex() in text or repr(key)[2:-1] in text)):
                    raise Violation(HIDDEN, f"one of {car} in {where}")
