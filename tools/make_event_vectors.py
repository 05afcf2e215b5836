"""Golden vectors of the audit events of kb/1: one of each code at least, every layout, every byte.

A part of tools/make_vectors.py, and like it without anything of the project's protocol.
"""

from __future__ import annotations

import struct

Json = dict[str, object]

CARD = bytes.fromhex("0101060112ab34cd")
COMMAND = bytes.fromhex("c0ffee00c0ffee01")
QUESTION = b"7Q2M9XCD"
NOBODY = bytes(8)
AT = 0x0C0D0E0F
BOOKING = 4711
DRIVER = 31

#: Layout -> names and forms of its fields, in their order. A refusal's reasons come behind.
LAYOUTS: dict[str, tuple[tuple[str, str], ...]] = {
    "none": (),
    "cause": (("cause", "B"),),
    "who": (("cause", "B"), ("ident", "8s")),
    "card": (("cause", "B"), ("ident", "8s"), ("driver", "I")),
    "action": (("cause", "B"), ("ident", "8s"), ("action", "B"), ("argument", "B")),
    "refusal": (("cause", "B"), ("ident", "8s")),
    "use": (
        ("cause", "B"), ("ident", "8s"), ("driver", "I"), ("odometer_m", "i"),
        ("latitude_udeg", "i"), ("longitude_udeg", "i"), ("flags", "B"),
    ),
    "place": (
        ("cause", "B"), ("ident", "8s"), ("latitude_udeg", "i"), ("longitude_udeg", "i"),
        ("flags", "B"),
    ),
    "input": (("input", "B"),),
    "flags": (("flags", "B"),),
    "state": (("state", "B"),),
    "fault": (("fault", "B"), ("argument", "B")),
    "end": (("end", "I"),),
    "shift": (("shift_s", "i"),),
    "count": (("count", "I"),),
}  # fmt: skip

BY_CARD, BY_COMMAND, BY_DEADLINE, BY_TECHNICIAN, BY_RESUME = (
    (1, CARD), (2, COMMAND), (3, NOBODY), (4, QUESTION), (5, NOBODY),
)  # fmt: skip
TOKYO = (35681236, 139767125)
SOUTH_WEST = (-33924868, -70641997)
NOWHERE = (0, 0)
# Flags: 1 position_valid, 2 staff_review, 4 doors_open, 8 key_out, 16 odometer_pulses,
# 32 odometer_positions, 64 lights_on, 128 window_open.

Reasons = list[tuple[int, int]]
Case = tuple[int, str, str, tuple[object, ...]]
#: Code, name, layout, values. A refusal's last value is its reasons.
CASES: tuple[Case, ...] = (
    (1, "start_requested", "who", BY_CARD),
    (2, "start_refused", "refusal", (*BY_CARD, [(1, 0x0C0D1000)])),
    (2, "start_refused", "refusal", (*BY_COMMAND, [(7, 0), (11, 0)])),
    (3, "card_refused", "refusal", (*BY_CARD, [(5, 0)])),
    (4, "unlocked", "use", (*BY_CARD, DRIVER, 18234567, *TOKYO, 1 | 16)),
    (4, "unlocked", "use", (*BY_COMMAND, DRIVER, 0, *SOUTH_WEST, 1 | 32)),
    (4, "unlocked", "use", (*BY_COMMAND, 0xFFFFFFFE, -1, *NOWHERE, 0)),
    (5, "locked", "cause", (3,)),
    (6, "door_opened", "input", (0,)),
    (7, "door_closed", "input", (4,)),
    (8, "key_out", "none", ()),
    (9, "key_in", "none", ()),
    (10, "engine_blocked", "cause", (5,)),
    (11, "engine_released", "cause", (2,)),
    (12, "relocked", "cause", (3,)),
    (13, "security_due", "none", ()),
    (14, "secured", "cause", (3,)),
    (15, "reunlocked", "who", BY_COMMAND),
    (16, "warned", "none", ()),
    (17, "extended", "end", (0x0C0D2A2F,)),
    (18, "window_lapsed", "none", ()),
    (19, "end_requested", "who", BY_CARD),
    (20, "end_refused", "refusal", (*BY_COMMAND, [(15, 0), (17, 0b10000000100000)])),
    (21, "ended", "use", (*BY_CARD, DRIVER, 18249000, *TOKYO, 1 | 16 | 64 | 128)),
    (21, "ended", "use", (*BY_COMMAND, DRIVER, 2147483647, *TOKYO, 1 | 2 | 32)),
    (21, "ended", "use", (*BY_COMMAND, DRIVER, -1, *NOWHERE, 64)),
    (22, "reopen_requested", "who", BY_CARD),
    (23, "reopen_refused", "refusal", (*BY_COMMAND, [(18, 0)])),
    (24, "reopened", "cause", (1,)),
    (25, "reopen_locked", "cause", (2,)),
    (26, "window_over", "flags", (0,)),
    (26, "window_over", "flags", (4 | 8,)),
    (27, "enrol_opened", "who", BY_COMMAND),
    (28, "enrol_expired", "none", ()),
    (29, "card_enrolled", "card", (*BY_CARD, DRIVER)),
    (30, "command_received", "who", BY_COMMAND),
    (31, "command_refused", "refusal", (*BY_COMMAND, [(20, 0)])),
    (31, "command_refused", "refusal", (*BY_COMMAND, [])),
    (32, "staff_in", "who", BY_CARD),
    (33, "staff_out", "who", BY_DEADLINE),
    (34, "technician_in", "who", BY_TECHNICIAN),
    (35, "technician_action", "action", (*BY_TECHNICIAN, 9, 3)),
    (36, "technician_out", "who", BY_TECHNICIAN),
    (37, "reset", "state", (4,)),
    (38, "power_lost", "state", (0,)),
    (39, "fault", "fault", (17, 118)),
    (40, "fault_cleared", "fault", (6, 0)),
    (41, "clock_set", "shift", (-90,)),
    (42, "position_reported", "place", (*BY_COMMAND, *SOUTH_WEST, 1)),
    (42, "position_reported", "place", (*BY_COMMAND, *NOWHERE, 0)),
    (43, "gap", "count", (12,)),
)
#: Events that belong to no booking, whatever stands around them.
_NO_BOOKING = (3, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43)


