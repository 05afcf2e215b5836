"""What keeps the daemon from starting: 2 when a later start would find it as it is, else 1.

The unit starts it again after 1 and never after 2 (`RestartPreventExitStatus`).
"""

import errno
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from fleetd.host.command_line import main
from fleetd.ledger import key as ledger_key
from fleetd.store import lease
from tests.fleetd.mqtt.certificates import Authority

Start = Callable[..., tuple[int, str]]
DB, KEY = Path("fleet.db"), Path("fleet.db.journal-key")
UNIT = Path(__file__).parents[3] / "fleetd" / "deploy" / "fleetd.service"
ANY_PORT = ("--http-port", "0", "--mqtt-port", "0")


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of one that has signed something."""
    folder = tmp_path_factory.mktemp("fleet")
    assert main(["init", "--db", str(folder / DB)]) == 0
    with sqlite3.connect(folder / DB) as db:
        db.execute("INSERT INTO checkpoint VALUES (1, 0, '{}', zeroblob(64))")
        db.execute("PRAGMA journal_mode = DELETE")
    db.close()
    return folder


@pytest.fixture
def start(
    fleet: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Start:
    """Exit code and the one sentence, beside a copy of the fleet."""
    monkeypatch.chdir(tmp_path)
    for name in (DB, KEY):
        shutil.copy(fleet / name, name)

    def call(*words: str) -> tuple[int, str]:
        exit_code = main(["serve", "--db", "fleet.db", *words])
        seen = capsys.readouterr()
        assert (seen.out, seen.err.count("\n")) == ("", 1)
        return exit_code, seen.err

    return call


def change(sql: str) -> Callable[[], object]:
    def work() -> None:
        with sqlite3.connect(DB) as db:
            db.execute(sql)
        db.close()

    return work


def _folder() -> None:
    DB.unlink()
    DB.mkdir(0o700)


def _key_elsewhere() -> None:
    KEY.unlink()
    KEY.symlink_to("elsewhere")


FILES: dict[str, tuple[Callable[[], object], str]] = {
    "no database": (DB.unlink, "there is no database"),
    "a folder": (_folder, "is a folder"),
    "no database of ours": (change("PRAGMA application_id = 1"), "is no database of this program"),
    "of a newer program": (change("PRAGMA user_version = 999"), "run the newer program"),
    "no database at all": (lambda: DB.write_bytes(b"text " * 2000), "take another copy"),
    "cut short": (lambda: DB.write_bytes(DB.read_bytes()[:8192]), "take another copy"),
    "a profile that there is not": (
        change("UPDATE fleet SET profile = 'top24-1999'"), "there is none; choose one of",
    ),
    "never finished": (change("DELETE FROM fleet"), "was never finished"),
    "others can read it": (lambda: DB.chmod(0o644), "chmod 600"),
    "no journal key": (KEY.unlink, "the key that signs the journal is missing; put it back"),
    "a journal key that is none": (lambda: KEY.write_text("x"), "is no Ed25519 key in PEM"),
    "a journal key elsewhere": (_key_elsewhere, "cannot be read"),
    "others can read the journal key": (lambda: KEY.chmod(0o640), "chmod 600"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_a_new_start_finds_as_it_is(start: Start, name: str) -> None:
    spoil, said = FILES[name]
    spoil()
    for _ in range(2):  # nor does the first start change that
        exit_code, err = start(*ANY_PORT)
        assert (exit_code, said in err) == (2, True), err


BROKER = ("--broker", "127.0.0.1:1", "--broker-user", "fleetd")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--tls-cert", "none", "--tls-key", "none"), "--tls-key none: cannot be used"),
        (("--tls-cert", "cert", "--tls-key", "other"), "--tls-key other: cannot be used"),
        ((*BROKER, "--broker-password-file", "none"), "--broker-password-file none: No such file"),
        ((*BROKER, "--broker-password-file", "binary"), "--broker-password-file binary: no text"),
        ((*BROKER, "--broker-ca", "none"), "--broker-ca, --broker-cert, --broker-key: cannot be"),
        ((*BROKER, "--broker-ca", "binary"), "--broker-ca, --broker-cert, --broker-key: cannot be"),
        (("--metrics", "0.0.0.0:9109"), "everybody could read it there"),
        (("--what",), "--what"),
    ],
)
def test_an_option_that_a_new_start_finds_as_it_is(
    start: Start, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    for name, kept in (("cert", 0), ("other", 1)):
        files = Authority(tmp_path, name).issue(name=name)
        shutil.move(files[kept], name)
    Path("binary").write_bytes(b"\xff\xfe\0")
    for name in ("cert", "other", "binary"):
        Path(name).chmod(0o600)
    ports = () if words[0] == "--broker" else ("--mqtt-port", "0")
    exit_code, err = start("--http-port", "0", *ports, *words)
    assert (exit_code, said in err) == (2, True), err


@pytest.mark.parametrize(
    ("number", "due"),
    [
        (errno.EADDRINUSE, 1), (errno.EADDRNOTAVAIL, 1), (-3, 1),  # of a name: try again
        (errno.EACCES, 2), (errno.EPERM, 2), (errno.EAFNOSUPPORT, 2),
    ],
)  # fmt: skip
def test_a_port(start: Start, monkeypatch: pytest.MonkeyPatch, number: int, due: int) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, "said by the machine")

    monkeypatch.setattr("fleetd.serving.http_servers.listen", refuse)
    exit_code, err = start(*ANY_PORT)
    assert (exit_code, "choose another with --host or --http-port" in err) == (due, True), err


@pytest.mark.parametrize(
    ("number", "due"),
    [(errno.ENOSPC, 1), (errno.EIO, 1), (errno.EACCES, 2), (errno.EROFS, 2)],
)
def test_a_disk(start: Start, monkeypatch: pytest.MonkeyPatch, number: int, due: int) -> None:
    """Of a full one somebody makes room, and the daemon is back by itself."""

    def refuse(*_: object) -> None:
        raise OSError(number, "said by the machine")

    monkeypatch.setattr("fleetd.store.lease.os.open", refuse)
    exit_code, err = start(*ANY_PORT)
    assert (exit_code, "fleet.db.lock: cannot be opened: said by" in err) == (due, True), err


@pytest.mark.parametrize(("number", "due"), [(sqlite3.SQLITE_CORRUPT, 2), (sqlite3.SQLITE_BUSY, 1)])
def test_what_sqlite_says_later(
    start: Start, monkeypatch: pytest.MonkeyPatch, number: int, due: int
) -> None:
    """Past the opening, where nobody has put it into a sentence yet."""

    def refuse(*_: object) -> None:
        error = sqlite3.DatabaseError("said by SQLite")
        error.sqlite_errorcode = number
        raise error

    monkeypatch.setattr("fleetd.serving.serve.Fleet", refuse)
    exit_code, err = start(*ANY_PORT)
    assert (exit_code, "fleet.db: said by SQLite; " in err) == (due, True), err


def test_another_daemon_ends_one_day(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fleetd.store.lease._WAIT_S", 0)
    with lease.held(DB):
        assert start(*ANY_PORT) == (
            1, "fleet.db: another daemon serves it; end that one first\n",
        )  # fmt: skip


def test_the_unit_tries_again_after_1_alone() -> None:
    lines = UNIT.read_text().splitlines()
    assert "Restart=on-failure" in lines
    assert [line for line in lines if line.startswith("RestartPrevent")] == [
        "RestartPreventExitStatus=2"
    ]
    assert ledger_key.path_of(DB).name == KEY.name
