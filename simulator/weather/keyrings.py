"""What each car may sign with and open, as docs/protocol.md has it, and whether it does no more.

Of the program this takes the key record that its copy holds, and what came of the frames that it
took from its port: the copy, the journal, the clock.
"""

from __future__ import annotations

import struct
from collections import deque

from firmware.wire import codes, kb1, kb1_centre
from firmware.wire.frames import HEAD_BYTES, TAG_BYTES
from firmware.wire.journal_format import HEAD_BYTES as EVENT_HEAD_BYTES
from simulator.kernel import Kernel
from simulator.weather.car import WeatherCar
from simulator.weather.chronicle import Violation
from simulator.weather.copies import NOTHING, Copies, Standing
from simulator.weather.keys import DOWN, UP, Keys, unwrap

SIGNED = "a car signs with its newest key, and only a HELLO that was long unheard with its first"
DROPPED = "nothing comes of a frame under a key that the car has dropped"
#: HELLOs without an answer under the newest key, of which one a minute counts.
_UNHEARD_MAX = 5
#: Of a boot's newest HELLOs an answer is good.
_NONCES = 4
#: Less than a minute by what the box's clock in milliseconds may be off.
_COUNT_US = 59_990_000


class _Ring:
    """One car's."""

    def __init__(self, key: bytes) -> None:
        self.boot = b""
        self.newest = self.first = key
        self.record = b""
        self.before = b""
        self.unheard = 0
        self.counted_us = 0
        self.nonces: deque[bytes] = deque(maxlen=_NONCES)
        #: Where the copy was when a change came under the newest key.
        self.changes_from: tuple[int, int] | None = None
        #: What frames that it may open have offered it, ever; what TIME allowed, in this turn.
        self.chunks: dict[Standing, set[int]] = {}
        self.standings: set[tuple[int, int]] = {NOTHING[:2]}
        self.commands: set[bytes] = set()
        self.acked: dict[int, int] = {}
        self.may_set_clock = False

    def opens(self, key: bytes, kind: int) -> bool:
        if key in (self.newest, self.before):
            return True
        is_unheard = self.unheard > _UNHEARD_MAX and kind in (kb1.SNAP, kb1.DELTA)
        return key == self.first and is_unheard


