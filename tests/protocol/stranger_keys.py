"""Two slots for keys, as section 5 of docs/protocol.md has them; for the strangers' car and centre."""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Callable

from tests.protocol import stranger
from tests.protocol.stranger import SenselessError, fields

PUT_KEY = (9, b"")
UNHEARD_MAX = 5
#: So often a HELLO counts.
COUNT_EVERY_S = 60


def wrap(first: bytes, car: bytes, number: int, nonce: bytes, key: bytes) -> bytes:
    """The record of the next key."""
    return bytes([number]) + nonce + _masked(first, car, number, nonce, key) + _check(key, number)


def unwrap(first: bytes, car: bytes, record: bytes) -> bytes:
    """The key in a record; SenselessError when it was not made for this car."""
    (number, nonce, wrapped, check), _ = fields(">B8s32s8s", record)
    assert isinstance(number, int)
    assert isinstance(nonce, bytes)
    assert isinstance(wrapped, bytes)
    key = _masked(first, car, number, nonce, wrapped)
    if number == 0 or check != _check(key, number):
        raise SenselessError("key")
    return key


def _masked(first: bytes, car: bytes, number: int, nonce: bytes, key: bytes) -> bytes:
    text = b"kb/1 wrap" + car + bytes([number]) + nonce
    mask = hmac.new(first, text, hashlib.sha256).digest()
    return bytes(a ^ b for a, b in zip(key, mask, strict=True))


def _check(key: bytes, number: int) -> bytes:
    return hmac.new(key, b"kb/1 key" + bytes([number]), hashlib.sha256).digest()[:8]


class CarKeys:
    """What the car signs with, and opens."""

    def __init__(self, car: bytes, first: bytes, now: Callable[[], float]) -> None:
        self._car, self._first, self._now = car, first, now
        self._record = self._newest = b""
        self._before = b""
        self._unheard, self._counted_s = 0, 0.0
        self._was_first = self._is_newest = False

    @property
    def is_changed(self) -> bool:
        return bool(self._record)

    def follow(self, records: dict[tuple[int, bytes], bytes], *, is_start: bool = False) -> None:
        """After each change of the copy, and at the start."""
        record = records.get(PUT_KEY, b"")
        if record == self._record and not is_start:
            return
        before = self._newest or self._first
        self._record = record
        self._newest = unwrap(self._first, self._car, record) if record else b""
        self._before = before if record and not is_start else b""
        self._unheard = 0

    def sign(self, kind: int, body: bytes) -> bytes:
        key = self._newest or self._first
        if kind == stranger.HELLO and self._newest:
            self._was_first = self._is_unheard and not self._was_first
            if self._was_first:
                key = self._first
            if not self._unheard or self._now() >= self._counted_s + COUNT_EVERY_S:
                self._unheard += 1
                self._counted_s = self._now()
        return stranger.seal(stranger.direction_key(key, "up"), self._car, kind, body)

    @property
    def _is_unheard(self) -> bool:
        return self._unheard >= UNHEARD_MAX

    def open(self, frame: bytes) -> tuple[int, bytes] | None:
        opened = self._open_with(self._newest or self._first, frame)
        self._is_newest = opened is not None
        if opened is not None:
            self._before = b""
            return opened
        if self._before:
            opened = self._open_with(self._before, frame)
        if opened is None and self._newest and self._is_unheard:
            opened = self._open_with(self._first, frame)
            if opened and opened[0] not in (stranger.SNAP, stranger.DELTA):
                return None
        return opened

    def is_answered(self) -> None:
        """The last frame was a TIME with a nonce of this boot, or a DELTA or SNAP that is not late."""
        if self._is_newest:
            self._unheard = 0

    def _open_with(self, key: bytes, frame: bytes) -> tuple[int, bytes] | None:
        return stranger.unseal(stranger.direction_key(key, "down"), self._car, frame)


class CentreKeys:
    """What the centre signs with, and opens: `spoken` is what the car's last HELLO was signed with."""

    def __init__(self, car: bytes, first: bytes) -> None:
        self._car, self._first = car, first
        self.given = [first]
        self.spoken = first

    def next_record(self, key: bytes) -> bytes:
        number = len(self.given)
        self.given.append(key)
        nonce = struct.pack(">Q", 0xF00D + number)
        return wrap(self._first, self._car, number, nonce, key)

    def sign(self, kind: int, body: bytes) -> bytes:
        return stranger.seal(stranger.direction_key(self.spoken, "down"), self._car, kind, body)

    def open(self, frame: bytes) -> tuple[int, bytes] | None:
        for key in self.given:
            opened = stranger.unseal(stranger.direction_key(key, "up"), self._car, frame)
            if opened is None:
                continue
            if opened[0] == stranger.HELLO:
                self.spoken = key
            elif key not in (self.spoken, self.given[-1]):
                return None  # one that it has given up
            return opened
        return None
