"""Reads a partition table of ESP-IDF (CSV with all offsets written out) and says what is wrong.

    python -m tools.esp32_partitions boards/esp32/partitions-stock-8MB.csv table.bin

writes it as the boot loader reads it at 0x8000, for a board with MicroPython's own image: rows of 32
bytes, then their MD5, the rest of 3,072 bytes erased. Rules and format: ESP-IDF's guide to partition
tables. An image begins on 64 KB, everything else on 4 KB; the table itself takes one sector.
"""

from __future__ import annotations

import hashlib
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SECTOR = 0x1000
IMAGE_BOUNDARY = 0x10000
FIRST_OFFSET = 0x9000
OTADATA_BYTES = 0x2000

#: label -> (type, subtype): what the box cannot do without.
NEEDED = {
    "nvs": ("data", "nvs"),
    "otadata": ("data", "ota"),
    "phy_init": ("data", "phy"),
    "ota_0": ("app", "ota_0"),
    "ota_1": ("app", "ota_1"),
    "journal": ("data", "undefined"),
    "copy": ("data", "undefined"),
    "vfs": ("data", "fat"),
}
#: With MicroPython's own image there is nothing to go back to.
NEEDED_STOCK = {
    **{label: NEEDED[label] for label in ("nvs", "phy_init", "journal", "copy", "vfs")},
    "factory": ("app", "factory"),
}
#: Sectors at least: as many as the figures of docs/storage.md are for.
RAW_SECTORS = {"journal": 64, "copy": 16}
LABEL_SIGNS_MAX = 15

_KINDS = {"app": 0, "data": 1}
_SUBTYPES = {
    ("app", "factory"): 0x00,
    ("app", "ota_0"): 0x10,
    ("app", "ota_1"): 0x11,
    ("data", "ota"): 0x00,
    ("data", "phy"): 0x01,
    ("data", "nvs"): 0x02,
    ("data", "undefined"): 0x06,
    ("data", "fat"): 0x81,
}
_ROW = "<2sBBII16sI"
_ROW_MAGIC = b"\xaa\x50"
_SUM_MAGIC = b"\xeb\xeb" + b"\xff" * 14
_TABLE_BYTES = 0xC00


class Part(NamedTuple):
    """One row."""

    label: str
    kind: str
    subtype: str
    offset: int
    size: int

    @property
    def end(self) -> int:
        """The first byte behind it."""
        return self.offset + self.size


def parse(text: str) -> list[Part]:
    """The rows in their order. ValueError for one that is none."""
    parts = []
    for line in text.splitlines():
        row = line.partition("#")[0].strip()
        if row:
            label, kind, subtype, offset, size = [field.strip() for field in row.split(",")][:5]
            parts.append(Part(label, kind, subtype, int(offset, 0), int(size, 0)))
    return parts


def pack(parts: list[Part]) -> bytes:
    """The table as it lies in the flash."""
    rows = b"".join(
        struct.pack(
            _ROW,
            _ROW_MAGIC,
            _KINDS[part.kind],
            _SUBTYPES[part.kind, part.subtype],
            part.offset,
            part.size,
            part.label.encode(),
            0,
        )
        for part in parts
    )
    whole = rows + _SUM_MAGIC + hashlib.md5(rows, usedforsecurity=False).digest()
    return whole.ljust(_TABLE_BYTES, b"\xff")


def mistakes(
    parts: list[Part], flash_bytes: int, needed: dict[str, tuple[str, str]] = NEEDED
) -> Iterator[str]:
    """A sentence for each."""
    yield from _missing(parts, needed)
    taken_to, before = FIRST_OFFSET, "the partition table"
    for part in sorted(parts, key=lambda part: part.offset):
        if part.offset < taken_to:
            yield f"{part.label} begins at {part.offset:#x}, within {before}, which ends at {taken_to:#x}"
        boundary = IMAGE_BOUNDARY if part.kind == "app" else SECTOR
        if part.offset % boundary or part.size % SECTOR or part.size <= 0:
            yield f"{part.label} does not begin on {boundary:#x} or is no whole number of sectors"
        if len(part.label) > LABEL_SIGNS_MAX:
            yield f"{part.label}: a label has {LABEL_SIGNS_MAX} signs at most"
        taken_to, before = max(taken_to, part.end), part.label
    if taken_to > flash_bytes:
        yield f"{before} ends at {taken_to:#x}, behind the flash's {flash_bytes:#x}"


def _missing(parts: list[Part], needed: dict[str, tuple[str, str]]) -> Iterator[str]:
    found = {part.label: part for part in parts}
    if len(found) < len(parts):
        yield "a label is there twice"
    for label, (kind, subtype) in needed.items():
        part = found.get(label)
        if part is None:
            yield f"there is no {label}"
        elif (part.kind, part.subtype) != (kind, subtype):
            yield f"{label} is {part.kind}, {part.subtype}, not {kind}, {subtype}"
    for label, sectors in RAW_SECTORS.items():
        if label in found and found[label].size < sectors * SECTOR:
            yield f"{label} has {found[label].size // SECTOR} sectors, not {sectors}"
    if "otadata" in found and found["otadata"].size != OTADATA_BYTES:
        yield f"otadata has {found['otadata'].size:#x} bytes, not {OTADATA_BYTES:#x}"
    if {"ota_0", "ota_1"} <= found.keys() and found["ota_0"].size != found["ota_1"].size:
        yield "ota_0 and ota_1 differ in size: an update would fit one of them only"


def main(argv: list[str]) -> int:
    """Exit 0 written, 2 wrong usage."""
    if len(argv) != 2:
        print("usage: python -m tools.esp32_partitions TABLE.csv TABLE.bin", file=sys.stderr)
        return 2
    table = pack(parse(Path(argv[0]).read_text(encoding="utf-8")))
    Path(argv[1]).parent.mkdir(parents=True, exist_ok=True)
    Path(argv[1]).write_bytes(table)
    print(f"{argv[1]}: {len(table)} bytes for 0x8000")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
