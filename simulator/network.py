"""The way between car and centre: up, down, slow, lossy; in order, never twice."""

from __future__ import annotations

from collections.abc import Callable

from simulator.kernel import Event, Kernel

#: One way, from a modem to the centre.
LATENCY_US = (60_000, 120_000)

Receive = Callable[[bytes], None]


class Way:
    """One direction. Messages keep their order, as within one topic."""

    def __init__(self, kernel: Kernel, purpose: str) -> None:
        self._kernel = kernel
        self._random = kernel.random(purpose)
        self._last_us = 0
        self._under_way: list[Event] = []
        self.receive: Receive = _into_the_void
        self.delay_us = 0
        self.loss_percent = 0
        self.sent = 0
        self.lost = 0

    def send(self, message: bytes) -> None:
        self.sent += 1
        latency_us = self._random.randint(*LATENCY_US) + self.delay_us
        if self._random.randrange(100) < self.loss_percent:
            self.lost += 1
            return
        arrives_us = max(self._kernel.now_us + latency_us, self._last_us)
        self._last_us = arrives_us
        self._under_way = [event for event in self._under_way if event.is_pending]
        self._under_way.append(self._kernel.at(arrives_us, lambda: self.receive(message)))

    def cut(self) -> None:
        """What is under way is lost."""
        for event in self._under_way:
            if event.is_pending:
                self.lost += 1
                event.cancel()
        self._under_way = []


class Network:
    """Both directions and one switch."""

    def __init__(self, kernel: Kernel) -> None:
        self.to_centre = Way(kernel, "network to the centre")
        self.to_car = Way(kernel, "network to the car")
        self.is_up = True
        #: Called when the network comes or goes.
        self.on_change: Callable[[], None] = _nothing

    @property
    def ways(self) -> tuple[Way, Way]:
        return self.to_centre, self.to_car

    def up(self) -> None:
        """Good again: fast and without loss."""
        self._set(True, 0, 0)

    def down(self) -> None:
        """Gone, with all that is under way."""
        for way in self.ways:
            way.cut()
        self._set(False, 0, 0)

    def slow(self, delay_us: int) -> None:
        """Up, and every message takes so much longer, in each direction."""
        self._set(True, delay_us, 0)

    def lossy(self, percent: int) -> None:
        """Up, and so many of 100 messages get lost, in each direction."""
        self._set(True, 0, percent)

    def send_to_centre(self, message: bytes) -> None:
        if self.is_up:
            self.to_centre.send(message)

    def send_to_car(self, message: bytes) -> bool:
        """False when the network is down; True does not mean that it arrives."""
        if self.is_up:
            self.to_car.send(message)
        return self.is_up

    def _set(self, is_up: bool, delay_us: int, loss_percent: int) -> None:
        for way in self.ways:
            way.delay_us = delay_us
            way.loss_percent = loss_percent
        if is_up != self.is_up:
            self.is_up = is_up
            self.on_change()


def _into_the_void(_message: bytes) -> None:
    pass


def _nothing() -> None:
    pass
