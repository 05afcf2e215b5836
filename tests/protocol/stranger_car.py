"""A car by a stranger: docs/protocol.md, sections 2 to 8, from the car's side."""

from __future__ import annotations

import random
import socket
import struct
from collections.abc import Callable
from typing import cast

from tests.protocol import stranger
from tests.protocol.stranger import SenselessError, fields, listed
from tests.protocol.stranger_keys import CarKeys, unwrap

PATIENCE_S = 30.0
#: Section 5: how long the record of each operation is.
SIZES = {1: 16, 2: 4, 3: 12, 4: 8, 5: 12, 6: 8, 7: 34, 8: 0, 9: 49, 10: 0}
UNKNOWN_KIND, SENSELESS, UNSUPPORTED = 1, 2, 5
Operations = list[tuple[int, bytes]]


class UnsupportedError(Exception):
    """Of a later version."""


class Car:
    """Frames in by `hear`, frames out by `say`."""

    def __init__(
        self, car_hex: str, key: bytes, say: Callable[[bytes], None], now: Callable[[], float]
    ) -> None:
        self.car = bytes.fromhex(car_hex)
        self.keys = CarKeys(self.car, key, now)
        self._first_key = key
        self._say, self._now = say, now
        self._random = random.Random(car_hex)
        self.gen = self.rev = 0
        self.hash8 = stranger.ZEROS
        self.records: dict[tuple[int, bytes], bytes] = {}
        self._chunks: dict[int, Operations] = {}
        self._collecting: tuple[object, ...] = ()
        self.journal = self._random.getrandbits(32)
        self.events: list[bytes] = []
        self.acked = 0
        self.acts: list[tuple[int, int, int, int]] = []  # verb, booking, driver, left
        self.confirmed_s = 0
        self.is_answered = False
        self.heard: list[int] = []  # kinds; 0 for what does not open
        self.restart()

    def restart(self) -> None:
        self.boot = self._random.randbytes(8)
        self._began = self._now()
        self.counter = 0
        self.answers: dict[bytes, bytes] = {}
        self._asked: list[tuple[bytes, float]] = []
        self._waits_for = 0
        self.keys.follow(self.records, is_start=True)

    # What it says.

    def tell(self, kind: int, body: bytes) -> None:
        self._say(self.keys.sign(kind, body))

    def hello(self, asking: bool = False) -> None:
        nonce = self._random.randbytes(8)
        self._asked.append((nonce, self._now()))
        self._asked = self._asked[-4:]
        if asking:
            self._waits_for, self.is_answered = 1, False
            self._asked = self._asked[-1:]  # an answer to an earlier one does not count
        self.tell(
            stranger.HELLO,
            struct.pack(
                ">B8sI8sII8sIIII",
                2 | (asking or self.keys.is_changed), self.boot, int(self._now() - self._began), nonce, self.gen, self.rev,
                self.hash8, self.counter, self.journal, len(self.events) + 1, int(self._now()),
            ),
        )  # fmt: skip

    def happen(self, code: int, booking: int, *values: object) -> None:
        """Into the journal."""
        at_s = int(self._now())
        self.events.append(stranger.event_as_bytes(code, at_s, 1, booking, *values))

    def tell_events(self) -> None:
        """All that is not confirmed, if it fits into 800 bytes."""
        waiting = self.events[self.acked :]
        assert sum(len(event) + 1 for event in waiting) <= 800
        body = struct.pack(">IIB", self.journal, self.acked + 1, len(waiting))
        self.tell(
            stranger.EVENTS, body + b"".join(bytes([len(event)]) + event for event in waiting)
        )

    def tell_telemetry(self, battery_mv: int, odometer_m: int) -> None:
        body = struct.pack(">IHiiiB", int(self._now()), battery_mv, odometer_m, 0, 0, 0)
        self.tell(stranger.TELEMETRY, body)

    # What it hears.

    def hear(self, frame: bytes) -> int:
        """The frame's kind, 0 for what does not open."""
        opened = self.keys.open(frame)
        self.heard.append(opened[0] if opened else 0)
        if opened is None:
            return 0
        kind, body = opened
        reason = 0
        try:
            reason = self._take(kind, body)
        except SenselessError:
            reason = SENSELESS
        except UnsupportedError:
            reason = UNSUPPORTED
        if reason:
            self.tell(stranger.NACK, struct.pack(">BBII", kind, reason, self.gen, self.rev))
        return kind

    def _take(self, kind: int, body: bytes) -> int:
        if kind == stranger.DELTA:
            self._take_delta(body)
        elif kind == stranger.SNAP:
            self._take_chunk(body)
        elif kind == stranger.TIME:
            self._take_time(body)
        elif kind == stranger.CMD:
            self._take_command(body)
        elif kind == stranger.EACK:
            (journal, seq), _ = fields(">II", body)
            if journal == self.journal:
                self.acked = max(self.acked, min(cast(int, seq), len(self.events)))
        else:
            return UNKNOWN_KIND
        return 0

    def _take_delta(self, body: bytes) -> None:
        (gen, since, to, hash8, count), rest = fields(">III8sB", body)
        operations = listed(cast(int, count), rest, has_number=True)
        assert isinstance(since, int)
        assert isinstance(to, int)
        if not count or to - since != count:
            raise SenselessError("revisions")
        if gen == self.gen and since <= self.rev < to:
            news = operations[self.rev - since :]
            own = self.hash8
            for operation, record in news:
                own = stranger.chained(own, operation, record)
            if own == hash8:
                self._check(news)
                for operation, record in news:
                    self._do(operation, record)
                self.rev, self.hash8 = to, own
                self.keys.follow(self.records)
                self._renew()
        self.hello()

    def _take_chunk(self, body: bytes) -> None:
        (gen, rev, hash8, chunk, chunks, count), rest = fields(">II8sBBB", body)
        operations = listed(cast(int, count), rest, has_number=True)
        assert isinstance(chunk, int)
        assert isinstance(chunks, int)
        self._check(operations)
        if chunk >= chunks or any(operation % 2 == 0 for operation, _ in operations):
            raise SenselessError("chunk")
        if (gen, rev) <= (self.gen, self.rev):
            self.hello()
            return
        if self._collecting != (gen, rev, hash8, chunks):
            self._collecting, self._chunks = (gen, rev, hash8, chunks), {}
        self._chunks[chunk] = operations
        if len(self._chunks) < chunks:
            return
        self.records = {}
        for number in range(chunks):
            for operation, record in self._chunks[number]:
                self._do(operation, record)
        self.gen, self.rev, self.hash8 = cast(int, gen), cast(int, rev), cast(bytes, hash8)
        self._collecting = ()
        self.keys.follow(self.records)
        self._renew()
        self.hello()

    def _do(self, operation: int, record: bytes) -> None:
        if operation % 2:
            self.records[stranger.identity(operation, record)] = record
        else:
            self.records.pop(stranger.identity(operation, record), None)

    def _check(self, operations: Operations) -> None:
        check(operations)
        for operation, record in operations:
            if operation == 9:
                unwrap(self._first_key, self.car, record)

    def _renew(self) -> None:
        self.keys.is_answered()
        self.confirmed_s = int(self._now())
        self.is_answered = self.is_answered or bool(self._waits_for)

    def _take_time(self, body: bytes) -> None:
        (nonce, _now, gen, rev, hash8), _ = fields(">8sIII8s", body)
        if nonce not in [asked for asked, _ in self._asked]:
            self.hello()
            return
        self.keys.is_answered()
        if (gen, rev, hash8) == (self.gen, self.rev, self.hash8):
            self._renew()
        else:
            self.hello()

    def _take_command(self, body: bytes) -> None:
        (ident, boot, counter, expires, verb, *about), _ = fields(">8s8sIIBIII", body)
        assert isinstance(ident, bytes)
        assert isinstance(counter, int)
        if ident in self.answers:
            self.tell(stranger.RESULT, self.answers[ident])
            return
        if boot != self.boot or counter <= self.counter:
            self.hello()
            return
        self.counter = counter
        reasons: list[tuple[int, int]] = []
        if int(self._now() - self._began) >= cast(int, expires):
            reasons = [(20, 0)]
        elif cast(int, verb) > 9:
            reasons = [(26, 0)]
        else:
            self.happen(30, cast(int, about[0]), 2, ident)
            self.acts.append(cast(tuple[int, int, int, int], (verb, *about)))
        answer = ident + bytes([not reasons, len(reasons)])
        answer += b"".join(struct.pack(">BI", *reason) for reason in reasons)
        self.answers[ident] = answer + bytes([0, 0, 0])
        self.tell(stranger.RESULT, self.answers[ident])


