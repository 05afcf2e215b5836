"""A screenshot that is kept: the same pixels in fewer bytes.

Chromium filters each row for photographs; drawings and text pack better as they are.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

_HEAD = struct.Struct(">IIBBBBB")
_PIXEL_BYTES = 3  # red, green, blue; no transparency


def smaller(picture: bytes) -> bytes:
    """A PNG of the same picture."""
    parts = dict[bytes, bytes]()
    for kind, data in _parts(picture):
        parts[kind] = parts.get(kind, b"") + data
    width, _, depth, colours, *_ = _HEAD.unpack(parts[b"IHDR"])
    assert (depth, colours) == (8, 2)
    rows = _rows(zlib.decompress(parts[b"IDAT"]), width * _PIXEL_BYTES)
    packed = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    whole = ((b"IHDR", parts[b"IHDR"]), (b"IDAT", packed), (b"IEND", b""))
    return picture[:8] + b"".join(_part(kind, data) for kind, data in whole)


def _parts(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at < len(picture):
        (length,) = struct.unpack_from(">I", picture, at)
        yield picture[at + 4 : at + 8], picture[at + 8 : at + 8 + length]
        at += 12 + length


def _part(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _rows(filtered: bytes, width: int) -> Iterator[bytes]:
    """The rows as they were before chromium filtered them (PNG, chapter 9)."""
    above = bytearray(width)
    for start in range(0, len(filtered), width + 1):
        how, row = filtered[start], bytearray(filtered[start + 1 : start + 1 + width])
        for at in range(width) if how else ():
            left = row[at - _PIXEL_BYTES] if at >= _PIXEL_BYTES else 0
            corner = above[at - _PIXEL_BYTES] if at >= _PIXEL_BYTES else 0
            row[at] = (row[at] + _guess(how, left, above[at], corner)) & 255
        yield bytes(row)
        above = row


def _guess(how: int, left: int, up: int, corner: int) -> int:
    if how == 1:
        return left
    if how == 2:
        return up
    if how == 3:
        return (left + up) // 2
    to_left, to_up, to_corner = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
    if to_left <= to_up and to_left <= to_corner:
        return left
    return up if to_up <= to_corner else corner
