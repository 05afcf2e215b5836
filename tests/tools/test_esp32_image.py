"""What CI says of an image that cannot be; and that the program as it is frozen starts a box."""

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from boards.esp32 import pins
from boards.pin_table import HIGH, NONE, OUT
from tools import esp32_image, esp32_partitions, esp32_program, tree
from tools.esp32_image import VARIANTS, Variant
from tools.esp32_partitions import SECTOR, Part

MICROPYTHON = Path(sys.executable).parent / "micropython"
#: `set` is measured so often; what one leaves behind takes this on the 64-bit heap at least.
SETS = 50
SMALLEST_BYTES = 32


def table(variant: Variant) -> list[Part]:
    return esp32_partitions.parse((tree.ROOT / variant.table).read_text(encoding="utf-8"))


def changed(which: str, **changes: object) -> list[str]:
    parts = [
        part._replace(**changes) if part.label == which else part  # type: ignore[arg-type]
        for part in table(VARIANTS[0])
    ]
    return list(esp32_partitions.mistakes(parts, 4 << 20))


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_our_tables_add_up(variant: Variant) -> None:
    parts = table(variant)
    assert list(esp32_image.image_mistakes(variant, parts, 150_000)) == []
    assert sum(part.size for part in parts) == (variant.flash_mb << 20) - 0x9000


def part(label: str) -> Part:
    return next(one for one in table(VARIANTS[0]) if one.label == label)


def test_overlap_and_flash_that_is_too_small() -> None:
    end = part("journal").end
    assert changed("copy", offset=end - SECTOR) == [
        f"copy begins at {end - SECTOR:#x}, within journal, which ends at {end:#x}"
    ]
    assert changed("vfs", size=part("vfs").size + SECTOR) == [
        "vfs ends at 0x401000, behind the flash's 0x400000"
    ]
    assert changed("nvs", offset=0x8000)[0].startswith("nvs begins at 0x8000, within the partition")


def test_alignment() -> None:
    slot = part("ota_0")
    assert changed("ota_0", offset=slot.offset + SECTOR, size=slot.size - SECTOR) == [
        "ota_0 and ota_1 differ in size: an update would fit one of them only",
        "ota_0 does not begin on 0x10000 or is no whole number of sectors",
    ]
    assert changed("vfs", size=part("vfs").size - SECTOR // 2) == [
        "vfs does not begin on 0x1000 or is no whole number of sectors"
    ]


def test_what_the_box_cannot_do_without() -> None:
    without = [part for part in table(VARIANTS[0]) if part.label != "journal"]
    assert list(esp32_partitions.mistakes(without, 4 << 20)) == ["there is no journal"]
    assert changed("journal", subtype="fat") == ["journal is data, fat, not data, undefined"]
    assert changed("journal", size=0x3F000) == ["journal has 63 sectors, not 64"]
    assert changed("otadata", size=0x1000) == ["otadata has 0x1000 bytes, not 0x2000"]
    assert "a label is there twice" in changed("copy", label="journal")


def test_the_table_for_micropythons_own_image() -> None:
    path = tree.ROOT / esp32_image.STOCK_TABLE
    parts = esp32_partitions.parse(path.read_text(encoding="utf-8"))
    needed = esp32_partitions.NEEDED_STOCK
    assert list(esp32_partitions.mistakes(parts, 8 << 20, needed)) == []
    without = [part for part in parts if part.label != "factory"]
    assert list(esp32_partitions.mistakes(without, 8 << 20, needed)) == ["there is no factory"]


def test_the_pages_command_for_the_table_works_in_a_fresh_clone(tmp_path: Path) -> None:
    """There is no build/ yet."""
    page = (tree.ROOT / "boards" / "esp32" / "README.md").read_text(encoding="utf-8")
    said = re.search(r"-m tools\.esp32_partitions (\S+) (\S+)", page)
    assert said
    target = tmp_path / said[2]
    assert f"write_flash 0x8000 {said[2]}" in page
    assert esp32_partitions.main([str(tree.ROOT / said[1]), str(target)]) == 0
    assert len(target.read_bytes()) == 0xC00


