"""`make flash` stops the box's program to ask the board: what it leaves as it was, it starts again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.tools.test_flash_plan import NEW, STOCK, MemoryFiles
from tools import flash, flash_board
from tools.flash_board import BoardError, Who
from tools.flash_files import KINDS
from tools.flash_plan import Wanted


class Board(MemoryFiles):
    """Counts its restarts; `fails` is called where it is asked what is on it."""

    def __init__(self, who: Who, fails: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self.restarts = 0
        self._who = who
        self._fails = fails

    def who(self) -> Who:
        self._fails()
        return self._who

    def calm_watchdog(self) -> None:
        pass

    def restart(self) -> None:
        self.restarts += 1
        self.did.append("restart")


def call(
    monkeypatch: pytest.MonkeyPatch, board: Board, wanted: Wanted = NEW, dry_run: bool = False
) -> None:
    @contextmanager
    def opened(port: str) -> Iterator[Board]:
        yield board

    monkeypatch.setattr(flash_board, "open_board", opened)
    flash._flash(flash.Options(KINDS["esp32s3"], "/dev/null", {}, dry_run), wanted)


def test_a_look_leaves_a_box_that_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    board = Board(STOCK)
    call(monkeypatch, board, dry_run=True)
    assert board.did == ["restart"]


@pytest.mark.parametrize(
    "who",
    [
        STOCK._replace(machine="Kagibako box with ESP32-S3"),  # nothing to put there
        STOCK._replace(machine="Generic ESP32 module with ESP32"),
        STOCK._replace(free_bytes=0),
    ],
)
def test_a_refusal_leaves_a_box_that_runs(monkeypatch: pytest.MonkeyPatch, who: Who) -> None:
    board = Board(who)
    with pytest.raises(BoardError):
        call(monkeypatch, board)
    assert board.did == ["restart"]


def test_interrupted_before_anything_is_changed_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    board = Board(STOCK, interrupted)
    with pytest.raises(KeyboardInterrupt):
        call(monkeypatch, board)
    assert board.did == ["restart"]


def test_half_a_program_is_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    board = Board(STOCK)
    board.damaged = "firmware/loop.mpy"
    with pytest.raises(BoardError, match="reads back other"):
        call(monkeypatch, board)
    assert board.restarts == 0
    board.damaged = ""
    call(monkeypatch, board)
    assert board.did[-1] == "restart"