def check(operations: Operations) -> None:
    """Senseless unless each is one that the page has, with a record of its length."""
    for operation, record in operations:
        if operation > max(SIZES) or (operation == 7 and record[:1] > b"\1"):
            raise UnsupportedError(f"operation {operation}")
        if SIZES.get(operation) != len(record):
            raise SenselessError(f"operation {operation}")


class Line:
    """The car's MQTT connection, on a socket that waits."""

    def __init__(self, port: int, car_hex: str, password: str) -> None:
        self.car_hex = car_hex
        self._socket = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        self._incoming = stranger.Incoming()
        self._number = 0
        will = stranger.text(stranger.topic("s", car_hex)) + stranger.text(b"\0")
        # Clean session, a will with QoS 1 that is retained, user name and password.
        head = stranger.text("MQTT") + struct.pack(">BBH", 4, 0x02 | 0x04 | 0x08 | 0x20 | 0xC0, 60)
        names = stranger.text(car_hex), will, stranger.text(car_hex), stranger.text(password)
        self._socket.sendall(stranger.packet(0x10, head + b"".join(names)))
        self.connack = self._wait_for(2)[1]
        subscription = stranger.text(stranger.topic("d", car_hex)) + b"\1"
        self._socket.sendall(stranger.packet(0x82, b"\0\1" + subscription))
        self.granted = self._wait_for(9)[2]
        self._publish(stranger.topic("s", car_hex), b"\1", retain=True)

    def say(self, frame: bytes) -> None:
        self._publish(stranger.topic("u", self.car_hex), frame)

    def _publish(self, where: str, payload: bytes, retain: bool = False) -> None:
        self._number = self._number % 65535 + 1
        self._socket.sendall(stranger.publish(where, payload, self._number, retain))

    def listen(self, hear: Callable[[bytes], object], is_enough: Callable[[], bool]) -> None:
        """Hear frames until it is enough."""
        while not is_enough():
            for first, body in self._read():
                if first >> 4 == 3:
                    where, payload, number = stranger.message_of(first, body)
                    if number:
                        self._socket.sendall(stranger.packet(0x40, struct.pack(">H", number)))
                    if where == stranger.topic("d", self.car_hex) and not first & 1:
                        hear(payload)

    def close(self) -> None:
        self._socket.close()

    def _read(self) -> list[tuple[int, bytes]]:
        data = self._socket.recv(4096)
        assert data, "the other side closed"
        return self._incoming.feed(data)

    def _wait_for(self, kind: int) -> bytes:
        while True:
            for first, body in self._read():
                if first >> 4 == kind:
                    return body
