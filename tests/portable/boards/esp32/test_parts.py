"""Pin tables, options, start and the kept reason of the ESP32's board."""

import sys

from boards.pin_table import ANALOG, BUS, DOWN, IN, NONE, OUT, UP, BoardError, find_mistakes
from hal.esp32.kept_number import KeptNumber
from tests.portable.boards.esp32.whole_box import (
    Board,
    Car,
    KeptReason,
    chips,
    config,
    config_text,
    pins,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

INPUT_ONLY = (34, 35, 36, 39)


def complaint(**changes: "Any") -> str:
    car = Car()
    board = Board(False, "/nowhere/")
    try:
        board.build(config(**changes))
    except ValueError as error:
        assert car.chip.wdt_ms == 0  # nobody would feed it
        return str(error)
    raise AssertionError("no complaint")


def test_both_tables_and_the_chain_are_good() -> None:
    assert find_mistakes(pins.ESP32, pins.NEEDED, pins.FILE, chips.refuses_esp32) == []
    assert find_mistakes(pins.ESP32_S3, pins.NEEDED, pins.FILE, chips.refuses_esp32_s3) == []
    assert find_mistakes(pins.CONTACTS, (), pins.FILE, chips.refuses_place) == []


def test_no_relay_is_on_a_pin_that_the_chip_moves_at_power_on() -> None:
    """Datasheets: strapping pins with pulls, those with glitches, the ROM's console."""
    for row in pins.ESP32:
        if row[1] == OUT:
            assert row[2] not in (0, 1, 2, 3, 5, 12, 15), row
    for row in pins.ESP32_S3:
        if row[1] == OUT:
            assert row[2] not in (0, 3, 18, 19, 20, 43, 44, 45, 46), row


def test_what_a_plain_esp32_refuses() -> None:
    for pin in (6, 11, 1, 3, 16, 17, 0, 2, 12, 20, 24, 37, 40, -2):
        assert chips.refuses_esp32(pin, IN, NONE), pin
    for pin in INPUT_ONLY:
        assert chips.refuses_esp32(pin, OUT, NONE) == "it can only be an input"
        assert chips.refuses_esp32(pin, IN, UP) == "it has no pull resistor inside"
        assert chips.refuses_esp32(pin, IN, NONE) == ""
    for pin in (5, 15):
        assert chips.refuses_esp32(pin, OUT, NONE)
        assert chips.refuses_esp32(pin, BUS, NONE) == ""
    assert chips.refuses_esp32(27, ANALOG, NONE)
    assert chips.refuses_esp32(33, ANALOG, NONE) == ""
    assert chips.refuses_esp32(25, OUT, DOWN) == ""


def test_what_an_s3_refuses() -> None:
    for pin in (0, 3, 45, 46, 19, 20, 26, 32, 33, 37, 43, 44, 22, 25, 49, -2):
        assert chips.refuses_esp32_s3(pin, IN, NONE), pin
    assert chips.refuses_esp32_s3(18, OUT, NONE)
    assert chips.refuses_esp32_s3(18, IN, NONE) == ""
    assert chips.refuses_esp32_s3(11, ANALOG, NONE)
    assert chips.refuses_esp32_s3(10, ANALOG, NONE) == ""
    assert chips.refuses_place(15, IN, UP) == "the chain has places 0 to 14"


def test_options_that_cannot_be() -> None:
    assert complaint(board={"postion": True}).startswith("box.json: board: postion: unknown (known")
    assert complaint(board={"position": 1}) == "box.json: board: position: write true or false"
    for value in (0, 100_001, True, "4000"):
        assert complaint(board={"pulses_per_km": value}) == (
            "box.json: board: pulses_per_km: %r; give 1 to 100000" % (value,)
        )
    assert complaint(board={"inverted": "key"}) == "box.json: board: inverted: write names in [ ]"
    assert complaint(board={"inverted": ["keys"]}) == (
        "box.json: board: inverted: 'keys' is no contact"
    )
    assert complaint(board={"clock_chip": True}) == (
        "box.json: board: clock_chip: a plain ESP32 has no pins left for it"
    )


def test_a_second_name_server_is_an_address() -> None:
    for value in ("8.8.8", "dns.example", "127.0.0.1", "224.0.0.251", "0.0.0.0", "", 8, None):
        assert complaint(board={"name_server": value}) == (
            "box.json: board: name_server: %r; give an IPv4 address like 192.168.4.1" % (value,)
        )
    Car()
    ports = Board(False, "/nowhere/").build(config(board={"name_server": "223.255.255.255"}))
    network: "Any" = ports.network
    assert network.names._second == "223.255.255.255"


def test_a_network_or_a_ca_that_is_not_there() -> None:
    assert complaint(network="modem") == (
        "box.json: network: modem is nothing that an ESP32 box has; give ssid and password"
    )
    assert complaint(tls=True, ca="ca.der") == (
        "box.json: ca: there is no file ca.der beside it; copy the centre's CA there"
    )


def test_an_inverted_contact_reads_the_other_way() -> None:
    Car()
    ports = Board(False, "/nowhere/").build(config())
    usual = [port.read() for port in ports.inputs]
    Car()
    ports = Board(False, "/nowhere/").build(config(board={"inverted": ["key", "lights"]}))
    other = [port.read() for port in ports.inputs]
    assert [i for i in range(15) if usual[i] != other[i]] == [5, 11]


def test_another_battery_moves_the_guards_limits() -> None:
    for options, offset_mv in (({}, 0), ({"battery_offset_mv": -150}, -150)):
        assert Car().start(board=options).loop.power.battery.offset_mv == offset_mv
    said = complaint(board={"battery_offset_mv": 2001})
    assert said == "box.json: board: battery_offset_mv: 2001; give -1000 to 2000"


def test_a_receiver_and_pulses_are_fitted_when_they_are_there() -> None:
    car = Car()
    board = Board(False, "/nowhere/")
    ports = board.build(config(board={"position": True, "pulses_per_km": 2548}))
    car.chip.wires[1].put(b"$GPRMC,120000.00,A,3540.8600,N,13946.0200,E,0.0,,010426,,,A*47\r\n")
    car.chip.pulse(36, 2548)
    board.wait(ports.clock.now_ms())
    assert ports.odometer.metres() == 1000
    assert car.chip.wires[1].received == b""
    without = Board(False, "/nowhere/").build(config())
    assert without.odometer.metres() == -1
    assert not without.position.is_valid()


def test_a_reason_is_kept_for_the_next_start_and_written_once() -> None:
    files: "dict[str, str]" = {}
    keeper = KeptReason("reason.txt")
    had = getattr(sys, "print_exception", None)
    if had is None:
        sys.print_exception = print_like  # type: ignore[attr-defined]
    saved = []

    def fake_open(path: str, mode: str = "r") -> "Any":
        if mode == "w":
            saved.append(path)
        return MemoryFile(files, path, mode)

    module: "Any" = sys.modules["hal.esp32.reason"]
    module.open = fake_open
    try:
        assert keeper.read() == ""
        for _ in range(3):
            keeper.keep(ValueError("a bug"))
        assert "ValueError: a bug" in keeper.read()
        assert len(saved) == 1
        keeper.keep(ValueError("x" * 3000))
        assert len(keeper.read()) == 1200
        assert len(saved) == 2
    finally:
        del module.open
        if had is None:
            del sys.print_exception  # type: ignore[attr-defined]


class Damaged:
    """A file whose bytes are no UTF-8, as both interpreters read it."""

    def __enter__(self) -> "Damaged":  # noqa: PYI034 - there is no typing.Self
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def read(self, most: int) -> str:
        return str(b"\xff\xfe12", "utf-8")


def test_damaged_files_do_not_keep_the_box_from_starting() -> None:
    """Both are read before anything else runs, where no reset would help."""
    for name, read, nothing in (
        ("kept_number", lambda: KeptNumber("odometer_m.txt").load(), 0),
        ("reason", lambda: KeptReason("reason.txt").read(), ""),
    ):
        module: "Any" = sys.modules["hal.esp32." + name]
        module.open = lambda *_: Damaged()
        try:
            assert read() == nothing
        finally:
            del module.open


def print_like(error: Exception, file: "Any" = None) -> None:
    """What CPython lacks."""
    if file is not None:
        file.write("%s: %s" % (type(error).__name__, error))


class MemoryFile:
    def __init__(self, files: "dict[str, str]", path: str, mode: str) -> None:
        self._files = files
        self._path = path
        if mode == "r" and path not in files:
            raise OSError(2)

    def __enter__(self) -> "MemoryFile":  # noqa: PYI034 - there is no typing.Self
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def write(self, text: str) -> None:
        self._files[self._path] = text

    def read(self, most: int) -> str:
        return self._files[self._path][:most]


def test_tables_are_judged_before_any_pin_is_touched() -> None:
    car = Car()
    good = pins.ESP32
    rows = list(good)
    rows.append(("spare", OUT, 25, 1, NONE))
    pins.ESP32 = tuple(rows)
    try:
        Board(False, "/nowhere/")
    except BoardError as error:
        assert str(error) == (
            "boards/esp32/pins.py: pin 25 is used by unlock and by spare; give one of them another "
            "pin"
        )
    else:
        raise AssertionError("no complaint")
    finally:
        pins.ESP32 = good
    assert car.chip.events == []
    assert len(config_text()) < 8192
