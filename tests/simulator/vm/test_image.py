"""The program image: ROMFS, constants written out, tables unfolded, all compiled."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.vm import image
from simulator.vm.image import CompileError, build_image, compile_mpy, program_files
from simulator.vm.inline import inline_constants
from simulator.vm.romfs import pack_romfs
from simulator.vm.tables import unfold_tables

MICROPYTHON = Path(sys.executable).parent / "micropython"


def run_romfs(data: bytes, script: str, folder: Path) -> str:
    """What MicroPython prints, with the image mounted at /rom."""
    (folder / "image").write_bytes(data)
    whole = (
        "import vfs, sys\n"
        f"vfs.mount(vfs.VfsRom(open({str(folder / 'image')!r}, 'rb').read()), '/rom')\n" + script
    )
    done = subprocess.run([MICROPYTHON, "-c", whole], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.micropython
def test_micropython_mounts_what_is_packed(tmp_path: Path) -> None:
    files = {
        "top.txt": b"hello",
        "empty": b"",
        "folder/deep/long.bin": bytes(range(256)) * 300,
        "folder/code.py": b"x = 41 + 1\n",
    }
    script = (
        "import os\n"
        "sys.path.append('/rom')\n"
        "from folder.code import x\n"
        "big = open('/rom/folder/deep/long.bin', 'rb').read()\n"
        "print(x, open('/rom/top.txt').read(), len(big), big == bytes(range(256)) * 300)\n"
        "print(sorted(os.listdir('/rom')), os.stat('/rom/empty')[6])\n"
    )
    said = run_romfs(pack_romfs(files), script, tmp_path)
    assert said == "42 hello 76800 True\n['empty', 'folder', 'top.txt'] 0\n"


def test_an_image_has_an_even_length() -> None:
    assert {len(pack_romfs({"x": bytes(length)})) % 2 for length in range(300)} == {0}


def test_constants_are_written_out_and_lines_stay() -> None:
    files = {
        "a/codes.py": "ONE = 1\nTWO = ONE + 1\nWORD = 'word'\nTABLE = (1, 2)\n\n_OWN = -3\n"
        "def own():\n    return _OWN\n",
        "a/user.py": (
            "from a import codes\n"
            "from a.codes import (\n    ONE,\n    TABLE,\n    TWO as DEUX,\n)\n"
            "def use(n):\n"
            "    if n == ONE:\n        return codes.TWO\n"
            "    return (DEUX, codes.WORD, TABLE, ONE.__class__)\n"
        ),
        "a/__init__.py": "",
    }
    written = inline_constants(files)
    assert written["a/codes.py"] == ("\n\n\nTABLE = (1, 2)\n\n\ndef own():\n    return (-3)\n")
    assert written["a/user.py"] == (
        "from a import codes\nfrom a.codes import TABLE\n\n\n\n\n"
        "def use(n):\n    if n == (1):\n        return (2)\n"
        "    return ((2), 'word', TABLE, (1).__class__)\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "N = 1\nN = 2\nx = N\n",
        "N = 1\ndef f(N):\n    return N\n",
        "N = 1\ndef f():\n    global N\n    N = 2\n",
        "N = 1\nfor N in (1, 2):\n    print(N)\n",
        "N = M = 1\nx = N + M\n",
        "N = 1\nclass C:\n    N = 2\n",
        "N = 'x' * 3\n",
        "N = 1.5\nx = N\n",
        "N = True\nx = N\n",
        "N = 1\nprint(f'{N}')\n",
        "N = 7\nN += 1\n",
    ],
)
def test_what_may_change_is_left_alone(text: str) -> None:
    assert ast.dump(ast.parse(inline_constants({"m.py": text})["m.py"])) == ast.dump(
        ast.parse(text)
    )


def test_a_table_is_built_by_calls_and_means_the_same() -> None:
    words = ", ".join(f'("state{i}", ("guard", "other"), None)' for i in range(9))
    text = f'"""Doc."""\nLAST = ("lock",)\nROWS = (\n    ("a", LAST, ()),\n    {words},\n)\nX = 1\n'
    unfolded = unfold_tables(text)
    assert unfolded.count("\n") == text.count("\n")
    before: dict[str, object] = {}
    after: dict[str, object] = {}
    exec(text, before)
    exec(unfolded, after)
    del before["__builtins__"], after["__builtins__"]
    assert before == after
    rows = after["ROWS"]
    assert isinstance(rows, tuple)
    assert rows[1][1] is rows[9][1]


def test_a_module_without_tables_stays() -> None:
    text = "A = (1, 2, 3)\nB = ('few', 'words')\ndef f():\n    return ('a',) * 20\n"
    assert unfold_tables(text) == text


def test_a_file_that_does_not_compile_is_named() -> None:
    with pytest.raises(CompileError, match=r"bad\.py"):
        compile_mpy("bad.py", "def f(:\n")


def test_the_image_holds_the_program_and_is_built_once() -> None:
    names = set(program_files())
    assert {"firmware/loop.py", "boards/sim/main.py", "hal/pn532.py"} <= names
    assert "firmware/wire/code_names.py" not in names
    assert "hal/fake/flash.py" not in names
    path = build_image()
    assert path == build_image()
    assert path.parent == image.BUILD
    other = build_image({"firmware/touch.py": "class Touch:\n    pass\n"})
    assert other != path
