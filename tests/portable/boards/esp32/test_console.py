"""The technician's cable at an ESP32: in service, bare, asleep, and the way to the prompt."""

import binascii
import os
import sys

from boards.bare_file import digest_of
from boards.box import RestartError
from firmware.console_door import SILENT_MS
from firmware.wire.console_key import answer_to, read_question
from tests.portable.boards.box_rig import CAR, KEY, PASSWORD
from tests.portable.boards.esp32.whole_box import (
    Board,
    Car,
    ConsoleLink,
    chips,
    config_text,
    esp32_main,
    watchdog_timer,
)
from tests.portable.firmware.loop_rig import NOW
from tests.portable.hal.esp32 import chip_modules
from tests.portable.hal.esp32.chip import BECAME_OUTPUT, Chip, ChipResetError, power_on

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

#: Two hours before anything: nothing is shown, and the chip sleeps where it may.
QUIET_S = NOW - 7200
_CHUNK = 66


def folder() -> str:
    """One that is nobody else's."""
    for name in ("build", "build/esp32-console"):
        try:
            os.mkdir(name)
        except OSError:
            pass
    for number in range(1000):
        found = "build/esp32-console/%d" % number
        try:
            os.mkdir(found)
        except OSError:
            continue
        return found + "/"
    raise RuntimeError("no folder can be made: remove build/esp32-console")


def removed(path: str) -> None:
    for name in os.listdir(path):
        os.remove(path + name)
    os.rmdir(path[:-1])


def say(car: Car, line: str, ms: int = 1000) -> str:
    """Type a line; what the box said within that time."""
    car.chip.console.put(line.encode() + b"\r")
    car.run_ms(ms)
    return car.chip.console.take().decode()


def resets(call: "Callable[[], object]") -> bool:
    try:
        call()
    except ChipResetError:
        return True
    return False


def test_the_link_takes_what_is_there_and_waits_for_nothing() -> None:
    """The cable's other end fails on a read of more than there is."""
    cable = power_on().console
    link = ConsoleLink(cable, cable, cable)
    buffer = bytearray(8)
    assert (link.any(), link.readinto(buffer), link.reads) == (0, 0, 0)
    cable.put(b"\x03\x01status of it\r")
    assert (link.any(), link.readinto(buffer)) == (15, 8)
    assert bytes(buffer) == b"\x03\x01status"
    assert link.readinto(memoryview(buffer)[6:]) == 2
    assert bytes(buffer) == b"\x03\x01stat o"
    assert link.readinto(buffer) == 5
    assert (link.any(), link.reads) == (0, 3)
    assert link.write(b"car\r\n> ") == 7
    assert cable.take() == b"car\r\n> "


def test_a_host_that_does_not_read_costs_one_write_in_half_a_minute() -> None:
    chip = power_on()
    cable = chip.console
    link = ConsoleLink(cable, cable, cable)
    cable.room = 10
    assert link.write(b"x" * 64) == 10
    for _ in range(290):
        chip.pass_ms(100)
        assert link.write(b"x" * 64) == 0
    assert cable.writes == 1
    cable.room = -1
    chip.pass_ms(1_100)
    assert link.write(b"x" * 64) == 64
    assert link.write(b"x" * 64) == 64


def test_in_service_the_cable_has_the_console_and_nothing_behind_it() -> None:
    car = Car(wall_s=QUIET_S)
    car.start()
    car.run_ms(500)
    car.chip.console.put(b"\r\x03\x03\x01\x04\x05A\x01")  # how mpremote asks for the raw prompt
    said = say(car, "")
    assert "Kagibako, the box of car %s. Type help." % CAR in said
    assert ">>>" not in said and "raw REPL" not in said
    assert "car         %s\r\n" % CAR in say(car, "version")
    assert "prompt is locked: type unlock 3" in say(car, "prompt")
    assert car.box.loop.state == "vacant"


