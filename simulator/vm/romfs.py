"""Packs files into a read-only file system of MicroPython (ROMFS), which it runs from in place.

    image       D2 CD 31 | length | records
    record      kind | length | payload
    directory   length of name | name | records
    file        length of name | name | record with the data

Numbers are big-endian groups of 7 bits, all but the last with the top bit set.
"""

from __future__ import annotations

from collections.abc import Mapping

_MAGIC = b"\xd2\xcd\x31"
_DATA = 2
_DIRECTORY = 4
_FILE = 5


def pack_romfs(files: Mapping[str, bytes]) -> bytes:
    """An image of the files; names are paths with slashes."""
    records = _records(files)
    length = _number(len(records))
    if (len(_MAGIC) + len(length) + len(records)) % 2:
        length = b"\x80" + length  # images have an even length
    return _MAGIC + length + records


def _records(files: Mapping[str, bytes]) -> bytes:
    folders: dict[str, dict[str, bytes]] = {}
    out = b""
    for name in sorted(files):
        top, slash, rest = name.partition("/")
        if slash:
            folders.setdefault(top, {})[rest] = files[name]
        else:
            out += _record(_FILE, _named(name) + _record(_DATA, files[name]))
    for name, contents in folders.items():
        out += _record(_DIRECTORY, _named(name) + _records(contents))
    return out


def _record(kind: int, payload: bytes) -> bytes:
    return _number(kind) + _number(len(payload)) + payload


def _named(name: str) -> bytes:
    return _number(len(name)) + name.encode("ascii")


def _number(value: int) -> bytes:
    out = bytes((value & 0x7F,))
    while value := value >> 7:
        out = bytes((0x80 | value & 0x7F,)) + out
    return out
