"""Lines. Inputs: `make(active_is_low)` gives (a `DigitalIn`, a function that sets the level).

Outputs: it gives (a `DigitalOut`, a function that reads the level on the pin).
"""

from firmware.wire.codes import NO, YES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hal.api import DigitalIn, DigitalOut

    MakeIn = Callable[[bool], tuple[DigitalIn, Callable[[bool], None]]]
    MakeOut = Callable[[bool], tuple[DigitalOut, Callable[[], bool]]]


def check_input_follows_the_line(make: "MakeIn") -> None:
    for active_is_low in (False, True):
        port, drive = make(active_is_low)
        for level in (False, True, True, False):
            drive(level)
            assert port.read() == (YES if level != active_is_low else NO)


def check_input_is_read_anew_each_time(make: "MakeIn") -> None:
    """Bounce is the firmware's business: a port shows what is, at once."""
    port, drive = make(False)
    for level in (True, False) * 5:
        drive(level)
        assert port.read() == (YES if level else NO)


def check_output_is_off_at_first(make: "MakeOut") -> None:
    for active_is_low in (False, True):
        _, level = make(active_is_low)
        assert level() == active_is_low


def check_output_follows_the_program(make: "MakeOut") -> None:
    for active_is_low in (False, True):
        port, level = make(active_is_low)
        for wanted in (True, True, False, True, False):
            port.write(wanted)
            assert level() == (wanted != active_is_low)


INPUTS = (check_input_follows_the_line, check_input_is_read_anew_each_time)
OUTPUTS = (check_output_is_off_at_first, check_output_follows_the_program)
