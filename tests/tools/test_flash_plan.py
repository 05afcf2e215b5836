"""Which files go onto a board, in which order, and what is said when they cannot."""

import ast
import hashlib

import pytest

from boards.esp32 import pins
from fleetd.console import provision
from simulator.vm.linked import module_of, without_typing
from simulator.vm.missing import LinkError, require_all
from tools import flash_files, flash_plan, tree
from tools.flash_board import BoardError, Who
from tools.flash_files import KINDS
from tools.flash_plan import Wanted

STOCK = Who(
    version="3.4.0; MicroPython v1.29.0 on 2026-08-29",
    mpy=(6, 3),
    machine="Generic ESP32S3 module with Octal-SPIRAM with ESP32-S3",
    memory=8_000_000,
    absent=[],
    block_bytes=4096,
    free_bytes=6_000_000,
)
PROGRAM = {"firmware/__init__.mpy": b"", "firmware/loop.mpy": b"loop", "hal/fifo.mpy": b"fifo"}
MAIN = b"import boards.esp32.main\n"
NEW = Wanted(PROGRAM, MAIN, {})


class MemoryFiles:
    """Files of a board in memory; `damaged` is a path that never keeps what is written to it."""

    def __init__(self, damaged: str = "", **there: bytes) -> None:
        self.there = {path.replace("__", "/", 1): data for path, data in there.items()}
        self.damaged = damaged
        self.did: list[str] = []

    def list(self, folders: tuple[str, ...], files: tuple[str, ...]) -> dict[str, str]:
        found = {}
        for path, data in self.there.items():
            if path in files or path.partition("/")[0] in folders:
                found[path] = hashlib.sha256(data).hexdigest()
                for depth in range(1, path.count("/") + 1):
                    found["/".join(path.split("/")[:depth])] = ""
        return found

    def make_folder(self, path: str) -> None:
        self.did.append(f"folder {path}")

    def remove(self, path: str) -> None:
        self.did.append(f"remove {path}")
        del self.there[path]

    def remove_folder(self, path: str) -> None:
        assert not [one for one in self.there if one.startswith(path + "/")]
        self.did.append(f"remove {path}/")

    def write(self, path: str, content: bytes) -> None:
        self.did.append(f"write {path}")
        self.there[path] = content[:-1] + b"?" if path == self.damaged else content

    replace = write

    def who(self) -> Who:
        return STOCK


def flash(board: MemoryFiles, wanted: Wanted = NEW) -> None:
    steps = flash_plan.compare(board, wanted)
    flash_plan.carry_out(board, wanted, steps, lambda number, count, path: None)


def test_an_empty_board_gets_all_and_main_last() -> None:
    board = MemoryFiles()
    flash(board, Wanted(PROGRAM, MAIN, {"ca.der": b"ca", "box.json": b"{}"}))
    assert board.did == [
        "folder firmware", "folder hal", "write firmware/__init__.mpy", "write firmware/loop.mpy",
        "write hal/fifo.mpy", "write ca.der", "write box.json", "write main.py",
    ]  # fmt: skip


def test_what_is_equal_is_left_alone() -> None:
    board = MemoryFiles()
    flash(board)
    board.did.clear()
    flash(board)
    assert board.did == []


def test_main_goes_before_anything_changes() -> None:
    board = MemoryFiles()
    flash(board)
    board.did.clear()
    flash(board, Wanted({**PROGRAM, "hal/fifo.mpy": b"other"}, MAIN, {}))
    assert board.did == ["remove main.py", "write hal/fifo.mpy", "write main.py"]


def test_a_new_configuration_leaves_the_program_alone() -> None:
    board = MemoryFiles()
    flash(board, Wanted(PROGRAM, MAIN, {"box.json": b"{}"}))
    board.did.clear()
    flash(board, Wanted(PROGRAM, MAIN, {"box.json": b"{1}"}))
    assert board.did == ["write box.json"]


def test_no_configuration_given_leaves_that_of_the_board() -> None:
    board = MemoryFiles()
    flash(board, Wanted(PROGRAM, MAIN, {"box.json": b"{}"}))
    flash(board)
    assert board.there["box.json"] == b"{}"
    assert flash_plan.compare(board, NEW).has_config
    assert not flash_plan.compare(MemoryFiles(), NEW).has_config


def test_an_earlier_version_goes_and_strange_files_stay() -> None:
    strange = {"lib/mine.py": b"1", "boards/old/notes.txt": b"2", "mine.py": b"4"}
    board = MemoryFiles()
    board.there = {
        **strange,
        "firmware/loop.py": b"shadows the compiled one",
        "firmware/old/older/part.mpy": b"old",
        "boards/old/board.mpy": b"old",
        "boot.py": b"# a moment in which Ctrl-C leads to the prompt",
    }
    flash(board)
    assert board.there == {**strange, **PROGRAM, "main.py": MAIN}
    assert board.did[:6] == [
        "remove boards/old/board.mpy", "remove boot.py", "remove firmware/loop.py",
        "remove firmware/old/older/part.mpy", "remove firmware/old/older/", "remove firmware/old/",
    ]  # fmt: skip


@pytest.mark.parametrize("damaged", ["firmware/loop.mpy", "main.py"])
def test_what_reads_back_wrong_is_named(damaged: str) -> None:
    board = MemoryFiles(damaged=damaged)
    with pytest.raises(BoardError, match=f"{damaged} reads back other"):
        flash(board)
    assert ("main.py" in board.there) == (damaged == "main.py")


