"""bare: at its next start the box waits for another key or car, at this cable (`boards.bare`)."""

from firmware.console.restarting import Restarting

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


def bare(_words: "list[str]", box: "ConsoleBox", out: "Out") -> "Restarting | None":
    """Start anew without box.json, keeping what was in it for `provision ... keep`."""
    if box.restart is None:
        out.fail("this board cannot be reset from here", "move box.json away by its own means")
        return None
    if box.controller.rental.state not in _PARKED:
        out.fail("the car is in use, or was just now", "try when status says that nobody uses it")
        return None
    words = "starting bare: no use can start before it is provisioned"
    return Restarting(box, REASON, _TO_BARE, words)