class Keyrings:
    """Told of every frame that leaves a car or is taken by it, and of every turn."""

    def __init__(self, kernel: Kernel, keys: Keys, copies: Copies) -> None:
        self._kernel = kernel
        self._keys = keys
        self._copies = copies
        self._rings: dict[str, _Ring] = {}

    def newest(self, car: WeatherCar) -> bytes:
        """With which the car signs now, or did when its program was last there."""
        return self._follow(car).newest

    def is_heard(self, car: WeatherCar) -> bool:
        """It has had an answer under its newest key."""
        return self._follow(car).unheard == 0

    def forget_copy(self, car: WeatherCar) -> None:
        """Whatever it takes now, it must be offered once more."""
        ring = self._follow(car)
        ring.standings, ring.chunks = {NOTHING[:2]}, {}

    def _follow(self, car: WeatherCar) -> _Ring:
        """The ring, with what the copy says by now."""
        found = self._rings.get(car.ident)
        if found is None:
            found = self._rings[car.ident] = _Ring(self._keys.first(car.ident))
        if car.loop is None:
            return found
        record, is_new_boot = car.copy.key.get(), car.boot != found.boot
        if found.changes_from not in (None, (car.copy.gen, car.copy.rev)):
            found.unheard, found.changes_from = 0, None
        if record == found.record and not is_new_boot:
            return found
        key = unwrap(found.first, car.identity.car, record) if record else found.first
        if key is None:
            raise Violation(DROPPED, f"{car.name} has a key record of no key of it")
        found.before = b"" if is_new_boot or not record else found.newest
        found.boot, found.record, found.newest, found.unheard = car.boot, record, key, 0
        found.changes_from = None
        if is_new_boot:
            found.nonces.clear()
        return found

    def see_sent(self, car: WeatherCar, frame: bytes) -> None:
        """A frame leaves the car."""
        ring = self._follow(car)
        key = self._keys.signer(car.ident, frame, UP)
        may_be_first = False
        if frame[1] == kb1.HELLO and ring.record:
            if not ring.unheard or self._kernel.now_us - ring.counted_us >= _COUNT_US:
                ring.unheard += 1
                ring.counted_us = self._kernel.now_us
            may_be_first = ring.unheard > _UNHEARD_MAX
        if frame[1] == kb1.HELLO:
            ring.nonces.append(kb1_centre.unpack_hello(frame[HEAD_BYTES:]).nonce)
        if key != ring.newest and not (may_be_first and key == ring.first):
            raise Violation(SIGNED, f"{car.name}, kind {frame[1]}, {ring.unheard} unheard")
        self._keys.look_for_secrets(f"kind {frame[1]} of {car.name}", frame)

    def see_taken(self, car: WeatherCar, frame: bytes) -> None:
        """The program takes a frame from its port."""
        ring = self._follow(car)
        key = self._keys.signer(car.ident, frame, DOWN)
        if key is None or not ring.opens(key, frame[1]):
            return
        if key == ring.newest:
            ring.before = b""
            if frame[1] in (kb1.DELTA, kb1.SNAP):
                ring.changes_from = car.copy.gen, car.copy.rev
            elif frame[1] == kb1.TIME and _nonce(frame) in ring.nonces:
                ring.unheard = 0
        _note(ring, frame[1], frame[HEAD_BYTES:-TAG_BYTES])

    def look(self, car: WeatherCar) -> None:
        """After a boot or a turn: what changed was offered by frames that the car may open."""
        ring = self._follow(car)
        standing = self._copies.standing(car)
        if standing[:2] not in ring.standings:
            raise Violation(DROPPED, f"{car.name} is at {standing}")
        journal = car.journal
        if journal.acked_seq > ring.acked.get(journal.instance, 0):
            raise Violation(DROPPED, f"{car.name} frees events up to {journal.acked_seq}")
        ring.may_set_clock = False

    def see_clock_set(self, car: WeatherCar) -> None:
        if not self._follow(car).may_set_clock:
            raise Violation(DROPPED, f"{car.name} sets its clock")

    def see_event(self, car: WeatherCar, event: bytes) -> None:
        """The car wrote that."""
        if event[0] == codes.AUDIT_COMMAND_RECEIVED:
            ident = event[EVENT_HEAD_BYTES + 1 : EVENT_HEAD_BYTES + 9]
            if ident not in self._follow(car).commands:
                raise Violation(DROPPED, f"{car.name} takes command {ident.hex()}")
        self._keys.look_for_secrets(f"an event of {car.name}", event)


def _nonce(frame: bytes) -> bytes:
    """Of a TIME."""
    return frame[HEAD_BYTES : HEAD_BYTES + kb1.NONCE_BYTES]


def _note(ring: _Ring, kind: int, body: bytes) -> None:
    """What that frame may bring about."""
    if kind == kb1.DELTA:
        gen, _, to_rev = struct.unpack_from(">III", body)
        ring.standings.add((gen, to_rev))
    elif kind == kb1.SNAP:
        gen, rev, hash8, chunk, chunks = struct.unpack_from(">II8sBB", body)
        there = ring.chunks.setdefault(Standing(gen, rev, hash8), set())
        there.add(chunk)
        if len(there) == chunks:
            ring.standings.add((gen, rev))
    elif kind == kb1.CMD:
        ring.commands.add(body[: kb1.COMMAND_BYTES])
    elif kind == kb1.EACK:
        journal, seq = struct.unpack_from(">II", body)
        ring.acked[journal] = max(seq, ring.acked.get(journal, 0))
    elif kind == kb1.TIME:
        ring.may_set_clock = True
