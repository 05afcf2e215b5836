"""Bad input to the car's own command and to the view: one sentence, and nothing is begun."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.desk.accounts import Accounts
from simulator.desk.state_files import lock
from tools import tree


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "simulator", *arguments],
        cwd=tree.ROOT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@pytest.fixture(name="words")
def right_words(tmp_path: Path) -> dict[str, str]:
    identity = {"car": "4b4700000001", "key": "00" * 32, "password": "x"}
    (tmp_path / "identity.json").write_text(json.dumps(identity))
    Accounts("4b4700000001", "XXY00001001", ()).keep(tmp_path)
    return {
        "--state": str(tmp_path),
        "--centre": "mqtt://127.0.0.1:1",
        "--phones": "http://127.0.0.1:1",
        "--db": str(tmp_path / "fleet.db"),
        "--identity": str(tmp_path / "identity.json"),
        "--vm": "cpython",
    }


def car(words: dict[str, str]) -> tuple[int, str]:
    done = run("car", *(part for pair in words.items() for part in pair))
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--centre", "127.0.0.1:1883", "is no address"),
        ("--centre", "mqtt://127.0.0.1", "is no address"),
        ("--phones", "http://127.0.0.1:99999", "is no address"),
        ("--feed-port", "-1", "is no port"),
        ("--speed", "0", "is not a number from"),
        ("--scenario", "none.yaml", "none.yaml: cannot be read"),
    ],
)
def test_arguments_that_are_wrong(
    words: dict[str, str], option: str, value: str, said: str
) -> None:
    code, sentence = car({**words, option: value})
    assert code == 2
    assert said in sentence


def test_an_identity_that_is_none(words: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "identity.json").write_text("{}")
    assert "holds no identity" in car(words)[1]
    (tmp_path / "identity.json").unlink()
    assert "holds no identity" in car(words)[1]


def test_a_folder_that_is_in_use(words: dict[str, str], tmp_path: Path) -> None:
    lock(tmp_path / "car.lock")
    code, sentence = car(words)
    assert code == 1
    assert "another process uses it" in sentence


def test_flash_of_another_size(words: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "journal.flash").write_bytes(b"x")
    code, sentence = car(words)
    assert code == 1
    assert "journal.flash: is no flash of 262144 bytes" in sentence


def test_a_fleet_that_was_not_made(words: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "accounts.json").unlink()
    code, sentence = car(words)
    assert code == 1
    assert "python -m simulator run makes it" in sentence


@pytest.mark.parametrize("feed", ["7070", ":7070", "127.0.0.1:", "127.0.0.1:http", "x:70700"])
def test_a_feed_that_is_no_address(feed: str) -> None:
    done = run("view", "--feed", feed)
    assert done.returncode == 2
    assert "is no address" in done.stderr
    assert done.stderr.count("\n") == 1


def test_both_have_help_with_an_example() -> None:
    for command in ("car", "view"):
        done = run(command, "--help")
        assert done.returncode == 0
        assert f"python -m simulator {command} --" in done.stdout.partition("example:")[2]
