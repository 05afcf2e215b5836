"""Frames of kb/1 with a right tag and poison inside, against the daemon's fleet and the car's loop.

Every kind, well-formed frames with fields by chance, and bodies with bytes changed; one in ten with a tag
that is wrong. Nothing may be raised; what is wrong is counted or answered with NACK; another car is not
touched; and the next good frame is read, which is tried after each batch.
"""

from __future__ import annotations

import struct
import tempfile
from pathlib import Path

from firmware.wire import codes, frames, kb1, kb1_centre
from firmware.wire.chain import next_hash
from firmware.wire.journal_format import EPOCH_2020_S, pack_event
from fleetd.isolation import CAR_FAILED, DAEMON_FAILED
from fleetd.store import car_rows, command_rows
from tests.fleetd.rig import CAR, NOW_S, OTHER_CAR, Desk, ScriptedCar
from tests.portable.firmware.loop_rig import DOWN_KEY, IDENTITY, Box
from tests.protocol.fuzzing import Bites, Watch

#: Frames between two looks at the others; and between two databases, or boxes, made anew.
BATCH, LIFE = 50, 1000
COMMAND_EACH = 10
WRONG_TAG = 0.1
U32_MAX = 2**32 - 1
HELLO_CAUSES = {f"hello_{field}" for field in ("counter", "uptime", "gen", "next", "nonce")}
UP_KINDS = (kb1.HELLO, kb1.EVENTS, kb1.RESULT, kb1.NACK, kb1.TELEMETRY)
DOWN_KINDS = (kb1.DELTA, kb1.TIME, kb1.CMD, kb1.EACK, kb1.SNAP)
EDGES = (
    0, 1, 2, 255, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1, EPOCH_2020_S - 1, EPOCH_2020_S, NOW_S,
)  # fmt: skip


