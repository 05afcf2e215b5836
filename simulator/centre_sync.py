"""The centre's side of the car's copy: a log of operations, pushed until the car has them all."""

from __future__ import annotations

from collections.abc import Callable

from firmware.wire.centre_messages import pack_delta, pack_time
from simulator.clocks import TrueClock
from simulator.kernel import Event, Kernel

#: At most one push per car and second; unanswered: 2, 4, 8 ... 60 s.
PUSH_EVERY_US = 1_000_000
RETRY_US = 2_000_000
RETRY_US_MAX = 60_000_000
#: An operation takes 22 bytes at the most, a message 1,024.
OPS_A_MESSAGE = 40


class Sync:
    """Revision n is the log's first n operations."""

    def __init__(self, kernel: Kernel, clock: TrueClock, send: Callable[[bytes], bool]) -> None:
        self._kernel = kernel
        self._clock = clock
        self._send = send
        self._log: list[tuple[int, bytes]] = []
        #: What the car said that it has; None before its first HELLO.
        self.car_rev: int | None = None
        self._pushed_us = -PUSH_EVERY_US
        self._retry_us = RETRY_US
        self._next: Event | None = None

    @property
    def rev(self) -> int:
        return len(self._log)

    @property
    def is_in_step(self) -> bool:
        """Whether the car has everything, as far as it said."""
        return self.car_rev == self.rev

    def append(self, op: int, record: bytes) -> None:
        """Something changed that the car must know."""
        self._log.append((op, record))
        if self.car_rev is not None:
            self._retry_us = RETRY_US
            self._plan(max(self._kernel.now_us, self._pushed_us + PUSH_EVERY_US))

    def hear_hello(self, is_asking: bool, rev: int) -> None:
        """The car says where it stands; asking, it is answered at once."""
        if rev != self.car_rev:
            self._retry_us = RETRY_US
        self.car_rev = rev
        if rev == self.rev:
            self._cancel()
            if is_asking:
                self._send(pack_time(self._clock.unix_s(), rev))
        elif is_asking:
            self._push()
        else:
            self._plan(max(self._kernel.now_us, self._pushed_us + PUSH_EVERY_US))

    def _push(self) -> None:
        self._next = None
        if self.car_rev is None or self.car_rev >= self.rev:
            return
        ops = self._log[self.car_rev : self.car_rev + OPS_A_MESSAGE]
        self._send(pack_delta(self.car_rev, self.car_rev + len(ops), ops))
        self._pushed_us = self._kernel.now_us
        self._plan(self._kernel.now_us + self._retry_us)
        self._retry_us = min(2 * self._retry_us, RETRY_US_MAX)

    def _plan(self, at_us: int) -> None:
        self._cancel()
        self._next = self._kernel.at(at_us, self._push)

    def _cancel(self) -> None:
        if self._next is not None:
            self._next.cancel()
            self._next = None
