"""How long to wait before the next attempt to connect, so that a fleet does not come at once.

After power-on or a healthy session a random time of 0 to 10 s; then full jitter: a random time of
0 to 2, 4, 8 ... 300 s. Where the centre itself turned the car away, never less than 60 s.

The protocol says no more than that. This project's own choice: a car whose modem is back on its
network connects after a random time of 0 to 2 s, without waiting to the end of what it drew
before. A whole car park that comes back at once is spread by that, and by how long each modem
needs to register.
"""

import hashlib
import struct

FIRST_MAX_MS = 10000
BASE_MS = 2000
CAP_MS = 300000
#: The shortest wait after the centre said that it is busy, or that it does not know this car.
SLOW_MIN_MS = 60000

#: The first attempt whose window, 128 s, is longer than SLOW_MIN_MS.
_SLOW_ATTEMPT = 7
#: From this one on the window is CAP_MS.
_CAP_ATTEMPT = 9


class Backoff:
    """Draws the waits. `entropy`, a u32, must differ between boxes and between their starts."""

    def __init__(self, entropy: int) -> None:
        self._entropy = entropy & 0xFFFFFFFF
        self._draws = 0
        self._attempt = 0

    def reset(self) -> None:
        """There was a healthy session: the next attempt is a first one again."""
        self._attempt = 0

    def next_ms(self) -> int:
        """The wait before the next attempt."""
        return self._draw(0, self._next_window_ms())

    def next_slow_ms(self) -> int:
        """Likewise, after the centre turned the car away."""
        if self._attempt < _SLOW_ATTEMPT:
            self._attempt = _SLOW_ATTEMPT
        return self._draw(SLOW_MIN_MS, self._next_window_ms())

    def next_returned_ms(self) -> int:
        """The wait after the network came back; the windows begin anew behind it."""
        self._attempt = 2
        return self._draw(0, BASE_MS)

    def _next_window_ms(self) -> int:
        attempt = self._attempt
        if attempt >= _CAP_ATTEMPT:
            return CAP_MS
        self._attempt = attempt + 1
        return BASE_MS << (attempt - 1) if attempt else FIRST_MAX_MS

    def _draw(self, low: int, high: int) -> int:
        """A random number from low to high, both included."""
        drawn = hashlib.sha256(struct.pack(">II", self._entropy, self._draws)).digest()
        self._draws = (self._draws + 1) & 0x3FFFFFFF
        return low + (drawn[0] << 16 | drawn[1] << 8 | drawn[2]) % (high - low + 1)
