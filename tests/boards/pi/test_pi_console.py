"""A Raspberry Pi's cable, with the real program: bare, commissioned, in service, reset, bare again."""

import json
import os
import select
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from boards.box import Box
from boards.box_config import load
from boards.pi.board import Board
from boards.pi.main import EXIT_CONFIG, main
from fleetd.console import answering
from fleetd.console.client import BoxClient
from fleetd.console.line import Line
from fleetd.console.steps import await_box
from fleetd.host.command_line import main as fleetd_main
from hal.linux.byte_link import RETRY_MS_MAX, ConsoleLink
from tests.boards.pi.box_process import values
from tests.boards.pi.supervised_box import Cable, SupervisedBox
from tests.fleetd.daemon import Daemon, until
from tests.fleetd.depot import TECHNICIAN, fleet_of
from tests.fleetd.rig import CAR
from tests.hal.linux.chip_thread import ChipThread
from tests.hal.linux.mock_pins import mock_pins

#: Half a second each at most.
TURNS_MAX = 120


@pytest.fixture
def cable() -> Iterator[Cable]:
    made = Cable()
    yield made
    made.close()


def refused_by_a_pi(folder: Path) -> list[tuple[tuple[object, object], str]]:
    """What only a Pi knows: refused there, nothing is written, and the same command goes on."""
    twice = folder / "twice.json"
    twice.write_text(json.dumps({"board": {"pins": {"lights": 5}}}))
    return [
        (("--wifi", "depot"), "box.json: network: a Raspberry Pi has the system's; "),
        (("--settings", twice), "pin 5 is used by door_rear_right and by lights; "),
    ]


def test_from_a_bare_machine_to_service_and_back(
    cable: Cable, daemon: Daemon, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By `fleetd provision` alone; each new start is one that systemd makes (code 0)."""
    settings = tmp_path / "settings.json"
    with ChipThread() as chip, SupervisedBox(tmp_path / "pi", cable.box) as box:
        board = {"clock": "machine", "reader": {"by": "pn532", "port": chip.path}}
        settings.write_text(json.dumps({"board": board}))
        words = [
            "provision", cable.host, "--car", CAR, "--profile", "top24-2023", "--db", daemon.db,
            "--board", "pi", "--host", "127.0.0.1", "--mqtt-port", daemon.mqtt_port,
            "--settings", settings, "--by", "nobody", "--json",
        ]  # fmt: skip
        until(lambda: "the box is bare" in box.log.read_text(), "bare box")
        for more, sentence in refused_by_a_pi(tmp_path):
            assert fleetd_main([str(word) for word in (*words, *more)]) == 1
            assert sentence in json.loads(capsys.readouterr().out)["text"]
            assert not box.config.exists()
        exit_code = fleetd_main([str(word) for word in words])
        said = capsys.readouterr().out
        assert (exit_code, json.loads(said)["confirmed"]) == (0, True), said + box.log.read_text()
        assert box.codes == [0]
        assert box.config.stat().st_mode & 0o777 == 0o600
        kept = json.loads(box.config.read_text())
        with Line(cable.host) as line:
            client = BoxClient(line)
            client.wake()
            told = client.ask("status")
            assert told.ok
            assert any(part["text"] == "answers" for part in told.parts if "text" in part)
            answers = answering.from_fleet(fleet_of(daemon), TECHNICIAN)
            client.unlock(2, answers)
            assert client.ask("set host localhost").ok
            kept["host"] = "localhost"
            assert json.loads(box.config.read_text()) == kept
            assert client.ask("reset").ok
            await_box(client, CAR)
            assert not client.ask("reset").ok  # locked again
            client.unlock(2, answers)
            assert client.ask("bare").ok
            await_box(client, CAR, is_bare=True)
        assert box.codes == [0, 0, 0]
        assert not box.config.exists()
        assert json.loads((tmp_path / "pi" / "box.old").read_text()) == kept
        log = box.log.read_text()
    assert "the box is bare, with its console at" in log
    assert "the console asked for a new start (console)" in log
    for secret in (kept["key"], kept["password"]):
        assert secret not in log


def test_without_a_console_a_wrong_file_ends_it_as_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], cable: Cable
) -> None:
    """Nobody could bring another; nor is a file of another name one that a console writes."""
    words = ["--state", str(tmp_path), "--config"]
    assert main([*words, str(tmp_path / "box.json")]) == EXIT_CONFIG
    assert main([*words, str(tmp_path / "car.json"), "--console", cable.box]) == EXIT_CONFIG
    assert main([*words, str(tmp_path / "box.json"), "--console", cable.box, "--check"]) == (
        EXIT_CONFIG
    )
    assert "bare" not in capsys.readouterr().err


class Plug:
    """A serial port that comes and goes; the link is told the time."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "cable"
        self.now_ms = 1000
        self._ends: tuple[int, int] = (-1, -1)
        self.link = ConsoleLink(str(self.path), lambda: self.now_ms)

    def put_in(self) -> int:
        self._ends = os.openpty()
        tty.setraw(self._ends[1])
        self.path.symlink_to(os.ttyname(self._ends[1]))
        return self._ends[0]

    def pull_out(self) -> None:
        self.path.unlink()
        for end in self._ends:
            os.close(end)


def test_a_cable_that_is_pulled_out_is_told_and_found_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was unlocked is locked: it is missing at least once, also when it is back at once."""
    plug = Plug(tmp_path)
    link = plug.link
    seen = [link.is_there, link.is_there]
    plug.put_in()
    plug.now_ms += RETRY_MS_MAX
    seen.append(link.is_there)
    plug.pull_out()
    far = plug.put_in()
    assert link.any() == 0
    plug.now_ms += RETRY_MS_MAX
    seen += [link.is_there, link.is_there]
    assert seen == [False, False, True, False, True]
    assert link.write(b"car> ") == 5
    assert os.read(far, 10) == b"car> "
    plug.pull_out()
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2  # once for each time that it was away
    assert said[0].startswith(f"serial port {plug.path} of the console (box.json: board.console, ")
    assert "tried again by and by" in said[0]


def test_a_box_runs_without_its_cable_and_hears_it_when_it_comes(tmp_path: Path) -> None:
    """Whoever types before the box has found the port types once more."""
    with mock_pins():
        plug = Plug(tmp_path)
        plug.link.close()
        config = load(json.dumps(values(board={"clock": "machine", "reader": {"port": "none"}})))
        board = Board(config, tmp_path, tmp_path, str(plug.path))
        box = Box(board, config)
        box.start()
        for _ in range(5):
            board.wait(box.turn())
        assert box.door is not None
        far = plug.put_in()
        said = b""
        for _ in range(TURNS_MAX):
            os.write(far, b"\r")
            board.wait(box.turn())
            if select.select([far], [], [], 0)[0]:
                said += os.read(far, 4096)
            if b"the box of car" in said:
                break
        else:
            raise AssertionError(said)
        plug.pull_out()
        for _ in range(TURNS_MAX):
            board.wait(box.turn())
            if not box.door.is_open:
                break
        else:
            raise AssertionError("open")


def test_bare_where_the_folder_is_not_the_boxs_own_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    board = Board(load(json.dumps(values())), tmp_path / "none", tmp_path)
    with pytest.raises(SystemExit) as ended:
        board.restart("bare")
    assert ended.value.code == 0
    assert "box.json cannot be put aside (No such file" in capsys.readouterr().err
