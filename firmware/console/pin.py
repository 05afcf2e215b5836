"""unlock card, pin: level 1 by a staff card and its PIN of the day, where nobody can be asked (TECH-1).

The box keeps nothing for it: the PIN follows from the car's key, the card and the day in Japan. The
touch opens nothing, the console has it; the next one counts as always.
"""

from firmware.console import card_wait, gate
from firmware.console.card_wait import CardWait
from firmware.console.gate import Gate
from firmware.console.said import card
from firmware.wire import console_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.console.gate import Opening
    from firmware.console.out import Out
    from firmware.console_door import ConsoleBox

_LEVEL = 1


def begin(box: "ConsoleBox", out: "Out") -> "CardWait | None":
    """Ask for the card."""
    if gate.is_open(_LEVEL, box, out) or gate.waits(box, out):
        return None
    if not _knows_the_day(box, out) or not card_wait.has_reader(box, out):
        return None
    out.line("touch the reader once with your staff card; any key ends it.")
    out.line("This touch opens nothing, nor does any other meanwhile; the next one counts.")
    return CardWait(box, _take_card)


def _knows_the_day(box: "ConsoleBox", out: "Out") -> bool:
    if not box.snapshot.wall_is_trusted:
        out.fail("the box does not know the day, and a PIN is good for one", "type unlock 1")
        return False
    return True


def _take_card(box: "ConsoleBox", ident: bytes, out: "Out") -> None:
    """One of the copy's staff cards. Another card is no wrong try: it is no secret."""
    if not box.controller.rental.staff.owner(ident):
        out.fail("%s is no staff card of this car's copy" % card(ident), "type unlock 1")
        return
    box.gate = box.gate or Gate(box)
    box.gate.take_card(ident)
    out.item("card", card(ident), card(ident))
    out.line("now type its PIN of today (fleetd technician pin): pin NNNN NNNN")


def pin(words: "list[str]", box: "ConsoleBox", out: "Out") -> "Opening | None":
    """Take the PIN of the card that was touched."""
    held: "Gate | None" = box.gate
    text = console_key.read_pin("".join(words))
    opening = None
    if gate.is_open(_LEVEL, box, out) or gate.waits(box, out):
        pass
    elif held is None or not held.card():
        out.fail("no staff card waits for its PIN", "type unlock card first")
    elif not text:
        out.fail("a PIN has 8 digits", "type it as pin NNNN NNNN")
    elif _knows_the_day(box, out):
        opening = held.try_pin(text)
        if opening is None:
            out.fail("that is not the PIN", gate.remedy(box) + "; is it of this car, card, day?")
    return opening
