"""Mistakes in a table of pins are sentences that name both users and the file."""

from boards import pin_table as pins
from boards.pin_table import BUS, DOWN, HIGH, IN, LOW, NONE, NOT_WIRED, OUT, UP, BoardError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from boards.pin_table import Rows

FILE = "boards/here/pins.py"
GOOD: "Rows" = (
    ("key", IN, 4, LOW, UP),
    ("window", IN, NOT_WIRED, LOW, NONE),
    ("unlock", OUT, 5, HIGH, DOWN),
    ("reader_tx", BUS, 17, HIGH, NONE),
)


def mistakes(*more: "pins.Row", needed: "tuple[str, ...]" = ()) -> "list[str]":
    return pins.find_mistakes(GOOD + more, needed, FILE)


def test_a_good_table_has_none() -> None:
    assert mistakes(needed=("key", "window", "unlock", "reader_tx")) == []
    pins.check(GOOD, ("key",), FILE)


def test_a_pin_used_twice_names_both_users_and_the_file() -> None:
    assert mistakes(("lock", OUT, 4, HIGH, NONE)) == [
        "boards/here/pins.py: pin 4 is used by key and by lock; give one of them another pin"
    ]


def test_inputs_without_a_wire_share_nothing() -> None:
    assert mistakes(("lights", IN, NOT_WIRED, LOW, NONE)) == []


def test_an_output_needs_a_pin() -> None:
    assert mistakes(("lock", OUT, NOT_WIRED, HIGH, NONE)) == [
        "boards/here/pins.py: lock needs a pin; only inputs may do without"
    ]


def test_a_missing_and_a_double_row() -> None:
    assert mistakes(needed=("key", "block")) == [
        "boards/here/pins.py: there is no row for block; add one"
    ]
    assert mistakes(("key", IN, 9, LOW, UP)) == [
        "boards/here/pins.py: key is there twice; remove one of the rows"
    ]


def test_a_kind_or_level_that_does_not_exist() -> None:
    for row in (("x", 9, 20, LOW, UP), ("x", IN, 20, 2, UP), ("x", IN, 20, LOW, 7)):
        assert mistakes(row) == [
            "boards/here/pins.py: x: a kind, level or pull that does not exist"
        ]


def test_the_chip_may_refuse() -> None:
    def refuses(pin: int, kind: int, pull: int) -> str:
        return "it has the flash on it" if pin == 5 and kind == OUT and pull == DOWN else ""

    wanted = "boards/here/pins.py: unlock cannot be on pin 5: it has the flash on it"
    assert pins.find_mistakes(GOOD, (), FILE, refuses) == [wanted]
    try:
        pins.check(GOOD, (), FILE, refuses)
    except BoardError as error:
        assert str(error) == wanted
    else:
        raise AssertionError("no complaint")


def test_row_of_finds_by_name() -> None:
    assert pins.row_of(GOOD, "unlock") == GOOD[2]
    try:
        pins.row_of(GOOD, "lock")
    except BoardError as error:
        assert str(error) == "no pin is called lock"
    else:
        raise AssertionError("no complaint")


def test_too_few_lines_of_a_port() -> None:
    class Ports:
        clock = battery = position = odometer = network = None
        journal_storage = cache_storage = watchdog = None
        inputs = (None,) * 14
        levels = (None,) * 6
        pulses = pulse_ms = (None,) * 4

    try:
        pins.check_ports(Ports(), "boards/here/board.py")
    except BoardError as error:
        assert str(error) == (
            "boards/here/board.py: build() gives 14 inputs, and the firmware has 15"
        )
    else:
        raise AssertionError("no complaint")
