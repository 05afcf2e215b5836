"""A browser without script for a test."""

import pytest

from tests.fleetd.pages.reader import Reader, reader_of
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Desk


@pytest.fixture
def reader(desk: Desk) -> Reader:
    """The driver's, logged in, in English."""
    return reader_of(desk)


@pytest.fixture
def booking(desk: Desk) -> int:
    """For now."""
    return int(desk.fleet.add_booking(desk.driver, CAR, NOW_S, NOW_S + 2 * HOUR_S)["id"])
