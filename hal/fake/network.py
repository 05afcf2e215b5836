"""A stream to a server in memory: its other end is a test or a simulated server.

Faults are switches. Both directions hold a bounded number of bytes, as the buffers of sockets do.
"""

from firmware.ticks import FAR_MS, ticks_add
from firmware.wire.network_codes import (
    CLOSED,
    NO_TROUBLE,
    OPEN,
    OPENING,
    TROUBLE_BROKEN,
    TROUBLE_CERTIFICATE,
    TROUBLE_ENDED,
    TROUBLE_UNREACHABLE,
)

BUFFER_BYTES_MAX = 4096


class FakeNetwork:
    """A `Network`; `put`, `take`, `end` and `cut` are its other end."""

    def __init__(self) -> None:
        self.state = CLOSED
        self.trouble = NO_TROUBLE
        self.is_reachable = True
        #: Fault switches. Opening fails with `refuses_with`, another than NO_TROUBLE, or never
        #: ends; an open stream passes nothing, or no more than `piece_bytes` a call.
        self.refuses_with = NO_TROUBLE
        self.never_opens = False
        self.stalls = False
        self.piece_bytes = BUFFER_BYTES_MAX
        #: After so many more bytes to the server the stream breaks, in a packet's middle too.
        self.breaks_after_bytes = -1
        #: Only a write shows that the stream is open, as with TLS on MicroPython.
        self.opens_by_write = False
        #: Where to, of each call of `open`.
        self.opened: "list[tuple[str, int]]" = []
        #: What the program wishes of the radio; how often it wished for haste. A test decides
        #: what becomes of `is_reachable`.
        self.rests = False
        self.hurries = 0
        #: Whether the newest of them was to check the dates of the server's certificate; the server
        #: has one that is not valid now when `is_out_of_date`.
        self.checks_dates = True
        self.is_out_of_date = False
        self._now_ms = 0
        self._received = bytearray()
        self._sent = bytearray()
        self._refused = b""
        self._has_ended = False

    # The side of the program.

    @property
    def next_due_at_ms(self) -> int:
        has_news = self.state == OPENING and not self.never_opens
        if self.state == OPEN and not self.stalls:
            has_news = self._has_ended or len(self._received) > 0
        if has_news:
            return self._now_ms
        return ticks_add(self._now_ms, FAR_MS)

    def open(self, host: str, port: int, checks_dates: bool = True) -> None:
        self.opened.append((host, port))
        self.checks_dates = checks_dates
        self._forget()
        if not self.is_reachable:
            self._fail(TROUBLE_UNREACHABLE)
            return
        self.state = OPENING
        self.trouble = NO_TROUBLE

    def poll(self, now_ms: int) -> None:
        self._now_ms = now_ms
        if self.state != OPENING or self.never_opens:
            return
        if self.refuses_with != NO_TROUBLE:
            self._fail(self.refuses_with)
        elif self.checks_dates and self.is_out_of_date:
            self._fail(TROUBLE_CERTIFICATE)
        elif not self.opens_by_write:
            self.state = OPEN

    def readinto(self, buffer: bytearray) -> int:
        if self.state != OPEN or self.stalls:
            return 0
        count = min(len(buffer), len(self._received), self.piece_bytes)
        if count:
            buffer[:count] = self._received[:count]
            self._received = self._received[count:]
        elif self._has_ended:
            self._fail(TROUBLE_ENDED)
        return count

    def write(self, data: "bytes | bytearray | memoryview") -> int:
        if self.state == OPENING and self.opens_by_write and not self.never_opens:
            self.state = OPEN
        if self.state == CLOSED:
            return 0
        if bytes(data[: len(self._refused)]) != self._refused:
            raise ValueError("other bytes than those that were refused before")
        count = self._take(data)
        self._refused = bytes(data[count:])
        return count

    def _take(self, data: "bytes | bytearray | memoryview") -> int:
        if self.state != OPEN or self.stalls:
            return 0
        count = min(len(data), BUFFER_BYTES_MAX - len(self._sent), self.piece_bytes)
        if 0 <= self.breaks_after_bytes <= count:
            self._sent.extend(data[: self.breaks_after_bytes])
            self.breaks_after_bytes = -1
            self._fail(TROUBLE_BROKEN)
            return 0
        if self.breaks_after_bytes > 0:
            self.breaks_after_bytes -= count
        self._sent.extend(data[:count])
        return count

    def close(self) -> None:
        self.state = CLOSED
        self.trouble = NO_TROUBLE

    def rest(self, is_resting: bool) -> None:
        assert self.state == CLOSED or not is_resting, "the stream is still there"
        self.rests = is_resting

    def hurry(self) -> None:
        self.hurries += 1

    # The other end.

    def put(self, data: "bytes | bytearray") -> int:
        """The server sends; how many bytes the buffer had room for, 0 when nobody is there."""
        if self.state != OPEN or self._has_ended:
            return 0
        count = min(len(data), BUFFER_BYTES_MAX - len(self._received))
        self._received.extend(data[:count])
        return count

    def take(self) -> bytes:
        """What the program sent since the last call, also on a stream that is closed by now."""
        sent = bytes(self._sent)
        self._sent = bytearray()
        return sent

    def end(self) -> None:
        """The server closes: what it sent still arrives."""
        self._has_ended = True

    def cut(self) -> None:
        """The stream breaks: what is under way is lost."""
        if self.state != CLOSED:
            self._fail(TROUBLE_BROKEN)

    def lose_carrier(self) -> None:
        """The modem is not registered any more; it is again when `is_reachable` is set."""
        self.is_reachable = False
        self.cut()

    def _fail(self, trouble: int) -> None:
        self._received = bytearray()
        self.state = CLOSED
        self.trouble = trouble

    def _forget(self) -> None:
        self._received = bytearray()
        self._sent = bytearray()
        self._refused = b""
        self._has_ended = False
