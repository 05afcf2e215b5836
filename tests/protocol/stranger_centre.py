"""A centre by a stranger: docs/protocol.md, sections 2 to 8, from the centre's side, for one car."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from tests.protocol import stranger
from tests.protocol.stranger import fields, listed
from tests.protocol.stranger_keys import CentreKeys

FORKED, WHOLE, IN_STEP, BEHIND = "forked", "whole", "in step", "behind"
COMMAND_RECEIVED = 30


@dataclass
class Asked:
    """A command without a RESULT; `is_ours` while this very process has made it."""

    about: tuple[int, int, int, int]
    made_s: float
    is_ours: bool = True
    sent_boot: bytes = b""
    sent_s: float = 0.0


class Centre:
    """Frames in by `hear`, frames out by `say`. Its database is in memory."""

    def __init__(
        self, car_hex: str, key: bytes, say: Callable[[bytes], None], now: Callable[[], float]
    ) -> None:
        self.car = bytes.fromhex(car_hex)
        self.keys = CentreKeys(self.car, key)
        self._say, self._now = say, now
        self.gen = 1
        self.log: list[tuple[int, bytes]] = []
        self.hashes = [stranger.ZEROS]
        self.confirmed = (0, 0)
        self.boot, self.uptime_s, self._counter = b"", 0, 0
        self._heard_s, self._journal, self._next = 0.0, 0, 0
        self.open: dict[bytes, Asked] = {}
        #: When the first event of a journal came; ids that a journal names.
        self._known_s: dict[int, float] = {}
        self._named: set[bytes] = set()
        self.heard: list[int] = []
        self.seq: dict[int, int] = {}
        self.events: list[dict[str, object]] = []
        self.results: dict[bytes, tuple[int, list[tuple[int, int]], int, int]] = {}
        self.nacks: list[tuple[int, int]] = []
        self.battery_mv = 0
        self.standing = ""

    @property
    def rev(self) -> int:
        return len(self.log)

    def change(self, operation: int, record: bytes) -> None:
        """One operation, one revision; the car hears of it."""
        self.log.append((operation, record))
        self.hashes.append(stranger.chained(self.hashes[-1], operation, record))
        if self.confirmed[0] == self.gen:
            self._send_delta(self.rev - 1)

    def change_key(self, key: bytes) -> None:
        self.change(9, self.keys.next_record(key))

    def command(self, ident: bytes, verb: int, booking: int, driver: int, left_s: int) -> None:
        """The same id again is the same command, and another sending of it."""
        asked = Asked((verb, booking, driver, left_s), self._now())
        self._send_command(ident, self.open.setdefault(ident, asked))

    def send_again(self) -> list[bytes]:
        """What has no RESULT yet; the ids of those that were sent."""
        found = [ident for ident, asked in self.open.items() if self._may_send(ident, asked)]
        for ident in found:
            self._send_command(ident, self.open[ident])
        return found

    def _may_send(self, ident: bytes, asked: Asked) -> bool:
        """Section 7, "To another boot"."""
        if asked.sent_boot == self.boot:
            return True
        since_s = asked.sent_s if asked.sent_boot else asked.made_s
        is_younger = asked.made_s > self._heard_s - self.uptime_s
        if not asked.sent_boot and (asked.is_ours or is_younger):
            return True
        return (
            self._known_s.get(self._journal, since_s) < since_s
            and self.seq.get(self._journal, 0) + 1 >= self._next
            and ident not in self._named
        )

    def _send_command(self, ident: bytes, asked: Asked) -> None:
        self._counter += 1
        expires_s = self.uptime_s + int(self._now() - self._heard_s) + 30
        asked.sent_boot, asked.sent_s = self.boot, self._now()
        about = struct.pack(">IIBIII", self._counter, expires_s, *asked.about)
        self.tell(stranger.CMD, ident + self.boot + about)

    def tell(self, kind: int, body: bytes) -> None:
        self._say(self.keys.sign(kind, body))

    def hear(self, frame: bytes) -> None:
        opened = self.keys.open(frame)
        if opened is None:
            return
        kind, body = opened
        self.heard.append(kind)
        if kind == stranger.HELLO:
            self._hear_hello(body)
        elif kind == stranger.EVENTS:
            self._hear_events(body)
        elif kind == stranger.RESULT:
            self._hear_result(body)
        elif kind == stranger.NACK:
            (refused, reason, _gen, _rev), _ = fields(">BBII", body)
            self.nacks.append((cast(int, refused), cast(int, reason)))
        elif kind == stranger.TELEMETRY:
            (_now, battery, *_), _ = fields(">IHiiiB", body)
            self.battery_mv = cast(int, battery)

    def _hear_hello(self, body: bytes) -> None:
        found, _ = fields(">B8sI8sII8sIIII", body)
        flags, boot, uptime, nonce, gen, rev, hash8, counter = found[:8]
        self._heard_s = self._now()
        self._journal, self._next = cast(int, found[8]), cast(int, found[9])
        self.boot, self.uptime_s = cast(bytes, boot), cast(int, uptime)
        self._counter = max(self._counter, cast(int, counter))
        self.standing = self._judge(cast(int, gen), cast(int, rev), cast(bytes, hash8))
        is_trusted = bool(cast(int, flags) & 2)
        if self.standing == FORKED:
            self.gen = max(self.gen, cast(int, gen)) + 1
        if self.standing in (FORKED, WHOLE):
            self._send_snap()
            return
        self.confirmed = cast(int, gen), cast(int, rev)
        if self.standing == BEHIND:
            self._send_delta(cast(int, rev))
        elif cast(int, flags) & 1 or not is_trusted:
            now = struct.pack(">III", int(self._now()), self.gen, self.rev)
            self.tell(stranger.TIME, cast(bytes, nonce) + now + self.hashes[-1])

    def _judge(self, gen: int, rev: int, hash8: bytes) -> str:
        if gen != self.gen:
            return FORKED if gen > self.gen else WHOLE
        if rev > self.rev or self.hashes[rev] != hash8:
            return FORKED
        return IN_STEP if rev == self.rev else BEHIND

    def _send_delta(self, since: int) -> None:
        news = self.log[since:]
        head = struct.pack(">III", self.gen, since, self.rev) + self.hashes[-1]
        self.tell(stranger.DELTA, head + bytes([len(news)]) + stranger.operations_as_bytes(news))

    def _send_snap(self) -> None:
        """Two records a chunk, so that there are several; the last chunk first."""
        records: dict[tuple[int, bytes], tuple[int, bytes]] = {}
        for operation, record in self.log:
            ident = stranger.identity(operation, record)
            records.pop(ident, None)
            if operation % 2:
                records[ident] = operation, record
        all_of_them = list(records.values())
        parts = [all_of_them[at : at + 2] for at in range(0, len(all_of_them), 2)] or [[]]
        for number in reversed(range(len(parts))):
            head = struct.pack(">II", self.gen, self.rev) + self.hashes[-1]
            head += bytes([number, len(parts), len(parts[number])])
            self.tell(stranger.SNAP, head + stranger.operations_as_bytes(parts[number]))

    def _hear_events(self, body: bytes) -> None:
        (journal, first, count), rest = fields(">IIB", body)
        assert isinstance(journal, int)
        assert isinstance(first, int)
        seq = self.seq.get(journal, 0)
        for number, (_, event) in enumerate(
            listed(cast(int, count), rest, has_number=False), first
        ):
            if number != seq + 1:
                continue
            seq = number
            self._known_s.setdefault(journal, self._now())
            told = stranger.detail_of(event)
            self.events.append(told)
            values = told.get("values", ())
            if told["code"] == COMMAND_RECEIVED and isinstance(values, tuple):
                self._named.add(values[1])
        self.seq[journal] = seq
        self.tell(stranger.EACK, struct.pack(">II", journal, seq))

    def _hear_result(self, body: bytes) -> None:
        (ident, accepted, count), rest = fields(">8sBB", body)
        assert isinstance(count, int)
        reasons = [struct.unpack(">BI", rest[5 * n : 5 * n + 5]) for n in range(count)]
        rest = rest[5 * count :]
        locked, blocked = rest[1 + rest[0] :][:2]
        said = cast(int, accepted), cast(list[tuple[int, int]], reasons), locked, blocked
        self.results[cast(bytes, ident)] = said
        self.open.pop(cast(bytes, ident), None)


class Server:
    """The MQTT end of one car's connection; bytes in, bytes out."""

    def __init__(self, car_hex: str, password: bytes, hear: Callable[[bytes], None]) -> None:
        self.car_hex, self._password, self._hear = car_hex, password, hear
        self._incoming = stranger.Incoming()
        self.presence: list[bytes] = []
        self.will = b""
        self.is_ready = False
        self._number = 0
        self._out: list[bytes] = []

    def take(self, data: bytes) -> None:
        for first, body in self._incoming.feed(data):
            kind = first >> 4
            if kind == 1:
                self._connect(body)
            elif kind == 8:
                self.is_ready = body[2:] == stranger.text(self._topic("d")) + b"\1"
                self._out.append(stranger.packet(0x90, body[:2] + bytes([self.is_ready or 0x80])))
            elif kind == 3:
                self._message(first, body)
            elif kind == 12:
                self._out.append(stranger.packet(0xD0, b""))

    def say(self, frame: bytes) -> None:
        if self.is_ready:
            self._number = self._number % 65535 + 1
            self._out.append(stranger.publish(self._topic("d"), frame, self._number))

    def given(self) -> bytes:
        """What is to go to the car."""
        data, self._out = b"".join(self._out), []
        return data

    def _topic(self, letter: str) -> str:
        return stranger.topic(letter, self.car_hex)

    def _connect(self, body: bytes) -> None:
        name = stranger.text("MQTT") + b"\4"
        flags, rest = body[7], body[10:]
        found = []
        while rest:
            size = int.from_bytes(rest[:2], "big")
            found.append(rest[2 : 2 + size])
            rest = rest[2 + size :]
        client, where, self.will, user, password = found
        assert body.startswith(name)
        assert flags & 2, "a clean session"
        assert where.decode() == self._topic("s")
        is_right = client == user == self.car_hex.encode() and password == self._password
        self._out.append(stranger.packet(0x20, bytes([0, 0 if is_right else 5])))

    def _message(self, first: int, body: bytes) -> None:
        where, payload, number = stranger.message_of(first, body)
        if where == self._topic("s"):
            self.presence.append(payload)
        elif where == self._topic("u") and not first & 1:
            self._hear(payload)
        if number:
            self._out.append(stranger.packet(0x40, struct.pack(">H", number)))
