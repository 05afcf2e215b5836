"""On a pseudo-terminal: keys are heard, and whichever way it ends the terminal is as before."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.live.terminal import INTERRUPT, Keyboard, LeaveError
from tools import tree

#: Long enough for the slowest machine; nothing waits so long when it goes well.
PATIENCE_S = 60
_SEQUENCE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|.)")


class Terminal:
    """`python -m simulator run` with a terminal of its own, and what it wrote there."""

    def __init__(self, state: Path, *arguments: str, term: str = "xterm-256color") -> None:
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.before = termios.tcgetattr(self.slave)
        environment = {**os.environ, "TERM": term, "PYTHONIOENCODING": "utf-8"}
        environment.pop("NO_COLOR", None)
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "simulator",
                "run",
                "--port",
                "0",
                "--state",
                str(state),
                *arguments,
            ],
            cwd=tree.ROOT,
            env=environment,
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            start_new_session=True,
        )
        self.written = b""

    @property
    def text(self) -> str:
        return _SEQUENCE.sub(b"", self.written).decode(errors="replace")

    def wait_for(self, said: str) -> None:
        """Read until that was written since the last press; fails when it ends or takes too long."""
        until = time.monotonic() + PATIENCE_S
        while said not in self.text:
            left = until - time.monotonic()
            ready = left > 0 and select.select([self.master], [], [], left)[0]
            assert ready, f"'{said}' never came: {self.text[-2000:]}"
            self.written += os.read(self.master, 65536)

    def press(self, keys: str) -> None:
        self.written = b""
        os.write(self.master, keys.encode())

    def end(self) -> int:
        """The exit code; what it still writes is read meanwhile."""
        while self.process.poll() is None:
            if select.select([self.master], [], [], 0.05)[0]:
                self.written += os.read(self.master, 65536)
        while select.select([self.master], [], [], 0)[0]:
            self.written += os.read(self.master, 65536)
        return self.process.returncode

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)


def children(pid: int) -> list[int]:
    """And theirs."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    own = [int(one) for one in found.split()]
    return own + [one for child in own for one in children(child)]


@pytest.fixture(name="live")
def live_terminal(tmp_path: Path) -> Iterator[Terminal]:
    # In no hurry: at fifty seconds a second a line may be gone before the screen is drawn.
    terminal = Terminal(tmp_path, "--vm", "cpython", "--speed", "1")
    try:
        yield terminal
    finally:
        terminal.close()


def assert_as_before(terminal: Terminal) -> None:
    assert termios.tcgetattr(terminal.slave) == terminal.before
    left, shown = terminal.written.rfind(b"\x1b[?1049l"), terminal.written.rfind(b"\x1b[?25h")
    assert left >= 0, "the other screen was not left"
    assert shown >= 0, "the cursor was not shown again"
    assert terminal.written.rfind(b"\x1b[?1049h") < left
    assert "Traceback" not in terminal.text


def test_keys_are_heard_and_control_c_leaves_everything_as_it_was(live: Terminal) -> None:
    live.wait_for("demo driver  XXY00001001, password ")
    live.wait_for("card 0101060112AB34CD")
    live.wait_for("q quit")
    shown = live.text.rpartition("Kagibako")[2]
    assert "desk page http://127.0.0.1:" in shown
    assert "phones http://127.0.0.1:" in shown
    live.press("k")
    live.wait_for("you: key")
    live.wait_for("space resumes the story")
    live.press("\x1b[Aw")
    live.wait_for("you: network down")
    live.press(INTERRUPT)
    assert live.end() == 0
    assert_as_before(live)


def test_q_leaves(live: Terminal) -> None:
    live.wait_for("q quit")
    live.press("q")
    assert live.end() == 0
    assert_as_before(live)


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, 143), (signal.SIGINT, 0), (signal.SIGHUP, 129), (signal.SIGQUIT, 131)],
)
def test_signals_leave_everything_as_it_was(
    live: Terminal, number: signal.Signals, code: int
) -> None:
    live.wait_for("q quit")
    live.written = b""
    live.process.send_signal(number)
    assert live.end() == code
    assert_as_before(live)


@pytest.mark.micropython
def test_all_processes_are_gone_when_we_leave(tmp_path: Path) -> None:
    """Daemon, car, the car's interpreter, page, view."""
    terminal = Terminal(tmp_path, "--vm", "micropython", "--speed", "50")
    try:
        terminal.wait_for("MicroPython 1.")
        terminal.wait_for("q quit")
        pids = children(terminal.process.pid)
        assert len(pids) == 5
        terminal.press(INTERRUPT)
        assert terminal.end() == 0
        assert_as_before(terminal)
        assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
    finally:
        terminal.close()


def test_lines_on_a_dumb_terminal_and_signals_end_them(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "--vm", "cpython", "--speed", "50", term="dumb")
    try:
        terminal.wait_for("Ctrl-C ends it")
        terminal.wait_for("reader red-blink")
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.end() == 0
        assert b"\x1b" not in terminal.written
        assert termios.tcgetattr(terminal.slave) == terminal.before
    finally:
        terminal.close()


@pytest.fixture(name="ends")
def both_ends() -> Iterator[tuple[int, int]]:
    master, slave = pty.openpty()
    yield master, slave
    os.close(master)
    os.close(slave)


def test_the_keyboard_gives_keys_and_no_sequences(ends: tuple[int, int]) -> None:
    master, slave = ends
    with Keyboard(slave) as keyboard:
        assert keyboard.read() == ""
        os.write(master, b"a\x1b[A\x1bOPb\x1b[1;5C ")
        keyboard.wait(PATIENCE_S)
        assert keyboard.read() == "ab "
        assert keyboard.read() == ""


def fail_inside(slave: int, before: list[Any]) -> None:
    with Keyboard(slave):
        assert termios.tcgetattr(slave) != before
        raise ZeroDivisionError


def test_an_exception_restores_the_terminal_and_the_signals(ends: tuple[int, int]) -> None:
    _, slave = ends
    before = termios.tcgetattr(slave)
    handlers = [signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGALRM)]
    with pytest.raises(ZeroDivisionError):
        fail_inside(slave, before)
    assert termios.tcgetattr(slave) == before
    assert [signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGALRM)] == handlers
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def never_read(master: int, slave: int) -> None:
    with Keyboard(slave):
        os.write(master, INTERRUPT.encode())
        signal.sigtimedwait([], PATIENCE_S)


def test_control_c_is_heard_when_the_program_does_not_come_back(ends: tuple[int, int]) -> None:
    """A simulation that never reads its keys is left all the same."""
    with pytest.raises(LeaveError):
        never_read(*ends)


def read_when_gone(master: int, slave: int) -> None:
    with Keyboard(slave) as keyboard:
        os.close(master)
        keyboard.wait(PATIENCE_S)
        keyboard.read()


def test_a_terminal_that_is_gone_is_left() -> None:
    master, slave = pty.openpty()
    with pytest.raises(LeaveError):
        read_when_gone(master, slave)
    os.close(slave)
