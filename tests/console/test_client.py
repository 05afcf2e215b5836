"""The host's end of the cable: noise costs a line, the port's troubles one sentence each."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware.console import card_wait, lines
from fleetd.console import answering, terminal
from fleetd.console.client import AnswerError, BoxClient, patience_of, question_in
from fleetd.console.colours import Colours
from fleetd.console.line import Line, LineError
from tests.console.box_on_pty import BoxOnPty
from tests.console.scripted_box import ScriptedBox

GOOD = b'{"part":1,"name":"car","value":"4b4700000001","text":"x"}\r\n{"ok":true,"parts":1}\r\n> '


def answers(*said: bytes) -> ScriptedBox:
    """A box that says one after the other, echo before it; the last again and again."""
    left: Iterator[bytes] = iter(said)

    def script(line: str) -> bytes:
        return line.encode() + b"\r\n" + next(left, said[-1])

    return ScriptedBox(script)


def ask(box: ScriptedBox, command: str = "version", patience_s: float = 0.3) -> BoxClient:
    with Line(box.port) as line:
        client = BoxClient(line)
        client.ask(command, patience_s)
        return client


@pytest.mark.parametrize("interpreter", ["cpython", "micropython"])
def test_a_box_is_asked_in_machine_mode(interpreter: str) -> None:
    with BoxOnPty(interpreter) as box, Line(box.port) as line:
        client = BoxClient(line)
        client.wake()
        assert client.car() == "4b4700000001"
        assert client.ask("version").value("program") == "0.1.0"
        status = client.ask("status")
        assert status.ok
        assert status.value("use") == "vacant"
        wrong = client.ask("statsu")
        assert (wrong.ok, wrong.sentence) == (
            False, "there is no command statsu: did you mean status?",
        )  # fmt: skip


@pytest.mark.parametrize(
    "noise",
    [
        b'{"part":1,"name":"c\xfe","value":"4b47',
        b'{"part":1,"na\x00e":"car"}\r\n{"ok":tr\xffe,"parts":1}\r\n> ',
        b'{"ok":true,"parts":1}\r\n> ',
        b"noise in this line: type it again\r\n> ",
        b'{"ok":false,"error":"there is no command versi/n","do":""}\r\n> ',
        b"\xff\xfe\xfd",
    ],
)
def test_a_damaged_answer_is_asked_for_once_more(noise: bytes) -> None:
    """At 115200 with noise a bad byte costs a line, not the session."""
    with answers(noise, GOOD) as box:
        ask(box)
        assert box.lines == ["version --json"] * 2


def test_what_no_box_could_take_is_refused_here_and_not_waited_for() -> None:
    """Its console says so in words, not knowing yet that a program asks."""
    told = io.StringIO()
    with answers(GOOD) as box, Line(box.port) as line:
        asked = io.StringIO(f"set host {'x' * 105}\nversion\n")
        assert terminal.speak(BoxClient(line), asked, told, None) == terminal.FAILED
    first, second = (json.loads(text) for text in told.getvalue().splitlines())
    assert first["error"] == "a command has at most 113 characters, this one 114"
    assert second["ok"] is True
    assert terminal.COMMAND_MAX + len(" --json") == lines.LINE_BYTES_MAX


def test_noise_that_stays_is_one_sentence() -> None:
    with answers(b"\xff\xff\r\n") as box:
        with pytest.raises(AnswerError, match="no whole answer came, twice; look at cable"):
            ask(box)
        assert len(box.lines) == 2


def test_what_changes_something_is_not_done_twice() -> None:
    """The answer was lost, perhaps the command was not; only what never reached it is sent again."""
    with answers(b"\xff\xff\r\n") as box:
        with pytest.raises(AnswerError, match="see what was done"):
            ask(box, "doors unlock")
        assert box.lines == ["doors unlock --json"]
    with answers(b"noise in this line: type it again\r\n> ", GOOD) as box:
        ask(box, "doors unlock")
        assert box.lines == ["doors unlock --json"] * 2


def test_unlocking_passes_question_and_answer_on() -> None:
    asked: list[tuple[str, str]] = []

    def script(line: str) -> bytes:
        if line.startswith("unlock"):
            return (
                b'{"part":1,"name":"question","value":"KB1-7Q2M-9XCD-1","text":"-"}\r\n'
                b'{"ok":true,"parts":1}\r\n'
            )
        return GOOD

    def answer(car: str, question: str) -> str:
        asked.append((car, question))
        return "XVGD-3755-16"

    with ScriptedBox(script) as box, Line(box.port) as line:
        BoxClient(line).unlock(1, answer)
        assert asked == [("4b4700000001", "KB1-7Q2M-9XCD-1")]
        assert box.lines[-1] == "answer XVGD-3755-16 --json"


def test_a_card_is_no_question_and_is_waited_for() -> None:
    """`unlock card` goes to the box as it is, though there is somebody who answers questions."""
    told = io.StringIO()
    with answers(GOOD) as box, Line(box.port) as line:
        asked = io.StringIO("unlock card\n")
        assert terminal.speak(BoxClient(line), asked, told, lambda _car, _question: "") == 0
        assert box.lines[-1] == "unlock card --json"
        asked = io.StringIO("unlock 4\nunlock all\n")
        terminal.speak(BoxClient(line), asked, told, lambda _car, _question: "")
        assert box.lines[-2:] == ["unlock 4 --json", "unlock all --json"]
    assert json.loads(told.getvalue().partition("\n")[0])["ok"] is True
    for command in ("card", "unlock card", "unlock  card"):
        assert patience_of(command) > card_wait.CARD_MS / 1000
    assert patience_of("unlock 1") < card_wait.CARD_MS / 1000


def test_questions_are_found_in_what_a_box_says() -> None:
    assert question_in("question    KB1-7Q2M-9XCD-1-17\r\n") == "KB1-7Q2M-9XCD-1-17"
    assert question_in("nothing of the kind") == ""


def test_an_answer_comes_from_a_command(tmp_path: Path) -> None:
    tool = tmp_path / "answer"
    tool.write_text("#!/bin/sh\n[ $2 = KB1-7Q2M-9XCD-1 ] && echo xvgd-3755-16\n")
    tool.chmod(0o700)
    assert answering.from_command(str(tool))("4b4700000001", "KB1-7Q2M-9XCD-1") == "XVGD-3755-16"
    for command in (str(tool), str(tmp_path / "none"), "'"):
        with pytest.raises(AnswerError, match="--answer-command"):
            answering.from_command(command)("4b4700000001", "KB1-0000-0000-1")


def test_the_ports_troubles(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Missing, no port, busy, unplugged in the middle: one sentence, exit code 1."""
    (tmp_path / "file").write_text("")
    for path, told in ((tmp_path / "none", "there is none"), (tmp_path / "file", "is no serial")):
        assert terminal.main([str(path)]) == 1
        assert told in capsys.readouterr().err
    with answers(GOOD) as box:
        with Line(box.port), pytest.raises(LineError, match="another program has it open"):
            Line(box.port)
        with Line(box.port) as line:
            box.pull()
            with pytest.raises(LineError, match="the cable was pulled"):
                BoxClient(line).ask("version")


