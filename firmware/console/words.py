"""Which commands there are, and which one an unknown word may have meant.

A group of commands is a tuple in a module of its own; a new group is named here and nowhere else.
"""

from firmware.console.words_locked import LOCKED
from firmware.console.words_unlocked import UNLOCKED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from firmware.console.out import Out

    #: Name, level (0 locked), module, function, arguments for people, one line of help.
    Word = tuple[str, int, str, str, str, str]

COMMANDS: "tuple[Word, ...]" = LOCKED + UNLOCKED
#: A word that differs more from every command is not meant for one.
DISTANCE_MAX = 2
_WORD_MAX = 16


def find(name: str) -> "Word | None":
    """The command of that name, in whatever case."""
    name = name.lower()
    for word in COMMANDS:
        if word[0] == name:
            return word
    return None


def distance(a: str, b: str) -> int:
    """How many letters must be put in, taken out or changed to make one of the other."""
    row = list(range(len(b) + 1))
    for i in range(len(a)):
        before, row[0] = row[0], i + 1
        for j in range(len(b)):
            changed = before + (a[i] != b[j])
            before = row[j + 1]
            row[j + 1] = min(changed, before + 1, row[j] + 1)
    return row[len(b)]


class Unknown:
    """The answer to a word that is no command: looks for the nearest, one a turn."""

    def __init__(self, name: str) -> None:
        self._typed = name[:_WORD_MAX]
        self._name = self._typed.lower()
        self._left: "Iterator[Word]" = iter(COMMANDS)
        self._nearest = ""
        self._distance = DISTANCE_MAX + 1

    def more(self, out: "Out") -> bool:
        """Compare the next command; False when all are compared and the answer is said."""
        for word in self._left:
            if abs(len(word[0]) - len(self._name)) < self._distance:
                found = distance(self._name, word[0])
                if found < self._distance and self._may_mean(word[0], found):
                    self._nearest, self._distance = word[0], found
            return True
        remedy = "type help for what there is"
        if self._nearest:
            remedy = "did you mean %s?" % self._nearest
        out.fail("there is no command %s" % self._typed, remedy)
        return False

    def _may_mean(self, word: str, found: int) -> bool:
        """Of a short word two letters are most of it: then it must begin as the command does."""
        return 2 * found <= len(self._name) or word[0] == self._name[0]
