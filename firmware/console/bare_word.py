"""bare: at its next start the box waits for another key or car, at this cable (`boards.bare`)."""

from firmware.console import asking
from firmware.wire import codes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.console.out import Out
    from firmware.console_door import ConsoleBox

#: What `restart` is told: the board puts its `box.json` aside before it starts anew.
REASON = "bare"
#: Behind ACT_RESET in the journal: 0 an ordinary start.
_TO_BARE = 1
#: Nobody is in the car, and nobody waits for it: a bare box resumes nothing.
_PARKED = ("vacant", "maintenance")


def bare(_words: "list[str]", box: "ConsoleBox", out: "Out") -> "LayingBare | None":
    """Start anew without box.json, keeping what was in it for `provision ... keep`."""
    if box.restart is None:
        out.fail("this board cannot be reset from here", "move box.json away by its own means")
        return None
    if box.controller.rental.state not in _PARKED:
        out.fail("the car is in use, or was just now", "try when status says that nobody uses it")
        return None
    return LayingBare(box)


class LayingBare:
    """Recorded, relays at rest, and said; then it happens, whatever is typed."""

    is_final = False

    def __init__(self, box: "ConsoleBox") -> None:
        self._box = box
        asking.put(box, codes.ACT_RESET, _TO_BARE)

    def more(self, out: "Out") -> bool:
        """Wait; what stands in the queue still goes out."""
        box = self._box
        if box.controller.told is None or box.actuators.are_moving():
            return True
        if not self.is_final:
            self.is_final = True
            out.line("starting bare: no use can start before it is provisioned")
            out.close()
            return True
        if out.waiting:
            return True
        if box.restart is not None:
            box.restart(REASON)
        return False
