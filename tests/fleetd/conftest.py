"""A fresh desk for a test."""

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.fleetd.rig import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Generator[Desk, None, None]:
    found = Desk(tmp_path / "fleet.db")
    yield found
    found.db.close()
