"""The modem beside the box: one stream at a time, and what arrived and the box did not take yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from firmware.wire.network_codes import CLOSED, NO_TROUBLE, OPEN, TROUBLE_ENDED

if TYPE_CHECKING:
    from simulator.network import Stream


class Told(NamedTuple):
    """What a request says of the stream; number 0 when there is none."""

    number: int
    state: int
    trouble: int
    data: bytes


NO_STREAM = Told(0, CLOSED, NO_TROUBLE, b"")


class Modem:
    """`connect` opens the stream of that number."""

    def __init__(self, connect: Callable[[int], Stream]) -> None:
        self._connect = connect
        self._stream: Stream | None = None
        #: Called when the box has something to hear.
        self.on_news: Callable[[], None] = _nothing

    @property
    def has_more(self) -> bool:
        """Bytes wait for the box."""
        return self._stream is not None and len(self._stream.arrived) > 0

    def tell(self, room_bytes: int) -> Told:
        """For the next request, with no more bytes than the program has room for."""
        stream = self._stream
        if stream is None:
            return NO_STREAM
        data = stream.take(room_bytes)
        if stream.trouble == TROUBLE_ENDED and stream.arrived:
            return Told(stream.number, OPEN, NO_TROUBLE, data)
        return Told(stream.number, stream.state, stream.trouble, data)

    def do(self, number: int, data: bytes) -> None:
        """What a response says: the stream that the program has now, and bytes written on it.

        With number 0 the program has closed, and the bytes were its last ones.
        """
        stream = self._stream
        if stream is not None and stream.number != number:
            if number == 0:
                stream.write(data)
            stream.leave()
            self._stream = stream = None
        if number and stream is None:
            self._stream = stream = self._connect(number)
            stream.on_news = self._tell_news
            if stream.state == CLOSED:  # the carrier went while the turn took its time
                self.on_news()
        if stream is not None:
            stream.write(data)

    def forget(self) -> None:
        """The program is gone: so is its stream, and the server is not told."""
        if self._stream is not None:
            self._stream.vanish()
            self._stream = None

    def lose_carrier(self) -> None:
        if self._stream is not None:
            self._stream.lose_carrier()

    def _tell_news(self) -> None:
        self.on_news()


def _nothing() -> None:
    pass
