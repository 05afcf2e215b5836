"""Golden vectors of the records of kb/1: one of each operation, all shipped terms, keys, poison.

A part of tools/make_vectors.py, and like it without anything of the project's protocol.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import struct

from tools import tree

Json = dict[str, object]

PROFILES = ("top24-2018", "top24-2023", "jparc-2023")
CAR = bytes.fromhex("02a1b2c3d4e5")
FIRST_KEY = bytes(range(0x40, 0x60))
NEXT_KEY = bytes(range(0xC0, 0xE0))
NONCE = bytes.fromhex("1122334455667788")

LAMP_NUMBERS = {
    "red-blink": 1, "red": 2, "green-blink": 3, "three-colour": 4, "orange-blink": 5,
    "green-yellow-blink": 6,
}  # fmt: skip
SPANS = (
    "start_early_s", "reader_window_s", "ask_s", "relock_s", "key_s", "key_return_s",
    "reopen_window_s", "warn_before_s", "warn_every_s", "refused_end_s", "enrol_s",
)  # fmt: skip
#: Least and most of each.
RANGES = (
    (0, 3600), (60, 14400), (1, 10), (10, 600), (60, 3600), (60, 3600),
    (60, 3600), (60, 3600), (60, 3600), (1, 30), (10, 600),
)  # fmt: skip
INPUT_BITS = {
    "door_driver": 0, "door_passenger": 1, "door_rear_left": 2, "door_rear_right": 3, "trunk": 4,
    "key": 5, "knob": 6, "engine": 7, "moving": 8, "brake": 9, "gear": 10, "lights": 11,
    "window": 12, "locked": 13, "blocked": 14,
}  # fmt: skip
_FIELDS = (
    "format", "lamp_start", "lamp_talking", "lamp_end", "lamp_reopen", *SPANS, "flags",
    "cannot_tell", "no_sensor", "no_door",
)  # fmt: skip


def profile(name: str) -> Json:
    path = tree.ROOT / "firmware" / "profiles" / f"{name}.json"
    found: Json = json.loads(path.read_text(encoding="utf-8"))
    return found


def terms_fields(raw: Json, settings: Json) -> dict[str, int]:
    """The numbers of the record for a profile and a car's settings."""
    knob = settings.get("key_box", raw["key_box"]) == "knob"
    missing = {str(name) for name in _listed(settings, "no_sensor")}
    if settings.get("gear_sensor") is False:
        missing.add("gear")
    if not knob:
        missing.add("knob")
    yes = [
        raw["gear_checked"], raw["reunlock"], raw["enrolment"], raw["licence_cards"],
        raw["sounder"] == "voice", settings.get("reader", True), settings.get("smart_key", False),
    ]  # fmt: skip
    found = {"format": 1}
    for name in ("lamp_start", "lamp_talking", "lamp_end", "lamp_reopen"):
        found[name] = LAMP_NUMBERS[str(raw[name])]
    for name in SPANS:
        found[name] = int(str(raw[name]))
    found["flags"] = sum(1 << bit for bit, is_set in enumerate(yes) if is_set)
    found["cannot_tell"] = ("ask_again", "staff_review", "refuse").index(
        str(settings.get("cannot_tell", "ask_again"))
    )
    found["no_sensor"] = sum(1 << INPUT_BITS[name] for name in missing)
    found["no_door"] = sum(1 << INPUT_BITS[name] for name in _listed(settings, "no_door"))
    return found


def _listed(settings: Json, name: str) -> list[str]:
    value = settings.get(name, [])
    return [str(one) for one in value] if isinstance(value, list) else []


def pack_terms(fields: dict[str, int]) -> bytes:
    return struct.pack(">BBBBBHHHHHHHHHHHHBHH", *(fields[name] for name in _FIELDS))


def key_record(number: int, nonce: bytes, key: bytes, first: bytes = FIRST_KEY) -> bytes:
    head = bytes([number]) + nonce
    pad = hmac.new(first, b"kb/1 wrap" + CAR + head, hashlib.sha256).digest()
    wrapped = bytes(a ^ b for a, b in zip(pad, key, strict=True))
    check = hmac.new(key, b"kb/1 key" + bytes([number]), hashlib.sha256).digest()[:8]
    return head + wrapped + check


SETTINGS: Json = {
    "key_box": "connector", "cannot_tell": "staff_review", "no_sensor": ["key", "gear", "lights"],
    "no_door": ["door_rear_left", "door_rear_right"], "reader": False, "smart_key": True,
}  # fmt: skip


