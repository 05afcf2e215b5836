"""The record of a car's next key: wrapped under its first one, which never changes (`records`)."""

import struct

from firmware.wire.frames import equal_constant_time, hmac_sha256
from firmware.wire.records import KEY

_WRAP = b"kb/1 wrap"
_CHECK = b"kb/1 key"
_CHECK_BYTES = 8


def pack_key(first: bytes, car: bytes, number: int, nonce: bytes, key: bytes) -> bytes:
    """The record; `nonce` is 8 bytes never used before for this car."""
    number_byte = bytes((number,))
    wrapped = _crossed(first, car, number_byte + nonce, key)
    check = hmac_sha256(key, _CHECK, number_byte)[:_CHECK_BYTES]
    return struct.pack(KEY, number, nonce, wrapped, check)


def unpack_key(first: bytes, car: bytes, record: bytes) -> "bytes | None":
    """The key; None when it was not wrapped under that first key for that car."""
    _, _, wrapped, check = struct.unpack(KEY, record)
    key = _crossed(first, car, bytes(record[:9]), wrapped)
    right = hmac_sha256(key, _CHECK, bytes(record[:1]))[:_CHECK_BYTES]
    return key if equal_constant_time(check, right) else None


def _crossed(first: bytes, car: bytes, number_and_nonce: bytes, key: bytes) -> bytes:
    pad = hmac_sha256(first, _WRAP + car, number_and_nonce)
    return bytes([pad[i] ^ key[i] for i in range(len(pad))])
