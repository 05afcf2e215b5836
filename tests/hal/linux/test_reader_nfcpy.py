"""nfcpy in its process on the simulated chip: it senses, and outlives the faults that are known."""

import os
import select
import signal
import subprocess
import sys
import termios

import pytest

from firmware.ticks import ticks_add
from hal.linux import nfcpy_devices
from hal.linux.nfcpy_records import CARD, LISTENING, READY
from hal.linux.reader_nfcpy import (
    RESTART_MS_MIN,
    SILENT_AFTER_MS,
    STARTS_WITHIN_MS,
    NfcpyReader,
    command,
)
from tests.hal.linux.chip_thread import WITHIN_S, ChipThread, Watching

IDENT = bytes.fromhex("0101060112AB34CD")
OTHER = bytes.fromhex("0101060112AB34CE")


def test_the_card_is_sensed_and_after_each_known_fault_again() -> None:
    """Card, exchange of cards, chip reset, process killed with the chip at 921600, chip silent."""
    with ChipThread() as chip:
        watching = Watching(command("pn532", chip.path))
        reader = watching.reader
        chip.present(IDENT)
        watching.until_found(IDENT)
        assert reader.is_healthy
        assert chip.rate() == 921600
        chip.present(OTHER)
        watching.until(lambda: OTHER in watching.found)

        # Killed: the chip stays at the rate that nfcpy had set.
        os.kill(reader.pid, signal.SIGKILL)
        watching.until(lambda: not reader.is_healthy)
        assert chip.rate() == 921600
        watching.until_found(OTHER)
        assert reader.is_healthy
        assert reader.starts == 2

        # Reset, as after a brown-out: at 115200 it does not understand its host.
        chip.do(chip.terminal.chip.reset)
        watching.until(lambda: not reader.is_healthy)
        watching.until_found(OTHER)

        # Silent, and back.
        chip.do(chip.terminal.chip.die)
        watching.until(lambda: not reader.is_healthy)
        chip.do(chip.terminal.chip.revive)
        chip.present(IDENT)
        watching.until(lambda: IDENT in watching.found)
        # The process mended these itself.
        assert reader.starts == 2
        assert reader.kills == 0
        reader.close()


def test_an_adapter_that_is_pulled_out_is_trouble_and_no_end() -> None:
    """sense and close raise termios.error then, which is no OSError."""
    chip = ChipThread()
    watching = Watching(command("pn532", chip.path))
    watching.reader.poll(watching.clock.now_ms())
    chip.present(IDENT)
    watching.until_found(IDENT)
    chip.pull_out()
    watching.until(lambda: not watching.reader.is_healthy)
    assert watching.reader.starts == 1
    assert watching.reader.pid
    watching.reader.close()


@pytest.mark.parametrize("rate", [921600, 460800, 230400, 115200])
def test_the_rate_is_found_that_a_crash_has_left(rate: int) -> None:
    with ChipThread() as chip:
        chip.do(lambda: setattr(chip.terminal.chip, "baud", rate))
        alive: list[int] = []
        assert nfcpy_devices.slow_down(chip.path, lambda: alive.append(1)) == rate
        assert alive
        assert nfcpy_devices.slow_down(chip.path, lambda: None) == 115200


def test_no_chip_at_all_is_told_and_every_step_is_a_sign_of_life() -> None:
    with ChipThread() as chip:
        chip.do(chip.terminal.chip.die)
        alive: list[int] = []
        assert nfcpy_devices.slow_down(chip.path, lambda: alive.append(1)) == 0
        assert len(alive) == len(nfcpy_devices.RATES)


HANGS = f"import os,time; os.write(1, {READY!r}+bytes(8)); os.read(0, 1); time.sleep(1e6)"
SILENT = "import time; time.sleep(1e6)"
SAYS = f"import os; os.write(1, {CARD!r}+{IDENT!r}); os.read(0, 1); os.read(0, 1)"


class Told:
    """A reader on a process of the test's, in a time of the test's."""

    def __init__(self, program: str, now_ms: int = 2**30 - 100) -> None:
        self.now_ms = now_ms
        self.reader = NfcpyReader([sys.executable, "-c", program], now_ms)
        assert self.pass_ms(0) is None

    def pass_ms(self, ms: int) -> bytes | None:
        self.now_ms = ticks_add(self.now_ms, ms)
        return self.reader.poll(self.now_ms)

    def hear(self) -> bytes | None:
        assert select.select([self.reader.fileno()], [], [], WITHIN_S)[0]
        return self.pass_ms(0)

    def wait_for_end(self, process: int) -> None:
        assert select.select([process], [], [], WITHIN_S)[0]
        os.close(process)
        assert self.pass_ms(0) is None


