"""The board: what it waits for, and how long at most."""

import contextlib
import json
import os
import signal
import threading
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory

from boards.box import Box
from boards.box_config import load
from boards.pi import board as board_module
from boards.pi.board import Board
from boards.pi.main import EXIT_CONFIG, main
from firmware.ticks import ticks_add, ticks_diff
from hal.enable_line import EDGE_EVERY_MS
from hal.linux.clock import LinuxClock
from tests.boards.pi.box_process import values
from tests.hal.linux.mock_pins import mock_pins

FAR_MS = 100_000


@pytest.fixture
def factory() -> Iterator[MockFactory]:
    with mock_pins() as made:
        yield made


class Line:
    def __init__(self, folder: Path) -> None:
        self.far, self.near = os.openpty()
        tty.setraw(self.far)
        self.path = os.ttyname(self.near)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path)
    yield made
    os.close(made.near)


def built(tmp_path: Path, line: Line) -> tuple[Board, Box]:
    board = {"clock": "machine", "reader": {"port": line.path}}
    config = load(json.dumps(values(board=board)))
    made = Board(config, tmp_path, tmp_path)
    return made, Box(made, config)


def waited_ms(board: Board, left_ms: int) -> int:
    clock = LinuxClock()
    start_ms = clock.now_ms()
    board.wait(ticks_add(start_ms, left_ms))
    return ticks_diff(clock.now_ms(), start_ms)


def test_it_sleeps_to_the_next_edge_at_most(
    factory: MockFactory, tmp_path: Path, line: Line
) -> None:
    """SAFE-6: the enable line is moved though nothing is due for long."""
    board, _ = built(tmp_path, line)
    assert waited_ms(board, FAR_MS) >= EDGE_EVERY_MS - 1
    assert waited_ms(board, 30) >= 29
    assert waited_ms(board, -5) >= 0
    os.close(line.far)


