"""bare, prompt: the box goes out of service, at this cable and while nobody uses the car.

`bare`: at its next start it waits for another key or car (`boards.bare`). `prompt`: its program ends
with outputs at rest, and the interpreter is there instead, until the next reset.
"""

from firmware.console import asking
from firmware.ticks import ticks_diff
from firmware.wire import codes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.console.out import Out
    from firmware.console_door import ConsoleBox

#: What `restart` is told: the board puts its `box.json` aside before it starts anew.
BARE = "bare"
#: And: it does not start anew, its interpreter's prompt is there.
PROMPT = "prompt"
#: Behind ACT_RESET in the journal: 0 an ordinary start (`service.reset`).
_TO_BARE = 1
_TO_PROMPT = 2
#: A terminal that takes nothing is not waited for longer.
_TOLD_MS = 2000
#: Nobody is in the car, and nobody waits for it: a bare box resumes nothing.
_PARKED = ("vacant", "maintenance")


def bare(_words: "list[str]", box: "ConsoleBox", out: "Out") -> "Leaving | None":
    """Start anew without box.json, keeping what was in it for `provision ... keep`."""
    if box.restart is None:
        out.fail("this board cannot be reset from here", "move box.json away by its own means")
        return None
    told = "starting bare: no use can start before it is provisioned"
    return _leaving(box, out, BARE, _TO_BARE, told)


def prompt(_words: "list[str]", box: "ConsoleBox", out: "Out") -> "Leaving | None":
    """End the program, for whoever flashes or looks into the chip."""
    if box.restart is None or not box.has_prompt:
        out.fail("this board has no prompt behind its console", "log in to it by its own means")
        return None
    told = "the prompt comes: the box is out of service until machine.reset() or power off"
    return _leaving(box, out, PROMPT, _TO_PROMPT, told)


def _leaving(
    box: "ConsoleBox", out: "Out", reason: str, argument: int, told: str
) -> "Leaving | None":
    if box.controller.rental.state not in _PARKED:
        out.fail("the car is in use, or was just now", "try when status says that nobody uses it")
        return None
    return Leaving(box, reason, argument, told)


class Leaving:
    """Recorded, relays at rest, and said; then it happens, whatever is typed: the journal has it.

    What stays out of service does not without its record; behind ACT_RESET stands `argument`.
    """

    is_final = True
    waits = True

    def __init__(self, box: "ConsoleBox", reason: str, argument: int, told: str) -> None:
        self._box = box
        self._reason = reason
        self._told = told
        self._told_at_ms = 0
        # An ordinary start is what may bring a flash in trouble back.
        self._is_recorded = argument != 0
        asking.put(box, codes.ACT_RESET, argument)

    def more(self, out: "Out") -> bool:
        """Wait; what stands in the queue still goes out."""
        box = self._box
        if box.controller.told is None or box.actuators.are_moving():
            return True
        if box.controller.told and self._is_recorded:
            out.fail("not done, the journal cannot record it", "type status faults")
            return False
        now_ms = box.snapshot.now_ms
        if self._told:
            out.line(self._told)
            out.close()
            self._told = ""
            self._told_at_ms = now_ms
            return True
        if out.waiting and 0 <= ticks_diff(now_ms, self._told_at_ms) < _TOLD_MS:
            return True
        if box.restart is not None:
            box.restart(self._reason)
        return False