def test_a_program_gets_a_line_of_json_for_each_command() -> None:
    with BoxOnPty() as box, Line(box.port) as line:
        told = io.StringIO()
        asked = io.StringIO("version\n\nstatsu\nstatus --json\nh\u00e9lp\n")
        assert terminal.speak(BoxClient(line), asked, told, None) == 1
    found = [json.loads(text) for text in told.getvalue().splitlines()]
    assert [(one["command"], one["ok"]) for one in found] == [
        ("version", True), ("statsu", False), ("status", True), ("h\u00e9lp", False),
    ]  # fmt: skip
    assert found[0]["parts"][1]["value"] == "4b4700000001"


def test_colours_only_where_there_are_any() -> None:
    said = b"car   x\r\nFAULT reader\r\ndo    check\r\n\x1b[3A\x1b[Jdoor\r\n"
    plain = b"car   x\r\nFAULT reader\r\ndo    check\r\ndoor\r\n"
    assert Colours(has_colours=False).feed(said) == plain
    coloured = Colours(has_colours=True)
    told = b"".join(coloured.feed(said[at : at + 1]) for at in range(len(said)))
    assert b"\x1b[31mFAULT reader\x1b[0m\r\n" in told
    assert b"\x1b[33mdo    check\x1b[0m\r\n" in told
    assert told.replace(b"\x1b[31m", b"").replace(b"\x1b[33m", b"").replace(b"\x1b[0m", b"") == said
