"""`make flash` at a box whose program lets nobody in by Ctrl-C: through its console, or not at all."""

import ast
import json
from pathlib import Path

import pytest

from tests.console.box_on_pty import BoxOnPty
from tests.portable.boards import box_rig
from tests.tools.pty_board import UNIX, board_at_pty
from tools import flash, tree

#: The bare box of an ESP32 with an image of its own, on the interpreter's own standard input and output.
BARE = f"""
import time
sys.path.append({str(tree.ROOT)!r})
Machine.UART = Machine.Pin = None
Implementation._machine = "Kagibako box with ESP32-S3"
def bare_box():
    from boards import bare
    from hal.esp32.byte_link import open_console
    print("bare> ", end="")
    bare.run(open_console(), "", "esp32s3", "0", "none", time.sleep_ms, True)
bare_box()
for name in list(sys.modules):
    if name.split(".")[0] in ("boards", "firmware", "hal"):
        del sys.modules[name]
sys.path.pop()
"""


def config_file(folder: Path) -> Path:
    path = folder / "box.json"
    path.write_text(json.dumps(box_rig.values()), encoding="utf-8")
    return path


@pytest.mark.micropython
def test_a_bare_box_opens_its_prompt_for_whoever_flashes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """mpremote's own Ctrl-C and Ctrl-A do nothing at its console but cost a line."""
    folder = tmp_path / "board"
    with board_at_pty(UNIX, folder, BARE, b"bare> ") as port:
        arguments = ["--board", "esp32s3", "--port", port, "--config", str(config_file(tmp_path))]
        assert flash.main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["done"]
    assert (folder / "box.json").exists()


def test_a_box_in_service_lets_nobody_in_and_the_way_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """TECH-4: neither the raw prompt nor `prompt` at its locked console."""
    with BoxOnPty() as box:
        arguments = ["--board", "esp32s3", "--port", box.port]
        assert flash.main([*arguments, "--config", str(config_file(tmp_path))]) == 1
        box.tell("wait 1")
        assert box.restarts == []
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(
        f"flash: port {box.port}: a box in service is there, and says: prompt is locked. Type unlock 3"
    )


def test_before_the_program_is_safe_from_ctrl_c_nothing_jumps() -> None:
    """TECH-4: the interpreter raises what Ctrl-C left at jumps alone; the first is in the `try`."""
    text = (tree.ROOT / "boards/esp32/start.py").read_text(encoding="utf-8")
    body = ast.parse(text).body
    assert [type(one) for one in body] == [ast.Expr, ast.Import, ast.Expr, ast.Try]
    assert ast.unparse(body[2]) == "micropython.kbd_intr(-1)"
    manifest = (tree.ROOT / "boards/esp32/manifest.py").read_text(encoding="utf-8")
    assert "boot.py" not in manifest.replace('"_boot.py"', "")