def test_an_input_a_byte_and_a_thread_wake_it(
    factory: MockFactory, tmp_path: Path, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unwoken it would sleep for a minute."""
    monkeypatch.setattr(board_module, "EDGE_EVERY_MS", 60_000)
    board, box = built(tmp_path, line)
    factory.pin(2).drive_low()
    assert waited_ms(board, FAR_MS) < 60_000
    threading.Thread(target=board.wake).start()
    assert waited_ms(board, FAR_MS) < 60_000
    os.write(line.far, b"\0")
    assert waited_ms(board, FAR_MS) < 60_000
    reader_link = box.ports.reader_link
    assert reader_link is not None
    assert reader_link.any() == 1
    os.close(line.far)


def test_an_end_wakes_it_and_lets_no_other_turn_begin(
    factory: MockFactory, tmp_path: Path, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_module, "EDGE_EVERY_MS", 60_000)
    board, _ = built(tmp_path, line)
    threading.Timer(0.05, board.end).start()
    start_ms = LinuxClock().now_ms()
    with pytest.raises(SystemExit) as ended:
        waited_ms(board, FAR_MS)
    assert ended.value.code == 0
    assert ticks_diff(LinuxClock().now_ms(), start_ms) < 60_000
    os.close(line.far)


def test_a_reader_that_is_pulled_out_does_not_keep_it_awake(
    factory: MockFactory, tmp_path: Path, line: Line
) -> None:
    """A dead line is ready for ever."""
    board, _ = built(tmp_path, line)
    os.close(line.far)
    board.wait(ticks_add(LinuxClock().now_ms(), FAR_MS))
    assert waited_ms(board, FAR_MS) >= EDGE_EVERY_MS - 1


def test_bytes_that_nobody_asked_for_do_not_keep_it_awake(
    factory: MockFactory, tmp_path: Path, line: Line
) -> None:
    """Noise on the line of an idle reader is read and thrown away."""
    board, box = built(tmp_path, line)
    box.start()
    box.turn()
    reader_link = box.ports.reader_link
    assert reader_link is not None
    os.write(line.far, b"\x55" * 50)
    for _ in range(50):
        board.wait(box.turn())
        if not reader_link.any():
            break
    else:
        raise AssertionError("still there")
    os.close(line.far)


def test_make_safe_switches_all_off_though_one_fails(
    factory: MockFactory, tmp_path: Path, line: Line, capsys: pytest.CaptureFixture[str]
) -> None:
    board, box = built(tmp_path, line)
    ports = box.ports
    for port in (*ports.levels, *ports.pulses):
        port.write(True)

    class Broken:
        def write(self, level: bool) -> None:
            raise OSError(5, "Input/output error")

    board._outputs.insert(1, Broken())
    board.make_safe()
    assert not any(factory.pin(pin).state for pin in range(16, 28) if pin != 19)
    assert "an output cannot be switched off" in capsys.readouterr().err
    os.close(line.far)


def test_another_battery_moves_the_guards_limits(factory: MockFactory, tmp_path: Path) -> None:
    options = {"clock": "machine", "battery_offset_mv": 700}
    config = load(json.dumps(values(board=options)))
    assert Box(Board(config, tmp_path, tmp_path), config).loop.power.battery.offset_mv == 700


def test_the_reason_is_kept_for_the_next_start(tmp_path: Path) -> None:
    board = Board(load(json.dumps(values())), tmp_path, tmp_path)
    assert board.last_reason() == ""
    board.keep_reason(ZeroDivisionError("a bug"))
    assert board.last_reason() == "ZeroDivisionError: a bug"


def test_a_configuration_that_cannot_work_ends_with_its_own_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The unit does not start it again for that."""
    path = tmp_path / "box.json"
    words = ["--config", str(path), "--state", str(tmp_path), "--check"]
    assert main(words) == EXIT_CONFIG
    assert "No such file or directory; see boards/pi/README.md" in capsys.readouterr().err
    path.write_text(json.dumps(values(board={"pins": {"lights": 2}})))
    assert main(words) == EXIT_CONFIG
    assert "used by door_driver and by lights" in capsys.readouterr().err
    path.write_text(json.dumps(values()))
    assert main(words) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert "hardly guessed" not in said.out
    # What is plugged in later is no mistake, but told: who has it, and where that is written.
    position = {"port": str(tmp_path / "gnss")}
    path.write_text(json.dumps(values(board={"position": position})))
    absent = f"but box.json: board.position.port: {tmp_path / 'gnss'} is not there now; plug it in"
    for is_there in (False, True):
        assert main(words) == 0
        assert (absent in capsys.readouterr().out) != is_there
        (tmp_path / "gnss").touch()


def test_a_watchdog_that_cannot_be_had_is_told_and_the_box_runs(
    factory: MockFactory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The device is root's alone, or systemd has it: no reason for a car that opens to nobody."""
    taken = str(tmp_path / "no folder" / "watchdog")
    config = load(json.dumps(values(board={"clock": "machine", "watchdog": taken})))
    board = Board(config, tmp_path, tmp_path)
    box = Box(board, config)
    assert f"board.watchdog: {taken} cannot be opened (No such" in capsys.readouterr().err
    box.start()
    box.turn()
    board.stand_down()


@pytest.mark.parametrize(
    ("ends_by", "disarms"),
    [(SystemExit(0), True), (KeyboardInterrupt(), True), (SystemExit(1), False)],
)
def test_a_stop_on_purpose_disarms_the_watchdog_and_a_crash_does_not(
    factory: MockFactory,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ends_by: BaseException,
    disarms: bool,
) -> None:
    """A technician who stops the service would see the machine start anew 15 s later."""
    device, path = tmp_path / "watchdog", tmp_path / "box.json"
    device.touch()
    path.write_text(json.dumps(values(board={"clock": "machine", "watchdog": str(device)})))
    waits: list[int] = []

    def wait(board: Board, due_ms: int) -> None:
        waits.append(due_ms)
        if len(waits) == 3:
            raise ends_by

    monkeypatch.setattr(Board, "wait", wait)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    with contextlib.suppress(SystemExit):
        main(["--config", str(path), "--state", str(tmp_path)])
    assert device.read_bytes() == b"\0\0\0" + (b"V" if disarms else b"")
