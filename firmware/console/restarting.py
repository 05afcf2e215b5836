"""The program starts anew: recorded, relays at rest, all of it said; then it happens."""

from firmware.console import asking
from firmware.ticks import ticks_diff
from firmware.wire import codes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.console.out import Out
    from firmware.console_door import ConsoleBox

#: A terminal that takes nothing is not waited for longer.
_SAID_MS = 2000


class Restarting:
    """`reason` for the board, `argument` for the journal, behind ACT_RESET.

    Once it is asked for it happens, whatever is typed: the journal says that it did.
    """

    is_final = True

    def __init__(self, box: "ConsoleBox", reason: str, argument: int, words: str) -> None:
        self._box = box
        self._reason = reason
        self._words = words
        self._said_at_ms = 0
        asking.put(box, codes.ACT_RESET, argument)

    def more(self, out: "Out") -> bool:
        """Wait; what stands in the queue, the answer's last line with it, still goes out."""
        box = self._box
        now_ms = box.snapshot.now_ms
        if box.controller.told is None or box.actuators.are_moving():
            return True
        if self._words:
            out.line(self._words)
            out.close()
            self._words = ""
            self._said_at_ms = now_ms
            return True
        if out.waiting and 0 <= ticks_diff(now_ms, self._said_at_ms) < _SAID_MS:
            return True
        if box.restart is not None:
            box.restart(self._reason)
        return False
