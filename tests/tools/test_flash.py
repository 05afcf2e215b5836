"""`make flash`: mpremote itself against a real MicroPython's raw prompt behind a pseudo-terminal."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from tests.portable.boards import box_rig
from tests.tools.pty_board import UNIX, board_at_pty
from tools import flash, flash_board, flash_files, tree

# A board that the tool does not stop in a hurry: it dies at its 70th command, in the midst of it.
DIES = """
import os, signal, sys
from mpremote.transport_serial import SerialTransport
from tools import flash
calls = []
def dying(self, command, timeout=10, data_consumer=None):
    calls.append(command)
    if len(calls) == 70:
        self.read_until(1, b">")
        self.serial.write(b"\\x05A\\x01")
        self.serial.read(4)
        self.serial.write(command[:60].encode())
        os.kill(os.getpid(), signal.SIGKILL)
    return run(self, command, timeout, data_consumer)
run, SerialTransport.exec_raw = SerialTransport.exec_raw, dying
flash.main(sys.argv[1:])
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The board's files."""
    return tmp_path / "board"


@pytest.fixture
def port(folder: Path) -> Iterator[str]:
    with board_at_pty(UNIX, folder) as name:
        yield name


def call(port: str, *more: str) -> tuple[str, ...]:
    return ("--board", "esp32s3", "--port", port, *more)


