"""Joined modules mean what they meant apart; what nobody names is left out."""

import subprocess
import sys
from pathlib import Path

import pytest

from simulator.vm.frozen import main
from simulator.vm.image import program_text
from simulator.vm.linked import PROGRAM, START, link
from simulator.vm.merged import merge_heirs
from simulator.vm.missing import LinkError
from simulator.vm.unused import drop_unused

FILES = {
    "a/__init__.py": '"""Package."""\n',
    "a/codes.py": "WORDS = ('one', 'two')\n",
    "a/numbers.py": (
        "import struct\n"
        "_LIMITS = (3, 4)\n"
        "def total(limit):\n    return sum(_LIMITS) + limit\n"
        "def size():\n    return struct.calcsize('>H')\n"
    ),
    "a/other.py": (
        "import struct\n"
        "from a import codes, numbers\n"
        "from a.numbers import total as sum_up\n"
        "TYPE_CHECKING = False\n"
        "if TYPE_CHECKING:\n    from typing import Any\n"
        "_LIMITS = [5]\n"
        "class Other:\n"
        '    """Has words and a size."""\n'
        "    size = 7\n"
        "    def count(self, total):\n"
        "        return [sum_up(_LIMITS[0]) for _LIMITS in ([1], [2])] + [total]\n"
        "    def words(self):\n"
        "        return codes.WORDS, numbers.size(), struct.calcsize('>I'), _LIMITS\n"
    ),
    "a/late.py": (
        "from a import by_name, numbers\n"  # one that stays a module, and one that does not
        "from a.other import Other as Another\n"
        "def told():\n    return Another.size, numbers.total(0), by_name.first()\n"
    ),
    "a/by_name.py": "from a.codes import WORDS\ndef first():\n    return WORDS[0]\n",
    "a/nobody.py": "def never():\n    from a.numbers import total\n    return total\n",
    "a/rows.py": "from a.numbers import total\nROWS = (total(1), 'unused_but_named')\n",
    "a/main.py": (
        "import sys\n"
        "from a.other import Other\n"
        "from a.rows import ROWS\n"
        "def unload(module):\n    del sys.modules[module]\n"
        "unload('a.rows')\n"
        "def unused_but_named():\n    return 1\n"
        "def main():\n"
        "    from a.late import told\n"
        "    print(Other().count(9), Other().words(), told(), ROWS)\n"
        "    __import__('a.by_name')\n"
        "    print(sys.modules['a.by_name'].first())\n"
    ),
}
SAID = "[8, 9, 9] (('one', 'two'), 2, 4, [5]) (7, 7, 'one') (8, 'unused_but_named')\none\n"


