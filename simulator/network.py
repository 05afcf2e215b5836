"""The way between car and centre: a carrier, and streams of bytes that a server accepts.

network = Network(kernel)
network.server = ...
network.down()
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from firmware.wire.network_codes import (
    CLOSED,
    NO_TROUBLE,
    OPEN,
    OPENING,
    TROUBLE_BROKEN,
    TROUBLE_ENDED,
    TROUBLE_UNREACHABLE,
)
from simulator.kernel import Kernel
from simulator.modem import Modem
from simulator.way import Quality, Way


class Server(Protocol):
    """Who answers at the centre's address."""

    def accept(self, stream: Stream) -> None:
        """A car connects. Set the stream's callbacks; bytes may be sent at once."""


class Stream:
    """One connection, as TCP would have it. A server uses the first part, the modem the rest.

    `number` is the car's own, from 1 on after each start of its program.
    """

    def __init__(self, number: int, to_centre: Way, to_car: Way) -> None:
        self.number = number
        self._to_centre = to_centre
        self._to_car = to_car
        # The server's end.
        #: Accepted, and neither closed nor known to be over.
        self.is_open = False
        #: Bytes from the car, as much as its program wrote in one turn.
        self.on_bytes: Callable[[bytes], None] = _ignore
        #: The car closed, or nothing reaches it any more. Not called after `close`.
        self.on_close: Callable[[], None] = _nothing
        self._sent_bytes = 0
        # The car's end.
        self.state = OPENING
        self.trouble = NO_TROUBLE
        #: What arrived and the box did not take yet.
        self.arrived = bytearray()
        self.on_news: Callable[[], None] = _nothing
        self._taken_bytes = 0

    # The server's end.

    def send(self, data: bytes) -> None:
        """Bytes for the car, as one segment. Lost without a word when it is out of reach."""
        if self.is_open and data:
            self._sent_bytes += len(data)
            self._to_car.send(lambda: self._arrive(data), self._hear_end)

    def close(self) -> None:
        """What was sent still arrives, then the end of the stream."""
        if self.is_open:
            self.is_open = False
            self._to_car.send(lambda: self._end(TROUBLE_ENDED), _nothing)

    @property
    def unread_bytes(self) -> int:
        """Sent, and not yet taken by the box: under way, or in its modem, or lost."""
        return self._sent_bytes - self._taken_bytes

    # The car's end.

    def connect(self, find_server: Callable[[], Server | None]) -> None:
        """Begin to open: open after one round trip, refused when there is no server."""
        give_up = partial(self._end, TROUBLE_UNREACHABLE)
        self._to_centre.send(lambda: self._reach(find_server()), give_up)

    def write(self, data: bytes) -> None:
        """Bytes for the server, as one segment."""
        if self.state == OPEN and data:
            self._to_centre.send(lambda: self._hear(data), partial(self._end, TROUBLE_BROKEN))

    def take(self, most: int) -> bytes:
        """The oldest bytes that arrived."""
        data = bytes(self.arrived[:most])
        del self.arrived[:most]
        self._taken_bytes += len(data)
        return data

    def leave(self) -> None:
        """The car closes; the server hears of it after all that was written."""
        self._to_centre.send(self._hear_end, _nothing)
        self.vanish()

    def vanish(self) -> None:
        """The car's end is gone without a word; what it sent still arrives."""
        self._to_car.cut()
        self.state = CLOSED

    def lose_carrier(self) -> None:
        """Nothing passes any more in either direction, and the car knows."""
        self._to_centre.cut()
        self._end(TROUBLE_BROKEN if self.state == OPEN else TROUBLE_UNREACHABLE)

    # What arrives.

    def _reach(self, server: Server | None) -> None:
        if server is None:
            self._to_car.send(partial(self._end, TROUBLE_UNREACHABLE), _nothing)
        else:
            self.is_open = True
            self._to_car.send(self._open, self._hear_end)  # before what the server says at once
            server.accept(self)

    def _hear(self, data: bytes) -> None:
        if self.is_open:
            self.on_bytes(data)
        else:  # as TCP resets who sends to a stream that is closed
            self._to_car.send(partial(self._end, TROUBLE_BROKEN), _nothing)

    def _hear_end(self) -> None:
        if self.is_open:
            self.is_open = False
            self.on_close()

    def _open(self) -> None:
        self.state = OPEN
        self.on_news()

    def _arrive(self, data: bytes) -> None:
        self.arrived += data
        self.on_news()

    def _end(self, trouble: int) -> None:
        self._to_car.cut()
        if self.state == CLOSED:
            return
        if trouble != TROUBLE_ENDED:
            self.arrived.clear()
        self.state = CLOSED
        self.trouble = trouble
        self.on_news()


class Network:
    """The carrier, how good the way is, and who answers at its other end (None: nobody)."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._to_centre = kernel.random("network to the centre")
        self._to_car = kernel.random("network to the car")
        self.quality = Quality()
        self.server: Server | None = None
        self.is_up = True
        #: Called when the carrier comes or goes.
        self.on_change: Callable[[], None] = _nothing
        #: What the box has of all this.
        self.modem = Modem(self.connect)

    def up(self) -> None:
        """Good again: fast and without loss."""
        self._set(True, 0, 0)

    def down(self) -> None:
        """No carrier: the car's stream breaks, at once for the car, unnoticed by the server."""
        self._set(False, 0, 0)

    def slow(self, delay_us: int) -> None:
        """Up, and every segment takes so much longer, in each direction."""
        self._set(True, delay_us, 0)

    def lossy(self, percent: int) -> None:
        """Up, and so many of 100 segments get lost and are sent again, in each direction."""
        self._set(True, 0, percent)

    def connect(self, number: int) -> Stream:
        """The modem opens a stream."""
        to_centre = Way(self._kernel, self._to_centre, self.quality)
        to_car = Way(self._kernel, self._to_car, self.quality)
        stream = Stream(number, to_centre, to_car)
        stream.connect(lambda: self.server)
        if not self.is_up:
            stream.lose_carrier()
        return stream

    def _set(self, is_up: bool, delay_us: int, loss_percent: int) -> None:
        self.quality.delay_us = delay_us
        self.quality.loss_percent = loss_percent
        if is_up != self.is_up:
            self.is_up = is_up
            if not is_up:
                self.modem.lose_carrier()
            self.on_change()


def _ignore(_data: bytes) -> None:
    pass


def _nothing() -> None:
    pass
