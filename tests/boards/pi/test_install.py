"""`make install-pi` for real, in a folder; and what it says where it cannot work."""

import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from boards.pi import main
from tests.house.test_commands import SH, fake_commands
from tools import tree

SCRIPT = "boards/pi/install.sh"
VENV = Path(sys.executable).parent.parent
UNIT = "etc/systemd/system/kagibako-box.service"


def install(
    *words: str | Path, path: str | None = None, umask: int = 0o022, **more: str
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **more, **({"PATH": path} if path is not None else {})}
    return subprocess.run(
        [SH, SCRIPT, *words], cwd=tree.ROOT, env=environment, capture_output=True, text=True,
        check=False, umask=umask,
    )  # fmt: skip


def box(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The installed program, by its own environment and from its own folder."""
    return subprocess.run(
        [root / "opt/kagibako/.venv/bin/python", "-m", "boards.pi", *words],
        cwd=root / "opt/kagibako/program", capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_it_installs_a_program_that_runs_and_never_touches_a_configuration(tmp_path: Path) -> None:
    # A folder as people write it, from where they are.
    folder = os.path.relpath(tmp_path, tree.ROOT)
    done = install("--root", folder, "--venv", VENV, "--profile", "jparc-2023")
    assert done.stderr == ""
    assert done.returncode == 0
    config = tmp_path / "etc/kagibako/box.json"
    assert config.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "var/lib/kagibako").stat().st_mode & 0o777 == 0o700
    for step in ("fill in", "--check", "systemctl enable --now kagibako-box", "journalctl"):
        assert step in done.stdout
    # Its own folder is all that it needs; the first gap of the configuration is named.
    checked = box(tmp_path, "--config", str(config), "--check")
    assert checked.returncode == main.EXIT_CONFIG
    assert checked.stderr.startswith("box.json: car: ")
    assert not list((tmp_path / "opt/kagibako/program").rglob("esp32"))
    assert not (tmp_path / "opt/kagibako/program/boards/sim").exists()

    # Again, over a program that is there, with a configuration that somebody filled in.
    config.write_text("mine")
    stale = tmp_path / "opt/kagibako/program/firmware/removed_since.py"
    stale.touch()
    (tmp_path / "opt/kagibako/program.new").mkdir()  # of an installation that was cut
    again = install("--root", tmp_path, "--venv", VENV)
    assert again.returncode == 0
    assert config.read_text() == "mine"
    assert "was left as it is" in again.stdout
    assert not stale.exists()
    assert sorted(found.name for found in (tmp_path / "opt/kagibako").iterdir()) == [
        ".venv",
        "program",
    ]


def test_an_update_that_cannot_get_its_packages_leaves_the_box_that_is_there(
    tmp_path: Path,
) -> None:
    """In a garage without a network: the service must start again after the next power cut."""
    assert install("--root", tmp_path, "--venv", VENV).returncode == 0
    old = tmp_path / "opt/kagibako/program/old"
    old.touch()
    failed = install("--root", tmp_path, PYTHON="python-that-is-not-there")
    assert failed.returncode == 2
    assert "python-that-is-not-there is not there" in failed.stderr
    assert old.exists()
    assert box(tmp_path, "--help").returncode == 0
    # Done again where it can be had, all is new, and nothing is left of the attempt.
    assert install("--root", tmp_path, "--venv", VENV).returncode == 0
    assert not old.exists()
    assert box(tmp_path, "--help").returncode == 0
    found = sorted(one.name for one in (tmp_path / "opt/kagibako").iterdir())
    assert found == [".venv", "program"]


def test_a_strict_umask_of_roots_does_not_lock_the_service_out(tmp_path: Path) -> None:
    assert install("--root", tmp_path, "--venv", VENV, umask=0o077).returncode == 0
    for name in ("opt/kagibako", "opt/kagibako/program", "etc/kagibako"):
        assert (tmp_path / name).stat().st_mode & 0o005 == 0o005, name
    assert (tmp_path / "etc/kagibako/box.json").stat().st_mode & 0o777 == 0o600


def test_the_unit_is_what_the_program_wants(tmp_path: Path) -> None:
    """SAFE-6 and the README rest on these lines."""
    install("--root", tmp_path, "--venv", VENV)
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(tmp_path / UNIT)
    service = unit["Service"]
    assert (service["Type"], service["Restart"]) == ("notify", "always")
    assert 2 <= int(service["WatchdogSec"]) <= 15
    assert service["RestartPreventExitStatus"] == str(main.EXIT_CONFIG)
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"
    words = service["ExecStart"].split()
    assert words[:3] == ["/opt/kagibako/.venv/bin/python", "-m", "boards.pi"]
    parsed = main._arguments(words[3:])
    assert (parsed.config, parsed.state) == (main.CONFIG, main.STATE)
    # A console brings and takes away box.json, and nothing else of the system.
    assert parsed.console == "${KAGIBAKO_CONSOLE}"
    assert (service["ProtectSystem"], service["ReadWritePaths"]) == ("strict", "/etc/kagibako")
    assert "Environment=KAGIBAKO_CONSOLE=/dev/ttyGS0" in (tmp_path / UNIT).read_text()
    modules = (tmp_path / "etc/modules-load.d/kagibako.conf").read_text().split()
    assert modules[-2:] == ["usbserial", "cdc_acm"]
    assert service["WorkingDirectory"] == "/opt/kagibako/program"
    assert (service["User"], service["NoNewPrivileges"]) == ("kagibako", "true")
    # The unit lets the box at the device, and udev gives it to the box: one alone is of no use.
    assert "DeviceAllow=/dev/watchdog rw" in (tmp_path / UNIT).read_text()
    rules = (tmp_path / "etc/udev/rules.d/60-kagibako.rules").read_text()
    assert 'KERNEL=="watchdog", GROUP="kagibako", MODE="0660"' in rules
    assert service["CapabilityBoundingSet"] == service["AmbientCapabilities"] == "CAP_SYS_TIME"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--root"], "--root wants a word behind it"),
        (["--colour", "red"], "--colour: unknown; write --root FOLDER, "),
        (["--root", "{root}", "--profile", "acme"], "acme: no such profile (there are: "),
        (["--root", "{root}", "--venv", "{root}"], "there is no bin/python in it"),
    ],
)
def test_a_word_that_makes_no_sense(tmp_path: Path, words: list[str], sentence: str) -> None:
    done = install(*[word.format(root=tmp_path) for word in words])
    assert done.returncode == 2
    assert done.stderr.startswith("install-pi: ")
    assert sentence in done.stderr


@pytest.mark.parametrize(
    ("user", "machine", "sentence"),
    [
        ("1000", "aarch64", "this wants root's rights: sudo make install-pi"),
        ("0", "armv7l", "this is a armv7l; the packages exist for 64-bit ARM"),
        ("0", "aarch64", "systemd does not run here"),
    ],
)
def test_where_it_cannot_work_nothing_is_touched(
    tmp_path: Path, user: str, machine: str, sentence: str
) -> None:
    (tmp_path / "dirname").symlink_to(shutil.which("dirname") or "dirname")
    # There is nothing else that it could do harm with.
    path = fake_commands(tmp_path, id=f"echo {user}", uname=f"echo {machine}")
    done = install(path=path)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stdout == ""
