"""Frames of kb/1: what each MQTT message between car and centre carries, and the topics.

    version u8 = 1 | kind u8 | length u16 | body | tag 16

big-endian, 1,024 bytes at most; `length` counts the body. The tag is the first half of
HMAC-SHA256 under the direction's key, over the car's 6 bytes, then everything before the tag. A
frame of another car, of the other direction, or changed in a single bit does not open. The
bodies are in `kb1` and `kb1_centre`.
"""

import binascii
import hashlib
import struct

VERSION = 1
HEAD_BYTES = 4
TAG_BYTES = 16
FRAME_BYTES_MAX = 1024
BODY_BYTES_MAX = FRAME_BYTES_MAX - HEAD_BYTES - TAG_BYTES

CAR_BYTES = 6
KEY_BYTES = 32

UP = 1
DOWN = 2
_LABELS = {UP: b"kb/1 up", DOWN: b"kb/1 down"}

_HEAD = ">BBH"
_HASH_BLOCK_BYTES = 64
_LOWER_HEX = "0123456789abcdef"


def direction_key(car_key: bytes, direction: int) -> bytes:
    """The key of one direction, UP or DOWN, from the car's 32-byte key."""
    if len(car_key) != KEY_BYTES:
        raise ValueError("a car's key has %d bytes, this one %d" % (KEY_BYTES, len(car_key)))
    return hmac_sha256(car_key, _LABELS[direction])


def pack_frame(key: bytes, car: bytes, kind: int, body: bytes) -> bytes:
    """One frame; `key` is the direction's. ValueError when the body does not fit."""
    if len(car) != CAR_BYTES:
        raise ValueError("a car's identity has %d bytes, this one %d" % (CAR_BYTES, len(car)))
    if len(body) > BODY_BYTES_MAX or not 0 <= kind <= 255:
        raise ValueError("no frame holds kind %d with %d bytes" % (kind, len(body)))
    message = struct.pack(_HEAD, VERSION, kind, len(body)) + body
    return message + hmac_sha256(key, car, message)[:TAG_BYTES]


def open_frame(keys: "tuple[bytes, ...]", car: bytes, frame: bytes) -> "tuple[int, bytes] | None":
    """(kind, body) of a frame whose tag one of the direction's keys made; None for any other."""
    body_bytes = len(frame) - HEAD_BYTES - TAG_BYTES
    if not 0 <= body_bytes <= BODY_BYTES_MAX or len(car) != CAR_BYTES:
        return None
    version, kind, length = struct.unpack_from(_HEAD, frame, 0)
    if version != VERSION or length != body_bytes:
        return None
    # Views: on a box a copy of the longest frame is a fiftieth of the heap.
    message = memoryview(frame)[: HEAD_BYTES + length]
    tag = bytes(frame[-TAG_BYTES:])
    for key in keys:
        if equal_constant_time(hmac_sha256(key, car, message)[:TAG_BYTES], tag):
            return kind, bytes(message[HEAD_BYTES:])
    return None


def hmac_sha256(key: bytes, data: bytes, more: "bytes | memoryview" = b"") -> bytes:
    """HMAC-SHA256 as in RFC 2104, of `data` and then `more`."""
    if len(key) > _HASH_BLOCK_BYTES:
        key = hashlib.sha256(key).digest()
    key = key + bytes(_HASH_BLOCK_BYTES - len(key))
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key))
    inner.update(data)
    inner.update(more)
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key))
    outer.update(inner.digest())
    return outer.digest()


def equal_constant_time(a: bytes, b: bytes) -> bool:
    """Are they equal? The time taken depends on the lengths only."""
    if len(a) != len(b):
        return False
    difference = 0
    for i in range(len(a)):
        difference |= a[i] ^ b[i]
    return difference == 0


def car_from_hex(car_hex: str) -> bytes:
    """The 6 bytes of a car's identity as topics and log-ins write it: 12 lower-case digits."""
    if len(car_hex) != 2 * CAR_BYTES or any(digit not in _LOWER_HEX for digit in car_hex):
        raise ValueError("a car is 12 digits of 0-9 and a-f, not %r" % (car_hex,))
    return binascii.unhexlify(car_hex)


def shard_of(car: bytes) -> str:
    """Two hex digits, the lowest byte of the identity's CRC-32: so that workers share a fleet."""
    return "%02x" % (binascii.crc32(car) & 0xFF)


def down_topic(car_hex: str) -> str:
    """Topic from the centre to the car; only this car may read it."""
    return _topic("d", car_hex)


def up_topic(car_hex: str) -> str:
    """Topic from the car to the centre; only this car may write it."""
    return _topic("u", car_hex)


def presence_topic(car_hex: str) -> str:
    """Topic of the car's presence, the only one with retained messages; advisory."""
    return _topic("s", car_hex)


def _topic(letter: str, car_hex: str) -> str:
    return "kb/1/%s/%s/%s" % (letter, shard_of(car_from_hex(car_hex)), car_hex)
