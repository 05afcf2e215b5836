"""One direction of a stream: segments arrive in order; a lost one is sent again, and so late."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from simulator.kernel import Event, Kernel

#: One way, from a modem to the centre.
LATENCY_US = (60_000, 120_000)
#: A segment that is lost is sent again after this time, the next time after twice as long.
RETRANSMIT_US = 200_000
#: So many losses in a row, and the sender gives up.
LOSSES_MAX = 6


class Quality:
    """How good the way is now, in both directions of all streams."""

    def __init__(self) -> None:
        #: Added to the latency of a good way.
        self.delay_us = 0
        self.loss_percent = 0
        #: Segments that were sent again so far.
        self.losses = 0


class Way:
    """`random` is shared by the streams' ways of one direction."""

    def __init__(self, kernel: Kernel, random: Random, quality: Quality) -> None:
        self._kernel = kernel
        self._random = random
        self._quality = quality
        self._last_us = 0
        self._under_way: list[Event] = []
        self._is_cut = False

    def send(self, arrive: Callable[[], None], give_up: Callable[[], None]) -> None:
        """One segment: `arrive` happens when it does, `give_up` after LOSSES_MAX losses."""
        if self._is_cut:
            return
        losses = self._draw_losses()
        self._quality.losses += losses
        at_us = self._kernel.now_us + RETRANSMIT_US * ((1 << losses) - 1)
        if losses == LOSSES_MAX:
            self._happen_at(at_us, give_up)
            self._is_cut = True
        else:
            latency_us = self._random.randint(*LATENCY_US) + self._quality.delay_us
            self._happen_at(at_us + latency_us, arrive)

    def cut(self) -> None:
        """What is under way is lost, and so is all that is sent from now on."""
        self._is_cut = True
        for event in self._under_way:
            event.cancel()
        self._under_way = []

    def _draw_losses(self) -> int:
        losses = 0
        while losses < LOSSES_MAX and self._random.randrange(100) < self._quality.loss_percent:
            losses += 1
        return losses

    def _happen_at(self, at_us: int, action: Callable[[], None]) -> None:
        self._last_us = max(at_us, self._last_us)
        self._under_way = [event for event in self._under_way if event.is_pending]
        self._under_way.append(self._kernel.at(self._last_us, action))
