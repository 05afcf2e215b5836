"""unlock, answer, lock, exit: the way in by a question and its answer, or by a staff card (TECH-1)."""

from firmware.console import gate, pin
from firmware.console.out import HOW_TO_LEAVE
from firmware.wire import codes, console_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.console.card_wait import CardWait
    from firmware.console.out import Out
    from firmware.console_door import ConsoleBox


def unlock(words: "list[str]", box: "ConsoleBox", out: "Out") -> "CardWait | None":
    """Show a question for a level, or wait for a staff card."""
    if words == ["card"]:
        return pin.begin(box, out)
    level = int(words[0]) if words and words[0] in ("1", "2", "3") else 0
    if words and (not level or len(words) > 1):
        out.fail("there are the levels 1, 2 and 3", "type unlock 1, 2 or 3, or unlock card")
        return None
    level = level or 1
    if not gate.is_open(level, box, out) and not gate.waits(box, out):
        box.gate = box.gate or gate.Gate(box)
        shown = box.gate.ask(level)
        out.item("question", shown, shown)
        out.line("ask for its answer (fleetd console-answer), then type: answer XXXX-XXXX-XX")
    return None


def answer(words: "list[str]", box: "ConsoleBox", out: "Out") -> "gate.Opening | None":
    """Take the answer to the question."""
    held: "gate.Gate | None" = box.gate
    text = console_key.read_answer("".join(words))
    opening = None
    if gate.waits(box, out):
        pass
    elif held is None or not held.has_question():
        out.fail("no question waits for an answer", "type unlock 1, 2 or 3 first")
    elif not text:
        out.fail("an answer has 10 letters and digits", "type it as XXXX-XXXX-XX")
    else:
        opening = held.try_answer(text)
        if opening is None:
            out.fail(
                "that is not the answer", gate.remedy(box) + "; is it for this box and question?"
            )
    return opening


def lock(_words: "list[str]", box: "ConsoleBox", out: "Out") -> None:
    """End what was unlocked."""
    if box.gate is not None:
        box.gate.close(codes.CLOSED_BY_HAND)
    box.lock()
    out.line("locked")


def leave(words: "list[str]", box: "ConsoleBox", out: "Out") -> None:
    """`exit`, `quit`: nothing lies behind this console, so it is locked and stays."""
    lock(words, box, out)
    out.line(HOW_TO_LEAVE)
