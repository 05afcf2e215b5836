"""log and why: what happened, from the journal."""

from firmware.console import events, reasons
from firmware.console.out import Pages
from firmware.console.tail import Tail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from firmware.console.out import Item, Out
    from firmware.console_door import ConsoleBox

LOG_EVENTS = 20
LOG_EVENTS_MAX = 500
#: `why` looks so far back, and tells so many.
WHY_EVENTS = 300
WHY_REFUSALS = 4


def log(words: "list[str]", box: "ConsoleBox", out: "Out") -> "Pages | None":
    """The newest events."""
    count = LOG_EVENTS
    if words:
        count = int(words[0]) if words[0].isdigit() and len(words[0]) < 4 else 0
        if not 0 < count <= LOG_EVENTS_MAX:
            out.fail(
                "log takes a number from 1 to %d, not %s" % (LOG_EVENTS_MAX, words[0][:16]),
                "type log or log 50",
            )
            return None
    return _if_open(box, out, _log(box, count))


def why(_words: "list[str]", box: "ConsoleBox", out: "Out") -> "Pages | None":
    """The last refusals."""
    return _if_open(box, out, _why(box))


def _if_open(box: "ConsoleBox", out: "Out", items: "Iterator[Item | None]") -> "Pages | None":
    if box.journal.is_open:
        return Pages(items)
    out.fail("the journal cannot be read", "type status faults; restart the box once")
    return None


def _log(box: "ConsoleBox", count: int) -> "Iterator[Item | None]":
    tail = Tail(box.journal, count)
    found = 0
    while not tail.is_done:
        event = tail.step()
        if event is None:
            yield None
            continue
        found += 1
        text = "%6d %s %s" % (tail.seq, events.when(event), events.describe(event))
        yield "", text, tail.seq
    if found == 0:
        yield "the journal is empty"


def _why(box: "ConsoleBox") -> "Iterator[Item | None]":
    tail = Tail(box.journal, WHY_EVENTS)
    kept: "list[bytes]" = []
    while not tail.is_done:
        event = tail.step()
        if event is not None and events.is_refusal(event):
            kept.append(event)
            if len(kept) > WHY_REFUSALS:
                kept.pop(0)
        yield None
    for event in kept:
        yield events.when(event) + " " + events.describe(event)
        for reason, argument in events.reasons_of(event):
            yield reasons.name_of(reason), reasons.sentence_of(reason, argument), reason
            yield "do", reasons.remedy_of(reason), reason
    if not kept:
        yield "nothing was refused in the last %d events" % WHY_EVENTS
