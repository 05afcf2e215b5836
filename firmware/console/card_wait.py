"""Waits for one card to be touched, to look at it: meanwhile no touch counts (TECH-4)."""

from firmware.ticks import ticks_diff

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware.console.out import Out
    from firmware.console_door import ConsoleBox

#: A card is waited for so long.
CARD_MS = 30000


class CardWait:
    """`hear(box, ident, out)` tells of the card; no later than a second after it touches count again."""

    #: Any key ends it.
    is_live = True

    def __init__(self, box: "ConsoleBox", hear: "Callable[[ConsoleBox, bytes, Out], None]") -> None:
        self._box = box
        self._hear = hear
        self._began_ms = box.snapshot.now_ms
        box.touch.diverted = b""

    def more(self, out: "Out") -> bool:
        """Ask the reader's touches anew; False: a card was told, or none came."""
        box = self._box
        touch, now_ms = box.touch, box.snapshot.now_ms
        if touch.diverted:
            self._hear(box, touch.diverted, out)
            return False
        reader = box.ports.reader
        if reader is None or not reader.is_healthy:
            out.fail("the reader does not answer", "check its plug, its supply, both data wires")
            return False
        if ticks_diff(now_ms, self._began_ms) >= CARD_MS:
            out.fail("no card in %d s" % (CARD_MS // 1000), "hold it flat, away from other cards")
            return False
        touch.divert(now_ms)
        return True


def has_reader(box: "ConsoleBox", out: "Out") -> bool:
    """Said when there is none."""
    if box.ports.reader is None:
        out.fail("this car has no reader, by its settings", "nothing")
        return False
    return True
