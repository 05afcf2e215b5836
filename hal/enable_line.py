"""SAFE-6: the outputs have power only while the program keeps moving one line.

The line drives a charge pump or a retriggerable monostable in front of the relays' supply: it
passes while edges come, and lets go some two periods after the last one. A level that stands still,
high or low, is a program that hangs, is stopped, or was never started.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.api import DigitalOut, Watchdog

#: A board calls the loop this often even when nothing else is due: the circuit of
#: `boards/README.md` lets go after two seconds without an edge.
EDGE_EVERY_MS = 500


class EnableLine:
    """A `Watchdog` around another one: each `feed` is an edge of the line, too.

    The loop feeds at the end of a whole turn, so an edge says that a turn came to its end.
    """

    def __init__(self, line: "DigitalOut", watchdog: "Watchdog") -> None:
        self._line = line
        self._watchdog = watchdog
        self._level = False
        line.write(False)

    def feed(self) -> None:
        self._level = not self._level
        self._line.write(self._level)
        self._watchdog.feed()
