"""SAFE-6: the outputs have power only while the program keeps making edges on one line.

The line is the trigger of a retriggerable monostable in front of the supply of all relays and lamps
(`boards/README.md`): each rising edge gives them 2.1 s more. A level that stands still, high or
low, is a program that hangs, is stopped, or was never started.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.api import DigitalOut, Watchdog

#: A board calls the loop this often even when nothing else is due.
EDGE_EVERY_MS = 500


def make_edge(line: "DigitalOut") -> None:
    """A rising edge whatever the level was; the circuit is deaf to falling ones.

    The low before it lasts as long as two writes to a pin take, a microsecond at the least.
    """
    line.write(False)
    line.write(True)


class EnableLine:
    """A `Watchdog` around another one: each `feed` makes an edge, too.

    The loop feeds at the end of a whole turn, so an edge says that a turn came to its end.
    """

    def __init__(self, line: "DigitalOut", watchdog: "Watchdog") -> None:
        self._line = line
        self._watchdog = watchdog
        line.write(False)

    def feed(self) -> None:
        make_edge(self._line)
        self._watchdog.feed()


class SuppliedOut:
    """A `DigitalOut` of a pulse: it has its supply from its first moment on.

    In the first turn after a start, or after something that held the program up for more than the
    monostable's time, the supply is off when the pulse begins, and `feed` would bring it in the
    midst of the pulse. So the pulse makes an edge of its own. It comes behind the journal
    and the interlock; a program that hangs in the pulse loses the supply as soon after it as
    after a `feed`.
    """

    def __init__(self, line: "DigitalOut", enable: "DigitalOut") -> None:
        self._line = line
        self._enable = enable

    def write(self, level: bool) -> None:
        if level:
            make_edge(self._enable)
        self._line.write(level)
