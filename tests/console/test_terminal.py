"""`fleetd console` as a person has it: keys on a terminal, the box on another one."""

import io
import os
import pty
import select
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from fleetd.arguments import DONE, USAGE
from fleetd.console import terminal
from fleetd.console.leaving import Typed
from tests.console.box_on_pty import BoxOnPty
from tests.fleetd.rig import Desk
from tests.portable.firmware.loop_rig import IDENTITY
from tools import tree

PATIENCE_S = 60.0


class Screen:
    """A terminal with the program in it."""

    def __init__(self, *words: str) -> None:
        self._master, self._slave = pty.openpty()
        self.modes = termios.tcgetattr(self._slave)
        self.program = subprocess.Popen(
            [sys.executable, "-m", "fleetd", "console", *words],
            cwd=tree.ROOT, stdin=self._slave, stdout=self._slave, stderr=self._slave,
        )  # fmt: skip
        self.seen = ""

    def press(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def until(self, words: str) -> None:
        """Shown since the last call."""
        ends = time.monotonic() + PATIENCE_S
        while words not in self.seen:
            assert time.monotonic() < ends, self.seen
            if select.select([self._master], [], [], 0.5)[0]:
                self.seen += os.read(self._master, 4096).decode()
        self.seen = self.seen.partition(words)[2]

    def leave(self) -> int:
        self.press(b"\x1d")
        return self.has_left()

    def has_left(self) -> int:
        """By itself: the exit code."""
        found = self.program.wait(PATIENCE_S)
        assert termios.tcgetattr(self._slave) == self.modes
        return found

    def close(self) -> None:
        self.program.kill()
        self.program.wait()
        os.close(self._master)
        os.close(self._slave)


def test_keys_go_to_the_box_and_ctrl_bracket_leaves(tmp_path: Path) -> None:
    """The box edits the line; faults are red; `unlock` is answered from the database by itself."""
    desk = Desk(tmp_path / "f.db")
    with desk.db.transaction():
        desk.db.run("UPDATE car SET key = ? WHERE id = ?", IDENTITY.key, "4b4700000001")
    desk.fleet.put_technician("mori", 1)
    with BoxOnPty() as box:
        box.tell("reader 0")
        screen = Screen(box.port, "--database", str(desk.path), "--by", "mori")
        try:
            screen.until("> ")
            screen.press(b"versiom\x7fn\r")
            screen.until("Kagibako 0.1.0")
            screen.press(b"status\r")
            screen.until("\x1b[31mFAULT")
            screen.press(b"unlock 1\r")
            screen.until("technician, for 15 minutes")
            screen.press(b"unlock 2\r")
            screen.until("(level_not_yours)")
            assert screen.leave() == DONE
        finally:
            screen.close()
        again = Screen(box.port)
        try:
            again.until("exit or Ctrl-] leaves")
            again.until("# ")  # the cable was never gone: the box is unlocked still
            again.press(b"quot\x7f\x7fit\r")
            again.until("locked\r\nleave the terminal program")
            assert again.has_left() == DONE
        finally:
            again.close()
    assert [one["level"] for one in desk.fleet.console_answers(9)] == [1]


@pytest.mark.parametrize(
    ("keys", "passed_on"),
    [
        (b"exit\rstatus\r", b"exit\r"),
        (b" quit \n", b" quit \n"),
        (b"status\rexit\r", b"status\rexit\r"),
        (b"sta\x03exit\r", b"sta\x03exit\r"),
        (b"exot\x7f\x08it\r", b"exot\x7f\x08it\r"),
        (b"EXIT\r", b"EXIT\r"),
        (b"sta\x1dtus\r", b"sta"),
    ],
)
def test_a_key_or_a_word_of_its_own_leaves(keys: bytes, passed_on: bytes) -> None:
    assert Typed().feed(keys) == (passed_on, True)
    typed = Typed()
    one_by_one = [typed.feed(bytes((key,))) for key in keys[: len(passed_on) + 1]]
    assert [leaves for _, leaves in one_by_one].count(True) == 1


@pytest.mark.parametrize("keys", [b"exit", b"help exit\r", b"exited\r", b"ex\rit\r"])
def test_other_words_do_not_leave(keys: bytes) -> None:
    assert Typed().feed(keys) == (keys, False)


def test_a_cable_that_is_pulled_ends_it_with_a_sentence() -> None:
    with BoxOnPty() as box:
        screen = Screen(box.port)
        try:
            screen.until("> ")
            box.close()
            screen.until("the cable was pulled")
            assert screen.program.wait(PATIENCE_S) == terminal.FAILED
            assert termios.tcgetattr(screen._slave) == screen.modes
        finally:
            screen.close()


def test_wrong_usage(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert terminal.main(["/dev/none", "--by", "mori"]) == USAGE
    assert "--database and --by belong together" in capsys.readouterr().err
    missing = str(tmp_path / "none.db")
    assert terminal.main(["/dev/none", "--db", missing, "--by", "mori", "--json"]) == USAGE
    assert '"ok": false' in capsys.readouterr().out


@pytest.mark.parametrize("words", [("--answer-command", "true"), ("--db", "f.db", "--by", "mori")])
def test_commands_from_a_pipe_do_not_go_on_before_the_answer_is_there(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("unlock 1\nselftest\n"))
    assert terminal.main(["/dev/none", *words]) == USAGE
    said = capsys.readouterr().err
    assert "unlock is answered at a terminal, or with --json" in said
    assert said.count("\n") == 1
