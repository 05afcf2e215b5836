"""A fresh desk for a test, and on it a booking and its car."""

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Desk, ScriptedCar, online


@pytest.fixture
def desk(tmp_path: Path) -> Generator[Desk, None, None]:
    found = Desk(tmp_path / "fleet.db")
    yield found
    found.db.close()


@pytest.fixture
def booking(desk: Desk) -> int:
    """For now."""
    return int(desk.fleet.add_booking(desk.driver, CAR, NOW_S, NOW_S + 2 * HOUR_S)["id"])


@pytest.fixture
def car(desk: Desk, booking: int) -> ScriptedCar:
    """It is there, and has the booking."""
    return online(desk)
