"""What a Raspberry Pi lets a technician change at the console, as its own start judges it (TECH-4)."""

import json
from pathlib import Path

import pytest

from boards.pi.own import own_settings
from tests.boards.pi.box_process import values

BOARD = {
    "reader": {"by": "rcs380"}, "odometer": {"pulses_per_km": 2500},
    "converter": {"channel": 7, "divider_per_1000": 5700},
    "pins": {"odometer": 14, "trunk": None, "key": 15, "knob_at_return": None, "engine": None,
             "moving": None, "brake": None},
}  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "box.json"
    found.write_text(json.dumps(values(board=BOARD, network="system")))
    found.chmod(0o600)
    return found


def test_odometer_and_battery_are_calibrated(path: Path) -> None:
    own = own_settings(path)
    assert own.put("pulses_per_km", "2548") == own.put("divider_per_1000", "5712") == ""
    board = json.loads(path.read_text())["board"]
    assert board == {
        **BOARD, "odometer": {"pulses_per_km": 2548},
        "converter": {"channel": 7, "divider_per_1000": 5712},
    }  # fmt: skip


@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_the_new_file_is_as_secret_as_the_old_one(path: Path, mode: int) -> None:
    path.chmod(mode)
    assert own_settings(path).put("host", "x.example") == ""
    assert path.stat().st_mode & 0o777 == mode


def test_what_the_next_start_would_refuse_is_refused_now(path: Path) -> None:
    before = path.read_text()
    own = own_settings(path)
    assert "0 is no whole number from 1 to 1000000" in own.put("pulses_per_km", "0")
    path.write_text(json.dumps(values(board={}, network="system")))
    assert "board.pins.odometer: missing" in own.put("pulses_per_km", "2548")
    assert "board.converter.channel: missing" in own.put("divider_per_1000", "5712")
    assert own.put("wifi", "depot").startswith("there is no setting wifi")
    path.write_text(before)
    assert own.put("host", "x.example") == ""