def _detail(layout: str, values: tuple[object, ...]) -> bytes:
    fields = LAYOUTS[layout]
    found = struct.pack(">" + "".join(form for _, form in fields), *values[: len(fields)])
    if layout == "refusal":
        reasons = values[-1]
        assert isinstance(reasons, list)
        found += bytes([len(reasons)])
        found += b"".join(struct.pack(">BI", *reason) for reason in reasons)
    return found


def _one(code: int, layout: str, values: tuple[object, ...], at_clock: tuple[int, int]) -> Json:
    at, clock = at_clock
    booking = 0 if code in _NO_BOOKING else BOOKING
    fields: Json = {"at": at, "clock": clock, "booking": booking}
    for (name, _), value in zip(LAYOUTS[layout], values, strict=False):
        fields[name] = value.hex() if isinstance(value, bytes) else value
    if layout == "refusal":
        fields["reasons"] = values[-1]
    event = struct.pack(">BIBI", code, at, clock, booking) + _detail(layout, values)
    return {"fields": fields, "event": event.hex()}


def events() -> list[Json]:
    """Every code with every layout that version 1.0 knows; the clock is trusted in two of three."""
    found: list[Json] = []
    for number, (code, name, layout, values) in enumerate(CASES):
        one = _one(code, layout, values, (AT + number, 1 if number % 3 else 0))
        found.append({"code": code, "name": name, "layout": layout, **one})
    return found


def short_events() -> list[Json]:
    """Events without their last byte: kept and confirmed, and nothing follows from them."""
    return [
        {"code": one["code"], "event": str(one["event"])[:-2]}
        for one in events()
        if one["layout"] != "none"
    ] + [{"code": 0, "event": "05100000000100001267"[:length]} for length in (0, 2, 18)]


def later_events() -> list[Json]:
    """What a later version may write: bytes behind the layout, all flags, numbers not known yet."""
    use = _detail("use", (*BY_CARD, DRIVER, 18249000, *TOKYO, 0xFF))
    head = struct.pack(">IBI", AT, 1, BOOKING)
    cases = {
        "bytes behind the layout": b"\x15" + head + use + bytes(4),
        "every flag, both sources of the odometer": b"\x15" + head + use,
        "a setting of the box behind its action": b"\x23" + head
        + _detail("action", (*BY_TECHNICIAN, 14, 0)) + b"port=1883",
        "a line a byte behind a self-test": b"\x23" + head
        + _detail("action", (*BY_TECHNICIAN, 10, 1)) + bytes([0, 0, 1, 2]),
        "a cause, a reason and a fault that nobody knows": b"\x14" + head
        + _detail("refusal", (250, NOBODY, [(251, 7)])),
        "a code that nobody knows": b"\xc8" + head + b"whatever it means",
        "an event of 200 bytes": b"\x08" + head + bytes(190),
    }  # fmt: skip
    return [{"why": why, "event": event.hex()} for why, event in cases.items()]


def unlocked() -> bytes:
    """One with all that its layout has."""
    return bytes.fromhex(next(str(one["event"]) for one in events() if one["layout"] == "use"))


def sections() -> Json:
    """What stands of them among the vectors."""
    return {"events": events(), "short_events": short_events(), "later_events": later_events()}
