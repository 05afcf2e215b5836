"""A box on a simulated ESP32: its board, a car around it, a reader with a card, its two flashes."""

import json

from firmware.terms import load_terms
from tests.portable.boards.box_rig import AT_REST, CAR, KEY, PASSPHRASE, PASSWORD
from tests.portable.firmware import loop_rig
from tests.portable.hal.esp32 import chip_modules
from tests.portable.hal.esp32.chip import WDT_RESET, Chip, power_on, the_chip
from tests.portable.hal.esp32.chip_flash import RawFlash
from tests.portable.hal.esp32.chip_radio import Air
from tests.portable.hal.esp32.chip_reader import ReaderChip
from tests.portable.hal.esp32.chip_wires import ShiftChain, Wire

_before = chip_modules.install()

from boards.box import Box  # noqa: E402
from boards.box_config import load  # noqa: E402
from boards.esp32 import (  # noqa: E402
    bare_box,
    chips,
    pins,
)
from boards.esp32 import board as board_module  # noqa: E402
from boards.esp32 import main as esp32_main  # noqa: E402
from boards.esp32.board import Board  # noqa: E402
from boards.pin_table import row_of  # noqa: E402
from hal.esp32 import watchdog_timer  # noqa: E402
from hal.esp32.byte_link import ConsoleLink  # noqa: E402
from hal.esp32.clock import RtcClock  # noqa: E402
from hal.esp32.reason import KeptReason  # noqa: E402

chip_modules.give_back(_before)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from boards.box_config import BoxConfig

__all__ = [
    "Board",
    "Box",
    "ConsoleLink",
    "KeptReason",
    "bare_box",
    "chips",
    "esp32_main",
    "pins",
    "watchdog_timer",
]


def open_console() -> ConsoleLink:
    """In the place of the interpreter's own streams."""
    cable = the_chip().console
    return ConsoleLink(cable, cable, cable)


board_module.open_console = open_console  # type: ignore[attr-defined]

_SECTORS = 16
_LOCKED, _BLOCKED = 13, 14


_filled: "list[bytes]" = []


def filled_flashes() -> "tuple[RawFlash, RawFlash]":
    """Journal and copy of a car that knows a booking, its driver's card, and the centre's time."""
    if not _filled:
        _fill()
    flashes = (RawFlash(_SECTORS), RawFlash(_SECTORS, seed=2))
    for flash, contents in zip(flashes, _filled):  # noqa: B905 - MicroPython's has no strict
        flash.contents[:] = contents
    return flashes


def _fill() -> None:
    paper = loop_rig.Box()
    paper.centre.online = True
    paper.after(10)
    paper.put_time(paper.hello().nonce)
    paper.after(10)
    paper.book()
    for _ in range(40):
        paper.after(10)
    _filled.append(bytes(paper.journal_storage.contents))
    _filled.append(bytes(paper.cache_storage.contents))


def config(**changes: "Any") -> "BoxConfig":
    return load(config_text(**changes))


def config_text(**changes: "Any") -> str:
    with open("firmware/profiles/top24-2023.json") as file:
        terms = json.load(file)
    assert load_terms(terms).start_early_s >= 0
    raw = {
        "format": 1,
        "car": CAR,
        "key": KEY,
        "password": PASSWORD,
        "host": "127.0.0.1",
        "port": 1,
        "tls": False,
        "network": {"ssid": "depot", "password": PASSPHRASE},
        "terms": terms,
    }
    raw.update(changes)
    return json.dumps(raw)


class SteadyBoard(Board):
    """The same numbers at each start, and so the same run."""

    def entropy(self) -> bytes:
        return bytes(range(16))


class Car:
    """Everything around one chip, from its power-on."""

    def __init__(
        self, is_s3: bool = False, is_near: bool = False, wall_s: int = loop_rig.NOW
    ) -> None:
        self.chip: Chip = power_on()
        self.chip.is_s3 = is_s3
        self.is_s3 = is_s3
        rows = pins.ESP32_S3 if is_s3 else pins.ESP32
        self.pin = {row[0]: row[2] for row in rows}
        self.name = {row[2]: row[0] for row in rows}
        chip = self.chip
        chip.flash["journal"], chip.flash["copy"] = filled_flashes()
        chip.air = Air("depot", PASSPHRASE)
        chip.air.is_near = is_near
        chip.adc_uv[self.pin["battery"]] = 12_600_000 // 6556 * 1000
        chain = ShiftChain(self.pin["chain_latch"])
        for index in range(15):
            chain.levels[index] = 1 - AT_REST[index]
        chip.chains.append(chain)
        self.chain = chain
        # Somebody has told the time before; since then a reset, and so a new program.
        RtcClock().set_wall(wall_s)
        chip.reset(WDT_RESET)
        chip.events.clear()
        # The wire must be there before the UART opens it.
        chip.wires[2] = Wire()
        self.reader = ReaderChip(chip.wires[2])
        chip.world = self.happen
        chip.bites = True

    def start(self, **changes: "Any") -> Box:
        """A new program on this chip."""
        self.board = SteadyBoard(self.is_s3, "/nowhere/")
        self.box = Box(self.board, config(**changes))
        self.box.start()
        return self.box

    def run_ms(self, ms: int) -> None:
        """Turns and waits."""
        until_ms = self.chip.ms + ms
        while self.chip.ms < until_ms:
            self.board.wait(self.box.turn())

    def happen(self) -> bool:
        """The world of this millisecond: relays, contacts, reader; whether it goes on by itself."""
        for name, contact, level in (
            ("unlock", _LOCKED, 1),
            ("lock", _LOCKED, 0),
            ("release", _BLOCKED, 1),
            ("block", _BLOCKED, 0),
        ):
            if self.is_on(name):
                self.chain.levels[contact] = level
        return self.reader.pass_ms()

    def is_on(self, name: str) -> bool:
        state = self.chip.pin(self.pin[name])
        return state.is_output and state.level == 1

    def changes(self, name: str) -> "list[tuple[int, int]]":
        """(ms, level) of an output's changes, after it became one."""
        number = self.pin[name]
        return [(event[0], event[3]) for event in self.chip.events if event[1:3] == (2, number)]


def contact_of(name: str) -> int:
    return row_of(pins.CONTACTS, name)[2]
