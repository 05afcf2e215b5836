"""status: one screen of 22 lines, whatever is wrong, and no value without a unit or "cannot tell"."""

import json
import struct

from firmware.console import faults
from firmware.snapshot import IS_NOISY
from firmware.wire import codes
from firmware.wire.journal_format import EPOCH_2020_S
from firmware.wire.records import BOOKING
from hal.fake.analog import FakePosition, FakePulseCounter
from tests.portable.firmware.console.console_rig import ConsoleRig
from tests.portable.firmware.loop_rig import CARD, NOW, Box

SCREEN_LINES = 22
SCREEN_COLUMNS = 78


def line_of(lines: "list[str]", name: str) -> str:
    """What stands behind that name."""
    (found,) = [line for line in lines if line.startswith(name + " ")]
    return found[len(name) :].strip()


def bookings(box: Box, *starts_s: int) -> None:
    ops = []
    for i in range(len(starts_s)):
        begins = EPOCH_2020_S + NOW + starts_s[i]
        ops.append(
            (codes.OP_PUT_BOOKING, struct.pack(BOOKING, 100 + i, 4711, begins, begins + 3600))
        )
    box.put_delta(ops)
    box.after(10)


def test_a_car_that_nobody_uses() -> None:
    rig = ConsoleRig()
    bookings(rig.box, 7200, -7200, -60, 90000, 3600)
    rig.turn(5000)
    lines = rig.ask("status")
    assert line_of(lines, "car") == "4b4700000001, program 1.2.3, up 5 s"
    assert line_of(lines, "clock") == "2026-04-01 09:46:40 UTC, trusted"
    assert line_of(lines, "use") == "nobody uses the car"
    assert line_of(lines, "relays") == "doors: locked, starter: blocked (both read back now)"
    assert line_of(lines, "bookings") == "5 in the copy, with 0 cards; confirmed 0 s ago"
    assert [line for line in lines if line.startswith("next")] == [
        "next        2026-04-01 09:45 to 10:45 UTC, booking 102, driver ..11",
        "next        2026-04-01 10:46 to 11:46 UTC, booking 104, driver ..11",
        "next        2026-04-01 11:46 to 12:46 UTC, booking 100, driver ..11",
    ]
    assert line_of(lines, "battery") == "12.60 V now; full service"
    assert line_of(lines, "odometer") == "12345 km 000 m, by wheel pulses"
    assert line_of(lines, "faults") == "none now; see also log and why"
    assert "4711" not in "".join(lines)


def test_a_use_shows_booking_end_and_deadlines() -> None:
    box = Box()
    box.book()
    box.reader.card = CARD
    box.after(10)
    box.after(2000)
    rig = ConsoleRig(box)
    lines = rig.ask("status")
    assert line_of(lines, "use").startswith(
        "started, no door opened yet, booking 100, driver ..07, 2 h "
    )
    assert "lock again: 57 s" in line_of(lines, "deadlines")
    assert "take the key: 9 min 57 s" in line_of(lines, "deadlines")
    assert CARD[-4:].hex() not in "".join(lines)


def test_what_cannot_be_told_says_so() -> None:
    box = Box()
    box.trusted = False
    box.position = FakePosition()
    box.odometer = FakePulseCounter()  # type: ignore[assignment]
    box.battery = FakeBattery()  # type: ignore[assignment]
    for value in (codes.IN_LOCKED, codes.IN_BLOCKED):
        box.inputs[value].value = codes.UNKNOWN
    box.after(100)
    box.after(100)
    rig = ConsoleRig(box)
    lines = rig.ask("status")
    assert line_of(lines, "relays").startswith("doors: cannot tell, starter: cannot tell ")
    for name in ("clock", "battery", "odometer", "position"):
        assert line_of(lines, name).startswith("cannot tell"), name
    faults_told = [line for line in lines if line.startswith("FAULT ")]
    assert faults_told == [
        "FAULT       the time is not known: cards cannot start",
        "FAULT       cannot be told: doors locked",
    ]


class FakeBattery:
    antenna = codes.ANTENNA_OPEN

    def read_mv(self) -> int:
        return -1


class BrokenLink:
    """A link that was turned away, as `firmware.link` tells it."""

    state = "offline"
    last_end = 5
    network_trouble = 2
    login_refused = True
    sessions = 12345


def test_with_everything_wrong_it_is_still_one_screen() -> None:
    box = Box()
    box.book()
    box.reader.card = CARD
    box.after(10)
    bookings(box, 10000, 20000, 30000, 40000)
    box.trusted = False
    box.reader.is_healthy = False
    box.after(100)
    rig = ConsoleRig(box)
    for name in ("state", "last_end", "network_trouble", "login_refused", "sessions"):
        setattr(box.centre, name, getattr(BrokenLink, name))
    rig.open()
    inside = rig.inside
    for i in range(codes.INPUTS):
        inside.snapshot.faults[i] = IS_NOISY
        inside.snapshot.values[i] = codes.UNKNOWN
    inside.snapshot.antenna = codes.ANTENNA_SHORT
    rig.cable.put(b"status\r")
    said = b""
    # no turn of the box, which would judge the inputs anew
    for _ in range(400):
        rig.door.poll(box.now_ms)
        said += rig.taken()
    lines = str(said, "ascii").split("\r\n")[1:-1]
    assert 20 <= len(lines) <= SCREEN_LINES, lines
    assert max([len(line) for line in lines]) <= SCREEN_COLUMNS
    assert lines[-5:] == [
        "FAULT       reader does not answer",
        "do          check its plug, its supply and both data wires",
        "FAULT       the centre refuses this car",
        "do          provision it anew; was the box swapped?",
        "FAULTS      and 17 more: type status faults",
    ]