def report(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    code = flash.main([*arguments, "--json"])
    out, err = capsys.readouterr()
    assert (code, err) == (0, "")
    found: dict[str, object] = json.loads(out)
    return found


def config_file(folder: Path, **changes: object) -> Path:
    path = folder / "box.json"
    path.write_text(json.dumps({**box_rig.values(), **changes}), encoding="utf-8")
    return path


@pytest.mark.micropython
def test_killed_in_the_midst_it_is_mended_by_doing_it_again(
    port: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The board hangs in half a command, and main.py is not there: nothing starts meanwhile."""
    done = subprocess.run([sys.executable, "-c", DIES, *call(port)], cwd=tree.ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    there = {str(path.relative_to(folder)) for path in folder.rglob("*.mpy")}
    assert 30 < len(there) < 70
    assert not (folder / "main.py").exists()
    mended = report(capsys, *call(port))
    assert isinstance(mended["written"], list)
    assert mended["written"][-1] == "main.py"
    assert mended["unchanged"] in (len(there) - 1, len(there)), "one may be half a file"
    assert (folder / "main.py").exists()
    assert report(capsys, *call(port))["written"] == []


@pytest.mark.micropython
def test_files_that_changed_on_the_board_are_found(
    port: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Damage beforehand is mended; damage behind our back is told, and main.py stays away."""
    monkeypatch.setattr(flash_files, "FOLDERS", ("firmware/wire", "hal"))
    small = flash_files.KINDS["esp32s3"]._replace(folders=())
    monkeypatch.setitem(flash_files.KINDS, "esp32s3", small)
    config = config_file(tmp_path)
    report(capsys, *call(port, "--config", str(config)))
    assert (folder / "box.json").read_bytes() == config.read_bytes()
    codes = folder / "firmware" / "wire" / "codes.mpy"
    codes.write_bytes(codes.read_bytes()[:-1] + b"?")
    (folder / "firmware" / "wire" / "codes.py").write_text("shadows the compiled one")
    (folder / "boards" / "notes.txt").write_text("mine")

    planned = report(capsys, *call(port, "--dry-run"))
    assert (planned["done"], planned["written"]) == (False, ["firmware/wire/codes.mpy", "main.py"])
    assert planned["removed"] == ["firmware/wire/codes.py"]
    assert (folder / "firmware" / "wire" / "codes.py").exists()

    def damage(number: int, count: int, path: str) -> None:
        (folder / "hal" / "pn532.mpy").write_bytes(b"worn out")

    with monkeypatch.context() as planted:
        planted.setattr(flash, "_progress", damage)
        assert flash.main([*call(port)]) == 1
    assert "hal/pn532.mpy reads back other than it was written (1 of " in capsys.readouterr().err
    assert not (folder / "main.py").exists()
    assert flash.main([*call(port)]) == 0
    out = capsys.readouterr().out
    assert "2 written, 0 removed, " in out
    assert "no box.json" not in out
    assert (folder / "boards" / "notes.txt").read_text() == "mine"
    assert (folder / "box.json").read_bytes() == config.read_bytes()


def test_the_wrong_board_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with board_at_pty(
        UNIX, folder, "Implementation._machine = 'ESP32C3 module with ESP32-C3'\n"
    ) as port:
        assert flash.main([*call(port)]) == 1
    assert (
        "this is no ESP32-S3: the board calls itself 'ESP32C3 module with ESP32-C3"
        in capsys.readouterr().err
    )
    assert list(folder.iterdir()) == []


def test_a_board_without_psram_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with board_at_pty(UNIX, folder, "Esp32.heaps = Esp32.heaps[:1]\n") as port:
        assert flash.main([*call(port)]) == 1
    assert "no PSRAM (its largest memory has 301,000 bytes)" in capsys.readouterr().err
    assert list(folder.iterdir()) == []


def test_a_port_in_use_is_told(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with serial.Serial(port, exclusive=True):
        assert flash.main([*call(port)]) == 1
    assert f"port {port} cannot be opened; another program has it" in capsys.readouterr().err


def test_a_port_that_does_not_exist_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert flash.main([*call("/dev/ttyUSB99")]) == 1
    assert "port /dev/ttyUSB99 does not exist; there " in capsys.readouterr().err


def test_a_board_without_micropython_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flash_board, "PROMPT_WAIT_S", 0.05)
    echo = "import sys\nsys.stdout.write('>>> ')\nsys.stdout.flush()\nsys.stdin.read()"
    with board_at_pty((sys.executable, "-c", echo), tmp_path / "board") as port:
        assert flash.main([*call(port)]) == 1
    assert f"port {port}: no prompt of MicroPython; is stock" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "no board was named; there are esp32, esp32s3, as: make flash BOARD="),
        (("--board", "esp32c3"), "board esp32c3 is unknown; there are esp32, esp32s3"),
        (("--board", "esp32"), "no port was named; as: make flash"),
        (("--board", "esp32", "--dry-run", "--config", "no/box.json"), "no/box.json: No such file"),
    ],
)
def test_wrong_use(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert flash.main([*arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_wrong_configuration_is_told_without_its_secrets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = config_file(tmp_path, port=0)
    assert flash.main([*call("/dev/ttyUSB99", "--config", str(config))]) == 2
    err = capsys.readouterr().err
    assert "box.json: port: 0 is no port" in err
    assert box_rig.KEY not in err
    assert box_rig.PASSWORD not in err


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"board": {"postion": True}}, "box.json: board: postion: unknown (known: "),
        ({"board": {"clock_chip": True}}, "box.json: board: clock_chip: a plain ESP32 has no pins"),
        ({"network": "system"}, "box.json: network: system is nothing that an ESP32 box has"),
        (
            {"tls": True, "ca": "ca.der"},
            "ca.der is no certificate in DER form; make one of ca.pem: openssl x509 -in ca.pem",
        ),
    ],
)
def test_what_the_box_would_not_take_is_told_at_the_desk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, object], said: str
) -> None:
    (tmp_path / "ca.der").write_text("-----BEGIN CERTIFICATE-----")
    config = config_file(tmp_path, **changes)
    assert flash.main(["--board", "esp32", "--dry-run", "--config", str(config)]) == 2
    assert said in capsys.readouterr().err


def test_sizes_without_a_board(capsys: pytest.CaptureFixture[str]) -> None:
    assert flash.main(["--board", "esp32", "--dry-run"]) == 0
    lines = capsys.readouterr().out.splitlines()
    sizes = {line.split()[1]: int(line.split()[0].replace(",", "")) for line in lines[:-1]}
    assert lines[-1] == f"{sum(sizes.values()):>9,}  bytes in all"
    assert set(sizes) >= {"firmware", "firmware/wire", "hal", "boards", "main.py"}
    assert 100_000 < sizes["firmware"] < 400_000


def test_interrupted_by_a_person(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(port: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(flash_board, "open_board", interrupted)
    assert flash.main(["--board", "esp32", "--port", "/dev/null"]) == 1
    assert capsys.readouterr().err == "flash: interrupted; flash it again, that mends it\n"


def test_make_passes_all_on() -> None:
    # Not as a part of `make test`: that make would say last which directory it leaves.
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))
    }
    done = subprocess.run(
        ["make", "-n", "flash", "BOARD=esp32s3", "PORT=/dev/ttyACM0", "CONFIG=box.json"],
        cwd=tree.ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    wanted = "-m tools.flash --board esp32s3 --port /dev/ttyACM0 --config box.json"
    assert done.stdout.strip().endswith(wanted)
