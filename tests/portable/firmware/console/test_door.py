"""The console is there when somebody types, and gone when nobody does."""

from firmware.compat import IS_MICROPYTHON
from firmware.console_door import SILENT_MS
from firmware.ticks import FAR_MS, ticks_add, ticks_diff
from tests.portable.firmware.console.console_rig import ConsoleRig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Gate:
    closed = 0

    def poll(self, now_ms: int) -> None:
        """Never over by itself."""

    def left_ms(self, now_ms: int) -> int:
        return SILENT_MS

    def close(self) -> None:
        self.closed += 1


def test_nothing_is_said_and_nothing_loaded_until_a_byte_comes() -> None:
    rig = ConsoleRig()
    for _ in range(100):
        assert not rig.turn(1000)
    assert rig.door.next_ms == FAR_MS
    assert rig.cable.bytes_written == 0
    rig.cable.put(b"\r")
    assert rig.turn() is True
    assert rig.door.is_open
    said = str(rig.hear(), "ascii")
    assert said == "Kagibako, the box of car 4b4700000001. Type help.\r\n> \r\n> "


def test_a_quiet_console_wants_no_turn_before_its_silence_is_over() -> None:
    rig = ConsoleRig()
    rig.open()
    assert rig.turn(1) is False
    due_ms = ticks_add(rig.box.now_ms, 2 * SILENT_MS)
    left_ms = ticks_diff(rig.door.follow(due_ms), rig.box.now_ms)
    assert SILENT_MS - 100 < left_ms <= SILENT_MS
    sooner_ms = ticks_add(rig.box.now_ms, 500)
    assert rig.door.follow(sooner_ms) == sooner_ms


def test_while_it_has_something_to_do_the_next_turn_is_due_at_once() -> None:
    rig = ConsoleRig()
    rig.open()
    rig.cable.put(b"status\r")
    rig.box.after(1)
    assert rig.door.follow(ticks_add(rig.box.now_ms, 1000)) == rig.box.now_ms


def test_after_15_minutes_without_a_byte_it_is_closed_and_locked() -> None:
    rig = ConsoleRig()
    gate = Gate()
    rig.inside.gate = gate
    rig.open()
    rig.inside.level = 2
    rig.turn(SILENT_MS - 1000)
    assert rig.door.is_open
    rig.cable.put(b"x")
    rig.turn()
    rig.turn(SILENT_MS - 1000)
    assert (rig.door.is_open, rig.inside.level, gate.closed) == (True, 2, 0)
    rig.taken()
    rig.turn(1000)
    assert (rig.door.is_open, rig.inside.level, gate.closed) == (False, 0, 1)
    assert rig.taken().startswith(b"\r\nclosed: no key for 15 minutes")
    rig.turn(1000)
    assert gate.closed == 1
    assert rig.ask("version")[1] == "car         4b4700000001"


def test_a_live_answer_does_not_keep_it_open() -> None:
    rig = ConsoleRig()
    rig.open()
    rig.cable.put(b"sensors live\r")
    for _ in range(100):
        rig.turn(SILENT_MS // 80)
        rig.taken()
    assert not rig.door.is_open


def test_when_the_cable_goes_it_is_closed_and_locked_at_once() -> None:
    rig = ConsoleRig()
    rig.open()
    rig.inside.level = 1
    rig.cable.is_there = False
    rig.turn()
    assert (rig.door.is_open, rig.inside.level) == (False, 0)
    rig.cable.put(b"\r\r\r")
    rig.turn()
    assert not rig.door.is_open
    rig.cable.is_there = True
    rig.turn()
    assert rig.door.is_open


def test_a_terminal_that_takes_nothing_is_waited_for_calmly() -> None:
    rig = ConsoleRig()
    rig.open()
    rig.cable.is_stuck = True
    rig.cable.put(b"status\r")
    soon = [rig.turn() for _ in range(100)]
    assert not any(soon[50:])
    assert rig.door.next_ms == 20
    rig.cable.is_stuck = False
    assert b"journal " in rig.hear()


def test_without_memory_it_says_so_and_tries_again_later() -> None:
    rig = ConsoleRig()
    import firmware.console.console

    console: "Any" = firmware.console.console
    whole = console.Console

    def none(*_: object) -> None:
        raise MemoryError

    console.Console = none
    rig.cable.put(b"\r")
    try:
        rig.turn()
        assert rig.taken().startswith(b"\r\nno memory for the console")
        if IS_MICROPYTHON:  # it was unloaded
            import firmware.console.console

            assert firmware.console.console is not console
    finally:
        console.Console = whole
    rig.cable.put(b"\r")
    rig.turn(9000)
    assert not rig.door.is_open
    assert rig.taken() == b""
    rig.cable.put(b"\r")
    rig.turn(2000)
    assert rig.door.is_open


def test_closed_it_is_unloaded() -> None:
    import sys

    rig = ConsoleRig()
    rig.ask("status")
    assert "firmware.console.look" in sys.modules
    rig.cable.is_there = False
    rig.turn()
    loaded = [name for name in sys.modules if name.startswith("firmware.console.")]
    assert (loaded == []) == IS_MICROPYTHON
    assert "firmware.console_door" in sys.modules
    rig.cable.is_there = True
    assert rig.ask("version")[1] == "car         4b4700000001"
