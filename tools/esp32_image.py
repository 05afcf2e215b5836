"""Whether an image of the ESP32 box can be: tables of partitions and pins, and the program's size.

python -m tools.esp32_image     exit 0 when everything adds up

The image itself takes ESP-IDF to build (boards/esp32/build.sh). What can be told without it is told
here: the program is compiled by mpy-cross as the build does it. Frozen, the same code takes 0.97
times the bytes of its .mpy files (measured on the 32-bit Unix build: 221,562 of 228,520).
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from boards.esp32 import chips, pins
from boards.pin_table import INPUT_NAMES, find_mistakes
from tools import compile_portable, esp32_partitions, tree
from tools.esp32_partitions import Part
from tools.esp32_program import program_text

if TYPE_CHECKING:
    from boards.pin_table import Row, Rows

MB = 1 << 20
#: What MicroPython 1.29 takes at most. Its own image for two slots, built for size as ours is, fits
#: the 0x180000 of ports/esp32/partitions-4MiB-ota.csv; those of all its boards fit the 0x1F0000 of
#: partitions-4MiBplus.csv. Both have libraries frozen in that ours leaves out.
CORE_ESP32 = 0x180000
CORE_ESP32_S3 = 0x1F0000


class Variant(NamedTuple):
    """What `build.sh` can build."""

    name: str
    flash_mb: int
    core_bytes: int

    @property
    def table(self) -> str:
        """The path of its partition table."""
        return f"boards/esp32/partitions-{self.flash_mb}MB.csv"


VARIANTS = (
    Variant("ESP32", 4, CORE_ESP32),
    Variant("ESP32-S3", 8, CORE_ESP32_S3),
    Variant("ESP32-S3, 16 MB", 16, CORE_ESP32_S3),
)
#: The board definition, and what it has to bring in before it asks for the chip.
DEFINITION = "boards/esp32/mpconfigboard.h"
_SDK = '#include "sdkconfig.h"'
#: For MicroPython's own image, with the program as .mpy files on `vfs`.
STOCK_TABLE = "boards/esp32/partitions-stock-8MB.csv"


class ImageError(Exception):
    """mpy-cross does not take a file of the program."""


def program_bytes(files: dict[str, str]) -> int:
    """Of all its files, compiled."""
    total = 0
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "out.mpy")
        for path, text in sorted(files.items()):
            said = compile_portable.compile_one(
                path, text.encode(), out, compile_portable.ESP32_OPTIONS
            )
            if said:
                raise ImageError(f"{path}: {said}")
            total += out.stat().st_size
    return total


def image_mistakes(variant: Variant, parts: list[Part], program: int) -> Iterator[str]:
    """Of one variant: its table, and whether the program fits a slot beside MicroPython."""
    for text in esp32_partitions.mistakes(parts, variant.flash_mb * MB):
        yield f"{variant.table}: {text}"
    needed = variant.core_bytes + program
    for part in parts:
        if part.kind == "app" and part.size < needed:
            yield (
                f"{variant.table}: {part.label} has {part.size:,} bytes; MicroPython with "
                f"{variant.core_bytes:,} and the program with {program:,} take {needed:,}"
            )


def definition_mistakes(text: str) -> list[str]:
    """Of `DEFINITION`: MicroPython includes it before any header of the SDK.

    What it asks of the SDK unasked is no, in those files that have not met the SDK by then.
    """
    is_there = False
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        code = line.partition("//")[0]
        is_there = is_there or code.strip() == _SDK
        if "CONFIG_" in code and not is_there:
            found.append(f"{DEFINITION}:{number}: asks for a CONFIG_ before {_SDK}")
    return found


def pin_mistakes() -> list[str]:
    """Of both chips and the chain of contacts."""
    return [
        *find_mistakes(pins.ESP32, pins.NEEDED, pins.FILE, chips.refuses_esp32),
        *find_mistakes(pins.ESP32_S3, pins.NEEDED, pins.FILE, chips.refuses_esp32_s3),
        *find_mistakes(pins.CONTACTS, INPUT_NAMES, pins.FILE, chips.refuses_place),
    ]


def _row_text(variant: Variant, parts: list[Part], program: int) -> str:
    slot = min(part.size for part in parts if part.kind == "app")
    left = slot - variant.core_bytes - program
    used = max(part.end for part in parts)
    return (
        f"{variant.name:16} {variant.flash_mb:3} MB  slot {slot:9,}  MicroPython <= "
        f"{variant.core_bytes:9,}  program {program:8,}  left {left:9,}  flash to {used:#x}"
    )


def main() -> int:
    found = pin_mistakes()
    found += definition_mistakes((tree.ROOT / DEFINITION).read_text(encoding="utf-8"))
    program = program_bytes(program_text())
    for variant in VARIANTS:
        parts = esp32_partitions.parse((tree.ROOT / variant.table).read_text(encoding="utf-8"))
        found += image_mistakes(variant, parts, program)
        print(_row_text(variant, parts, program))
    stock = esp32_partitions.parse((tree.ROOT / STOCK_TABLE).read_text(encoding="utf-8"))
    for text in esp32_partitions.mistakes(stock, 8 * MB, esp32_partitions.NEEDED_STOCK):
        found.append(f"{STOCK_TABLE}: {text}")
    for rows, name in ((pins.ESP32, "ESP32"), (pins.ESP32_S3, "ESP32-S3")):
        print(f"{name:16} pins {_pins_text(rows)}")
    for text in found:
        print(text)
    print(f"esp32 image: {len(found)} findings", file=sys.stderr)
    return 1 if found else 0


def _pins_text(rows: Rows) -> str:
    def text(row: Row) -> str:
        return f"{row[2]} {row[0]}"

    return ", ".join(text(row) for row in sorted(rows, key=lambda row: row[2]))


if __name__ == "__main__":
    sys.exit(main())
