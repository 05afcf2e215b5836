"""The golden vectors of kb/1, from a second, straightforward implementation of its page.

python -m tools.make_vectors            writes tests/vectors/kb1.json
python -m tools.make_vectors --check    exit 1 when the file says anything else

Imports nothing of the project's protocol on purpose: two programs that agree are worth more than
one that agrees with itself. All bytes are hex digits, all numbers as on the wire.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import struct
import sys
import zlib

from tools import make_event_vectors, make_record_vectors, tree

PATH = "tests/vectors/kb1.json"

CAR = bytes.fromhex("02a1b2c3d4e5")
CAR_KEY = bytes(range(0x40, 0x60))
OTHER_CAR = bytes.fromhex("02a1b2c3d4e6")
OTHER_KEY = bytes(range(0xA0, 0xC0))
BOOT = bytes.fromhex("b007b007b007b007")
NONCE = bytes.fromhex("0102030405060708")
COMMAND = bytes.fromhex("c0ffee00c0ffee01")
EMPTY = bytes(8)

NOW = 1790000000
BOOKING = struct.pack(">IIII", 4711, 31, 1790000100, 1790007300)
OTHER_BOOKING = struct.pack(">IIII", 4000000000, 32, 1790010000, 1790013600)
CARD = bytes.fromhex("0123456789abcdef") + struct.pack(">I", 31)
#: (op, record): put a booking, a card, another booking; delete the first; put a staff card.
OPS = [
    (1, BOOKING),
    (3, CARD),
    (1, OTHER_BOOKING),
    (2, struct.pack(">I", 4711)),
    (5, bytes.fromhex("fedcba9876543210") + struct.pack(">I", 7)),
]
#: `locked`, and an `unlocked` with all that its layout has.
EVENTS = [bytes.fromhex("0510000000010000126702"), make_event_vectors.unlocked()]

Json = dict[str, object]


def key_for(car_key: bytes, label: bytes) -> bytes:
    return hmac.new(car_key, label, hashlib.sha256).digest()


UP = key_for(CAR_KEY, b"kb/1 up")
DOWN = key_for(CAR_KEY, b"kb/1 down")
OTHER_UP = key_for(OTHER_KEY, b"kb/1 up")


def frame_of(key: bytes, kind: int, body: bytes, car: bytes = CAR, version: int = 1) -> bytes:
    message = struct.pack(">BBH", version, kind, len(body)) + body
    return message + hmac.new(key, car + message, hashlib.sha256).digest()[:16]


def chained(ops: list[tuple[int, bytes]], start: bytes = EMPTY) -> list[bytes]:
    hashes = []
    for op, record in ops:
        start = hashlib.sha256(start + bytes([op, len(record)]) + record).digest()[:8]
        hashes.append(start)
    return hashes


HASHES = chained(OPS)


def listed(ops: list[tuple[int, bytes]]) -> bytes:
    return bytes([len(ops)]) + b"".join(bytes([op, len(record)]) + record for op, record in ops)


def ops_as_json(ops: list[tuple[int, bytes]]) -> list[list[object]]:
    return [[op, record.hex()] for op, record in ops]


def hello(asking: int, trusted: int, gen: int, rev: int, hash8: bytes) -> tuple[Json, bytes]:
    body = bytes([asking + 2 * trusted]) + BOOT + struct.pack(">I", 86400) + NONCE
    body += struct.pack(">II", gen, rev) + hash8
    body += struct.pack(">IIII", 17, 0xFEDCBA98, 1024, NOW)
    fields: Json = {"asking": asking, "clock_trusted": trusted, "boot": BOOT.hex()}
    fields |= {"uptime_s": 86400, "nonce": NONCE.hex(), "gen": gen, "rev": rev}
    fields |= {"hash8": hash8.hex(), "counter": 17, "journal": 0xFEDCBA98, "next_seq": 1024}
    return fields | {"now_unix_s": NOW}, body


def events() -> tuple[Json, bytes]:
    body = struct.pack(">IIB", 0xFEDCBA98, 1022, 2)
    body += b"".join(bytes([len(event)]) + event for event in EVENTS)
    fields: Json = {"journal": 0xFEDCBA98, "first_seq": 1022}
    return fields | {"events": [event.hex() for event in EVENTS]}, body


def result(accepted: int, reasons: list[list[int]], warnings: bytes) -> tuple[Json, bytes]:
    locked, blocked = (1, 2) if accepted else (0, 0)
    body = COMMAND + bytes([accepted, len(reasons)])
    body += b"".join(struct.pack(">BI", reason, argument) for reason, argument in reasons)
    body += bytes([len(warnings)]) + warnings + bytes([locked, blocked])
    fields: Json = {"command": COMMAND.hex(), "accepted": accepted, "reasons": reasons}
    return fields | {"warnings": warnings.hex(), "locked": locked, "blocked": blocked}, body


def telemetry(battery: int, odometer: int, valid: int) -> tuple[Json, bytes]:
    latitude, longitude = (35681236, -139767125) if valid else (0, 0)
    body = struct.pack(">IHiiiB", NOW, battery, odometer, latitude, longitude, valid)
    fields: Json = {"now_unix_s": NOW, "battery_mv": -1 if battery == 65535 else battery}
    fields |= {"odometer_m": odometer, "latitude_udeg": latitude, "longitude_udeg": longitude}
    return fields | {"position_is_valid": valid}, body


def delta(gen: int, from_rev: int, to_rev: int) -> tuple[Json, bytes]:
    ops, hash8 = OPS[from_rev:to_rev], HASHES[to_rev - 1]
    body = struct.pack(">III", gen, from_rev, to_rev) + hash8 + listed(ops)
    fields: Json = {"gen": gen, "from_rev": from_rev, "to_rev": to_rev, "hash8": hash8.hex()}
    return fields | {"ops": ops_as_json(ops)}, body


def snap(gen: int, rev: int, chunk: int, ops: list[tuple[int, bytes]]) -> tuple[Json, bytes]:
    hash8, chunks = (HASHES[rev - 1], 2) if rev else (EMPTY, 1)
    body = struct.pack(">II", gen, rev) + hash8 + bytes([chunk, chunks]) + listed(ops)
    fields: Json = {"gen": gen, "rev": rev, "hash8": hash8.hex(), "chunk": chunk}
    return fields | {"chunks": chunks, "ops": ops_as_json(ops)}, body


def time() -> tuple[Json, bytes]:
    body = NONCE + struct.pack(">III", NOW, 3, 5) + HASHES[4]
    fields: Json = {"nonce": NONCE.hex(), "now_unix_s": NOW, "gen": 3, "rev": 5}
    return fields | {"hash8": HASHES[4].hex()}, body


def command() -> tuple[Json, bytes]:
    body = COMMAND + BOOT + struct.pack(">IIBIII", 18, 86430, 1, 4711, 31, 7200)
    fields: Json = {"command": COMMAND.hex(), "boot": BOOT.hex(), "counter": 18}
    fields |= {"expires_s": 86430, "verb": 1, "booking": 4711, "driver": 31, "left_s": 7200}
    return fields, body


def frames() -> list[Json]:
    nack: Json = {"kind": 99, "reason": 1, "gen": 3, "rev": 5}
    eack: Json = {"journal": 0xFEDCBA98, "seq": 1023}
    made: list[tuple[str, int, tuple[Json, bytes]]] = [
        ("HELLO", 1, hello(0, 0, 0, 0, EMPTY)),
        ("HELLO", 1, hello(1, 1, 3, 5, HASHES[4])),
        ("EVENTS", 2, events()),
        ("RESULT", 3, result(1, [], b"\1\2")),
        ("RESULT", 3, result(0, [[1, 0xFFFFFFF0], [16, 0]], b"")),
        ("NACK", 4, (nack, struct.pack(">BBII", 99, 1, 3, 5))),
        ("TELEMETRY", 5, telemetry(12640, 18234567, 1)),
        ("TELEMETRY", 5, telemetry(65535, -1, 0)),
        ("DELTA", 16, delta(3, 0, 1)),
        ("DELTA", 16, delta(3, 1, 5)),
        ("TIME", 17, time()),
        ("CMD", 18, command()),
        ("EACK", 19, (eack, struct.pack(">II", 0xFEDCBA98, 1023))),
        ("SNAP", 20, snap(4, 5, 0, OPS[1:3])),
        ("SNAP", 20, snap(4, 5, 1, OPS[4:])),
        ("SNAP", 20, snap(5, 0, 0, [])),
    ]
    listing = []
    for name, kind, (fields, body) in made:
        key, direction = (UP, "up") if kind < 16 else (DOWN, "down")
        frame = frame_of(key, kind, body)
        one: Json = {"name": name, "kind": kind, "direction": direction, "fields": fields}
        listing.append(one | {"body": body.hex(), "frame": frame.hex()})
    return listing


def rejected() -> list[Json]:
    """Frames that the car with CAR and CAR_KEY must not open as coming from the centre."""
    body = delta(3, 0, 1)[1]
    good = frame_of(DOWN, 16, body)
    plain = hashlib.sha256(DOWN + CAR + good[:-16]).digest()[:16]
    why = {
        "nothing": b"",
        "a head and a tag's worth of zeros": bytes(20),
        "cut by a byte": good[:-1],
        "a byte too many": good + b"\0",
        "tag of zeros": good[:-16] + bytes(16),
        "tag of the other half of the HMAC": good[:-16]
        + hmac.new(DOWN, CAR + good[:-16], hashlib.sha256).digest()[16:],
        "tag is a hash of key and text, no HMAC": good[:-16] + plain,
        "tag without the car": good[:-16]
        + hmac.new(DOWN, good[:-16], hashlib.sha256).digest()[:16],
        "of another car": frame_of(DOWN, 16, body, car=OTHER_CAR),
        "under another car's key": frame_of(key_for(OTHER_KEY, b"kb/1 down"), 16, body),
        "of the other direction": frame_of(UP, 16, body),
        "under the car's key itself": frame_of(CAR_KEY, 16, body),
        "of version 2": frame_of(DOWN, 16, body, version=2),
        "of another length than its head says": _with_length(len(body) - 1, body),
        "of 1,025 bytes": frame_of(DOWN, 16, body + bytes(1025 - len(good))),
    }
    return [{"why": reason, "frame": frame.hex()} for reason, frame in why.items()]


def _with_length(length: int, body: bytes) -> bytes:
    message = struct.pack(">BBH", 1, 16, length) + body
    return message + hmac.new(DOWN, CAR + message, hashlib.sha256).digest()[:16]


def senseless() -> list[Json]:
    """Bodies that no receiver may take, though the tag is right."""
    four = b"\1\2"
    return [
        {"why": why, "kind": kind, "body": body.hex()}
        for why, kind, body in [
            ("HELLO cut by a byte", 1, hello(0, 1, 3, 5, HASHES[4])[1][:-1]),
            ("EVENTS without its count", 2, events()[1][:8]),
            ("EVENTS with one event less than counted", 2, events()[1][:21]),
            ("EVENTS with an event cut short", 2, events()[1][:-1]),
            ("RESULT without its read-back", 3, result(1, [], four)[1][:-1]),
            ("RESULT neither accepted nor refused", 3, COMMAND + bytes([2, 0, 0, 0, 0])),
            ("RESULT with a read-back of 3", 3, COMMAND + bytes([1, 0, 0, 3, 0])),
            ("RESULT with the other read-back of 3", 3, COMMAND + bytes([1, 0, 0, 0, 3])),
            ("RESULT with more reasons than bytes", 3, COMMAND + bytes([0, 255, 0, 0, 0])),
            ("RESULT with more warnings than bytes", 3, COMMAND + bytes([1, 0, 9, 0, 0])),
            ("NACK cut by a byte", 4, bytes(9)),
            ("TELEMETRY cut by a byte", 5, telemetry(1, 1, 1)[1][:-1]),
            ("DELTA with no operation", 16, struct.pack(">III", 3, 5, 5) + EMPTY + b"\0"),
            ("DELTA with more revisions than operations", 16, _delta_by(2, OPS[:1])),
            ("DELTA with less revisions than operations", 16, _delta_by(1, OPS[:2])),
            ("DELTA that leads backwards", 16, _delta_by(-1, OPS[:1])),
            ("DELTA with a record cut short", 16, delta(3, 0, 1)[1][:-1]),
            ("DELTA with an operation without length", 16, delta(3, 0, 1)[1][:-17]),
            ("TIME cut by a byte", 17, time()[1][:-1]),
            ("CMD cut by a byte", 18, command()[1][:-1]),
            ("EACK cut by a byte", 19, bytes(7)),
            ("SNAP with no chunk", 20, struct.pack(">II", 4, 5) + EMPTY + bytes([0, 0, 0])),
            ("SNAP with chunk 2 of 2", 20, struct.pack(">II", 4, 5) + EMPTY + bytes([2, 2, 0])),
            ("SNAP with a record cut short", 20, snap(4, 5, 0, OPS[1:3])[1][:-1]),
        ]
    ]


def _delta_by(revisions: int, ops: list[tuple[int, bytes]]) -> bytes:
    return struct.pack(">III", 3, 5, 5 + revisions) + EMPTY + listed(ops)


def everything() -> Json:
    shards = [CAR, OTHER_CAR, bytes(6), b"\xff" * 6]
    return {
        "about": "Golden vectors of kb/1, written by tools/make_vectors.py. Bytes are hex digits.",
        "car": CAR.hex(),
        "car_key": CAR_KEY.hex(),
        "keys": {"up": UP.hex(), "down": DOWN.hex(), "other_up": OTHER_UP.hex()},
        "shards": [[car.hex(), f"{zlib.crc32(car) & 255:02x}"] for car in shards],
        "topics": {
            name: f"kb/1/{letter}/{zlib.crc32(CAR) & 255:02x}/{CAR.hex()}"
            for name, letter in (("down", "d"), ("up", "u"), ("presence", "s"))
        },
        "chain": [
            [op, record.hex(), hash8.hex()] for (op, record), hash8 in zip(OPS, HASHES, strict=True)
        ],
        "records": make_record_vectors.records(),
        "poison": make_record_vectors.poison(),
        "slot": make_record_vectors.slot(hello(1, 1, 3, 5, HASHES[4])[1], time()[1]),
        "frames": frames(),
        "later": later(),
        **make_event_vectors.sections(),
        "rejected": rejected(),
        "senseless": senseless(),
    }


def later() -> list[Json]:
    """What a later version may send: more bytes behind a body, more flags; and an unknown kind."""
    more = hello(1, 1, 3, 5, HASHES[4])[1]
    return [
        {"kind": 1, "frame": frame_of(UP, 1, bytes([more[0] | 0xFC]) + more[1:] + b"new").hex()},
        {"kind": 17, "frame": frame_of(DOWN, 17, time()[1] + bytes(40)).hex()},
        {"kind": 99, "frame": frame_of(DOWN, 99, b"what").hex()},
    ]


def text() -> str:
    return json.dumps(everything(), indent=1) + "\n"


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print("usage: python -m tools.make_vectors [--check]", file=sys.stderr)
        return 2
    path = tree.ROOT / PATH
    if not arguments:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text(), encoding="utf-8")
    elif not path.exists() or path.read_text(encoding="utf-8") != text():
        print(f"{PATH} is not what tools/make_vectors.py makes; run it without --check")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
