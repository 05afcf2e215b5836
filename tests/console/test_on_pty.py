"""The console over a pseudo-terminal and pyserial, on both interpreters."""

import json
from collections.abc import Iterator

import pytest
import serial

from tests.console.box_on_pty import BoxOnPty

WAIT_S = 30.0
PROMPT = b"\r\n> "


@pytest.fixture(
    params=["cpython", pytest.param("micropython", marks=pytest.mark.micropython)], scope="module"
)
def box(request: pytest.FixtureRequest) -> Iterator[BoxOnPty]:
    with BoxOnPty(request.param) as one:
        yield one


@pytest.fixture
def port(box: BoxOnPty) -> Iterator[serial.Serial]:
    with serial.Serial(box.port, 115200, timeout=WAIT_S) as one:
        one.write(b"\x03\rversion\r")
        one.read_until(b"since the last start")
        one.read_until(PROMPT)
        yield one


def ask(port: serial.Serial, line: str) -> list[str]:
    """The answer's lines, without echo and prompt."""
    port.reset_input_buffer()
    port.write(line.encode() + b"\r")
    said: bytes = port.read_until(line.encode() + b"\r\n")
    assert said.endswith(line.encode() + b"\r\n"), said
    said = port.read_until(PROMPT)
    assert said.endswith(PROMPT), said
    return said.decode().split("\r\n")[:-1]


def test_a_screen_tells_how_the_box_stands(box: BoxOnPty, port: serial.Serial) -> None:
    box.tell("book 100 4711 600 7200")
    lines = ask(port, "status")
    assert len(lines) <= 22
    assert lines[0].startswith("car         4b4700000001, program 0.1.0, up ")
    assert any("booking 100, driver ..11" in line for line in lines)


def test_a_reader_that_is_unplugged_is_seen(box: BoxOnPty, port: serial.Serial) -> None:
    box.tell("reader 0")
    assert "reader      SILENT" in ask(port, "status")
    box.tell("reader 1")
    assert "reader      answers" in ask(port, "status")
    assert any("FAULT: reader does not answer" in line for line in ask(port, "log"))


def test_a_door_switch_that_sticks_is_seen_live(box: BoxOnPty, port: serial.Serial) -> None:
    box.tell("input 2 1")
    port.write(b"sensors live\r")
    open_door = b"Row2.PassengerSide.IsOpen" + b" " * 2 + b"yes"
    assert port.read_until(open_door).endswith(open_door)
    port.write(b" ")
    port.read_until(PROMPT)
    box.tell("input 2 0")


def test_why_a_card_was_refused(box: BoxOnPty, port: serial.Serial) -> None:
    box.tell("centre 0")
    box.tell("tap 0101060112ab34ce")
    lines = ask(port, "why")
    assert any(line.endswith("card refused: card ..34ce: unknown_card") for line in lines)
    assert not any("12ab" in line for line in lines)
    box.tell("centre 1")


def test_programs_get_objects(port: serial.Serial) -> None:
    answers = [json.loads(line) for line in ask(port, "status --json")]
    assert answers[-1] == {"ok": True, "parts": len(answers) - 1}
    assert {"part": 1, "name": "car", "value": "4b4700000001"}.items() <= answers[0].items()


def test_a_bad_byte_costs_a_line_and_not_the_session(port: serial.Serial) -> None:
    port.write(b"ver\xf1sion\r")
    assert b"noise in this line: type it again" in port.read_until(PROMPT)
    assert ask(port, "version")[1] == "car         4b4700000001"


def test_ctrl_c_does_not_reach_the_interpreter(port: serial.Serial) -> None:
    port.write(b"\x03" * 20 + b"\x01\x02\x04\x05\r")
    port.read_until(b"type it again" + PROMPT)
    assert ask(port, "version")[1] == "car         4b4700000001"


def test_after_the_cable_was_pulled_the_box_greets_anew(box: BoxOnPty) -> None:
    box.let_go()
    box.tell("wait 1")
    with serial.Serial(box.port, 115200, timeout=WAIT_S) as port:
        port.write(b"\r")
        said: bytes = port.read_until(b"help.\r\n")
    assert said == b"Kagibako, the box of car 4b4700000001. Type help.\r\n"