def test_tech_4_level_3_opens_the_prompt_with_outputs_at_rest() -> None:
    """And an hour later the watchdog ends it: a box that was forgotten there is back in service."""
    car = Car(wall_s=QUIET_S)
    car.start()
    car.run_ms(500)
    said = say(car, "unlock 3")
    at = said.index("KB1-")
    found = read_question(said[at : at + 15])
    assert found is not None
    key, who = binascii.unhexlify(KEY), binascii.unhexlify(CAR)
    assert "3, prompt" in say(car, "answer " + answer_to(key, who, found[0], 3))
    assert "battery_times_1000" in say(car, "set")  # of the box's own, the ESP32's last
    reason = ""
    try:
        said = say(car, "prompt")
    except RestartError as error:
        reason = str(error)
    assert reason == "prompt", said
    assert b"the prompt comes" in car.chip.console.take()
    car.board.make_safe()
    assert not resets(lambda: car.board.restart(reason))
    feed: "Any" = chip_modules.Timer.running["callback"]
    chip = car.chip
    for _ in range(watchdog_timer.FEED_FOR_MS // 5_000):
        chip.ms += 5_000
        feed(None)
        assert chip.fed_ms == chip.ms
    chip.ms += 5_000
    feed(None)
    assert chip.fed_ms < chip.ms


def test_a_sleeping_box_hears_a_break_and_then_stays_awake_for_who_types() -> None:
    """A byte that comes while the chip sleeps is lost; a line that is low for long is seen."""
    for is_s3 in (False, True):
        car = Car(is_s3, wall_s=QUIET_S)
        line = car.chip.pin(chips.CONSOLE_RX_S3 if is_s3 else chips.CONSOLE_RX)
        line.driven = 1
        car.start(board={"light_sleep": True})
        car.run_ms(20_500)  # joins for 20 s, rests 5
        assert car.chip.light_slept_ms > 0
        line.driven = 0
        car.run_ms(250)
        line.driven = 1
        assert not line.is_output
        slept = car.chip.light_slept_ms
        car.run_ms(3_000)
        assert car.chip.light_slept_ms == slept
        assert "car         " in say(car, "version", 2_000)
        assert car.chip.light_slept_ms == slept
        car.run_ms(15_000)
        assert car.chip.light_slept_ms == slept


def test_a_line_that_is_low_for_good_keeps_no_box_awake() -> None:
    """An adapter without power pulls it down: that is no break, and no reason to drain a battery."""
    car = Car(wall_s=QUIET_S)
    car.chip.pin(chips.CONSOLE_RX).driven = 0
    car.start(board={"light_sleep": True})
    car.run_ms(21_000)
    assert car.chip.light_slept_ms > 0


def test_it_sleeps_again_when_the_console_is_closed_for_silence() -> None:
    car = Car(wall_s=QUIET_S)
    car.start(board={"light_sleep": True})
    board = car.board
    board._heard = board.console.reads - 1
    now_ms = board._clock.now_ms()
    assert board._is_spoken_to(now_ms)
    assert board._is_spoken_to((now_ms + SILENT_MS - 1) & 0x3FFFFFFF)
    assert not board._is_spoken_to((now_ms + SILENT_MS) & 0x3FFFFFFF)
    assert not board._is_spoken_to((now_ms + SILENT_MS + 1) & 0x3FFFFFFF)


class Technician:
    """Types into a chip whose program never comes back, and reads what it says."""

    def __init__(self, chip: Chip, lines: "list[bytes]") -> None:
        self.said = b""
        self._chip = chip
        self._lines = lines
        chip.world = self._happen

    def _happen(self) -> bool:
        cable = self._chip.console
        self.said += cable.take()
        is_asked = self.said.endswith(b"bare> ") or not self.said
        if self._chip.ms > 60_000 and is_asked and self._lines and not cable.typed:
            self.said += b"\n"
            cable.put(self._lines.pop(0) + b"\r")
        return True


def provisioning(data: bytes) -> "list[bytes]":
    lines = [b"version", b"provision begin box.json %d %s" % (len(data), digest_of(data).encode())]
    for at in range(0, len(data), _CHUNK):
        part = binascii.b2a_base64(data[at : at + _CHUNK]).strip()
        lines.append(b"provision line %d %s" % (at, part))
    return lines + [b"provision end"]  # noqa: RUF005 - MicroPython's unpacking allocates as well


def test_without_a_configuration_it_is_bare_until_one_was_brought() -> None:
    """Outputs at rest, the watchdog fed, and then a start anew that finds it."""
    car = Car()
    where = folder()
    esp32_main._FOLDER = where
    data = config_text().encode()
    host = Technician(car.chip, provisioning(data))
    assert resets(esp32_main.main)
    assert b"bare        box.json: there is none;" in host.said
    assert b"board       esp32\r\n" in host.said
    assert PASSWORD.encode() not in host.said
    assert car.chip.ms > 60_000  # it would have bitten otherwise
    outputs = [event[2:] for event in car.chip.events if event[1] == BECAME_OUTPUT]
    for name in ("unlock", "lock", "release", "block", "hazard", "enable"):
        assert (car.pin[name], 0) in outputs
        assert car.changes(name) == []
    board = Board(False, where)
    found = esp32_main.read_config(board, where)
    assert not isinstance(found, str) and found.car == CAR
    # `bare` at the console: put aside, and a start anew.
    assert resets(lambda: board.restart("bare"))
    assert os.listdir(where) == ["box.old"]
    assert "there is none" in str(esp32_main.read_config(board, where))
    removed(where)


def test_a_mistake_that_only_this_board_sees_makes_it_bare_too() -> None:
    """A reset would not mend it; the sentence is there for who asks."""
    for changes, sentence in (
        ({"board": {"postion": True}}, "box.json: board: postion: unknown"),
        ({"network": "modem"}, "box.json: network: modem is nothing"),
        ({"tls": True, "ca": "ca.der"}, "box.json: ca: there is no file ca.der"),
    ):
        car = Car()
        where = folder()
        esp32_main._FOLDER = where
        with open(where + "box.json", "w") as file:
            file.write(config_text(**changes))
        host = Technician(car.chip, [b"version", b"prompt"])
        started = chip_modules.Timer.started
        assert not resets(esp32_main.main)
        assert sentence.encode() in host.said
        assert chip_modules.Timer.started == started + 1
        removed(where)


def test_what_it_could_not_be_is_refused_over_the_cable_and_nothing_is_written() -> None:
    """TECH-4: a box that took it would be bare again, and `fleetd provision` have said *in service*."""
    for changes, sentence in (
        ({"network": "modem"}, "box.json: network: modem is nothing that an ESP32 box has"),
        ({"board": {"clock_chip": True}}, "box.json: board: clock_chip: a plain ESP32 has no pins"),
        ({"tls": True, "ca": "ca.der"}, "box.json: ca: there is no file ca.der beside it"),
    ):
        car = Car()
        where = folder()
        esp32_main._FOLDER = where
        data = config_text(**changes).encode()
        host = Technician(car.chip, provisioning(data) + [b"prompt"])  # noqa: RUF005
        assert not resets(esp32_main.main)
        assert sentence.encode() in host.said
        assert os.listdir(where) == []
        removed(where)


def print_like(error: object) -> None:
    """What CPython lacks; here without the memory for it."""
    raise MemoryError(str(error))


class Micropython:
    """What `start.py` tells the interpreter."""

    def __init__(self, said: "list[str]") -> None:
        self._said = said

    def kbd_intr(self, char: int) -> None:
        self._said.append("kbd_intr %d" % char)


def test_whatever_ends_the_program_but_the_prompt_is_a_start_anew() -> None:
    """TECH-4: neither Ctrl-C nor an exception leaves the interpreter to who has the cable."""
    with open("boards/esp32/start.py") as file:
        text = file.read()
    said: "list[str]" = []
    modules: "dict[str, Any]" = sys.modules
    had_main, had_print = esp32_main.main, getattr(sys, "print_exception", None)
    had = modules.get("micropython")
    modules["micropython"] = Micropython(said)
    before = chip_modules.install()
    module: "Any" = esp32_main
    system: "Any" = sys
    try:
        if had_print is None:
            system.print_exception = print_like
        for error in (None, KeyboardInterrupt, MemoryError, SystemExit, ValueError("a bug")):
            del said[:]
            power_on()

            def main(error: "Any" = error) -> None:
                said.append("main")
                if error is not None:
                    raise error

            module.main = main
            assert resets(lambda: exec(text, {"__name__": "__main__"})) == (error is not None)
            assert said == ["kbd_intr -1", "main"]
    finally:
        module.main = had_main
        chip_modules.give_back(before)
        del modules["micropython"]
        if had is not None:
            modules["micropython"] = had
        if had_print is None:
            del system.print_exception
