"""log and why: what happened, from the journal."""

from firmware.console import events, faults, reasons
from firmware.console.out import Pages
from firmware.console.tail import Tail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from firmware.console.out import Item, Out
    from firmware.console_door import ConsoleBox

LOG_EVENTS = 20
LOG_EVENTS_MAX = 500
#: `why` looks so far back, and tells so many.
WHY_EVENTS = 300
WHY_REFUSALS = 4
LATELY_FAULTS = 4


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


def _newest(
    box: "ConsoleBox", is_wanted: "Callable[[bytes], bool]", kept: "list[bytes]", count: int
) -> "Iterator[Item | None]":
    """Nothing to say yet: the last `count` wanted events come into `kept`."""
    tail = Tail(box.journal, WHY_EVENTS)
    while not tail.is_done:
        event = tail.step()
        if event is not None and is_wanted(event):
            if kept and events.is_twin(kept[-1], event):
                kept.pop()
            kept.append(event)
            if len(kept) > count:
                kept.pop(0)
        yield None


def _why(box: "ConsoleBox") -> "Iterator[Item | None]":
    kept: "list[bytes]" = []
    yield from _newest(box, events.is_refusal, kept, WHY_REFUSALS)
    for event in kept:
        yield events.when(event) + " " + events.describe(event)
        is_theirs = events.is_technicians(event)
        for reason, argument in events.reasons_of(event):
            name, sentence, remedy = reasons.told(reason, argument, is_theirs)
            yield name, sentence, reason
            yield "do", remedy, reason
    if not kept:
        yield "nothing was refused in the last %d events" % WHY_EVENTS


def lately(box: "ConsoleBox") -> "Iterator[Item | None]":
    """The last faults that the journal has, whether or not they stand."""
    kept: "list[bytes]" = []
    yield from _newest(box, events.is_fault, kept, LATELY_FAULTS)
    for event in kept:
        fault = events.fault_of(event)
        yield "", events.when(event) + " " + events.describe(event), fault
        yield "do", faults.remedy_of(fault), fault
