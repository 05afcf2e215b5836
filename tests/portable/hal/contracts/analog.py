"""Millivolts. `make()` gives (an `AnalogIn`, a function that puts millivolts on its wire, how many
millivolts it may be wrong, a function that breaks the converter)."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hal.api import AnalogIn

    Make = Callable[[], tuple[AnalogIn, Callable[[int], None], int, Callable[[], None]]]


def check_it_reads_the_voltage(make: "Make") -> None:
    port, put_mv, wrong_mv_max, _ = make()
    for mv in (6500, 11800, 12650, 14400):
        put_mv(mv)
        assert abs(port.read_mv() - mv) <= wrong_mv_max


def check_a_broken_converter_cannot_tell(make: "Make") -> None:
    port, put_mv, _, break_it = make()
    put_mv(12000)
    break_it()
    assert port.read_mv() == -1


def check_a_wire_that_fell_off_cannot_tell(make: "Make") -> None:
    """POWER-1: it reads next to nothing, and is no empty battery."""
    port, put_mv, _, _ = make()
    for mv in (0, 300, 3000):
        put_mv(mv)
        assert port.read_mv() == -1


ALL = (check_it_reads_the_voltage, check_a_broken_converter_cannot_tell)

#: For a converter behind a divider; the one in memory reads what it was told.
ON_A_WIRE = (
    check_it_reads_the_voltage,
    check_a_broken_converter_cannot_tell,
    check_a_wire_that_fell_off_cannot_tell,
)
