"""A box that fails at each start: how fast it begins anew, and what it writes for that."""

import configparser
import json
import os
from pathlib import Path

import pytest

from boards.box_config import load
from boards.pi import main, restarts
from boards.pi.board import REASON_FILE, Board
from boards.pi.restarts import LASTING_S, PAUSE_S_MAX, Restarts
from tests.boards.pi.box_process import values

UNIT = Path(main.__file__).with_name("kagibako-box.service")


def pauses_of(folder: Path, lives_s: float, starts: int) -> list[int]:
    """Of programs that live so long each; a process each, as far as it matters."""
    found, now_s = [], 1000.0
    for _ in range(starts):
        found.append(Restarts(folder).begin(now_s))
        now_s += found[-1] + lives_s
    return found


def test_one_that_fails_at_once_begins_less_and_less_often(tmp_path: Path) -> None:
    assert pauses_of(tmp_path, 1, 9) == [0, 0, 2, 4, 8, 16, PAUSE_S_MAX, PAUSE_S_MAX, PAUSE_S_MAX]


def test_one_that_lasted_begins_at_once(tmp_path: Path) -> None:
    assert pauses_of(tmp_path, LASTING_S, 5) == [0] * 5
    assert pauses_of(tmp_path, LASTING_S - 1, 5)[-1] > 0


def test_one_that_was_stopped_begins_at_once(tmp_path: Path) -> None:
    assert pauses_of(tmp_path, 1, 5)[-1] > 0
    Restarts(tmp_path).forget()
    assert pauses_of(tmp_path, 1, 2) == [0, 0]


def test_years_of_failures_and_a_damaged_count_are_no_trouble(tmp_path: Path) -> None:
    path = tmp_path / restarts._FILE
    path.write_text("1000000000 999.0")
    assert Restarts(tmp_path).begin(1000) == PAUSE_S_MAX
    path.write_bytes(b"\xff\xfe")
    assert Restarts(tmp_path).begin(1001) == 0
    assert Restarts(tmp_path / "away").begin(1002) == 0
    assert Restarts(None).begin(1003) == 0


def test_the_program_waits_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It stands where the program begins; a stop while it waits is a stop."""
    slept: list[float] = []
    ran: list[object] = []

    def run(*words: object) -> None:
        ran.append(words)
        raise SystemExit(1)

    def stop(_pause_s: float) -> None:
        raise SystemExit(0)

    path = tmp_path / "box.json"
    path.write_text(json.dumps(values()))
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    monkeypatch.setattr("time.sleep", slept.append)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr("boards.box.run", run)
    for _ in range(4):
        with pytest.raises(SystemExit):
            main.main(["--config", str(path), "--state", str(tmp_path)])
    assert slept == [2, 4]
    assert len(ran) == 4
    assert "3 programs in a row did not last; the next begins in 4 s" in capsys.readouterr().err
    monkeypatch.setattr("time.sleep", stop)
    with pytest.raises(SystemExit):
        main.main(["--config", str(path), "--state", str(tmp_path)])
    assert len(ran) == 4
    assert Restarts(tmp_path).begin(0) == 0


def test_the_unit_keeps_the_count_and_waits_for_the_pause() -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(UNIT)
    service = unit["Service"]
    assert service["RuntimeDirectoryPreserve"] == "yes"
    assert int(service["TimeoutStartSec"]) >= 2 * PAUSE_S_MAX


def test_the_same_reason_is_written_once(tmp_path: Path) -> None:
    """And it stays, for whoever looks later."""
    board = Board(load(json.dumps(values())), tmp_path, tmp_path)
    path = tmp_path / REASON_FILE
    for error in (ZeroDivisionError("a bug\n"), OSError(5, "x" * 3000)):
        board.keep_reason(error)
        os.utime(path, (1, 1))
        before = board.last_reason()
        board.keep_reason(error)
        assert path.stat().st_mtime == 1
        assert board.last_reason() == before
    board.keep_reason(ValueError("another"))
    assert board.last_reason() == "ValueError: another"
