"""sensors: names, values, ages, and why something cannot be told."""

import json

from firmware.ticks import FAR_MS
from firmware.wire import codes
from hal.aged_input import AgedIn
from tests.portable.firmware.console.console_rig import ConsoleRig

DRIVER = "Vehicle.Cabin.Door.Row1.DriverSide.IsOpen"
MOVING = "Vehicle.IsMoving"
TRUNK = "Vehicle.Body.Trunk.Rear.IsOpen"


def told(rig: ConsoleRig) -> "dict[str, tuple[object, str]]":
    """(value, words) under each name."""
    answers = [json.loads(line) for line in rig.ask("sensors --json")]
    return {one["name"]: (one["value"], one["text"]) for one in answers[:-1]}


def test_each_input_has_its_name_value_age_and_how_long_it_has_been_so() -> None:
    rig = ConsoleRig()
    rig.turn(5000)
    rig.box.inputs[codes.IN_DOOR_DRIVER].value = codes.YES
    rig.turn()
    rig.turn(2500)
    found = told(rig)
    assert len(found) == codes.INPUTS + 5
    assert found[DRIVER] == (True, "yes         now, 2 s")
    assert found[TRUNK] == (False, "no          now, 7 s")
    assert found["Vehicle.LowVoltageBattery.CurrentVoltage"] == (12600, "12.60 V     now")
    assert found["Vehicle.CurrentLocation.Latitude"] == (35_681_000, "35.6810     now")
    assert found["Vehicle.CarShare.Reader.IsHealthy"] == (True, "yes         now")


def test_the_screen_keeps_to_its_size() -> None:
    rig = ConsoleRig()
    rig.turn(100_000)
    lines = rig.ask("sensors")
    assert len(lines) <= 22
    assert max([len(line) for line in lines]) <= 78


def test_what_comes_over_a_bus_has_the_age_of_its_telegram_and_goes_stale() -> None:
    rig = ConsoleRig()
    bus = AgedIn(rig.box.clock, 500)
    inputs = list(rig.box.inputs)
    inputs[codes.IN_MOVING] = bus  # type: ignore[call-overload]
    rig.box.inputs = tuple(inputs)
    rig.open()
    bus.put(codes.NO)
    rig.turn(10)
    rig.turn(290)
    value, words = told(rig)[MOVING]
    assert value is False
    assert words.startswith("no          3")
    assert " ms, 0 s" in words
    rig.turn(600)
    rig.turn(100)
    assert told(rig)[MOVING] == (None, "cannot tell bus silent")


def test_why_an_input_cannot_be_told() -> None:
    rig = ConsoleRig()
    rig.open()
    rig.box.inputs[codes.IN_DOOR_DRIVER].value = codes.UNKNOWN
    rig.turn()
    rig.turn(100)
    assert told(rig)[DRIVER] == (None, "cannot tell no reading")
    for _ in range(30):
        rig.box.inputs[codes.IN_DOOR_DRIVER].value ^= 1
        rig.turn(200)
    assert told(rig)[DRIVER] == (None, "cannot tell bounces")


def test_what_the_car_does_not_have_is_no_reading() -> None:
    rig = ConsoleRig()
    settings = rig.inside.settings
    settings.no_sensors |= 1 << codes.IN_MOVING
    settings.no_doors |= 1 << codes.IN_TRUNK
    found = told(rig)
    assert found[MOVING] == (None, "cannot tell not wired")
    assert found[TRUNK] == (False, "no          the car has none")


def test_after_six_days_it_no_longer_claims_since_when() -> None:
    rig = ConsoleRig()
    rig.box.after(FAR_MS)
    rig.box.after(FAR_MS)
    assert told(rig)[TRUNK] == (False, "no          now")


def test_live_is_redrawn_each_second_until_a_key() -> None:
    rig = ConsoleRig()
    rig.open()
    rig.cable.put(b"sensors live\r")
    said = b""
    for _ in range(3500):
        rig.turn()
        said += rig.taken()
    pictures = said.split(b"\x1b[20A\x1b[J")
    assert len(pictures) == 4
    for picture in pictures[1:]:
        assert picture.count(b"\r\n") == 20
    assert rig.type(" ") == "> "
    rig.cable.put(b"sensors live --json\r")
    said = b""
    for _ in range(1500):
        rig.turn()
        said += rig.taken()
    assert b"\x1b" not in said
    assert rig.type(" ").endswith('"parts":40}\r\n> ')
    assert rig.ask("sensors dead")[0].startswith("sensors knows live, not dead")
