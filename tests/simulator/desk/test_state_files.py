"""Files of a desk: whole or not there, the user's alone, and one process at a time."""

import subprocess
import sys
from pathlib import Path

import pytest

from simulator.desk.accounts import Accounts, Driver, read_accounts
from simulator.desk.state_files import StateError, lock, make_folder, read_json, write_json
from tools import tree


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_json(tmp_path / "x.json", {"a": "扉"})
    write_json(tmp_path / "x.json", {"a": 2})
    assert read_json(tmp_path / "x.json") == {"a": 2}
    assert (tmp_path / "x.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]
    assert read_json(tmp_path / "y.json") is None


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "\xff"])
def test_what_is_no_state_gets_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text, encoding="latin-1")
    with pytest.raises(StateError, match="move it away to begin anew"):
        read_json(tmp_path / "x.json")


def test_a_write_that_is_cut_off_leaves_the_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_json(tmp_path / "x.json", {"a": 1})

    def die(_self: Path, _target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", die)
    with pytest.raises(KeyboardInterrupt):
        write_json(tmp_path / "x.json", {"a": 2})
    assert read_json(tmp_path / "x.json") == {"a": 1}


def test_a_folder_that_cannot_be_made_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError, match="cannot be made a folder"):
        make_folder(tmp_path / "file" / "desk")
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_two_processes_do_not_share_a_desk(tmp_path: Path) -> None:
    lock(tmp_path / "car.lock")
    code = "import sys; from pathlib import Path; from simulator.desk.state_files import lock; lock(Path(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "car.lock")],
        cwd=tree.ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "another process uses it" in done.stderr.splitlines()[-1]


def test_accounts_are_kept_and_say_no_password_by_themselves(tmp_path: Path) -> None:
    driver = Driver("XXY00001001", "KAG00001001", "secret-word", "0101060112AB34CD")
    accounts = Accounts("4b4700000001", driver.name, (driver,), ("01010601AAAAAAAA",), (("B1", 3),))
    accounts.keep(tmp_path)
    assert read_accounts(tmp_path) == accounts
    assert "secret-word" not in repr(accounts)
    assert accounts.driver("KAG00001001") == accounts.driver("XXY00001001") == driver
    assert accounts.driver("nobody") is None


def test_accounts_that_are_none_get_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="is not there"):
        read_accounts(tmp_path)
    write_json(tmp_path / "accounts.json", {"car": "x"})
    with pytest.raises(StateError, match="holds no accounts"):
        read_accounts(tmp_path)
