"""The one command that builds the image, as far as a machine without ESP-IDF can run it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tools import tree


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """In a clone of its own, whose interpreter does nothing; a MicroPython that tells its values."""
    copy = tmp_path / "kagibako" / "boards" / "esp32" / "build.sh"
    copy.parent.mkdir(parents=True)
    shutil.copy(tree.ROOT / "boards" / "esp32" / "build.sh", copy)
    python = tmp_path / "kagibako" / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\n", encoding="utf-8")
    python.chmod(0o755)
    port = tmp_path / "micropython" / "ports" / "esp32"
    port.mkdir(parents=True)
    (port / "Makefile").write_text(
        "all:\n\t@echo board $(BOARD_DIR) variant $(BOARD_VARIANT) to $(BUILD)\n", encoding="utf-8"
    )
    return copy


def build(script: Path, folder: Path, *words: str) -> tuple[int, str]:
    done = subprocess.run(
        ["sh", str(script), *words], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_it_finds_both_trees_wherever_it_is_called(script: Path, tmp_path: Path) -> None:
    box = tmp_path / "kagibako"
    code, said = build(script, tmp_path, "micropython", "S3")
    assert code == 0
    assert f"board {box}/boards/esp32 variant S3 to {box}/build/esp32/image-S3\n" in said
    code, said = build(script, box, "../micropython")
    assert code == 0
    assert f"board {box}/boards/esp32 variant to {box}/build/esp32/image\n" in said


def test_what_is_missing_is_told_before_anything_is_made(script: Path, tmp_path: Path) -> None:
    for words, sentence in (
        ((), "usage: "),
        (("nowhere",), "nowhere is no clone of MicroPython: there is no ports/esp32 in it"),
        (("micropython", "S4"), "S4 is no variant; give S3 or S3_16M, or nothing"),
    ):
        code, said = build(script, tmp_path, *words)
        assert code == 2
        assert sentence in said
    shutil.rmtree(tmp_path / "kagibako" / ".venv")
    code, said = build(script, tmp_path, "micropython")
    assert code == 2
    assert f"no .venv in {tmp_path}/kagibako; type: make -C {tmp_path}/kagibako .venv/run.s" in said
    assert not (tmp_path / "kagibako" / "build").exists()
