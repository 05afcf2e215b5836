"""`python -m simulator pn532`: the chip on a pseudo-terminal, read by nfcpy's own driver."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nfc
import nfc.clf.pn532
import nfc.clf.transport
import pytest

from simulator.chips import pn532_terminal
from tests.simulator.chips.nfcpy_rig import sensed

IDM = "0101060112AB34CD"
HANGS_AFTER_S = 30


class Reader:
    """The program in a process of its own."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "simulator.chips.pn532_terminal", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.path = self.read_line()

    def read_line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def say(self, line: str) -> str:
        """Give a command; what the program says to it."""
        self.write(line)
        return self.read_line()

    def write(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def end(self) -> int:
        self.process.kill()
        return self.process.wait(HANGS_AFTER_S)


@pytest.fixture
def reader() -> Iterator[Reader]:
    program = Reader()
    yield program
    program.end()
    for pipe in (program.process.stdin, program.process.stdout):
        if pipe is not None:
            pipe.close()


def open_frontend(path: str) -> "nfc.ContactlessFrontend":
    """Open with nfcpy by a path; its own search looks at names in /dev only."""
    device = nfc.clf.pn532.init(nfc.clf.transport.TTY(path))
    device._path = path
    frontend = nfc.ContactlessFrontend()
    frontend.device = device
    return frontend


def test_nfcpy_senses_the_card(reader: Reader) -> None:
    """The program in real time; what else nfcpy does is in `test_nfcpy`."""
    frontend = open_frontend(reader.path)
    assert sensed(frontend, "212F") is None
    assert reader.say(f"present {IDM.lower()} 8001") == "card ..34CD on the reader"
    assert sensed(frontend, "212F") == IDM
    assert reader.say("licence E8253EEC") == "licence ..3EEC on the reader"
    assert frontend.sense(nfc.clf.RemoteTarget("106B")).sensb_res.hex()[:10] == "50e8253eec"
    assert reader.say("remove") == "no card on the reader"
    assert sensed(frontend, "212F") is None
    frontend.close()


def test_quit_ends_with_success(reader: Reader) -> None:
    reader.write("quit")
    assert reader.process.wait(HANGS_AFTER_S) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_with_success_and_takes_the_link_away(number: int, tmp_path: Path) -> None:
    link = tmp_path / "pn532"
    program = Reader("--link", str(link))
    assert os.readlink(link) == program.path
    program.process.send_signal(number)
    assert program.process.wait(HANGS_AFTER_S) == 0
    assert not link.is_symlink()
    program.process.communicate()


def test_the_end_of_the_input_does_not_end_it(reader: Reader) -> None:
    assert reader.say(f"present {IDM}")
    assert reader.process.stdin is not None
    reader.process.stdin.close()
    frontend = open_frontend(reader.path)
    assert sensed(frontend, "212F") == IDM
    frontend.close()
    assert reader.process.poll() is None


def test_an_old_link_is_replaced_and_a_file_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    link = tmp_path / "pn532"
    link.symlink_to("gone")
    program = Reader("--link", str(link))
    assert os.readlink(link) == program.path
    program.write("quit")
    assert program.process.wait(HANGS_AFTER_S) == 0
    program.process.communicate()
    link.write_text("kept")
    assert pn532_terminal.main(["--link", str(link)]) == 1
    assert link.read_text() == "kept"
    assert capsys.readouterr().err == (
        f"pn532: --link {link}: cannot be made: File exists; choose another\n"
    )


def test_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert pn532_terminal.main(["--help"]) == 0
    assert "example:" in capsys.readouterr().out
    assert pn532_terminal.main(["--no-such-option"]) == 2


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("present", "present: write `present IDM [SYSTEM]`"),
        ("present 0101", "present: the IDM has 4 hex digits; write 16"),
        (f"present {IDM} 80", "present: the SYSTEM has 2 hex digits; write 4"),
        ("present 0101060112AB34CX", "present: IDM and SYSTEM are hex digits, 16 and 4 of them"),
        ("remove it", "remove it: write `present IDM`, `remove` or `quit`"),
        ("sing", "sing: write `present IDM`, `remove` or `quit`"),
    ],
)
def test_a_line_that_cannot_be_obeyed_gets_one_sentence(
    line: str, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = pn532_terminal.Terminal(lambda: 0)
    console = pn532_terminal.Console(terminal, lambda: 0)
    read_end, write_end = os.pipe()
    os.write(write_end, f"{line}\npresent {IDM}\n".encode())
    console.take_input(read_end)
    assert capsys.readouterr().err == complaint + "\n"
    assert len(terminal.chip.field.cards()) == 1
    os.close(write_end)
    console.take_input(read_end)
    assert not console.is_open
    os.close(read_end)
    terminal.close()
