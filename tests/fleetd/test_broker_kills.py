"""The broker dies three times with traffic on it; a hundred times in `make prove-long`."""

from pathlib import Path

from tests.fleetd.broker_kills import run


def test_nothing_is_lost_or_doubled_when_the_broker_is_killed(tmp_path: Path) -> None:
    """SAFE-5; I2, I3, I4: each event once, commands with a true end, the car in step."""
    counts = run(tmp_path, kills=3, seed=1)
    assert counts["kills"] == 3
    assert counts["events"] > 3
    assert counts["changes"] + counts["commands"] > 0
