"""A box on paper: a whole loop over ports in memory, and the centre's end of its link."""

import json
import struct

from firmware.identity import Identity
from firmware.loop import Loop
from firmware.terms import load_settings, load_terms
from firmware.ticks import ticks_add, ticks_diff
from firmware.wire import codes, frames, kb1, kb1_centre
from firmware.wire.chain import EMPTY_HASH, next_hash
from firmware.wire.journal_format import EPOCH_2020_S
from firmware.wire.records import BOOKING
from firmware.wire.records import CARD as CARD_RECORD
from hal.fake.card_reader import FakeCardReader
from hal.fake.centre_link import FakeCentreLink
from hal.fake.clock import FakeClock
from hal.fake.flash import Flash

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NOW = 197_200_000
CARD = b"\1\1\6\1\x12\xab\x34\xcd"
IDENTITY = Identity("4b4700000001", bytes(range(32)))
DOWN_KEY = frames.direction_key(IDENTITY.key, frames.DOWN)
UP_KEY = frames.direction_key(IDENTITY.key, frames.UP)


class Line:
    def __init__(self) -> None:
        self.level = False
        self.rises = 0

    def write(self, level: bool) -> None:
        self.rises += level and not self.level
        self.level = level


class Input:
    def __init__(self, value: int) -> None:
        self.value = value

    def read(self) -> int:
        return self.value


class Still:
    """Battery, position, odometer, watchdog of a car that stands."""

    fed = 0
    antenna = codes.ANTENNA_UNKNOWN
    source = codes.ODOMETER_PULSES

    def read_mv(self) -> int:
        return 12600

    def is_valid(self) -> bool:
        return True

    def latitude_udeg(self) -> int:
        return 35_681_000

    def longitude_udeg(self) -> int:
        return 139_767_000

    def metres(self) -> int:
        return 12_345_000

    def feed(self) -> None:
        self.fed += 1


class Box:
    """Ports and a loop; `restart` keeps the flash."""

    pulse_ms = (400, 400, 200, 200)
    profile = "top24-2023"
    cannot_tell = "ask_again"
    power_was_lost = False

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.now_ms = self.clock.now_ms()
        self.wall_s = NOW
        self.trusted = True
        self.clock.set(self.now_ms, self.wall_s, True)
        values = [codes.NO] * codes.INPUTS
        for i in (
            codes.IN_KEY,
            codes.IN_KNOB_AT_RETURN,
            codes.IN_BRAKE,
            codes.IN_GEAR_P,
            codes.IN_LOCKED,
            codes.IN_BLOCKED,
        ):
            values[i] = codes.YES
        self.inputs = tuple([Input(value) for value in values])
        self.levels = tuple([Line() for _ in range(codes.OUTS)])
        self.pulses = tuple([Line() for _ in range(codes.PULSES)])
        self.battery = self.odometer = self.watchdog = Still()
        self.position: "Any" = self.battery
        self.reader = FakeCardReader(self.clock)
        self.centre = FakeCentreLink()
        self.journal_storage = Flash(16)
        self.cache_storage = Flash(16)
        self.boots = 0
        self.boot = b""  # the name of this boot
        self.hash8 = EMPTY_HASH  # as the centre has it
        self.rev = 0
        self.restart()

    def restart(self) -> None:
        self.clock.set(self.now_ms, self.wall_s, self.trusted)
        with open("firmware/profiles/" + self.profile + ".json") as file:
            terms = load_terms(json.load(file))
        self.boots += 1
        entropy = bytes([self.boots + i for i in range(16)])
        self.boot = entropy[:8]
        settings = load_settings({"cannot_tell": self.cannot_tell}, terms)
        self.loop = Loop(self, terms, settings, IDENTITY, entropy)
        self.reader.begin()
        self.loop.start(self.power_was_lost)
        self.after(0)
        self.after(60)

    def after(self, wait_ms: int) -> Loop:
        """Time passes, then one turn."""
        self.now_ms = ticks_add(self.now_ms, wait_ms)
        self.clock.set(self.now_ms, self.wall_s, self.trusted)
        self.due_ms = ticks_diff(self.loop.turn(), self.now_ms)
        return self.loop

    # the centre's end

    def put(self, kind: int, body: bytes) -> None:
        """A frame arrives."""
        self.centre.put(frames.pack_frame(DOWN_KEY, IDENTITY.car, kind, body))

    def taken(self, kind: int) -> "list[bytes]":
        """Bodies of that kind among what was sent since the last call; the rest is forgotten."""
        found = []
        for frame in self.centre.take():
            opened = frames.open_frame((UP_KEY,), IDENTITY.car, frame)
            assert opened is not None
            if opened[0] == kind:
                found.append(opened[1])
        return found

    def results(self) -> "list[Any]":
        """(command, accepted, reasons, warnings, locked, blocked) of what was answered."""
        return [kb1_centre.unpack_result(body) for body in self.taken(kb1.RESULT)]

    def hello(self) -> "kb1.Hello":
        """The last HELLO, which must be there."""
        return kb1_centre.unpack_hello(self.taken(kb1.HELLO)[-1])

    def put_delta(self, ops: "list[tuple[int, bytes]]") -> None:
        """The centre's next changes."""
        for op, record in ops:
            self.hash8 = next_hash(self.hash8, op, record)
        body = kb1_centre.pack_delta(0, self.rev, self.rev + len(ops), self.hash8, ops)
        self.rev += len(ops)
        self.put(kb1.DELTA, body)

    def put_time(self, nonce: bytes, off_s: int = 0) -> None:
        """TIME in answer to the HELLO with that nonce."""
        now_s = EPOCH_2020_S + self.wall_s + off_s
        self.put(kb1.TIME, kb1_centre.pack_time(nonce, now_s, 0, self.rev, self.hash8))

    def put_command(
        self,
        ident: bytes,
        verb: int,
        counter: int = 1,
        expires_s: int = 100000,
        boot: bytes = b"",
        left_s: int = 7200,
    ) -> None:
        """A command about booking 100 of driver 7."""
        command = kb1.Command(ident, boot or self.boot, counter, expires_s, verb, 100, 7, left_s)
        self.put(kb1.CMD, kb1_centre.pack_command(command))

    def book(self) -> None:
        """Booking 100 of driver 7, for two hours from ten minutes on, and the driver's card."""
        start = EPOCH_2020_S + NOW + 600
        self.put_delta(
            [
                (codes.OP_PUT_BOOKING, struct.pack(BOOKING, 100, 7, start, start + 7200)),
                (codes.OP_PUT_CARD, struct.pack(CARD_RECORD, CARD, 7)),
            ]
        )
        self.after(10)
