"""set: what the box goes by, and the change of what is its own (TECH-4).

What the centre's log rules (rule 10 of docs/protocol.md) is shown, and changed there alone.
"""

from firmware.car_terms import ASK_AGAIN, STAFF_REVIEW
from firmware.console import asking
from firmware.console.inputs import NAMES
from firmware.console.out import Pages
from firmware.wire import codes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from firmware.console.out import Item, Out
    from firmware.console_door import ConsoleBox

#: What the centre's log rules, by the words that somebody may try to set.
_CENTRES = ("profile", "terms", "key", "car", "reader", "knob", "sensors", "doors", "cannot_tell")
#: The longest of the boards' names.
_NAME_COLUMNS = 18
#: Nobody is in the car.
_PARKED = ("vacant", "ended", "maintenance")


def set_(words: "list[str]", box: "ConsoleBox", out: "Out") -> "Pages | Setting | None":
    """Show it; `set NAME VALUE` changes what is the box's own.

    `box.own`, given by the board: `items()` yields what is shown, never a secret; `check(name,
    text)` says "" or why it cannot be; `put(name, text)` keeps it for the next start and says "" or
    why not; `secrets`: the names whose value nobody is told.
    """
    if not words:
        out.columns = _NAME_COLUMNS
        return Pages(_settings(box))
    name, own = words[0], own_of(box)
    if name in _CENTRES:
        out.fail("%s is ruled by the centre's log" % name, "change it there; it comes by itself")
    elif own is None:
        out.fail("this board keeps no settings of its own", "provision it anew")
    elif len(words) < 2:
        out.fail("set takes a name and a value", "type set host centre.example; - is none")
    elif box.controller.rental.state not in _PARKED:
        out.fail("the car is in use", "try when status says that nobody uses it")
    else:
        text = " ".join(words[1:])
        objection = own.check(name, text)
        if not objection:
            return Setting(box, name, text)
        _refuse(objection, out)
    return None


def _refuse(objection: str, out: "Out") -> None:
    """A sentence of whoever judges `box.json`: behind its last semicolon stands what to do."""
    error, _, remedy = objection.rpartition("; ")
    if error:
        out.fail(error, remedy)
    else:
        out.fail(objection, "type set for what there is")


def own_of(box: "ConsoleBox") -> "Any":
    """What a technician may change on this board; None: nothing."""
    if box.own is None and box.make_own is not None:
        box.own = box.make_own()
    return box.own


class Setting:
    """Recorded, relays at rest, then written: what was asked for is done, whatever is typed."""

    is_final = True

    def __init__(self, box: "ConsoleBox", name: str, text: str) -> None:
        self._box = box
        self._name = name
        self._text = text
        told = name if name in box.own.secrets else name + "=" + text
        asking.put(box, codes.ACT_SET, 0, told.encode())

    def more(self, out: "Out") -> bool:
        """Wait for the journal; False: done, or not."""
        box = self._box
        told = box.controller.told
        if told is None or box.actuators.are_moving():
            return True
        if told:
            out.fail("not changed, the journal cannot record it", "type status faults")
            return False
        objection = box.own.put(self._name, self._text)
        if objection:
            _refuse(objection, out)
        else:
            out.line("kept and read back; it holds from the next start on: type reset")
        return False


def _settings(box: "ConsoleBox") -> "Iterator[Item]":
    settings = box.settings
    yield "cannot_tell", _cannot_tell(settings.cannot_tell), settings.cannot_tell
    yield "reader", "fitted" if settings.has_reader else "none", settings.has_reader
    knob = settings.key_has_knob
    yield "knob", "rent and return" if knob else "none: a connector", knob
    for name, mask in (("no sensor", settings.no_sensors), ("no door", settings.no_doors)):
        absent = [NAMES[i] for i in range(codes.INPUTS) if mask >> i & 1]
        yield name, ", ".join(absent) or "all are there", mask
    yield "All of these are the centre's: its log rules them."
    own = own_of(box)
    if own is not None:
        yield "These are the box's own; set NAME VALUE changes one, - is none:"
        yield from own.items()


def _cannot_tell(value: int) -> str:
    if value == ASK_AGAIN:
        return "an end asks again"
    return "an end goes to staff's review" if value == STAFF_REVIEW else "an end is refused"
