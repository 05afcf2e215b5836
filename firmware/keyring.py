"""With which keys the car signs and opens: two slots, of which the first never changes.

Slot 0 is what the car was provisioned with. Slot 1 is the key record of the car's copy; while there
is one the car signs with it, and opens what is signed with it:

    in the boot in which it came, until a frame has opened under it: the key before as well
    later: no other, except
    after UNHEARD_MAX HELLOs without an answer under it, of which one a minute counts: every other
    HELLO is signed with slot 0, and of what slot 0 has signed SNAP and DELTA open, nothing else

The last is for a centre whose database is older than the key, and for a car that took an old SNAP
when it had lost its copy: the change that the centre sends brings the key that it has. A recorded frame
under slot 1 is no answer, else whoever brings one kept the car from that for ever. A car with
slot 1 marks each HELLO as asking, so that each is answered. A command under slot 0 is for no boot
after the one in which slot 1 came: whoever knows such a boot has heard the car under slot 1. While
the copy cannot be read nobody knows whether there is a slot 1: the car signs with slot 0, and no
command opens under it.
"""

from firmware.ticks import ticks_diff
from firmware.wire import frames
from firmware.wire.kb1 import CMD, DELTA, SNAP
from firmware.wire.key_record import unpack_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.cache import Cache
    from firmware.identity import Identity

#: HELLOs without an answer under the newest key, before the first key is tried.
UNHEARD_MAX = 5
#: Of HELLOs within this time one counts: recorded frames make the car say more of them, and do not
#: bring its first key nearer.
_COUNT_MS = 60000
#: No frame's kind, which is a byte: signed with the first key, and not to be taken. The centre may
#: not have heard the car under the newest, and should.
NOT_NOW = 256


class Keyring:
    """`follow` after each change of the copy, and once when it was read."""

    def __init__(self, identity: "Identity", cache: "Cache") -> None:
        self.car = identity.car
        self._identity = identity
        self._cache = cache
        self._record = b""
        self._newest = identity.key
        self._before = b""  # what opens beside the newest, from before the change; b"": nothing
        #: What the car signs with.
        self.up = frames.direction_key(identity.key, frames.UP)
        self._down = frames.direction_key(identity.key, frames.DOWN)
        #: Minutes with a HELLO since an answer came under the newest key.
        self.unheard = 0
        self._counted_at_ms = 0
        self._used_first = False  # for the last HELLO
        self._is_newest = False  # with which the last frame opened

    @property
    def is_rotated(self) -> bool:
        """Whether there is a key in slot 1."""
        return len(self._record) > 0

    def newest(self) -> "tuple[bytes, int]":
        """The key that the car goes by, and the number of its record: 0 for slot 0."""
        return self._newest, self._record[0] if self._record else 0

    def holds(self, record: bytes) -> bool:
        """Whether this key record was made for this car."""
        return unpack_key(self._identity.key, self.car, record) is not None

    def follow(self, is_start: bool = False) -> None:
        """What the copy says now; a key that was there at the start needs none beside it."""
        record = self._cache.key.get()
        if record == self._record:
            return
        first = self._identity.key
        key = unpack_key(first, self.car, record) if record else first
        if key is None:
            return  # of another first key; the centre will say
        self._record = record
        self._before = b"" if is_start or not record else self._newest
        self._newest = key
        self.up = frames.direction_key(key, frames.UP)
        self._down = frames.direction_key(key, frames.DOWN)
        self.unheard = 0

    def open(self, frame: bytes) -> "tuple[int, bytes] | None":
        """(kind, body) of a frame from the centre; kind NOT_NOW: it does not know the newest key."""
        opened = frames.open_frame((self._down,), self.car, frame)
        self._is_newest = opened is not None
        if opened is not None:
            if opened[0] == CMD and not (self.is_rotated or self._cache.is_open):
                return NOT_NOW, b""
            self._before = b""
            return opened
        if self._before:
            opened = self._open_with(self._before, frame)
        if opened is None and self.is_rotated:
            opened = self._open_with(self._identity.key, frame)
            if opened is None:
                return None
            if self.unheard <= UNHEARD_MAX or opened[0] not in (SNAP, DELTA):
                return NOT_NOW, b""
        return opened

    def heard(self) -> None:
        """The last frame was an answer: no recording could be, or it changed the copy."""
        if self._is_newest:
            self.unheard = 0

    def _open_with(self, key: bytes, frame: bytes) -> "tuple[int, bytes] | None":
        return frames.open_frame((frames.direction_key(key, frames.DOWN),), self.car, frame)

    def hello_key(self, now_ms: int) -> bytes:
        """What a HELLO of now is signed with; counts it."""
        if not self.is_rotated:
            return self.up
        if not self.unheard or not 0 <= ticks_diff(now_ms, self._counted_at_ms) < _COUNT_MS:
            self.unheard += 1
            self._counted_at_ms = now_ms
        self._used_first = self.unheard > UNHEARD_MAX and not self._used_first
        if self._used_first:
            return frames.direction_key(self._identity.key, frames.UP)
        return self.up
