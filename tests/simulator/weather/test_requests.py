"""What is shown of a request is held against what the car did, where the daemon can know it (I3)."""

from __future__ import annotations

import sqlite3
from types import SimpleNamespace
from typing import Any, cast

import pytest

from simulator.weather.chronicle import Violation
from simulator.weather.office import Office
from simulator.weather.requests import TRUE_ANSWER, Requests

IDENT = bytes(range(8))


def _office(name: str) -> Any:
    disk = sqlite3.connect(":memory:")
    disk.execute("CREATE TABLE command (id, status, expires_s)")
    disk.execute("INSERT INTO command VALUES (?, 'pending', 30)", (IDENT,))
    return cast(Office, SimpleNamespace(name=name, disk=disk))


def _refuse(requests: Requests, office: Any) -> None:
    requests._done.add(IDENT)
    office.disk.execute("UPDATE command SET status = 'refused'")
    requests.see_commit(office)


def test_refused_and_done_is_a_lie() -> None:
    requests, office = Requests(), _office("daemon")
    requests.adopt(office)
    requests._inherited["daemon"].clear()
    with pytest.raises(Violation, match=TRUE_ANSWER):
        _refuse(requests, office)


def test_what_was_pending_when_it_was_copied_neither_side_may_hear_of() -> None:
    """As the long seed 20163 had it: the clone sent it, the daemon never did."""
    requests, office = Requests(), _office("daemon")
    requests.adopt(office)
    requests._inherited["daemon"].clear()
    requests.share(office)
    _refuse(requests, office)
    requests.adopt(office)
    requests.check_all()