def test_one_that_blocks_for_ever_is_killed_and_replaced() -> None:
    """The RC-S380: a read of libusb without a limit."""
    told = Told(HANGS)
    reader = told.reader
    told.hear()
    assert told.pass_ms(SILENT_AFTER_MS - 1) is None
    assert reader.kills == 0
    process = os.pidfd_open(reader.pid)
    told.pass_ms(1)
    assert (reader.kills, reader.is_healthy) == (1, False)
    told.wait_for_end(process)
    assert reader.pid == 0
    told.pass_ms(RESTART_MS_MIN - 1)
    assert reader.pid == 0
    told.pass_ms(1)
    told.hear()
    assert (reader.starts, reader.is_healthy) == (2, True)
    reader.close()


def test_one_that_never_begins_is_replaced_too_but_has_its_time() -> None:
    """A small machine takes seconds to load nfcpy."""
    told = Told(SILENT)
    told.pass_ms(STARTS_WITHIN_MS - 1)
    assert told.reader.kills == 0
    told.pass_ms(1)
    assert told.reader.kills == 1
    told.reader.close()


def test_a_program_that_slept_hears_first_and_judges_then() -> None:
    """A box that was stopped for minutes does not kill a reader that is well."""
    told = Told(SAYS)
    assert select.select([told.reader.fileno()], [], [], WITHIN_S)[0]
    assert told.pass_ms(600_000) == IDENT
    assert told.reader.kills == 0
    assert told.pass_ms(0) is None
    told.reader.close()


def test_safe_3_what_was_told_before_it_listened_is_not_taken_for_a_touch() -> None:
    """Both wait in the pipe while a turn takes long: the card was there before, and has gone."""
    early = CARD + OTHER + LISTENING + bytes(8)
    for said, found in ((early, None), (early + CARD + IDENT, IDENT)):
        told = Told(f"import os; os.write(1, {said!r}); os.read(0, 1); os.read(0, 1)")
        assert told.hear() == found
        assert told.reader.is_listening
        told.reader.close()


def test_what_cannot_be_started_is_tried_seldomer() -> None:
    reader = NfcpyReader(["/nonexistent/python"], 0)
    waits = []
    now_ms = 0
    for _ in range(7):
        reader.poll(now_ms)
        waits.append(reader.next_due_at_ms - now_ms)
        now_ms = reader.next_due_at_ms
    assert waits == [250, 500, 1000, 2000, 4000, 8000, 8000]
    assert reader.fileno() == -1


def test_termios_error_is_no_oserror() -> None:
    """Why so much of this catches Exception."""
    assert not issubclass(termios.error, OSError)


def test_closing_waits_for_no_process_that_the_kernel_does_not_let_go(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Other terms, another reader: it is closed within a turn."""
    reader = NfcpyReader([sys.executable, "-c", SILENT], 0)
    reader.poll(0)
    process = reader._process
    assert process is not None
    limits: list[float | None] = []

    def wait(_: object, timeout: float | None = None) -> int:
        limits.append(timeout)
        raise subprocess.TimeoutExpired([], timeout or 0)

    monkeypatch.setattr(subprocess.Popen, "wait", wait)
    reader.close()
    monkeypatch.undo()
    assert limits[0] is not None
    assert limits[0] <= 0.5
    assert (reader.pid, reader.fileno()) == (0, -1)
    assert f"process {process.pid} is killed and not gone yet" in capsys.readouterr().err
    assert process.wait(WITHIN_S) == -signal.SIGKILL


def test_a_process_that_the_kernel_does_not_let_go_keeps_nobody_awake(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Killed inside a call of the USB driver: what it said before would be ready for ever."""
    says = "import sys, time; sys.stdout.write('R' + 17 * 'A'); sys.stdout.flush(); time.sleep(600)"
    reader = NfcpyReader([sys.executable, "-c", says], 0)
    reader.poll(0)
    assert select.select([reader.fileno()], [], [], WITHIN_S)[0]
    monkeypatch.setattr(subprocess.Popen, "poll", lambda _: None)
    reader.poll(STARTS_WITHIN_MS)
    reader.poll(ticks_add(STARTS_WITHIN_MS, SILENT_AFTER_MS))
    assert reader.kills == 1
    assert reader.pid
    assert reader.fileno() == -1
    monkeypatch.undo()
    reader.close()
