"""The program behind its byte interface, on flash in memory: boot, turns, what comes back."""

import json
import struct

from boards.sim import car_wire
from boards.sim.program import SimProgram
from firmware.ticks import MASK
from firmware.wire import centre_messages, codes, messages
from firmware.wire.journal_format import EPOCH_2020_S
from hal.fake.clock import START_MS
from hal.fake.flash import Flash
from hal.fake.storage_pipe import ERASE, PROGRAM, READ, REQUEST, REQUEST_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

WALL_S = 197_200_000
IDENT = b"command1"
AT_REST = bytes((0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1))


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
    """A program that was booted; `response` is the newest, taken apart."""

    def __init__(self, channel: "Channel | None" = None, settings: "dict[str, Any] | None" = None):
        with open("firmware/profiles/top24-2023.json") as file:
            terms = json.load(file)
        config = {
            "terms": terms,
            "settings": settings or {},
            "entropy": 7,
            "journal": [4096, 16],
            "cache": [4096, 16],
        }
        self.channel = channel or Channel()
        self.program = SimProgram(self.channel)
        self.values = AT_REST
        self.now_ms = START_MS
        self.online = 0
        self.wants = 0
        self.response: "tuple[Any, ...]" = ()
        self.rest = b""
        self.ask(car_wire.BOOT, rest=json.dumps(config).encode())

    def request(self, kind: int, received: bytes, sent: "list[bytes]", rest: bytes) -> bytes:
        head = struct.pack(
            car_wire.REQUEST,
            kind,
            self.wants,
            self.now_ms,
            WALL_S,
            1,
            self.values,
            12600,
            1,
            35_000_000,
            139_000_000,
            1234,
            self.online,
            115200,
            len(received),
        )
        tail = b"".join([struct.pack(">H", len(one)) + one for one in sent])
        return head + received + bytes((len(sent),)) + tail + rest

    def ask(
        self, kind: int, received: bytes = b"", sent: "list[bytes] | None" = None, rest: bytes = b""
    ) -> None:
        answer = self.program.handle(self.request(kind, received, sent or [], rest))
        self.response = struct.unpack_from(car_wire.RESPONSE, answer, 0)
        self.rest = answer[car_wire.RESPONSE_BYTES :]

    def turn(self, after_ms: int = 10, sent: "list[bytes] | None" = None) -> None:
        self.now_ms = (self.now_ms + after_ms) & MASK
        self.ask(car_wire.TURN, sent=sent)

    def start_by_phone(self) -> None:
        """Once the car has rested and has the booking: a signed start, answered in this turn."""
        for _ in range(20):
            self.turn()
        self.online = 1
        starts_s = WALL_S + EPOCH_2020_S - 60
        record = struct.pack(messages.BOOKING, 9, 5, starts_s, starts_s + 7200)
        self.turn(10, [centre_messages.pack_delta(0, 1, [(codes.OP_PUT_BOOKING, record)])])
        self.turn(1000, [centre_messages.pack_command(IDENT, codes.VERB_START, 9, 5, 7140)])

    def busy_us(self) -> int:
        return int(self.response[1])

    def counts(self) -> "tuple[int, ...]":
        """changes, sent, messages, committed, deadlines, waiting"""
        return self.response[7:13]


def test_boot_opens_the_journal_and_tells_the_reset() -> None:
    box = Box()
    assert box.response[5] == codes.STATE_NAMES.index("vacant")
    assert box.counts() == (0, 0, 0, 1, 0, 0)
    assert box.rest[1] == codes.AUDIT_RESET
    assert box.busy_us() >= 45000
    assert box.response[0] == (START_MS + box.busy_us() // 1000) & MASK


def test_a_turn_feeds_the_watchdog_and_speaks_to_the_reader() -> None:
    box = Box()
    box.turn()
    assert box.response[6] & car_wire.WAS_FED
    assert box.counts()[1] == 2
    offset_ms, baud, length = struct.unpack_from(car_wire.SENT, box.rest, 0)
    assert (offset_ms, baud) == (0, 115200)
    assert box.rest[car_wire.SENT_BYTES : car_wire.SENT_BYTES + 2] == b"\x55\x55"
    assert length == 16


def test_a_car_without_a_reader_says_nothing_to_it() -> None:
    box = Box(settings={"reader": False})
    box.turn()
    assert box.counts()[1] == 0


def test_hello_goes_out_when_the_link_comes_up_and_messages_are_answered() -> None:
    box = Box()
    box.turn()
    assert box.counts()[2] == 0
    box.online = 1
    box.turn()
    assert box.counts()[2] >= 1
    assert messages.pack_hello(False, 0) in box.rest
    record = struct.pack(messages.CARD, b"\1\2\3\4\5\6\7\x08", 5)
    box.turn(1000, [centre_messages.pack_delta(0, 1, [(codes.OP_PUT_CARD, record)])])
    assert messages.pack_hello(False, 1) in box.rest
    assert box.busy_us() > 0


def test_a_command_unlocks_with_pulses_and_two_flashes() -> None:
    box = Box()
    box.start_by_phone()
    assert box.response[3] == 1 << codes.PULSE_UNLOCK | 1 << codes.PULSE_RELEASE
    assert box.response[2] & 1 << codes.OUT_HAZARD
    assert box.response[5] == codes.STATE_NAMES.index("unlocked")
    assert messages.pack_result(IDENT, True, []) in box.rest
    assert box.counts()[3] >= 3
    # The commit took time, and only then did anything move.
    changes = [struct.unpack_from(">HBB", box.rest, 4 * i) for i in range(box.counts()[0])]
    risen = [line for _, line, level in changes if level]
    assert codes.OUT_HAZARD in risen
    assert codes.OUTS + codes.PULSE_UNLOCK in risen
    assert codes.OUTS + codes.PULSE_RELEASE in risen
    offsets = [offset_ms for offset_ms, _, _ in changes]
    assert 1 <= min(offsets) <= max(offsets) <= box.busy_us() // 1000
    box.turn(500)
    assert box.response[3] == 0


def test_deadlines_are_told_when_wanted() -> None:
    box = Box()
    box.start_by_phone()
    assert box.counts()[4] == 0
    box.wants = car_wire.WANTS_DEADLINES
    box.turn()
    assert box.counts()[4] >= 2
    assert b"relock" in box.rest


def test_the_session_survives_a_new_program_on_the_same_flash() -> None:
    """SAFE-3."""
    first = Box()
    first.start_by_phone()
    second = Box(first.channel)
    assert second.response[5] == codes.STATE_NAMES.index("unlocked")
    assert second.response[3] == 0


def test_a_turn_before_the_boot_is_an_error() -> None:
    box = Box()
    program = SimProgram(Channel())
    try:
        program.handle(box.request(car_wire.TURN, b"", [], b""))
    except ValueError as error:
        assert "boot" in str(error)
    else:
        raise AssertionError("no ValueError")
