"""The network of the simulated board: its stream goes on in the world, request by request."""

from boards.sim.car_wire import STREAM_BYTES_MAX
from firmware.ticks import FAR_MS, ticks_add
from firmware.wire.network_codes import (
    CLOSED,
    NO_TROUBLE,
    OPEN,
    OPENING,
    TROUBLE_ENDED,
    TROUBLE_UNREACHABLE,
)

_NUMBER_MAX = 65535


class PipedNetwork:
    """A `Network`; `hear`, `stream`, `take` and `unread` are its other end."""

    def __init__(self) -> None:
        self.state = CLOSED
        self.trouble = NO_TROUBLE
        self.is_reachable = False
        self._now_ms = 0
        self._number = 0  # of the newest stream
        self._received = b""
        self._written = b""
        self._was_refused = False
        # What the world said of the newest stream, until a call of the port acts on it.
        self._heard_state = OPENING
        self._heard_trouble = NO_TROUBLE

    # The side of the program.

    @property
    def next_due_at_ms(self) -> int:
        if self.state == CLOSED:
            return ticks_add(self._now_ms, FAR_MS)
        if self.state != self._heard_state or self._received or self._was_refused:
            return self._now_ms
        return ticks_add(self._now_ms, FAR_MS)

    # The modem knows one centre, and speaks to it without TLS.
    def open(self, host: str, port: int, checks_dates: bool = True) -> None:  # noqa: ARG002
        self._forget()
        self._written = b""
        if not self.is_reachable:
            self._fail(TROUBLE_UNREACHABLE)
            return
        self._number = self._number % _NUMBER_MAX + 1
        self._heard_state = OPENING
        self.state = OPENING
        self.trouble = NO_TROUBLE

    def poll(self, now_ms: int) -> None:
        self._now_ms = now_ms
        self._was_refused = False
        if self.state == OPENING and (
            self._heard_state == OPEN or self._heard_trouble == TROUBLE_ENDED
        ):
            self.state = OPEN
        if self.state != CLOSED and self._heard_state == CLOSED:
            # What came before the end can still be read; what broke is lost with all that came.
            if self._heard_trouble != TROUBLE_ENDED:
                self._fail(self._heard_trouble)

    def readinto(self, buffer: bytearray) -> int:
        if self.state != OPEN:
            return 0
        count = min(len(buffer), len(self._received))
        if count:
            buffer[:count] = self._received[:count]
            self._received = self._received[count:]
        elif self._heard_state == CLOSED:
            self._fail(self._heard_trouble)
        return count

    def write(self, data: "bytes | bytearray | memoryview") -> int:
        if self.state != OPEN:
            return 0
        count = min(len(data), STREAM_BYTES_MAX - len(self._written))
        if count:
            self._written += bytes(data[:count])
        self._was_refused = count < len(data)
        return count

    def close(self) -> None:
        self._forget()
        self.state = CLOSED
        self.trouble = NO_TROUBLE

    # The modem has no switch: it stays registered while nobody needs it.

    def rest(self, is_resting: bool) -> None:
        pass

    def hurry(self) -> None:
        pass

    # The other end.

    def hear(self, number: int, state: int, trouble: int, data: bytes) -> None:
        """What the world says of a stream, and bytes that came on it."""
        if number != self._number or self.state == CLOSED:
            return
        self._heard_state = state
        self._heard_trouble = trouble
        if data:
            self._received += data

    def stream(self) -> int:
        """The number of the stream that the program has; 0 when it has none."""
        return self._number if self.state != CLOSED else 0

    def unread(self) -> int:
        """Bytes that came and were not read."""
        return len(self._received)

    def take(self) -> bytes:
        """What was written since the last call: on the present stream, or on the one just closed."""
        written = self._written
        self._written = b""
        return written

    def _fail(self, trouble: int) -> None:
        self._forget()
        self.state = CLOSED
        self.trouble = trouble

    def _forget(self) -> None:
        self._received = b""
        self._was_refused = False
        self._heard_trouble = NO_TROUBLE
