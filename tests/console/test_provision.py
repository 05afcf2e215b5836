"""From a bare box to one in service, over a cable, with a daemon that hears it; and swaps.

The box is the firmware with its console, on both interpreters, on a pseudo-terminal; network and
daemon are real.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from boards.bare_file import digest_of
from fleetd.console.client import BoxClient
from fleetd.console.line import Line
from fleetd.console.steps import put_file
from fleetd.host.command_line import main
from tests.console.bare_on_pty import BareOnPty
from tests.console.transcripts import check
from tests.fleetd.daemon import Daemon, until
from tests.fleetd.depot import depot
from tests.fleetd.mqtt.certificates import Authority
from tests.fleetd.rig import CAR
from tests.hal.stream_process import der_of

Run = Callable[..., tuple[int, str]]
PATIENCE = "60"
#: Both self-tests: open, lock, selftest, close; and what `swap-key` did: open, reset.
LOGGED = 10


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: object) -> tuple[int, str]:
        capsys.readouterr()
        exit_code = main([str(word) for word in words])
        seen = capsys.readouterr()
        return exit_code, seen.out + seen.err

    return call


def of_box(daemon: Daemon) -> tuple[object, ...]:
    return (
        "--db", daemon.db, "--board", "pi", "--host", "127.0.0.1", "--mqtt-port", daemon.mqtt_port,
        "--by", "mori", "--patience", PATIENCE,
    )  # fmt: skip


def secrets_of(box: BareOnPty) -> list[str]:
    kept = json.loads((box.folder / "box.json").read_text())
    return [kept["key"], kept["password"]]


def test_transcript_of_a_whole_commissioning(daemon: Daemon, tmp_path: Path, run: Run) -> None:
    """A new car, then its key, then its box: each one command, no booking lost."""
    told = ""
    with BareOnPty(tmp_path / "first") as box, BareOnPty(tmp_path / "second") as other:

        def do(*words: object) -> str:
            nonlocal told
            exit_code, said = run(*words)
            assert exit_code == 0, said
            shown = " ".join(f"'{word}'" if " " in str(word) else str(word) for word in words)
            told += f"$ python -m fleetd {shown}\n{said}\n"
            for secret in secrets_of(box) if (box.folder / "box.json").exists() else []:
                assert secret not in said
            return said

        new = ("--new-plate", "Nerima 7", "--id", "4b4700000007", "--profile", "top24-2023")
        do("provision", box.port, *new, *of_box(daemon))
        first = secrets_of(box)
        do("car", "swap-key", box.port, "4b4700000007", *of_swap(daemon))
        assert not set(first) & set(secrets_of(box))
        do("car", "swap-box", other.port, "4b4700000007", *of_box(daemon))
        log = ("technician", "log", "--db", daemon.db, "--car", "4b4700000007")
        # What the box recorded last is on its way.
        until(lambda: len(json.loads(run(*log, "--json")[1])["events"]) == LOGGED, "whole log")
        do(*log)
        check("commissioning", told)
    for secret in (*first, *secrets_of(box), *secrets_of(other)):
        assert secret not in daemon.log.read_text()


def of_swap(daemon: Daemon) -> tuple[object, ...]:
    return ("--db", daemon.db, "--by", "mori", "--patience", PATIENCE)


def test_on_micropython_over_tls(tmp_path: Path, run: Run) -> None:
    """The CA goes in by the cable; the first HELLO is said to the daemon that it vouches for."""
    office = Authority(tmp_path)
    certificate, key = office.issue()
    with (
        depot(tmp_path, "--tls-cert", str(certificate), "--tls-key", str(key)) as daemon,
        BareOnPty(tmp_path / "box", "micropython") as box,
    ):
        assert daemon.told["mqtt"].startswith("mqtts://")
        tls = ("--tls", "--ca", der_of(office.file))
        more = ("--profile", "top24-2023", *of_box(daemon), *tls, "--json")
        exit_code, said = run("provision", box.port, "--car", CAR, *more)
        found: dict[str, Any] = json.loads(said)
        assert (exit_code, found["ok"], found["confirmed"]) == (0, True, True), said
        assert found["sha256"] == digest_of((box.folder / "box.json").read_bytes())
        # Done is done: a second time says how to go on.
        assert run("provision", box.port, "--car", CAR, *more)[0] == 0
        # A box that is somebody's makes no car.
        exit_code, said = run("provision", box.port, "--new-plate", "Suginami 9", *more)
        assert (exit_code, json.loads(said)["text"][:16]) == (1, "the box is that ")
        assert "Suginami 9" not in run("status", "--db", daemon.db)[1]


def test_interrupted_anywhere_it_goes_on_with_the_same_identity(
    daemon: Daemon, tmp_path: Path, run: Run
) -> None:
    """Power goes in the middle of the file, and again when it is there and nobody was heard."""
    with BareOnPty(tmp_path / "box") as box:
        with Line(box.port) as line:
            client = BoxClient(line)
            client.wake()
            part = b"x" * 100
            assert client.ask(f"provision begin box.json 100 {digest_of(part)}").ok
            assert client.ask("provision line 0 eHh4").ok
        box.cut_power()
        assert os.listdir(box.folder) == []
        port = ("--mqtt-port", 1)  # nobody is there
        exit_code, said = run(
            "provision", box.port, "--car", CAR, "--profile", "top24-2023", *of_box(daemon), *port,
            "--patience", 0,
        )  # fmt: skip
        assert exit_code == 1
        assert "NOT in service yet" in said
        before = secrets_of(box)
        (box.folder / "box.json").unlink()  # somebody else's mistake: bare once more
        box.cut_power()
        exit_code, said = run(
            "provision", box.port, "--car", CAR, "--profile", "top24-2023", *of_box(daemon)
        )
        assert exit_code == 0, said
        assert secrets_of(box) == before


def test_what_cannot_be_is_said_before_anything_is_done(
    daemon: Daemon, tmp_path: Path, run: Run
) -> None:
    whole = of_box(daemon)
    text = tmp_path / "text"
    text.write_text("none")
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"settings": {"key_box": "none"}}')
    with BareOnPty(tmp_path / "box") as box:
        for code, sentence, words in (
            (2, "--tls and --ca belong together", ("--car", CAR, *whole, "--tls")),
            (2, "key_box", ("--car", CAR, "--profile", "top24-2023", *whole, "--settings", wrong)),
            (2, "is no JSON", ("--car", CAR, *whole, "--settings", text)),
            (2, "there is none", ("--car", CAR, "--profile", "none", *whole)),
            (2, "--wifi: esp32 needs it; give", ("--car", CAR, *whole, "--board", "esp32")),
            (1, "There is no such car", ("--car", "4b4700000009", *whole)),
            (1, "says that it is pi", ("--car", CAR, *whole, "--board", "esp32", "--wifi", "x")),
        ):
            exit_code, said = run("provision", box.port, *words)
            assert (exit_code, said.count("\n")) == (code, 1), said
            assert sentence in said
        assert os.listdir(box.folder) == []
        with Line(box.port) as line:
            client = BoxClient(line)
            client.wake()
            with pytest.raises(Exception, match="password: missing"):
                put_file(client, "box.json", b'{"format":1,"car":"x","key":"y"}')
