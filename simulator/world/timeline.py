"""What can be seen of a car goes to one observer, in the order in which it happens."""

from __future__ import annotations

from collections.abc import Callable

from simulator.kernel import Kernel

#: Called with the kernel's time in microseconds and what changed.
Observer = Callable[[int, str], None]


class Timeline:
    """Passes changes on to whoever looks; nobody does at first."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self.observers: list[Observer] = []

    def note(self, what: str) -> None:
        """Something happened now."""
        for observe in self.observers:
            observe(self._kernel.now_us, what)
