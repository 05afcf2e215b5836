"""The stream to the centre on a machine with threads and descriptors: nothing in it waits.

`hal.socket_network` has all of it but two things. Looking up a name may take half a minute where
the name server does not answer, so a thread does it. And an open stream wakes the board by its
descriptor, so that nobody need look every 20 ms.
"""

import ipaddress
import socket
import threading
from collections.abc import Callable
from typing import Any

from firmware.ticks import FAR_MS, ticks_add
from firmware.wire.network_codes import CLOSED, OPEN, OPENING, TROUBLE_NAME
from hal.socket_network import SocketNetwork
from hal.socket_trust import Trust

Address = tuple[int, Any]
LookUp = Callable[[str, int], list[Address]]


def look_up(host: str, port: int) -> list[Address]:
    """(family, address) of each way to the server; waits as long as the name server lets it."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(entry[0], entry[4]) for entry in found]


class _Question:
    """One look-up in a thread of its own; what it found counts only while somebody waits for it."""

    def __init__(self, ask: LookUp, host: str, port: int, wakes: Callable[[], None]) -> None:
        self.key = (host, port)
        self.addresses: list[Address] = []
        self.error: Exception | None = None
        self.is_over = False
        self._ask = ask
        self._wakes = wakes
        threading.Thread(target=self._run, name="look-up", daemon=True).start()

    def _run(self) -> None:
        try:
            self.addresses = self._ask(*self.key)
        except (OSError, ValueError) as error:
            self.error = error
        self.is_over = True
        self._wakes()


class LinuxNetwork(SocketNetwork):
    """A `Network`. `wakes` is called from the thread when an answer is there."""

    def __init__(
        self,
        trust: Trust | None,
        wakes: Callable[[], None] = lambda: None,
        ask: LookUp = look_up,
    ) -> None:
        super().__init__(trust)
        self._ask = ask
        self._wakes = wakes
        self._question: _Question | None = None
        self._is_asking = False

    def fileno(self) -> int:
        """To wait on for bytes while the stream is open; -1 otherwise."""
        return -1 if self._socket is None or self.state != OPEN else int(self._socket.fileno())

    @property
    def next_due_at_ms(self) -> int:
        if self.state == CLOSED or self._is_asking or (self.state == OPEN and not self._offered):
            return ticks_add(self._now_ms, FAR_MS)
        return ticks_add(self._now_ms, self._look_every_ms)

    def open(self, host: str, port: int, checks_dates: bool = True) -> None:
        if _is_address(host):
            super().open(host, port, checks_dates)
            return
        self.close()
        self._checks_dates = checks_dates
        self.detail = ""
        self.state = OPENING
        self._is_asking = True
        # One thread at most: one that still hangs is asked for its answer, not joined by others.
        if self._question is None or self._question.key != (host, port):
            self._question = _Question(self._ask, host, port, self._wakes)

    def poll(self, now_ms: int) -> None:
        if self._is_asking:
            self._now_ms = now_ms
            self._hear_answer()
            if self._is_asking:
                return
        super().poll(now_ms)

    def close(self) -> None:
        self._is_asking = False
        super().close()

    def _hear_answer(self) -> None:
        question = self._question
        if question is None or not question.is_over:
            return
        self._question = None
        self._is_asking = False
        if not question.addresses:
            error = question.error or ValueError(f"no address of {question.key[0]}")
            self._fail(TROUBLE_NAME, error)
            return
        addresses = question.addresses
        self._family, self._address = addresses[self._opens % len(addresses)]
        self._opens += 1
        self._begin()


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
