"""One daemon a database; the operator's commands beside it; nothing to clear away after a kill."""

import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleetd.store import lease
from fleetd.store.database import DatabaseError, create
from tests.fleetd.daemon import PATIENCE_S, ROOT, Daemon, fleetd


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    found = Daemon(tmp_path)
    yield found
    if found.process.poll() is None:
        found.kill()


def second(database: Path) -> subprocess.CompletedProcess[str]:
    """Another `serve`, which has to end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "fleetd", "serve", "--db", str(database), "--http-port", "0",
         "--mqtt-port", "0"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE_S,
    )  # fmt: skip


def test_a_second_daemon_is_refused_by_whatever_name(daemon: Daemon, tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(daemon.db)
    for name in (daemon.db, link):
        done = second(name)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == f"{name}: another daemon serves it; end that one first\n"
    assert daemon.process.poll() is None
    assert fleetd("status", "--db", str(link))["is_served"] is True


def test_a_killed_daemon_leaves_no_lock(daemon: Daemon) -> None:
    daemon.kill()
    assert fleetd("status", "--db", str(daemon.db))["is_served"] is False
    daemon.start()
    assert fleetd("status", "--db", str(daemon.db))["is_served"] is True


def test_it_is_let_go_at_the_end_and_looked_at_without_harm(tmp_path: Path) -> None:
    path = tmp_path / "f.db"
    create(path).close()
    assert not lease.is_held(path)
    with lease.held(path):
        assert lease.is_held(path)
        assert stat.S_IMODE((tmp_path / "f.db.lock").stat().st_mode) == 0o600
        with pytest.raises(DatabaseError, match="another daemon serves it"), lease.held(path):
            pass
        assert lease.is_held(path)
    assert not lease.is_held(path)
    with lease.held(path):
        pass


def test_without_a_database_there_is_nothing_to_lock(tmp_path: Path) -> None:
    with lease.held(tmp_path / "f.db"):
        assert list(tmp_path.iterdir()) == []
