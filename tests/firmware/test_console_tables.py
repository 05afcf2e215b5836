"""The console's words cover every number that the box writes, and keep to a line."""

import json
import tomllib

from firmware.console import events, faults, inputs, look, reach, reasons
from firmware.mqtt_session import END_UNDATED
from firmware.rental_rows import RENTAL
from firmware.version import VERSION
from firmware.wire import codes, network_codes
from firmware.wire.code_names import AUDIT_NAMES, FAULT_NAMES, REASON_NAMES
from tools import tree

COLUMNS = 78
#: Beside the column of names.
ROOM = 66
#: Faults of the console's own.
OWN = 100


def test_every_reason_has_its_code_sentence_and_remedy() -> None:
    assert [one[0] for one in reasons.REASONS] == [
        REASON_NAMES[number] for number in sorted(REASON_NAMES)
    ]
    known = json.loads((tree.ROOT / "fleetd/locale/refusals.json").read_text(encoding="utf-8"))
    for number in REASON_NAMES:
        assert reasons.name_of(number) in known
        assert 0 < len(reasons.remedy_of(number)) <= ROOM
        assert 0 < len(reasons.sentence_of(number, 0)) <= ROOM
    assert reasons.sentence_of(codes.TOO_EARLY, 197_200_000) == (
        "the booking begins later: possible from 2026-04-01 09:46 UTC"
    )
    assert reasons.sentence_of(codes.CANNOT_TELL, 1 << codes.IN_KEY | 1 << codes.IN_GEAR_P) == (
        "an input cannot be told: key, gear in P"
    )
    assert reasons.name_of(99) == reasons.sentence_of(99, 0) == "reason 99"


def test_every_event_has_its_words() -> None:
    assert len(events._EVENTS) == max(AUDIT_NAMES)
    assert len(set(events._EVENTS)) == len(events._EVENTS)
    refused = {number for number, name in AUDIT_NAMES.items() if name.endswith("_refused")}
    assert set(events._REFUSED) == refused


def test_every_fault_has_its_words_and_remedy_within_a_line() -> None:
    told = {one[0] for one in faults._FAULTS}
    assert {one for one in told if one < OWN} == set(FAULT_NAMES)
    longest = max(len(name) for name in inputs.NAMES)
    for code in told:
        about = longest if faults.name_of(code).endswith(": ") else 0
        assert len(faults.name_of(code)) + about <= ROOM
        assert len(faults.remedy_of(code)) <= ROOM


def test_every_input_state_and_deadline_has_its_words() -> None:
    assert len(inputs.NAMES) == len(inputs.VSS) == codes.INPUTS
    assert len(set(inputs.VSS)) == codes.INPUTS
    assert len(look._USES) == len(codes.STATE_NAMES)
    assert len(look._DEADLINES) == len(RENTAL.timers)
    below = [": ".join(one) for one in reach._BELOW]
    for words in (*reach._ENDS, *reach._TROUBLES, *below):
        assert len(words) <= ROOM


def test_every_trouble_of_a_network_has_its_words() -> None:
    assert len(reach._TROUBLES) == network_codes.TROUBLE_BROKEN + 1
    assert len(reach._TROUBLES) + len(reach._BELOW) == len(network_codes.TROUBLE_NAMES)
    assert len(reach._ENDS) == END_UNDATED + 1


def test_names_of_inputs_are_vss_6_or_the_overlays() -> None:
    """Those of COVESA VSS 6.0 as its release spells them; all else stands in our own branch."""
    rows = ("Row1.DriverSide", "Row1.PassengerSide", "Row2.DriverSide", "Row2.PassengerSide")
    vss = {
        *(f"Vehicle.Cabin.Door.{row}.IsOpen" for row in rows),
        "Vehicle.Body.Trunk.Rear.IsOpen",
        "Vehicle.Powertrain.CombustionEngine.IsRunning",
        "Vehicle.IsMoving",
        "Vehicle.Chassis.ParkingBrake.IsEngaged",
    }
    theirs = {name for name in inputs.VSS if not name.startswith("Vehicle.CarShare.")}
    assert theirs == vss
    # Japan drives on the left, and sits on the right.
    assert inputs.VSS[codes.IN_DOOR_REAR_LEFT].endswith("Row2.PassengerSide.IsOpen")


def test_the_program_says_the_version_of_the_project() -> None:
    project = tomllib.loads((tree.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == VERSION