def test_every_fault_is_told_with_what_to_do() -> None:
    rig = ConsoleRig()
    rig.box.reader.is_healthy = False
    rig.box.trusted = False
    rig.turn()
    assert rig.ask("status faults") == [
        "FAULT       reader does not answer",
        "do          check its plug, its supply and both data wires",
        "FAULT       the time is not known: cards cannot start",
        "do          bring the car online; it is set from there",
        "2026-04-01 09:46:40? FAULT: reader does not answer",
        "do          check its plug, its supply and both data wires",
    ]
    assert rig.ask("status all") == ["status knows faults, not all: type status or status faults"]


def test_a_fault_nobody_knows_is_told_by_its_number() -> None:
    assert faults.name_of(200) == "fault 200"
    assert "makers" in faults.remedy_of(200)
    assert faults.about(codes.FAULT_INPUT_NOISY, 99) == ""
    assert faults.about(codes.FAULT_INPUT_NOISY, codes.IN_TRUNK) == "trunk"
    assert faults.about(codes.FAULT_JOURNAL_FAILED, 8 | 64) == (
        ": cannot be read or written, a worn sector is passed over"
    )


def test_the_link_of_a_real_box_tells_its_last_trouble() -> None:
    rig = ConsoleRig()
    centre = rig.box.centre
    for name in ("state", "network_trouble", "sessions"):
        setattr(centre, name, getattr(BrokenLink, name))
    for end, trouble, words in (
        (0, 0, "none"),
        (1, 2, "no connection: no reception, or the centre does not answer"),
        (2, 0, "the centre did not answer in time"),
        (5, 0, "the centre refuses this car: provision it anew"),
        (7, 0, "reconnected to check the certificate's dates"),
    ):
        setattr(centre, "last_end", end)  # noqa: B010
        setattr(centre, "network_trouble", trouble)  # noqa: B010
        lines = rig.ask("status")
        assert line_of(lines, "trouble") == words
        away = "turned away" if end == 5 else "no network"
        assert line_of(lines, "network") == "offline: %s; 12345 times online" % away


def test_a_battery_that_runs_down_is_a_fault_and_the_radio_rests() -> None:
    box = Box()
    box.book()
    rig = ConsoleRig(box)
    power = rig.inside.loop.power
    rig.open()
    rig.inside.snapshot.battery_mv = 12_050
    power.battery.level = 2
    power.level = 2
    assert list(faults.standing(rig.inside)) == [(codes.FAULT_BATTERY_CRITICAL, " (12.00 V)")]
    assert faults.name_of(codes.FAULT_BATTERY_CRITICAL) == "battery critical"
    rig.cable.put(b"status\r")
    said = b""
    for _ in range(400):
        rig.door.poll(rig.box.now_ms)
        said += rig.taken()
    lines = str(said, "ascii").split("\r\n")
    assert line_of(lines, "battery") == "12.05 V now; the radio rests"
    assert line_of(lines, "network") == "offline: the radio rests to spare the battery"
    assert line_of(lines, "FAULT") == "battery critical (12.00 V)"


def test_a_copy_that_was_never_confirmed_is_not_one_of_72_h_ago() -> None:
    rig = ConsoleRig()
    rig.box.centre.online = True
    rig.turn(4000)
    lines = rig.ask("status")
    assert line_of(lines, "network") == "online"
    assert line_of(lines, "FAULT") == "the copy was never confirmed: cards cannot start"
    assert line_of(lines, "do") == "wait a minute online; else see network and log"
    bookings(rig.box, 60)
    assert line_of(rig.ask("status"), "faults") == "none now; see also log and why"
    rig.box.wall_s += 73 * 3600
    rig.turn(100)
    told = line_of(rig.ask("status"), "FAULT")
    assert told == "the centre was not heard for 72 h: cards cannot start"


def test_programs_get_unix_time_places_in_whole_numbers_and_the_input_of_a_fault() -> None:
    rig = ConsoleRig()
    rig.box.inputs[codes.IN_TRUNK].value = codes.UNKNOWN
    for _ in range(10):
        rig.turn(1000)
    parts = [json.loads(line) for line in rig.ask("status --json")]
    found = {part["name"]: part for part in parts if "name" in part}
    assert found["clock"]["value"] == EPOCH_2020_S + rig.inside.snapshot.wall_s
    assert found["position"]["value"] == [35681000, 139767000]
    inputs = [part.get("about") for part in parts if part.get("value") == faults.CANNOT_BE_TOLD]
    assert inputs == ["Vehicle.Body.Trunk.Rear.IsOpen", None]  # its name, and what to do