def records() -> list[Json]:
    """One of each operation, as it stands in a DELTA: op, record; what is in it beside."""
    booking = struct.pack(">IIII", 4711, 31, 1790000100, 1790007300)
    card = bytes.fromhex("0123456789abcdef")
    plain = [
        ("booking", 1, booking), ("no booking", 2, booking[:4]),
        ("card", 3, card + struct.pack(">I", 31)), ("no card", 4, card),
        ("staff card", 5, card + struct.pack(">I", 7)), ("no staff card", 6, card),
        ("no terms", 8, b""), ("no key", 10, b""),
    ]  # fmt: skip
    found: list[Json] = [
        {"what": what, "op": op, "record": record.hex()} for what, op, record in plain
    ]
    for name in PROFILES:
        for settings in ({}, SETTINGS):
            fields = terms_fields(profile(name), settings)
            one: Json = {"what": "terms", "op": 7, "record": pack_terms(fields).hex()}
            found.append(one | {"profile": name, "settings": settings, "fields": fields})
    key: Json = {"what": "key", "op": 9, "record": key_record(1, NONCE, NEXT_KEY).hex()}
    found.append(key | {"number": 1, "nonce": NONCE.hex(), "key": NEXT_KEY.hex()})
    return found


def poison() -> list[Json]:
    """Terms and keys that no car takes, whoever signed them; `reason` is that of NACK."""
    good = terms_fields(profile("top24-2023"), {})
    found: list[Json] = []

    def add(why: str, op: int, record: bytes, reason: int = 2) -> None:
        found.append({"why": why, "op": op, "record": record.hex(), "reason": reason})

    def bad(why: str, **changed: int) -> None:
        add(f"terms with {why}", 7, pack_terms(good | changed))

    for name, (least, most) in zip(SPANS, RANGES, strict=True):
        if least:
            bad(f"{name} {least - 1}", **{name: least - 1})
        bad(f"{name} {most + 1}", **{name: most + 1})
    for name in ("lamp_start", "lamp_talking", "lamp_end", "lamp_reopen"):
        for lamp in (0, 7):
            bad(f"{name} {lamp}", **{name: lamp})
        if name != "lamp_talking":
            bad(f"{name} like lamp_talking", **{name: good["lamp_talking"]})
    bad("a key time that is over before the lock", key_s=60, relock_s=60)
    bad("a window that ends before the start", reader_window_s=840)
    bad("lamps that mean an enrolment", lamp_start=6, flags=good["flags"] | 4)
    bad("a flag that is not known", flags=good["flags"] | 128)
    bad("no known meaning of cannot tell", cannot_tell=3)
    for name in ("engine", "moving", "locked", "blocked"):
        bad(f"no {name}", no_sensor=1 << INPUT_BITS[name], cannot_tell=1)
    for name in ("door_driver", "trunk", "key", "brake"):
        bad(f"no {name} and no staff to look", no_sensor=1 << INPUT_BITS[name])
    bad("an input that is none", no_sensor=1 << 15, cannot_tell=1)
    bad("no driver's door", no_door=1)
    bad("a door that is none", no_door=1 << INPUT_BITS["key"])
    bad("a door without sensor that is not there", no_sensor=2, no_door=2, cannot_tell=1)
    bad("format 0", format=0)
    record = pack_terms(good)
    add("terms cut by a byte", 7, record[:-1])
    add("terms with a byte too many", 7, record + b"\0")
    add("terms of format 2", 7, b"\2" + record[1:] + b"more", 5)
    add("no terms, with a record", 8, b"\0")
    key = key_record(1, NONCE, NEXT_KEY)
    add("a key cut by a byte", 9, key[:-1])
    add("a key with another number", 9, b"\2" + key[1:])
    add("a key with another nonce", 9, key[:1] + bytes(8) + key[9:])
    add("a key with a flipped bit", 9, key[:20] + bytes([key[20] ^ 1]) + key[21:])
    add("a key with another check", 9, key[:-1] + bytes([key[-1] ^ 128]))
    add("a key wrapped under another first key", 9, key_record(1, NONCE, NEXT_KEY, bytes(32)))
    add("no key, with a record", 10, key)
    add("an operation of a later version", 11, b"what", 5)
    add("operation 0", 0, b"")
    return found


def slot(hello: bytes, time: bytes) -> Json:
    """The keys of the second slot, and a frame each way under them, with these bodies."""
    up, down = (
        hmac.new(NEXT_KEY, label, hashlib.sha256).digest() for label in (b"kb/1 up", b"kb/1 down")
    )
    found: Json = {"up": up.hex(), "down": down.hex()}
    for name, key, kind, body in (("hello", up, 1, hello), ("time", down, 17, time)):
        message = struct.pack(">BBH", 1, kind, len(body)) + body
        tag = hmac.new(key, CAR + message, hashlib.sha256).digest()[:16]
        found[name] = (message + tag).hex()
    return found
