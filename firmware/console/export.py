"""journal export: events that the centre has not confirmed, as frames of the box's journal in hex.

`python -m fleetd decode` reads the lines as they are. Each is one frame with one event: mark, kind,
length, CRC-32 of its body, and its number in the body; remarks begin with #.
"""

import struct
from binascii import crc32, hexlify

from firmware.console import asking
from firmware.console.out import LINE_BYTES_MAX
from firmware.console.tail import Tail
from firmware.journal_events import KIND, NO_SESSION, pack_head, pack_item
from firmware.wire import codes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from firmware.console.out import Out
    from firmware.console_door import ConsoleBox

_MARK = 0x5A


def journal(words: "list[str]", box: "ConsoleBox", out: "Out") -> "Export | None":
    """Read it out."""
    if words != ["export"]:
        out.fail("journal knows export", "type journal export; log tells it in words")
    elif not box.journal.is_open:
        out.fail("the journal cannot be read", "type status faults; reset the box once")
    else:
        asking.put(box, codes.ACT_EXPORT)
        return Export(_export(box))
    return None


class Export:
    """One line a turn."""

    def __init__(self, lines: "Iterator[str | None]") -> None:
        self._lines = lines

    def more(self, out: "Out") -> bool:
        """The next line; False: that was all."""
        for line in self._lines:
            if line is not None:
                out.data(line)
            return True
        return False


def _export(box: "ConsoleBox") -> "Iterator[str | None]":
    kept = box.journal
    acked, last = kept.acked_seq, kept.next_seq - 1
    yield "# car %s, journal %08x, events %d to %d" % (box.car, kept.instance, acked + 1, last)
    tail = Tail(kept, last - acked)
    count = 0
    while not tail.is_done and tail.seq < last:
        event = tail.step()
        if event is None:
            yield None
            continue
        count += 1
        line = str(hexlify(frame(acked, tail.seq, event)), "ascii")
        if len(line) > LINE_BYTES_MAX - 40:  # a program gets it within {"part":...}
            line = "# event %d does not fit a line: %d bytes" % (tail.seq, len(event))
        yield line
    yield "# %d of %d events" % (count, last - acked)


def frame(acked: int, seq: int, event: bytes) -> bytes:
    """A journal frame with this event alone."""
    head = pack_head(acked, seq + 1, seq, 1, NO_SESSION)
    body = head + pack_item(0, event) + event
    return struct.pack(">BBHI", _MARK, KIND, len(body), crc32(body)) + body
