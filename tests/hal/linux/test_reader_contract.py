"""nfcpy in its watched process keeps the reader's contract: with a PN532, and with an RC-S380."""

import select
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from firmware.ticks import ticks_diff
from hal.linux.clock import LinuxClock
from hal.linux.reader_nfcpy import NfcpyReader
from simulator.chips.iso14443b import Iso14443bCard
from tests.hal.linux.chip_thread import ChipThread, clock_us
from tests.portable.hal.contracts import card_reader

WORDS = [sys.executable, "-m", "tests.hal.linux.hurried_child"]


class Device(Protocol):
    """What is at the other end of the process."""

    @property
    def looks(self) -> int: ...
    def put(self, ident: bytes) -> None: ...
    def put_licence(self, pupi: bytes, changes: bool) -> None: ...
    def take_away(self) -> None: ...
    def fail(self) -> None: ...
    def mend(self) -> None: ...


class Pn532:
    """The simulated chip on its pseudo-terminal."""

    def __init__(self, thread: ChipThread) -> None:
        self._thread = thread
        self._chip = thread.terminal.chip
        self.put = thread.present
        self.take_away = thread.remove

    @property
    def looks(self) -> int:
        return self._chip.commands_run

    def put_licence(self, pupi: bytes, changes: bool) -> None:
        """A quick one, since nfcpy gives it no time to start."""

        def exchange() -> None:
            self._chip.remove(clock_us())
            card = Iso14443bCard(pupi, changes, start_up_us=300)
            self._chip.present(card, clock_us())

        self._thread.do(exchange)

    def fail(self) -> None:
        self._thread.do(self._chip.die)

    def mend(self) -> None:
        self._thread.do(self._chip.revive)


class Rcs380:
    """That of `hurried_child.py`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.take_away()

    @property
    def looks(self) -> int:
        try:
            return (self._folder / "looks").stat().st_size
        except FileNotFoundError:
            return 0

    def put(self, ident: bytes) -> None:
        (self._folder / "next").write_bytes(ident)
        (self._folder / "next").replace(self._folder / "card")

    def put_licence(self, pupi: bytes, changes: bool) -> None:
        raise AssertionError(f"it knows no type B: {pupi!r} {changes}")

    def take_away(self) -> None:
        self.put(b"")

    def fail(self) -> None:
        (self._folder / "dead").touch()

    def mend(self) -> None:
        (self._folder / "dead").unlink()


class Board:
    """Polls the reader when its process has said something, and when it is due."""

    def __init__(self, device: Device, words: list[str]) -> None:
        self.now_ms = LinuxClock().now_ms
        self.reader = NfcpyReader(words, self.now_ms())
        self._device = device
        self.put = device.put
        self.put_licence = device.put_licence
        self.take_away = device.take_away
        self.fail = device.fail
        self.mend = device.mend

    @property
    def looks(self) -> int:
        return self._device.looks

    def turn(self) -> bytes | None:
        """50 ms at most: what is waited for may be at the other end."""
        reader = self.reader
        wait_ms = max(0, min(50, ticks_diff(reader.next_due_at_ms, self.now_ms())))
        sources = [reader.fileno()] if reader.fileno() >= 0 else []
        select.select(sources, [], [], wait_ms / 1000)
        return reader.poll(self.now_ms())

    def again(self) -> tuple[NfcpyReader, "Board"]:
        """The same reader, with nobody there and nothing on its way."""
        self.reader.set_eager(True)
        self.take_away()
        until = self.looks + 15
        for _ in range(2000):
            is_quiet = self.looks >= until
            self.turn()
            if is_quiet:
                return self.reader, self
        raise AssertionError("it does not look")


@pytest.fixture(scope="module")
def pn532() -> Iterator[Board]:
    with ChipThread() as thread:
        board = Board(Pn532(thread), [*WORDS, "pn532", thread.path, "ffff", "licences"])
        yield board
        board.reader.close()


@pytest.fixture(scope="module")
def rcs380(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    folder = tmp_path_factory.mktemp("rcs380")
    board = Board(Rcs380(folder), [*WORDS, "rcs380", str(folder), "ffff"])
    yield board
    board.reader.close()


Check = Callable[[Callable[[], tuple[NfcpyReader, Board]]], None]


@pytest.mark.parametrize("check", card_reader.ALL + card_reader.LICENCES)
def test_with_a_pn532(check: Check, pn532: Board) -> None:
    check(pn532.again)
    assert pn532.reader.starts == 1


@pytest.mark.parametrize("check", card_reader.ALL)
def test_with_an_rcs380(check: Check, rcs380: Board) -> None:
    check(rcs380.again)
    assert rcs380.reader.starts == 1