def test_after_damage_only_that_file_is_written() -> None:
    board = MemoryFiles()
    flash(board)
    board.there["firmware/loop.mpy"] = b"lo?p"
    assert list(flash_plan.compare(board, NEW).write) == ["firmware/loop.mpy"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"mpy": (6, 2)}, r"compiled files v6.2\); v6.3 is needed: put stock MicroPython 1.29"),
        ({"mpy": (0, 0)}, "compiled files none"),
        ({"machine": "Generic ESP32 module with ESP32"}, "this is no ESP32-S3"),
        ({"absent": ["journal"]}, "no partition journal, .*boards/esp32/README.md"),
        ({"memory": 300_000}, "no PSRAM .*300,000 bytes.* boards/esp32/README.md"),
    ],
)
def test_a_board_that_will_not_do_is_told(change: dict[str, object], said: str) -> None:
    with pytest.raises(BoardError, match=said):
        flash_plan.check_board(STOCK._replace(**change), KINDS["esp32s3"])  # type: ignore[arg-type]


def test_a_board_that_will_do() -> None:
    flash_plan.check_board(STOCK, KINDS["esp32s3"])
    flash_plan.check_board(STOCK._replace(memory=-1), KINDS["esp32s3"])
    plain = STOCK._replace(machine="Generic ESP32 module with SPIRAM with ESP32")
    flash_plan.check_board(plain, KINDS["esp32"])


def test_a_box_with_its_program_frozen_in_gets_its_configuration_alone() -> None:
    """Files of a program would hide the frozen one; those of an earlier use go."""
    definition = (tree.ROOT / "boards" / "esp32" / "mpconfigboard.h").read_text(encoding="utf-8")
    assert f'MICROPY_HW_BOARD_NAME "{flash_plan.OWN_IMAGE.strip()}"' in definition
    for name, machine in (("esp32", "ESP32"), ("esp32s3", "ESP32-S3")):
        own = STOCK._replace(machine=f"Kagibako box with {machine}", memory=180_000)
        assert flash_plan.has_own_image(own)
        flash_plan.check_board(own, KINDS[name])
    assert not flash_plan.has_own_image(STOCK)
    with pytest.raises(BoardError, match=r"in the board's image already .* give CONFIG=box.json"):
        flash_plan.without_program(NEW)
    board = MemoryFiles()
    flash(board)
    board.did.clear()
    wanted = flash_plan.without_program(Wanted(PROGRAM, MAIN, {"box.json": b"{}"}))
    flash(board, wanted)
    assert board.there == {"box.json": b"{}"}
    board.did.clear()
    flash(board, wanted)
    assert board.did == []


def test_too_little_space_is_told_before_anything_is_done() -> None:
    """Whole blocks: three files of a few bytes and two new folders take seven of them."""
    steps = flash_plan.compare(MemoryFiles(), NEW)
    needed = 3 * 4096 + 2 * 2 * 4096
    enough = flash_plan.SPARE_BYTES + needed
    flash_plan.check_space(STOCK._replace(free_bytes=enough), steps)
    with pytest.raises(BoardError, match=f"{needed:,} and {flash_plan.SPARE_BYTES:,} to spare"):
        flash_plan.check_space(STOCK._replace(free_bytes=enough - 1), steps)


def test_what_belongs_on_a_board() -> None:
    files = set(flash_files.program_files(KINDS["esp32s3"]))
    assert {"firmware/loop.py", "firmware/wire/codes.py", "hal/pn532.py", "boards/box.py"} <= files
    assert {"boards/__init__.py", "boards/pin_table.py", "boards/box_config.py"} <= files
    for path in files:
        assert not path.startswith(("hal/fake", "hal/linux", "boards/sim/", "boards/pi/")), path
    assert "firmware/wire/packets_endpoint.py" not in files
    assert "boards/esp32/manifest.py" not in files
    assert "boards/esp32/start.py" not in files


def test_another_kind_of_board_has_its_own_files_and_its_name_is_known_where_it_is_provisioned() -> (
    None
):
    other = KINDS["esp32"]._replace(folders=("boards/pi",), main="boards/pi/__main__.py")
    files = set(flash_files.program_files(other))
    assert {"boards/pi/board.py", "boards/box.py", "firmware/loop.py"} <= files
    assert not [path for path in files if "/esp32/" in path or path == other.main]
    assert set(KINDS) < set(provision.BOARDS)


def test_whatever_a_file_on_the_board_imports_is_there_too() -> None:
    texts = {
        path: (tree.ROOT / path).read_text(encoding="utf-8")
        for path in flash_files.program_files(KINDS["esp32s3"])
    }
    trees = {module_of(path): ast.parse(without_typing(text)) for path, text in texts.items()}
    require_all(trees)
    del trees["boards.esp32.own"]
    with pytest.raises(LinkError, match=r"^boards\.esp32\.board needs boards\.esp32\.own\."):
        require_all(trees)


def test_a_pin_used_twice_names_both_users_and_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    assert flash_plan.table_mistakes() == []
    rows = [("lock", 1, 4, 1, 0) if row[0] == "lock" else row for row in pins.ESP32_S3]
    monkeypatch.setattr(pins, "ESP32_S3", tuple(rows))
    assert flash_plan.table_mistakes() == [
        "boards/esp32/pins.py: pin 4 is used by unlock and by lock; give one of them another pin"
    ]
    monkeypatch.setattr(pins, "ESP32_S3", pins.ESP32_S3[1:])
    assert flash_plan.table_mistakes() == [
        "boards/esp32/pins.py: there is no row for unlock; add one"
    ]
