"""A browser without script for a test."""

import pytest

from tests.fleetd.pages.reader import Reader, reader_of
from tests.fleetd.rig import Desk


@pytest.fixture
def reader(desk: Desk) -> Reader:
    """The driver's, logged in, in English."""
    return reader_of(desk)