class Poison:
    """Bodies by chance, half of them well-formed."""

    def __init__(self, seed: int) -> None:
        self.bites = Bites(seed)
        self.random = self.bites.random

    def number(self) -> int:
        """Small, at an edge, or anything."""
        choice = self.random.randrange(3)
        if choice == 0:
            return self.random.randrange(10)
        return self.random.choice(EDGES) if choice == 1 else self.random.getrandbits(32)

    def eight(self) -> bytes:
        return self.random.choice((bytes(8), b"\xff" * 8, self.random.randbytes(8)))

    def event(self) -> bytes:
        code = (
            self.random.randrange(256) if self.random.random() < 0.2 else self.random.randint(1, 45)
        )
        detail = self.random.randbytes(self.random.choice((0, 1, 2, 4, 9, 10, 13, 15, 18, 26, 60)))
        event = pack_event(code, self.number(), self.random.randrange(3), self.number(), detail)
        return event if self.random.random() < 0.9 else event[: self.random.randrange(12)]

    def operations(self) -> list[tuple[int, bytes]]:
        found = []
        for _ in range(self.random.choice((0, 1, 1, 2, 3, 40))):
            op = self.random.choice((1, 2, 3, 4, 5, 6, self.random.randrange(256)))
            size = {1: 16, 2: 4, 3: 12, 4: 8, 5: 12, 6: 8}.get(op, self.random.randrange(20))
            if self.random.random() < 0.1:
                size += 1
            record = b"".join(struct.pack(">I", self.number()) for _ in range(size // 4 + 1))[:size]
            found.append((op, record))
        return found

    def up_body(self, kind: int, journal: int, seq: int) -> bytes:
        number, eight, small = self.number, self.eight, self.random.randrange
        if kind == kb1.HELLO:
            return (
                bytes([small(256)])
                + eight()
                + struct.pack(">I", number())
                + eight()
                + struct.pack(">II", number(), number())
                + eight()
                + struct.pack(">IIII", number(), number(), number(), number())
            )
        if kind == kb1.EVENTS:
            events = [self.event() for _ in range(small(4))]
            first = self.random.choice((seq, seq, number()))
            return kb1.pack_events(self.random.choice((journal, number())), first, events)
        if kind == kb1.RESULT:
            reasons = [(small(256), number()) for _ in range(small(4))]
            warnings = self.random.randbytes(small(3))
            return kb1.pack_result(eight(), bool(small(2)), reasons, warnings, small(4), small(4))
        if kind == kb1.NACK:
            return kb1.pack_nack(small(256), small(256), number(), number())
        place = struct.pack(">III", number(), number(), number())
        return struct.pack(">IH", number(), small(65536)) + place + bytes([small(256)])

    def down_body(self, kind: int, box: Box) -> bytes:
        """Of what the car stands at, so that it is looked into."""
        number, eight, small = self.number, self.eight, self.random.randrange
        cache = box.loop._cache
        if kind == kb1.DELTA:
            ops = self.operations() or [(1, bytes(16))]
            hash8 = cache.hash8
            for op, record in ops:
                hash8 = next_hash(hash8, op, record)
            gen, rev = self.random.choice(((cache.gen, cache.rev), (number(), number() >> 1)))
            rev = min(rev, U32_MAX - len(ops))
            return kb1_centre.pack_delta(gen, rev, rev + len(ops), hash8, ops)
        if kind == kb1.SNAP:
            chunks = self.random.choice((1, 1, 2, 65, 255))
            is_wild = self.random.random() < 0.02  # from there on few numbers are greater
            rev = number() if is_wild else min(cache.rev + 1, U32_MAX)
            gen = self.random.choice((cache.gen, min(cache.gen + 1, U32_MAX)))
            return kb1_centre.pack_snap(gen, rev, eight(), small(chunks), chunks, self.operations())
        if kind == kb1.TIME:
            asked = box.loop._boot
            nonce = struct.pack(">4sI", asked.ident[:4], max(asked.asked - small(6), 0))
            now_s = self.random.choice((number(), EPOCH_2020_S + box.wall_s))
            return kb1_centre.pack_time(
                self.random.choice((nonce, nonce, eight())),
                now_s,
                cache.gen,
                cache.rev,
                cache.hash8,
            )
        if kind == kb1.CMD:
            boot = self.random.choice((box.boot, box.boot, eight()))
            counter = self.random.choice((box.loop._boot.counter + 1, number()))
            about = number(), number(), number()
            return kb1_centre.pack_command(
                kb1.Command(eight(), boot, counter & 0xFFFF, number(), small(12), *about)
            )
        journal = self.random.choice((box.loop._journal.instance, number()))
        return kb1_centre.pack_eack(
            journal, self.random.choice((number(), box.loop._journal.next_seq))
        )

    def sealed(self, key: bytes, car: bytes, kind: int, body: bytes) -> tuple[bytes, bool]:
        """(frame, whether its tag is right)."""
        if self.random.random() < 0.5:
            body = self.bites.bite(body)
        if self.random.random() < 0.02:
            kind = self.random.randrange(256)
        frame = frames.pack_frame(key, car, kind, body[: frames.BODY_BYTES_MAX])
        if self.random.random() < WRONG_TAG:
            bitten = self.bites.bite(frame)
            return bitten, bitten == frame
        return frame, True


class Up:
    """The daemon: a fleet with two cars, one of which is poisoned."""

    def __init__(self, poison: Poison, watch: Watch, folder: Path) -> None:
        self.poison, self.watch, self._folder = poison, watch, folder
        self.frames = self.lives = self.unsigned = self.senseless = self.hellos = 0
        self._begin()

    def _begin(self) -> None:
        self.lives += 1
        self.desk = Desk(self._folder / f"{self.lives}.db", "jparc-2023")
        self.desk.db.run("PRAGMA synchronous = OFF")
        identity = self.desk.fleet.add_car("Suginami 2", OTHER_CAR)
        self._up_key = frames.direction_key(bytes.fromhex(self.desk.identity.key), frames.UP)
        self.other = self._car(OTHER_CAR, identity.key)
        self.own = self._car(CAR, self.desk.identity.key)
        self.other.hello()
        self._settle()
        self._other_row = car_rows.find(self.desk.db, OTHER_CAR)

    def _car(self, car: str, key: str) -> ScriptedCar:
        return ScriptedCar(
            car, key, lambda frame: self.desk.fleet.receive(car, frame), self.desk.clock
        )

    def _settle(self) -> None:
        for frame in self.desk.taken(OTHER_CAR):
            self.other.hear(frame)
        for frame in self.desk.taken(OTHER_CAR):
            self.other.hear(frame)

    def batch(self) -> None:
        fleet = self.desk.fleet
        for number in range(BATCH):
            if number % COMMAND_EACH == 0:
                self._ask()
            kind = self.poison.random.choice(UP_KINDS)
            body = self.poison.up_body(kind, self.own.journal, len(self.own.events) + 1)
            frame, is_right = self.poison.sealed(self._up_key, self.own.car, kind, body)
            before = fleet.counts["frame_not_signed"]
            self.watch.timed(fleet.receive, CAR, frame)
            assert fleet.counts["frame_not_signed"] == before + (not is_right)
        self.frames += BATCH
        self.desk.clock.now_s += 2
        fleet.tick()
        self._check()

    def _ask(self) -> None:
        """A command that is new to whatever boot was heard last, and waits from then on."""
        for one in command_rows.pending_of_car(self.desk.db, CAR):
            command_rows.end(self.desk.db, one.id, command_rows.UNKNOWN, NOW_S, [], [])
        self.desk.fleet.ask_position(CAR, "Mori", "a command is to wait all the time")

    def _check(self) -> None:
        desk = self.desk
        assert desk.fleet.counts["database_failed"] == 0
        assert desk.fleet.counts["frame_failed"] == 0, "the daemon stumbled over a frame"
        names = {one["name"] for one in desk.fleet.status()["alarms"]}
        assert not names & {CAR_FAILED, DAEMON_FAILED}, "the daemon stumbled in its own work"
        assert desk.taken(OTHER_CAR) == []
        row = car_rows.find(desk.db, OTHER_CAR)
        assert row == self._other_row
        heard = desk.db.row("SELECT count(*) FROM event WHERE car = ?", OTHER_CAR)[0]
        assert heard == 0
        assert [one for one in desk.fleet.status()["alarms"] if one["car"] != CAR] == []
        # The next good frame of the same car is read: a new boot that asks is answered.
        desk.taken()
        self.own.boot_anew()
        self.own.hello(asking=True)
        assert desk.car_row().boot == self.own.boot
        assert desk.taken() != []

    def renew(self) -> None:
        """A database of its own for each life, so that it stays small."""
        counts = self.desk.fleet.counts
        self.unsigned += counts["frame_not_signed"]
        self.senseless += counts["frame_senseless"] + counts["frame_of_unknown_kind"]
        self.hellos += sum(count for name, count in counts.items() if name in HELLO_CAUSES)
        self.desk.db.close()
        self.desk.path.unlink()
        self._begin()


class Down:
    """The car: the whole loop over memory."""

    def __init__(self, poison: Poison, watch: Watch) -> None:
        self.poison, self.watch = poison, watch
        self.frames = self.unsigned = self.nacks = 0
        self.box = self._online()

    @staticmethod
    def _online() -> Box:
        box = Box()
        box.book()
        box.centre.online = True
        box.after(2000)
        box.after(2000)
        box.centre.take()
        return box

    def renew(self) -> None:
        """Another box: the old one has seen numbers beyond which there are few."""
        self.unsigned += self.box.loop._inbox.unsigned
        self.nacks += self.box.loop._inbox.senseless
        self.box = self._online()

    def batch(self) -> None:
        box, inbox = self.box, self.box.loop._inbox
        for _ in range(BATCH):
            kind = self.poison.random.choice(DOWN_KINDS)
            frame, is_right = self.poison.sealed(
                DOWN_KEY, IDENTITY.car, kind, self.poison.down_body(kind, box)
            )
            unsigned, wall_s = inbox.unsigned, box.wall_s
            box.centre.put(frame)
            self.watch.timed(box.after, 20)
            assert inbox.unsigned == unsigned + (not is_right)
            box.centre.take()
            # A clock that was set goes on in the rig as well; it stays between 2020 and 2054.
            box.wall_s = box.clock.set_to_s or wall_s
            assert 0 <= box.wall_s <= 0x3FFFFFFF
        self.frames += BATCH
        self._check()

    def _check(self) -> None:
        """It answers, takes a good change, and holds no more than it can."""
        box, cache = self.box, self.box.loop._cache
        counts = [table.count() for table in cache._tables.all]
        assert sum(counts) <= 512
        box.put(kb1.TIME, kb1_centre.pack_time(bytes(8), 0, 0, 0, bytes(8)))  # a prompt
        box.after(1100)
        box.after(1100)
        hello = box.hello()
        assert (hello.gen, hello.rev, hello.hash8) == (cache.gen, cache.rev, cache.hash8)
        if cache.rev == U32_MAX:
            return
        record = b"no card!"
        hash8 = next_hash(cache.hash8, codes.OP_DEL_CARD, record)
        rev = cache.rev
        ops = [(codes.OP_DEL_CARD, record)]
        box.put(kb1.DELTA, kb1_centre.pack_delta(cache.gen, rev, rev + 1, hash8, ops))
        box.after(1100)
        box.after(1100)
        assert cache.rev == rev + 1, "the next good frame is read"
        assert box.hello().rev == rev + 1


def run(count: int, seed: int) -> dict[str, int]:
    """Half of them up, half down; AssertionError, or whatever is raised, when something does not hold."""
    poison, up_watch, down_watch = Poison(seed), Watch(), Watch()
    with tempfile.TemporaryDirectory() as folder:
        up = Up(poison, up_watch, Path(folder))
        down = Down(poison, down_watch)
        is_marked = False
        while up.frames + down.frames < count:
            up.batch()
            down.batch()
            if up.frames % LIFE == 0:
                up.renew()
                down.renew()
                if not is_marked:
                    up_watch.mark()
                    is_marked = True
        up.renew()
        down.renew()
        grown = up_watch.grown() if is_marked else 0
        up.desk.db.close()
    assert grown < 2000, f"{grown} objects more than at the beginning"
    return {
        "frames": up.frames + down.frames,
        "up: frames": up.frames,
        "up: tag wrong, counted": up.unsigned,
        "up: senseless, counted": up.senseless,
        "up: HELLO that cannot be, counted": up.hellos,
        "up: longer than 10 ms": up_watch.stalls,
        "up: longest in microseconds": round(up_watch.longest_ms * 1000),
        "down: frames": down.frames,
        "down: tag wrong, counted": down.unsigned,
        "down: answered with NACK": down.nacks,
        "down: longer than 10 ms": down_watch.stalls,
        "down: longest in microseconds": round(down_watch.longest_ms * 1000),
        "objects grown": max(grown, 0),
    }
