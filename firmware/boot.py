"""One life of the program, from its start to the next reset: name, uptime, nonces."""

import struct

from firmware.ticks import FAR_MS, ticks_add, ticks_diff

ENTROPY_BYTES = 16
#: Questions whose answers are still recognised.
_NONCES = 4
_NONCE = ">4sI"


class Boot:
    """`entropy`: 16 random bytes of this boot; the first 8 are its name (`boot` of HELLO and CMD).

    A nonce is half of that name and a number, so that an answer can only be to this boot's
    question. It need not be secret: whoever echoes it must have the key.
    """

    def __init__(self, entropy: bytes, now_ms: int) -> None:
        if len(entropy) != ENTROPY_BYTES:
            raise ValueError("%d bytes of entropy, not %d" % (len(entropy), ENTROPY_BYTES))
        self.ident = entropy[:8]
        #: Whole seconds since `now_ms` of the constructor.
        self.uptime_s = 0
        #: Counter of the last command that was taken.
        self.counter = 0
        #: Number of the newest nonce; they count from 1.
        self.asked = 0
        self._second_ms = now_ms
        self._asked_at = [0] * (2 * _NONCES)  # ticks of the last questions, then their uptimes

    def advance(self, now_ms: int) -> None:
        """Once a turn: the ticks wrap, the uptime does not."""
        whole_s = ticks_diff(now_ms, self._second_ms) // 1000
        if whole_s > 0:
            self.uptime_s += whole_s
            self._second_ms = ticks_add(self._second_ms, whole_s * 1000)

    def next_nonce(self, now_ms: int) -> bytes:
        """For the question that is sent now."""
        self.asked += 1
        at = self.asked % _NONCES
        self._asked_at[at] = now_ms
        self._asked_at[at + _NONCES] = self.uptime_s
        return struct.pack(_NONCE, self.ident[:4], self.asked)

    def number_of(self, nonce: bytes) -> int:
        """Which of this boot's last questions had this nonce; 0 for none of them."""
        name, number = struct.unpack(_NONCE, nonce)
        if name != self.ident[:4] or not self.asked - _NONCES < number <= self.asked:
            return 0
        return number if number > 0 else 0

    def age_ms(self, number: int, now_ms: int) -> int:
        """How long ago that one of the last questions was asked; FAR_MS for all that is longer.

        The uptime tells that: what the ticks say begins anew every 2**30 ms.
        """
        at = number % _NONCES
        if self.uptime_s - self._asked_at[at + _NONCES] >= FAR_MS // 1000:
            return FAR_MS
        return ticks_diff(now_ms, self._asked_at[at])
