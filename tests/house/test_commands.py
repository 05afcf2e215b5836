"""The commands that people rely on: what help lists, what is not there yet, what a lack says."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tools import tree

PROMISED = ("run", "test", "check", "diagram", "bench", "prove", "sim", "prove-long", "flash",
            "install-pi", "help")  # fmt: skip
MAKEFILE = (tree.ROOT / "Makefile").read_text(encoding="utf-8")
SH = shutil.which("sh") or "sh"


def call(*command: str, path: str | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **more}
    environment.pop("MAKEFLAGS", None)
    if path is not None:
        environment["PATH"] = path
    return subprocess.run(
        command, cwd=tree.ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("target", PROMISED)
def test_help_lists_each_target_with_a_line(target: str) -> None:
    assert re.search(rf"^  make {target} +\S", call("make", "help").stdout, re.MULTILINE)


def test_make_alone_prints_help() -> None:
    assert call("make").stdout == call("make", "help").stdout


def test_make_sim_repeats_what_ci_plays_and_the_other_form_when_it_is_asked_for() -> None:
    """A seed is another run in the other form."""
    for more, form in (([], " --short"), (["LONG=1"], "")):
        told = call("make", "-n", "-o", ".venv/run.stamp", "sim", "SEED=7", *more).stdout
        assert re.search(rf"-m simulator sim --seed 7{form} *$", told, re.MULTILINE), told


def test_nothing_needs_an_activated_environment() -> None:
    assert "activate" not in MAKEFILE.replace("activated", "")
    for line in MAKEFILE.splitlines():
        assert not re.match(r"\t@?(python|pip|pytest|ruff|mypy)\b", line), line


@pytest.mark.parametrize(
    "lock",
    [
        "requirements.lock",
        "requirements-run.lock",
        "requirements-build.lock",
        "requirements-stubs.lock",
        "requirements-pi.lock",
    ],
)
def test_locks_have_hashes_and_no_addresses(lock: str) -> None:
    text = (tree.ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    packages = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert packages
    for package in packages:
        assert re.match(r"[a-z0-9-]+==\S+ ", package)
        assert "--hash=sha256:" in package


def test_the_locks_agree() -> None:
    def pins(name: str) -> set[str]:
        text = (tree.ROOT / name).read_text(encoding="utf-8")
        return set(re.findall(r"^[a-z0-9-]+==\S+", text, re.MULTILINE))

    assert pins("requirements-run.lock") <= pins("requirements.lock")
    assert pins("requirements-pi.lock") <= pins("requirements.lock")


def test_package_lock_has_no_addresses() -> None:
    text = (tree.ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in text
    assert text.count('"integrity"') == text.count('"node_modules/')


def test_present_commands_need_nothing() -> None:
    done = call(SH, "tools/need_debian.sh", "node", "npm")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_an_unknown_command_names_the_place_to_add_it() -> None:
    done = call(SH, "tools/need_debian.sh", "no-such-command")
    assert done.returncode == 2
    assert "package_of" in done.stderr


def fake_commands(folder: Path, **scripts: str) -> str:
    """A folder for PATH that holds nothing but these."""
    for name, body in scripts.items():
        script = folder / name.replace("_", "-")
        script.write_text(f"#!{SH}\n{body}\n")
        script.chmod(0o755)
    return str(folder)


def test_without_rights_the_one_command_is_printed(tmp_path: Path) -> None:
    path = fake_commands(tmp_path, apt_get="exit 9", id="echo 1000", sudo="exit 1")
    done = call(SH, "tools/need_debian.sh", "node", "npm", path=path)
    assert done.returncode == 2
    assert done.stderr.endswith("type: sudo apt-get install nodejs npm\n")


@pytest.mark.parametrize(("user", "sudo"), [("0", "exit 1"), ("1000", '[ "$1" = -n ] || "$@"')])
def test_with_rights_the_packages_are_installed(tmp_path: Path, user: str, sudo: str) -> None:
    path = fake_commands(
        tmp_path,
        apt_get=f'echo "$@" >> {tmp_path}/log',
        id=f"echo {user}",
        sudo=sudo,
        env='shift; "$@"',
    )
    done = call(SH, "tools/need_debian.sh", "npm", path=path)
    assert done.returncode == 0, done.stderr
    updated, installed = (tmp_path / "log").read_text().splitlines()
    assert updated.endswith("update")
    assert "install" in installed
    assert installed.endswith(" npm")


def test_without_apt_the_packages_are_named(tmp_path: Path) -> None:
    done = call(SH, "tools/need_debian.sh", "node", path=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.endswith("no apt-get here: nodejs\n")


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ('case "$2" in *version*) exit 1;; esac; echo Python 3.9.2', "Python 3.9.2 is too old"),
        ('case "$2" in *venv*) exit 1;; esac', "install python3-venv"),
    ],
)
def test_a_python_that_will_not_do_is_named(tmp_path: Path, script: str, said: str) -> None:
    fake_commands(tmp_path, python=script)
    done = call(SH, "tools/make_venv.sh", str(tmp_path / "python"), str(tmp_path / "venv"))
    assert done.returncode == 2
    assert said in done.stderr
    assert not (tmp_path / "venv").exists()


def test_a_missing_python_is_named(tmp_path: Path) -> None:
    done = call(SH, "tools/make_venv.sh", "python3.99", str(tmp_path / "venv"))
    assert done.returncode == 2
    assert "sudo apt-get install python3 python3-venv" in done.stderr


def test_half_an_environment_does_not_stay(tmp_path: Path) -> None:
    fake_commands(tmp_path, python=f'case "$1" in -m) mkdir {tmp_path}/venv; exit 1;; esac')
    done = call(SH, "tools/make_venv.sh", str(tmp_path / "python"), str(tmp_path / "venv"))
    assert done.returncode != 0
    assert not (tmp_path / "venv").exists()