def said_by(files: dict[str, str], folder: Path, start: str) -> str:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    done = subprocess.run(
        [sys.executable, "-S", "-c", start], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def test_joined_modules_say_what_they_said_apart(tmp_path: Path) -> None:
    assert said_by(FILES, tmp_path / "apart", "from a.main import main; main()") == SAID
    linked = link(FILES, "a.main")
    beside = {"a/by_name.py", "a/late.py", "a/rows.py", "a/__init__.py"}
    assert set(linked) == {f"{PROGRAM}.py", *beside}
    assert said_by(linked, tmp_path / "linked", START) == SAID
    assert '"""Has words and a size."""; del __module__, __qualname__' in linked[f"{PROGRAM}.py"]


def test_lines_stay_in_order_and_each_outside_name_is_imported_once() -> None:
    text = link(FILES, "a.main")[f"{PROGRAM}.py"]
    assert text.count("import struct") == 1
    assert "typing" not in text
    assert text.index("# a.numbers") < text.index("# a.other") < text.index("# a.main")


@pytest.mark.parametrize(
    ("main", "fault"),
    [
        ("from a import codes\ndef main():\n    print(codes)\n", "a module as a value"),
        ("from a import codes\ndef main():\n    print(codes.NONE)\n", "a.codes has no NONE"),
        ("from a.codes import NONE\ndef main():\n    print(NONE)\n", "a.codes has no NONE"),
        ("def main():\n    from a import gone\n    gone.away()\n", "a.main needs a.gone, which"),
        ("def main():\n    from a.gone import away\n    away()\n", "a.main needs a.gone.away, wh"),
        ("import a.gone\ndef main():\n    pass\n", "a.main needs a.gone, which"),
        ("def main():\n    __import__('a.gone')\n", "a.main needs a.gone, which"),
    ],
)
def test_what_cannot_be_joined_is_named(main: str, fault: str) -> None:
    with pytest.raises(LinkError, match=fault):
        link({**FILES, "a/main.py": main}, "a.main")


def test_what_nobody_names_is_dropped_with_what_only_it_names() -> None:
    text = (
        "def helper():\n    return 1\n"
        "class Box:\n"
        "    def used(self):\n        return 'by_word'\n"
        "    def unused(self):\n        return helper() or self.unused()\n"
        "class Empty:\n    def never(self):\n        return 2\n"
        "def by_word(empty=Empty):\n    return Box().used()\n"
    )
    assert drop_unused({"m.py": text}, "Box()") == {
        "m.py": (
            "\n\n"
            "class Box:\n"
            "    def used(self):\n        return 'by_word'\n"
            "\n\n"
            "class Empty:\n    pass\n\n"
            "def by_word(empty=Empty):\n    return Box().used()\n"
        )
    }


def test_a_method_that_only_a_bare_name_names_is_dropped_and_what_nobody_reads() -> None:
    text = (
        "class Box:\n"
        "    def __init__(self, seen):\n"
        "        self.seen = seen\n"
        "        self.lost = 0\n"
        "        self.told = print(seen)\n"
        "    def count(self):\n        self.lost += 1\n"
        "    def lost_bytes(self):\n        lost_bytes = self.seen\n        return lost_bytes\n"
        "    def turn(self):\n        lost_bytes = self.count()\n        return lost_bytes\n"
    )
    assert drop_unused({"m.py": text}, "Box(1).turn()") == {
        "m.py": (
            "class Box:\n"
            "    def __init__(self, seen):\n"
            "        pass\n"
            "        pass\n"
            "        self.told = print(seen)\n"
            "    def count(self):\n        pass\n"
            "\n\n\n"
            "    def turn(self):\n        lost_bytes = self.count()\n        return lost_bytes\n"
        )
    }


CHAIN = """class First:
    def __init__(self):
        self.n = 1
    def both(self):
        return self.n + self.more()

"A module's docstring."
class Second(First):
    "More of it."; del __module__, __qualname__
    def more(self):
        return 10
class Third(Second):
    def both(self):
        return 5 * self.n
    def all(self):
        return self.both() + self.more()
print(Third().all())
"""


def test_a_class_and_its_only_heir_become_one(tmp_path: Path) -> None:
    merged = merge_heirs(CHAIN)
    assert merged.count("class ") == 1
    assert len(merged.splitlines()) == len(CHAIN.splitlines())
    assert merged.splitlines()[9] == "    def more(self):", "lines keep their numbers"
    assert said_by({"m.py": CHAIN}, tmp_path / "apart", "import m") == "15\n"
    assert said_by({"m.py": merged}, tmp_path / "merged", "import m") == "15\n"


@pytest.mark.parametrize(
    "text",
    [
        "class A:\n    pass\nx = 1\nclass B(A):\n    pass\n",
        "class A:\n    pass\nclass B(A):\n    pass\nA()\n",
        "class A:\n    pass\nclass B(A):\n    pass\nclass C(A):\n    pass\n",
        "class A:\n    pass\nclass B(A, C):\n    pass\n",
        "class A:\n    pass\nclass B(A):\n    def f(self):\n        return super().f()\n",
    ],
)
def test_a_class_that_is_more_than_its_heirs_beginning_stays(text: str) -> None:
    assert merge_heirs(text) == text


@pytest.fixture(scope="module")
def program() -> dict[str, str]:
    """Joining the whole program takes seconds."""
    return program_text()


def test_of_the_box_only_what_starts_it_stays_apart(program: dict[str, str]) -> None:
    assert set(program) == {
        "program.py",
        "firmware/__init__.py",
        "firmware/car_terms.py",
        "firmware/rental_table.py",
        "firmware/reopen_table.py",
        "firmware/service_table.py",
        "firmware/table_packer.py",
        "firmware/technician.py",
        "firmware/terms.py",
        "firmware/terms_fields.py",
        "hal/__init__.py",
        "hal/pn532_licences.py",
    }


def test_what_a_board_freezes_is_the_same_program(
    program: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.vm.frozen.program_text", lambda: program)
    assert main([str(tmp_path)]) == 0
    assert "program" in (tmp_path / "manifest.py").read_text()
    written = {
        path.relative_to(tmp_path / "program").as_posix(): path.read_text()
        for path in (tmp_path / "program").rglob("*.py")
    }
    assert written == program
    assert main([]) == 2
