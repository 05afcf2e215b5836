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
import nfc.tag
import pytest
import serial

from simulator.chips import pn532_terminal
from tests.simulator.chips.pn532_host import ACK

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


def sensed(frontend: "nfc.ContactlessFrontend", *kinds: str) -> str | None:
    """The identifier of the card that nfcpy senses."""
    target = frontend.sense(*[nfc.clf.RemoteTarget(kind) for kind in kinds])
    return None if target is None else target.sensf_res[1:9].hex().upper()


def test_nfcpy_senses_the_card(reader: Reader) -> None:
    frontend = open_frontend(reader.path)
    assert str(frontend.device).startswith("PN532v1.6")
    assert frontend.device.chipset.transport.baudrate == 921600
    assert sensed(frontend, "212F") is None
    assert reader.say(f"present {IDM}") == "card ..34CD on the reader"
    assert [sensed(frontend, "212F") for _ in range(50)] == [IDM] * 50
    assert sensed(frontend, "424F") == IDM
    assert sensed(frontend, "106A", "106B", "212F") == IDM
    assert reader.say("remove") == "no card on the reader"
    assert sensed(frontend, "212F") is None
    frontend.close()


def test_nfcpy_senses_a_licence(reader: Reader) -> None:
    """ENROL-2: its `sense_ttb` lists the card, deselects it, wakes it up and reads ATQB again."""
    frontend = open_frontend(reader.path)
    ask = nfc.clf.RemoteTarget("106B")
    assert frontend.sense(ask) is None
    assert reader.say("licence E8253EEC") == "licence ..3EEC on the reader"
    for _ in range(20):
        found = frontend.sense(ask)
        assert found.brty == "106B"
        assert found.sensb_res.hex() == "50e8253eec00000000008185"
    assert sensed(frontend, "212F") is None
    assert frontend.sense(nfc.clf.RemoteTarget("212F"), ask).brty == "106B"
    reader.say(f"present {IDM}")
    assert frontend.sense(ask) is None
    frontend.close()


def test_nfcpy_knows_the_tag_and_its_system(reader: Reader) -> None:
    reader.say(f"present {IDM.lower()} 8001")
    frontend = open_frontend(reader.path)
    target = frontend.sense(nfc.clf.RemoteTarget("212F"))
    tag = nfc.tag.activate(frontend, target)
    assert tag.identifier.hex().upper() == IDM
    assert tag.request_system_code() == [0x8001]
    assert tag.is_present
    reader.say("remove")
    assert not tag.is_present
    frontend.close()


def test_nfcpy_opens_and_closes_again_and_again(reader: Reader) -> None:
    reader.say(f"present {IDM}")
    for _ in range(10):
        frontend = open_frontend(reader.path)
        assert sensed(frontend, "212F") == IDM
        frontend.close()


def test_a_crash_of_nfcpy_leaves_the_chip_at_its_rate(reader: Reader) -> None:
    """The known hazard: every later open fails until somebody finds the rate."""
    frontend = open_frontend(reader.path)
    frontend.device.chipset.transport.tty.close()
    with pytest.raises(OSError, match="timed out"):
        open_frontend(reader.path)
    with serial.Serial(reader.path, 921600, timeout=1) as line:
        line.write(bytes(10) + bytes.fromhex("0000ff03fdd410041800"))
        assert line.read(15) == ACK + bytes.fromhex("0000ff02fed5111a00")
        line.write(ACK)
        line.baudrate = 115200
        line.write(bytes.fromhex("0000ff02fed4022a00"))
        assert line.read(19) == ACK + bytes.fromhex("0000ff06fad50332010607e800")
    frontend = open_frontend(reader.path)
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


def test_an_old_link_is_replaced_and_a_file_is_not(tmp_path: Path) -> None:
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
