"""test, doors, engine, maintenance, reset: what an unlocked technician does to the car (TECH-3)."""

from firmware.alerts import TEST_MS
from firmware.console.asking import Asking
from firmware.console.leaving import Leaving
from firmware.ticks import ticks_diff
from firmware.wire import codes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.console.out import Out
    from firmware.console_door import ConsoleBox

#: In the order of OUT_*.
_LEVELS = ("red", "green", "yellow", "hazard", "buzzer", "voice")
_DOORS = (codes.ACT_UNLOCK, codes.ACT_LOCK)
_STARTER = (codes.ACT_RELEASE, codes.ACT_BLOCK)
_WORKSHOP = 2


def doors(words: "list[str]", box: "ConsoleBox", out: "Out") -> "Asking | None":
    """Lock or unlock those of a parked car."""
    if words == ["unlock"]:
        return Asking(box, codes.ACT_UNLOCK)
    if words == ["lock"]:
        return Asking(box, codes.ACT_LOCK)
    out.fail("doors knows lock and unlock", "type doors unlock or doors lock")
    return None


def engine(words: "list[str]", box: "ConsoleBox", out: "Out") -> "Asking | None":
    """Release or block the starter."""
    if words == ["release"]:
        return Asking(box, codes.ACT_RELEASE)
    if words == ["block"]:
        return Asking(box, codes.ACT_BLOCK)
    out.fail("engine knows release and block", "type engine release or engine block")
    return None


def maintenance(words: "list[str]", box: "ConsoleBox", out: "Out") -> "Asking | None":
    """Take the car from the drivers, or give it back."""
    if words == ["on"]:
        done = "in maintenance: no driver can start; maintenance off ends it"
        return Asking(box, codes.ACT_MAINTENANCE_ON, 0, done)
    if words == ["off"]:
        done = "out of maintenance: doors locked, starter blocked, drivers can start"
        return Asking(box, codes.ACT_MAINTENANCE_OFF, 0, done)
    if not words:
        is_on = box.controller.rental.state == "maintenance"
        out.item("maintenance", "on" if is_on else "off", is_on)
    else:
        out.fail("maintenance knows on and off", "type maintenance on or maintenance off")
    return None


def test(words: "list[str]", box: "ConsoleBox", out: "Out") -> "Testing | None":
    """One output after the other; of doors and starter what SAFE-1 and SAFE-2 allow."""
    levels: "list[int]" = []
    relays: "tuple[int, ...]" = ()
    name = words[0] if len(words) == 1 else ""
    if not words:
        levels = list(range(codes.OUTS))
    elif name in _LEVELS:
        levels = [_LEVELS.index(name)]
    elif name == "doors":
        relays = _DOORS
    elif name == "starter" and box.level >= _WORKSHOP:
        relays = _STARTER
    elif name == "starter":
        out.fail("test starter is locked", "type unlock 2")
        return None
    else:
        out.fail("there is no such output to test", "type help test")
        return None
    return Testing(box, levels, relays)


class Testing:
    """Each output on for a while, to look at and to listen to; each relay with its read-back."""

    waits = True

    def __init__(self, box: "ConsoleBox", levels: "list[int]", relays: "tuple[int, ...]") -> None:
        self._box = box
        self._levels = levels
        self._relays = list(relays)
        self._asking: "Asking | None" = None
        self._began_ms = -1  # the output that is on since then

    def more(self, out: "Out") -> bool:
        """Go on; False: all were tested, or one was refused."""
        now_ms = self._box.snapshot.now_ms
        if self._asking is not None:
            if self._asking.more(out):
                return True
            if self._asking.is_refused:
                return False
            self._asking = None
        if self._began_ms >= 0:
            if ticks_diff(now_ms, self._began_ms) < TEST_MS:
                return True
            self._began_ms = -1
        if self._levels:
            line = self._levels.pop(0)
            said = "%s: on for %d s, look and listen" % (_LEVELS[line], TEST_MS // 1000)
            self._asking = Asking(self._box, codes.ACT_TEST, line, said)
            self._began_ms = now_ms
            return True
        if self._relays:
            self._asking = Asking(self._box, self._relays.pop(0))
            return True
        return False


def reset(_words: "list[str]", box: "ConsoleBox", out: "Out") -> "Leaving | None":
    """Start the program anew; what runs is resumed (SAFE-3)."""
    if box.restart is None:
        out.fail("this board cannot be reset from here", "switch its supply off and on")
        return None
    told = "starting anew; a running use goes on. Type Enter in some seconds."
    return Leaving(box, "console", 0, told)
