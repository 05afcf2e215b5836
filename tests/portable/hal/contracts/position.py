"""Where the car is. `make()` gives (a `Position`, a function that lets its receiver say whether it
has a fix, and where, in microdegrees, a function that lets it say ANTENNA_* of its antenna)."""

from firmware.wire.codes import ANTENNA_OK, ANTENNA_OPEN, ANTENNA_SHORT, ANTENNA_UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hal.api import Position

    Make = Callable[[], tuple[Position, Callable[[bool, int, int], None], Callable[[int], None]]]


def _where(port: "Position") -> "tuple[bool, int, int]":
    return port.is_valid(), port.latitude_udeg(), port.longitude_udeg()


def check_nothing_is_known_at_first(make: "Make") -> None:
    port, _, _ = make()
    assert _where(port) == (False, 0, 0)
    assert port.antenna == ANTENNA_UNKNOWN


def check_a_fix_in_each_quarter_of_the_world(make: "Make") -> None:
    port, say, _ = make()
    for latitude_udeg, longitude_udeg in (
        (35_681_000, 139_767_000),
        (-33_856_800, 151_215_300),
        (-22_951_900, -43_210_500),
        (64_146_600, -21_942_600),
        (0, 0),
        (90_000_000, 180_000_000),
    ):
        say(True, latitude_udeg, longitude_udeg)
        assert _where(port) == (True, latitude_udeg, longitude_udeg)


def check_a_fix_that_is_taken_back_leaves_the_last_place(make: "Make") -> None:
    port, say, _ = make()
    say(True, 35_681_000, 139_767_000)
    say(False, 35_681_000, 139_767_000)
    assert _where(port) == (False, 35_681_000, 139_767_000)
    say(True, 35_682_000, 139_768_000)
    assert _where(port) == (True, 35_682_000, 139_768_000)


def check_what_it_says_of_its_antenna(make: "Make") -> None:
    port, _, say_antenna = make()
    for antenna in (ANTENNA_OK, ANTENNA_OPEN, ANTENNA_SHORT, ANTENNA_OK):
        say_antenna(antenna)
        assert port.antenna == antenna


ALL = (
    check_nothing_is_known_at_first,
    check_a_fix_in_each_quarter_of_the_world,
    check_a_fix_that_is_taken_back_leaves_the_last_place,
    check_what_it_says_of_its_antenna,
)
