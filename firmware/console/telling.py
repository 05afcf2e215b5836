"""help and version."""

from firmware.console.out import Pages
from firmware.console.said import span
from firmware.console.words import COMMANDS, Unknown, find

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from firmware.console.out import Item, Out
    from firmware.console.words import Word
    from firmware.console_door import ConsoleBox

_USE_COLUMNS = 20
_LEVELS = ("always", "level 1 (technician)", "level 2 (workshop)", "level 3 (prompt)")


def help_(words: "list[str]", box: "ConsoleBox", out: "Out") -> "Pages | Unknown | None":
    """All commands, or one."""
    if not words:
        return Pages(_all(box.level))
    word = find(words[0])
    if word is None:
        return Unknown(words[0])
    out.line("%s: %s" % (_use(word), word[5]))
    out.line("possible: %s. Add --json for an answer that programs read." % _LEVELS[word[1]])
    return None


def _use(word: "Word") -> str:
    return word[0] + (" " + word[4] if word[4] else "")


def _all(level: int) -> "Iterator[Item]":
    for word in COMMANDS:
        use = _use(word)
        mark = "*" if word[1] > level else " "
        yield use + " " * (_USE_COLUMNS - len(use)) + mark + " " + word[5]
    yield "Ctrl-C ends a long answer. Every command takes --json at its end."
    if level < 3:
        yield "* must be unlocked first."


def version(_words: "list[str]", box: "ConsoleBox", out: "Out") -> None:
    """What runs here, in which car, for how long."""
    uptime_s = box.boot.uptime_s
    out.item("program", "Kagibako " + box.version, box.version)
    out.item("car", box.car, box.car)
    out.item("up", "since the last start %s" % span(uptime_s), uptime_s)
