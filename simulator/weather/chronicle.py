"""What happened in a run: the last lines for whoever looks for a fault, and a digest of all."""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Callable

from simulator.kernel import Kernel

LAST_LINES = 60
_DIGEST_BYTES = 8


class Violation(Exception):  # noqa: N818 - what is wrong is the program, not the call
    """Something that must hold did not: `rule` is the sentence, `what` what was seen instead."""

    def __init__(self, rule: str, what: str) -> None:
        super().__init__(f"{rule}: {what}")
        self.rule = rule
        self.what = what


class Trace:
    """`tell` is given each line; the digest is the same exactly when all lines are."""

    def __init__(self, kernel: Kernel, tell: Callable[[str], None] | None = None) -> None:
        self._kernel = kernel
        self._tell = tell
        self._hash = hashlib.blake2b(digest_size=_DIGEST_BYTES)
        self.last: deque[str] = deque(maxlen=LAST_LINES)
        #: How often each kind of trouble, and of other happenings, came.
        self.counts: Counter[str] = Counter()

    def note(self, what: str) -> None:
        """One line, with the time."""
        line = f"{self._kernel.now_us / 1e6:.3f} {what}"
        self._hash.update(line.encode())
        self.last.append(line)
        if self._tell is not None:
            self._tell(line)

    def count(self, kind: str, what: str = "") -> None:
        """Something of a kind that is counted."""
        self.counts[kind] += 1
        self.note(f"{kind} {what}" if what else kind)

    def digest(self) -> str:
        return self._hash.hexdigest()


def describe(frame: bytes) -> str:
    """As much of a frame as a trace tells."""
    return frame[1:20].hex() if len(frame) > 1 else "-"
