"""A daemon whose fleet has a technician, for what is played at a box's cable."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fleetd.service import Fleet
from fleetd.store.database import open_existing
from tests.fleetd.daemon import Daemon

#: Who may lay a box bare, too.
TECHNICIAN, LEVEL = "mori", 2


@contextmanager
def depot(folder: Path, *options: str) -> Iterator[Daemon]:
    """With these options of `fleetd serve`."""
    made = Daemon(folder, *options)
    try:
        fleet_of(made).put_technician(TECHNICIAN, LEVEL)
        yield made
    finally:
        made.stop()


def fleet_of(daemon: Daemon) -> Fleet:
    """Beside the daemon, as the operator's commands are."""
    return Fleet(open_existing(daemon.db), lambda _car, _frame: None, time.time)


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    with depot(tmp_path) as made:
        yield made
