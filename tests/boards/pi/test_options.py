"""What `board` of `box.json` may say, and the table of pins with it: each mistake is one sentence."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from boards.box_config import ConfigError, load
from boards.pi import pins
from boards.pi.board import Board
from boards.pi.options import Options
from boards.pi.skeleton import PROFILES, skeleton
from boards.pi.wiring import rows_of
from boards.pin_table import IN, INPUT_NAMES, BoardError, row_of
from tests.boards.pi.box_process import values
from tools.tree import ROOT


def options(network: str = "system", **board: Any) -> Options:
    return Options(load(json.dumps(values(board=board, network=network))))


def complaint(**board: Any) -> str:
    with pytest.raises((ConfigError, BoardError)) as caught:
        rows_of(options(**board))
    return str(caught.value)


def test_the_services_console_holds_where_the_file_names_none() -> None:
    assert options().console == ""
    for board, console in (({}, "/dev/ttyGS0"), ({"console": "/dev/ttyUSB7"}, "/dev/ttyUSB7")):
        got = Options(load(json.dumps(values(board=board))), "/dev/ttyGS0")
        assert got.console == console
    assert Options(load(json.dumps(values(board={"console": ""}))), "/dev/ttyGS0").console == ""


def test_without_a_word_it_is_a_pn532_on_the_header() -> None:
    got = options()
    assert (got.reader, got.reader_port, got.link, got.clock) == (
        "pn532",
        "/dev/serial0",
        "own",
        "centre",
    )
    assert (got.position_port, got.pulses_per_km, got.channel) == ("", 0, -1)
    rows = rows_of(got)
    assert row_of(rows, "reader_tx")[2] == 14
    assert row_of(rows, "enable")[2] == 18


def test_everything_that_may_be_said() -> None:
    got = options(
        reader={"by": "rcs380"},
        position={"port": "/dev/ttyACM0", "baud": 38400, "antenna": False},
        odometer={"pulses_per_km": 2548},
        converter={"channel": 7, "divider_per_1000": 6600},
        battery_offset_mv=700,
        pins={"odometer": 14, "trunk": None, "key": 15, "knob_at_return": None, "engine": None,
              "moving": None, "brake": None},
        link="paho",
        clock="machine",
        watchdog="/dev/watchdog",
    )  # fmt: skip
    assert (got.reader, got.reader_port) == ("rcs380", "")
    assert (got.position_baud, got.tells_antenna, got.divider_per_1000) == (38400, False, 6600)
    assert (got.battery_offset_mv, options().battery_offset_mv) == (700, 0)
    rows = rows_of(got)
    assert row_of(rows, "odometer")[2] == 14
    assert row_of(rows, "converter_select")[2] == 8
    assert row_of(rows, "trunk")[2] < 0


@pytest.mark.parametrize(
    ("board", "sentence"),
    [
        ({"serial": 1}, "board.serial: unknown; remove it (known: reader, "),
        ({"reader": "pn532"}, "board.reader: it is no set of values; write { } with some of by, "),
        ({"reader": {"by": "acr122"}}, "'acr122' is none of pn532, pn532-nfcpy, rcs380"),
        ({"reader": {"port": 3}}, "board.reader.port: it is no text; write the device in quotes"),
        ({"reader": {"speed": 3}}, "board.reader.speed: unknown; remove it (known: by, port)"),
        ({"position": {"baud": 9600}}, "board.position.port: missing; write the device"),
        ({"position": {"port": "/dev/x", "baud": 1}}, "board.position.baud: 1 is none of 4800, "),
        ({"position": {"port": "/dev/x", "antenna": 1}}, "antenna: 1 is not a yes or no"),
        ({"odometer": {"pulses_per_km": 0}}, "0 is no whole number from 1 to 1000000"),
        ({"odometer": {"pulses_per_km": True}}, "True is no whole number"),
        ({"odometer": {"pulses_per_km": 9}}, "board.pins.odometer: missing; write the pin"),
        ({"converter": {"divider_per_1000": 2000}}, "board.converter.channel: missing; write 0 to"),
        ({"converter": {"channel": 8}}, "8 is no whole number from 0 to 7"),
        ({"pins": {"lights": "9"}}, "board.pins.lights: '9' is no pin; write its BCM number"),
        ({"pins": {"light": 9}}, "board.pins.light: no such port (known: door_driver, "),
        ({"pins": {"unlock": None}}, "unlock needs a pin; only inputs may do without"),
        ({"pins": {"lights": 99}}, "lights cannot be on pin 99: the header has 2 to 27"),
        ({"console": "/dev/serial0"}, "board.console: /dev/serial0 is that of board.reader.port"),
        ({"position": {"port": "/dev/serial0"}}, "position.port: /dev/serial0 is that of board.reader"),
        ({"reader": {"port": "/dev/ttyUSB0"}, "position": {"port": "/dev/../dev/ttyUSB0"}},
         "board.position.port: /dev/../dev/ttyUSB0 is that of board.reader.port, too; give one"),
        ({"position": {"port": "/dev/ttyUSB0"}, "console": "/dev/ttyUSB0"},
         "board.console: /dev/ttyUSB0 is that of board.position.port, too; give one of them another"),
        ({"inverted": "brake"}, "board.inverted: write names in [ ]"),
        ({"inverted": ["brakes"]}, "board.inverted: 'brakes' is no contact (known: door_driver, "),
        ({"battery_offset_mv": 2001}, "board.battery_offset_mv: 2001 is no whole number from -1000"),
        ({"pins": {"release": 2, "door_driver": None}},
         "release cannot be on pin 2: it is pulled up at power-on; an output goes to 9 to 27"),
        ({"pins": {"enable": 8, "knob_at_return": 18}}, "enable cannot be on pin 8: it is pulled up"),
        ({"console": 5}, "board.console: it is no text; write the device in quotes"),
        ({"link": "http"}, "board.link: 'http' is none of own, paho"),
        ({"clock": "mine"}, "board.clock: 'mine' is none of centre, machine"),
    ],
)  # fmt: skip
def test_each_mistake_is_a_sentence(board: dict[str, Any], sentence: str) -> None:
    assert sentence in complaint(**board)


@pytest.mark.parametrize(
    ("board", "users"),
    [
        ({"pins": {"lights": 2}}, "pin 2 is used by door_driver and by lights"),
        ({"pins": {"lights": 14}}, "pin 14 is used by lights and by reader_tx"),
        ({"converter": {"channel": 0}}, "is used by knob_at_return and by converter_select"),
        ({"odometer": {"pulses_per_km": 9}, "pins": {"odometer": 18}}, "by enable and by odometer"),
    ],
)
def test_a_pin_used_twice_names_both_users_and_the_files(board: dict[str, Any], users: str) -> None:
    said = complaint(**board)
    assert users in said
    assert said.startswith("boards/pi/pins.py and board.pins of box.json: pin ")


def test_another_readers_pins_are_free() -> None:
    rows = rows_of(options(reader={"by": "rcs380"}, pins={"lights": 14, "window": 15}))
    assert row_of(rows, "lights")[2] == 14


def test_a_network_is_the_systems() -> None:
    with pytest.raises(ConfigError, match='write "system" here'):
        options(network="modem")


def test_a_contact_that_works_the_other_way_round() -> None:
    plain, turned = rows_of(options()), rows_of(options(inverted=["door_driver"]))
    assert row_of(plain, "door_driver")[3] != row_of(turned, "door_driver")[3]
    assert row_of(plain, "door_driver")[4] == row_of(turned, "door_driver")[4]
    assert plain[1:] == turned[1:]


def test_the_pages_way_to_measure_the_battery_leaves_what_a_car_cannot_do_without() -> None:
    """SAFE-1: `engine` and `moving` above all; the others are on one wire, or can be spared."""
    page = (ROOT / "boards" / "pi" / "README.md").read_text(encoding="utf-8")
    found = re.search(r'^ +("board": {"converter": .*?)\n\n', page, re.MULTILINE | re.DOTALL)
    assert found
    said = json.loads("{" + found[1] + "}")
    got = options(**said["board"])
    wired = [row[0] for row in rows_of(got) if row[1] == IN and row[2] >= 0]
    assert len(wired) == 9
    file = values(board=said["board"], settings=said["settings"])
    spared = load(json.dumps(file)).settings
    for number, name in enumerate(INPUT_NAMES):
        assert (spared.no_sensors | spared.no_doors) >> number & 1 == (name not in wired), name


def test_outputs_are_on_pins_that_are_low_until_a_program_takes_them() -> None:
    """SAFE-3: the chip pulls GPIO 9 to 27 down at power-on (BCM2835 peripherals, table 6-31)."""
    for name, kind, pin, active, _ in pins.ROWS:
        if kind == 1:
            assert 9 <= pin <= 27, name
            assert active == 1, name


def test_a_ca_that_is_not_there_or_is_none(tmp_path: Path) -> None:
    config = load(json.dumps(values(tls=True, ca="ca.pem")))
    with pytest.raises(ConfigError, match=r"ca\.pem cannot be read .*put the centre's certificate"):
        Board(config, tmp_path, tmp_path)
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(ConfigError, match=r"ca\.pem is no certificate"):
        Board(config, tmp_path, tmp_path)


def test_the_skeleton_is_complete_and_good_for_nothing_before_it_is_filled_in() -> None:
    for profile in PROFILES.glob("*.json"):
        text = skeleton(profile.stem)
        with pytest.raises(ConfigError, match=r"box\.json: car: .* copy the 12 digits"):
            load(text)
        filled = json.loads(text) | {"car": "4b4700000001", "key": "ab" * 32}
        Options(load(json.dumps(filled)))
    with pytest.raises(ValueError, match="acme: no such profile"):
        skeleton("acme")
