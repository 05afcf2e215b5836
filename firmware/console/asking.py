"""What the car is asked for at the console, and what came of it: reasons, or the read-back."""

from firmware import technician
from firmware.console import reasons
from firmware.console.said import CANNOT_TELL
from firmware.wire import codes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.console.out import Out
    from firmware.console_door import ConsoleBox

_LOCKS = ("unlocked", "locked", CANNOT_TELL)
_STARTER = ("released", "blocked", CANNOT_TELL)
#: Action: what is read back, in words by its value, and the value that it should have.
_READ_BACK = {
    codes.ACT_UNLOCK: (codes.IN_LOCKED, "doors", _LOCKS, codes.NO),
    codes.ACT_LOCK: (codes.IN_LOCKED, "doors", _LOCKS, codes.YES),
    codes.ACT_RELEASE: (codes.IN_BLOCKED, "starter", _STARTER, codes.NO),
    codes.ACT_BLOCK: (codes.IN_BLOCKED, "starter", _STARTER, codes.YES),
}
#: The verdict on a relay: 0 OK, 1 NOT OK, 2 CANNOT TELL.
VERDICTS = ("OK", "NOT OK", "CANNOT TELL")
#: By the verdict: what to do about it.
REMEDIES = ("", "check relay, fuse and read-back wire", "check the read-back wire")


def put(box: "ConsoleBox", action: int, argument: int = 0, more: bytes = b"") -> None:
    """Ask the car in its next turn, in the name of whoever unlocked the console."""
    controller = box.controller
    controller.told = None
    controller.asked.append(technician.pack_asked(action, box.gate.ident, argument, more))


class Asking:
    """One thing that is asked: `more` until the car has answered and its relays rest."""

    def __init__(self, box: "ConsoleBox", action: int, argument: int = 0, done: str = "") -> None:
        """`done`: what to say when there is no read-back."""
        #: Whether it was refused.
        self.is_refused = False
        self._box = box
        self._action = action
        self._done = done
        put(box, action, argument)

    def more(self, out: "Out") -> bool:
        """Wait, then tell; False: told."""
        told = self._box.controller.told
        if told is None:
            return True
        if told and told[0][0] != codes.NOTHING_TO_UNDO:
            self.is_refused = True
            self._refuse(told, out)
            return False
        if self._box.actuators.are_moving():
            return True
        if self._action in _READ_BACK:
            self._tell_read_back(out)
        elif told:
            out.line(reasons.sentence_of(told[0][0], 0))
        else:
            out.line(self._done)
        return False

    def _refuse(self, told: "technician.Told", out: "Out") -> None:
        for reason, argument in told[1:]:
            out.line("also: " + reasons.sentence_of(reason, argument))
        reason, argument = told[0]
        if reason == codes.EXPIRED:
            out.fail("the console was locked meanwhile", "type unlock")
        elif reason == codes.NOT_RETURNED:
            out.fail("the car is in use", "end that use first, or wait until it has ended")
        else:
            out.fail(reasons.sentence_of(reason, argument), reasons.remedy_of(reason))

    def _tell_read_back(self, out: "Out") -> None:
        index, name, words, wanted = _READ_BACK[self._action]
        value = self._box.snapshot.values[index]
        found = 2 if value == codes.UNKNOWN else int(value != wanted)
        verdict = VERDICTS[found]
        out.item(name, "%s: they read %s" % (verdict, words[value]), verdict)
        if found:
            out.item("do", REMEDIES[found], None)


def words_of(action: int) -> str:
    """Which relay an action moves."""
    return {
        codes.ACT_UNLOCK: "unlock",
        codes.ACT_LOCK: "lock",
        codes.ACT_RELEASE: "release",
        codes.ACT_BLOCK: "block",
    }[action]