def test_a_table_as_the_boot_loader_reads_it() -> None:
    """Rows of ESP-IDF's guide: `nvs` at 0x9000 of 24 KB, an image at 64 KB."""
    packed = esp32_partitions.pack(
        [
            Part("nvs", "data", "nvs", 0x9000, 0x6000),
            Part("factory", "app", "factory", 0x10000, 0x100000),
        ]
    )
    assert len(packed) == 0xC00
    assert packed[:32] == bytes.fromhex("aa500102 00900000 00600000") + b"nvs" + bytes(17)
    assert packed[32:64] == bytes.fromhex("aa500000 00000100 00001000") + b"factory" + bytes(13)
    assert packed[64:80] == b"\xeb\xeb" + b"\xff" * 14
    assert packed[80:96] == hashlib.md5(packed[:64]).digest()
    assert set(packed[96:]) == {0xFF}


def test_a_program_that_does_not_fit() -> None:
    variant, slot = VARIANTS[0], part("ota_0").size
    fits = slot - variant.core_bytes
    assert list(esp32_image.image_mistakes(variant, table(variant), fits)) == []
    found = list(esp32_image.image_mistakes(variant, table(variant), fits + 1))
    assert [text.partition("; ")[0] for text in found] == [
        f"boards/esp32/partitions-4MB.csv: ota_0 has {slot:,} bytes",
        f"boards/esp32/partitions-4MB.csv: ota_1 has {slot:,} bytes",
    ]
    assert found[0].endswith(f"with 1,572,864 and the program with {fits + 1:,} take {slot + 1:,}")


def test_a_pin_used_twice_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    assert esp32_image.pin_mistakes() == []
    bad = (*pins.ESP32, ("spare", OUT, 25, HIGH, NONE))
    monkeypatch.setattr(pins, "ESP32", bad)
    assert esp32_image.pin_mistakes() == [
        "boards/esp32/pins.py: pin 25 is used by unlock and by spare; give one of them another pin"
    ]


def test_a_board_definition_that_asks_for_the_chip_too_early() -> None:
    """A part of MicroPython's files would be built for another chip than the rest."""
    text = (tree.ROOT / esp32_image.DEFINITION).read_text(encoding="utf-8")
    assert "CONFIG_IDF_TARGET_ESP32S3" in text
    assert esp32_image.definition_mistakes(text) == []
    sdk = '#include "sdkconfig.h"'
    assert esp32_image.definition_mistakes(text.replace(sdk, f"// {sdk}")) == [
        f"boards/esp32/mpconfigboard.h:8: asks for a CONFIG_ before {sdk}"
    ]
    late = text.replace(sdk, "") + sdk + "\n"
    assert len(esp32_image.definition_mistakes(late)) == 1


def test_a_file_that_does_not_compile_is_named() -> None:
    with pytest.raises(esp32_image.ImageError, match=r"main\.py: mpy-cross: SyntaxError"):
        esp32_image.program_bytes({"main.py": "def main(\n"})


@pytest.mark.micropython
def test_the_frozen_program_is_all_that_a_box_needs_to_start_and_turn(tmp_path: Path) -> None:
    """No fake port, simulator or test is in it; and whatever is imported is there."""
    esp32_program.write_program(tmp_path)
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.py")}
    assert {"program.py", "main.py", "boards/bare.py", "boards/box_config.py"} <= files
    assert "boot.py" not in files  # Ctrl-C would lead from there to the prompt
    assert not [path for path in files if path.startswith(("hal/fake", "boards/sim", "tests"))]
    assert "hal.fake" not in (tmp_path / "program.py").read_text(encoding="utf-8")
    lines = said_with("tests/mp/start_frozen.py", tmp_path)
    assert lines[0] == "box.json: there is none; boards/README.md says how to put it there"
    assert lines[1].startswith("vacant ")
    assert int(lines[1].split()[1]) >= 6  # edges of the enable line, one a turn
    # And what a technician comes to by its name alone: unlocked, `set` of every kind; none leaks.
    found = dict(line.split() for line in said_with("tools/bench_set_car.py", tmp_path))
    assert int(found["longest"]) > 0
    assert int(found["left"]) < SETS * SMALLEST_BYTES // 2


def said_with(script: str, folder: Path) -> list[str]:
    """Its lines, run with the program in a folder."""
    done = subprocess.run(
        [MICROPYTHON, "-X", "heapsize=4096wK", tree.ROOT / script, folder],
        cwd=tree.ROOT,
        env={**os.environ, "MICROPYPATH": str(tree.ROOT)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()
