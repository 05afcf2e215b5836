"""sensors: every input of the car under its VSS name, with its age, or why it cannot be told."""

from firmware.console.inputs import VSS
from firmware.console.out import Pages
from firmware.console.said import CANNOT_TELL, degrees, span, volts
from firmware.snapshot import IS_CONTRADICTORY, IS_NOISY
from firmware.ticks import ticks_diff
from firmware.wire import codes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from firmware.console.out import Item, Out
    from firmware.console_door import ConsoleBox

NAME_COLUMNS = 45
_VALUE_COLUMNS = 11
REDRAW_MS = 1000
#: Longer ago the ticks may have wrapped.
_SINCE_S_MAX = 500000
#: Cursor up by so many lines; erase to the end of the screen.
_REDRAW = b"\x1b[%dA\x1b[J"


def sensors(words: "list[str]", box: "ConsoleBox", out: "Out") -> "Pages | Live | None":
    """Once, or again each second."""
    if words and words[0] != "live":
        out.fail("sensors knows live, not %s" % words[0][:16], "type sensors or sensors live")
        return None
    out.columns = NAME_COLUMNS
    if not out.is_json:
        out.item("name", "value       age, and for how long it has been so", None)
    return Live(box) if words else Pages(read(box))


class Live:
    """Redraws in place: for a terminal that knows ANSI's cursor up; a program gets parts."""

    #: Any key ends it.
    is_live = True

    def __init__(self, box: "ConsoleBox") -> None:
        self._box = box
        self._items = read(box)
        self._lines = 0
        self._drawn_at_ms = box.ports.clock.now_ms()

    def more(self, out: "Out") -> bool:
        """The next line; nothing between two pictures."""
        for item in self._items:
            out.say(item)
            self._lines += 1
            return True
        now_ms = self._box.ports.clock.now_ms()
        if ticks_diff(now_ms, self._drawn_at_ms) >= REDRAW_MS:
            self._drawn_at_ms = now_ms
            if not out.is_json:
                out.put(_REDRAW % self._lines)
            self._lines = 0
            self._items = read(self._box)
        return True


def read(box: "ConsoleBox") -> "Iterator[Item]":
    """(VSS name, words, value) of each, as it is when it is asked for."""
    for i in range(codes.INPUTS):
        yield _input(box, i)
    snapshot = box.snapshot
    mv = snapshot.battery_mv
    name = "Vehicle.LowVoltageBattery.CurrentVoltage"
    yield (name, CANNOT_TELL, None) if mv < 0 else (name, _now(volts(mv)), mv)
    metres = snapshot.odometer_m
    name = "Vehicle.TraveledDistance"
    yield (name, CANNOT_TELL, None) if metres < 0 else (name, _now("%d m" % metres), metres)
    yield _degrees(box, "Vehicle.CurrentLocation.Latitude", snapshot.latitude_udeg)
    yield _degrees(box, "Vehicle.CurrentLocation.Longitude", snapshot.longitude_udeg)
    reader = box.ports.reader
    name = "Vehicle.CarShare.Reader.IsHealthy"
    if reader is None:
        yield name, "not fitted", None
    else:
        yield name, _now("yes" if reader.is_healthy else "no"), reader.is_healthy


def _now(text: str) -> str:
    """Read in this very turn."""
    return text + " " * (_VALUE_COLUMNS - len(text)) + " now"


def _degrees(box: "ConsoleBox", name: str, udeg: int) -> "Item":
    if not box.snapshot.position_is_valid:
        return name, CANNOT_TELL + " no fix", None
    return name, _now(degrees(udeg)), udeg


def _input(box: "ConsoleBox", i: int) -> "Item":
    settings, snapshot = box.settings, box.snapshot
    if settings.no_doors >> i & 1:
        return VSS[i], _now("no").replace("now", "the car has none"), False
    if settings.no_sensors >> i & 1:
        return VSS[i], CANNOT_TELL + " not wired", None
    value = snapshot.values[i]
    if value == codes.YES or value == codes.NO:
        return VSS[i], _aged("yes" if value else "no", box, i), value == codes.YES
    faults = snapshot.faults[i]
    if faults & IS_NOISY:
        reason = "bounces"
    elif faults & IS_CONTRADICTORY:
        reason = "contradicts"
    elif faults:
        reason = "bus silent"
    else:
        reason = "no reading"
    return VSS[i], CANNOT_TELL + " " + reason, None


def _aged(text: str, box: "ConsoleBox", i: int) -> str:
    """With the age of the reading, and how long it has been so, while that can be told.

    A wire is read in each turn; what comes over a bus is as old as its port says.
    """
    text = _now(text)
    age_ms = getattr(box.ports.inputs[i], "age_ms", 0)
    if age_ms > 0:
        text = text.replace("now", "%d ms" % age_ms)
    if box.boot.uptime_s > _SINCE_S_MAX:
        return text
    since_ms = ticks_diff(box.snapshot.now_ms, box.debounce.since_ms(i))
    return text + ", " + span(max(0, since_ms) // 1000)
