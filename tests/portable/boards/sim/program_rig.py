"""A program that was booted on flash in memory, and the centre at the other end of its stream."""

import json
import struct

from boards.sim import car_wire
from boards.sim.program import SimProgram
from firmware.ticks import MASK, ticks_diff
from firmware.wire import frames, kb1, kb1_centre
from firmware.wire.chain import EMPTY_HASH, next_hash
from firmware.wire.network_codes import CLOSED, NO_TROUBLE, OPEN
from firmware.wire.packet_decoder import Decoder
from firmware.wire.packets import Publish, pack_puback, pack_publish
from firmware.wire.packets_endpoint import (
    Connect,
    EndpointDecoder,
    Subscribe,
    pack_connack,
    pack_suback,
)
from hal.fake.clock import START_MS
from hal.fake.flash import Flash
from hal.fake.storage_pipe import ERASE, PROGRAM, READ, REQUEST, REQUEST_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firmware.wire.packets import Packet

WALL_S = 197_200_000
CAR = "4b4700000001"
KEY = bytes(range(32))
PASSWORD = "hardly guessed"
ENTROPY = bytes(range(100, 116))
BOOT_ID = ENTROPY[:8]
AT_REST = bytes((0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1))

_UP_KEY = frames.direction_key(KEY, frames.UP)
_DOWN_KEY = frames.direction_key(KEY, frames.DOWN)
#: Longer than the longest first wait of the link.
_CONNECT_TURNS = 1100


class Channel:
    """Two flashes: journal and cache."""

    def __init__(self) -> None:
        self.flashes = (Flash(16), Flash(16, seed=2))
        self.busy_us = 0

    def ask(self, request: bytes, into: "bytearray | memoryview | None") -> int:
        op, index, offset, _ = struct.unpack_from(REQUEST, request, 0)
        flash = self.flashes[index]
        before_us = flash.busy_us
        if op == READ:
            assert into is not None
            flash.read(offset, into)
        elif op == PROGRAM:
            flash.program(offset, request[REQUEST_BYTES:])
        else:
            assert op == ERASE
            flash.erase(offset)
        self.busy_us = flash.busy_us - before_us
        return 0


class Box:
    """`response` is the newest, taken apart; `rest` is what follows its head."""

    def __init__(self, channel: "Channel | None" = None, settings: "dict[str, Any] | None" = None):
        with open("firmware/profiles/top24-2023.json") as file:
            terms = json.load(file)
        config = {
            "terms": terms,
            "settings": settings or {},
            "entropy": ENTROPY.hex(),
            "journal": [4096, 16],
            "cache": [4096, 16],
            "car": CAR,
            "key": KEY.hex(),
            "password": PASSWORD,
            "host": "centre.example",
            "port": 8883,
        }
        self.channel = channel or Channel()
        self.program = SimProgram(self.channel)
        self.values = AT_REST
        self.now_ms = START_MS
        self.wall_s = WALL_S
        self.clock = car_wire.CLOCK_IS_TRUSTED
        self.carrier = 0
        self.wants = 0
        self.response: "tuple[Any, ...]" = ()
        self.rest = b""
        self.stream_state = CLOSED
        self.hash8 = EMPTY_HASH  # as the centre has it
        self.rev = 0
        self._said = b""  # by the centre, for the next request
        self._decoder: Decoder = EndpointDecoder(1200)
        self.packets: "list[Packet]" = []
        self.ask(car_wire.BOOT, rest=json.dumps(config).encode())

    def request(self, kind: int, number: int, said: bytes, rest: bytes) -> bytes:
        head = struct.pack(
            car_wire.REQUEST,
            kind,
            self.wants,
            self.now_ms,
            self.wall_s,
            self.clock,
            self.values,
            12600,
            1,
            35_000_000,
            139_000_000,
            1234,
            self.carrier,
            115200,
            0,
            number,
            self.stream_state,
            NO_TROUBLE,
            len(said),
        )
        return head + said + rest

    def ask(self, kind: int, rest: bytes = b"") -> None:
        said, self._said = self._said, b""
        answer = self.program.handle(self.request(kind, self.stream(), said, rest))
        self.response = struct.unpack_from(car_wire.RESPONSE, answer, 0)
        self.rest = answer[car_wire.RESPONSE_BYTES :]
        self._decoder.feed(self.written())
        packet = self._decoder.next()
        while packet is not None:
            self.packets.append(packet)
            packet = self._decoder.next()

    def turn(self, after_ms: int = 10) -> None:
        self.now_ms = (self.now_ms + after_ms) & MASK
        self.ask(car_wire.TURN)

    # What came.

    def left_ms(self) -> int:
        return ticks_diff(self.response[0], self.now_ms)

    def busy_us(self) -> int:
        return int(self.response[1])

    def counts(self) -> "tuple[int, ...]":
        """changes, sent, committed, deadlines"""
        return self.response[7:11]

    def set_wall(self) -> int:
        return int(self.response[13])

    def stream(self) -> int:
        return self.response[14] if self.response else 0

    def written(self) -> bytes:
        """The bytes on the stream, which follow what goes to outputs and reader."""
        changes, sent = self.counts()[:2]
        at = 4 * changes
        for _ in range(sent):
            at += car_wire.SENT_BYTES + (self.rest[at + 6] << 8 | self.rest[at + 7])
        return self.rest[at : at + self.response[16]]

    def bodies(self, kind: int) -> "list[bytes]":
        """Of that kind among what was published since the last call; the rest is forgotten."""
        packets, self.packets = self.packets, []
        found = []
        for packet in packets:
            if isinstance(packet, Publish) and packet.topic == frames.up_topic(CAR):
                self._said += pack_puback(packet.packet_id)
                opened = frames.open_frame((_UP_KEY,), frames.car_from_hex(CAR), packet.payload)
                assert opened is not None
                if opened[0] == kind:
                    found.append(opened[1])
        return found

    # The centre.

    def connect(self) -> "Connect":
        """Turns until the stream is open and CONNECT came."""
        self.carrier = 1
        turns = 0
        while not self.stream():
            self.turn()
            turns += 1
            assert turns < _CONNECT_TURNS
        self._decoder = EndpointDecoder(1200)
        self.stream_state = OPEN
        self.turn()
        connect = self.packets.pop()
        assert isinstance(connect, Connect)
        return connect

    def go_online(self) -> None:
        self.connect()
        self._said = pack_connack(0)
        self.turn()
        subscribe = self.packets.pop()
        assert isinstance(subscribe, Subscribe)
        self._said = pack_suback(subscribe.packet_id, b"\1")
        self.turn()

    def put(self, kind: int, body: bytes) -> None:
        """A frame arrives with the next turn."""
        frame = frames.pack_frame(_DOWN_KEY, frames.car_from_hex(CAR), kind, body)
        self._said += pack_publish(frames.down_topic(CAR), frame, 0, False, 0)

    def put_delta(self, op: int, record: bytes) -> None:
        """The centre's next change."""
        self.hash8 = next_hash(self.hash8, op, record)
        self.put(
            kb1.DELTA,
            kb1_centre.pack_delta(0, self.rev, self.rev + 1, self.hash8, [(op, record)]),
        )
        self.rev += 1

    def put_command(self, ident: bytes, verb: int, booking: int, driver: int) -> None:
        command = kb1.Command(ident, BOOT_ID, 1, 100_000, verb, booking, driver, 7140)
        self.put(kb1.CMD, kb1_centre.pack_command(command))
