"""What can be seen of a car goes to one observer, in the order in which it happens.

doors locked|unlocked              engine free|blocked             the locks and the block moved
door D opened|closed               key in|out                      knob rent|return
engine on|off                      brake on|off                    gear G
lights on|off                      window open|closed              car moves|stands
hazard|buzzer|voice on|off         reader PATTERN                  battery N mV
state NAME                         event NAME[: reasons or object] of the program
VERB accepted|refused|unknown[: reasons]                           of the phone, once it is known
book|change|cancel ID[ refused: CODE]                              mail NAME, warning NAME
power on|cut, reset, program hangs, program failed: TEXT           network up|down
card NNNN on the reader|away       reader dead|alive               input NAME stuck at V|free|loose|fixed
clock jumps N s, clock untrusted
WHAT does not HAPPEN: REASON       somebody tried what cannot be done
"""

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
