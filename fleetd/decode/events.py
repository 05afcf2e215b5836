"""Audit events in words: a flat list of names with their unit, and what makes no sense.

Cards are told by their last four digits; the whole number stands in the bytes alone.
"""

from __future__ import annotations

import struct
from typing import Any

from firmware.wire import codes, kb1_centre
from firmware.wire.code_names import (
    ACTION_NAMES,
    CAUSE_NAMES,
    FAULT_NAMES,
    INPUT_NAMES,
    REASON_NAMES,
)
from firmware.wire.console_key import is_nonce
from firmware.wire.journal_format import (
    EPOCH_2020_S,
    FLAG_DOORS_OPEN,
    FLAG_KEY_OUT,
    FLAG_LIGHTS_ON,
    FLAG_ODOMETER_POSITIONS,
    FLAG_ODOMETER_PULSES,
    FLAG_POSITION_VALID,
    FLAG_STAFF_REVIEW,
    FLAG_WINDOW_OPEN,
    HEAD_BYTES,
    NO_IDENT,
)
from fleetd.core import audit
from fleetd.core.ledger import utc

#: Goes up with any change of what is said here: journals are exported with these words.
WORDS_VERSION = 4
LATITUDE_UDEG_MAX, LONGITUDE_UDEG_MAX = 90_000_000, 180_000_000

Words = dict[str, Any]

_CAUSED = frozenset(
    {
        codes.AUDIT_START_REQUESTED, codes.AUDIT_END_REQUESTED, codes.AUDIT_REOPEN_REQUESTED,
        codes.AUDIT_COMMAND_RECEIVED, codes.AUDIT_REUNLOCKED, codes.AUDIT_ENROL_OPENED,
        codes.AUDIT_STAFF_IN, codes.AUDIT_STAFF_OUT, codes.AUDIT_TECHNICIAN_IN,
        codes.AUDIT_TECHNICIAN_OUT,
    }
)  # fmt: skip
_BY = frozenset(
    {
        codes.AUDIT_LOCKED, codes.AUDIT_ENGINE_BLOCKED, codes.AUDIT_ENGINE_RELEASED,
        codes.AUDIT_RELOCKED, codes.AUDIT_SECURED, codes.AUDIT_REOPENED, codes.AUDIT_REOPEN_LOCKED,
    }
)  # fmt: skip
_FLAGS = {
    FLAG_POSITION_VALID: "position_valid",
    FLAG_STAFF_REVIEW: "staff_review",
    FLAG_DOORS_OPEN: "doors_open",
    FLAG_KEY_OUT: "key_out",
    FLAG_ODOMETER_PULSES: "odometer_pulses",
    FLAG_ODOMETER_POSITIONS: "odometer_positions",
    FLAG_LIGHTS_ON: "lights_on",
    FLAG_WINDOW_OPEN: "window_open",
}
_USE, _PLACE, _I32, _U32 = ">B8sIiiiB", ">B8siiB", ">i", ">I"
#: What is left of these is told as a later version's.
_LENGTHS = {
    codes.AUDIT_CARD_ENROLLED: 13,
    codes.AUDIT_TECHNICIAN_ACTION: 11,
    codes.AUDIT_UNLOCKED: struct.calcsize(_USE),
    codes.AUDIT_ENDED: struct.calcsize(_USE),
    codes.AUDIT_POSITION_REPORTED: struct.calcsize(_PLACE),
    codes.AUDIT_DOOR_OPENED: 1,
    codes.AUDIT_DOOR_CLOSED: 1,
    codes.AUDIT_WINDOW_OVER: 1,
    codes.AUDIT_EXTENDED: 4,
    codes.AUDIT_FAULT: 2,
    codes.AUDIT_FAULT_CLEARED: 2,
    codes.AUDIT_RESET: 1,
    codes.AUDIT_POWER_LOST: 1,
    codes.AUDIT_CLOCK_SET: 4,
    codes.AUDIT_GAP: 4,
    **dict.fromkeys(_CAUSED, 9),
    **dict.fromkeys(_BY, 1),
}


def event_words(body: bytes) -> Words:
    """Never fails; `senseless` says what could not be read."""
    event = audit.parse_event(body)
    if len(body) < HEAD_BYTES:
        short = f"an event of {len(body)} bytes, {HEAD_BYTES} are the least"
        return {"event": "unreadable", "senseless": [short]}
    clock = body[5]
    words: Words = {
        "event": event.name,
        "at": utc(event.at_s),
        "at_car_s": event.at_s - EPOCH_2020_S,
        "clock": {0: "not trusted", 1: "trusted"}.get(clock, f"clock_{clock}"),
    }
    if event.booking:
        words["booking"] = event.booking
    senseless = [] if clock <= 1 else [f"clock {clock}: 0 or 1 may be"]
    try:
        words.update(_detail(event, senseless))
    except (ValueError, struct.error):
        due = _LENGTHS.get(event.code)
        senseless.append(
            f"a detail of {len(event.detail)} bytes" + (f", {due} are due" if due else "")
        )
        words["detail"] = event.detail.hex()
    if senseless:
        words["senseless"] = senseless
    return words


def _detail(event: audit.Event, senseless: list[str]) -> Words:
    code, detail = event.code, event.detail
    length = _LENGTHS.get(code, 0)
    if event.name.endswith("_refused"):
        length = 10 + 5 * detail[9] if len(detail) > 9 else 10
    if len(detail) < length:
        raise ValueError(code)
    words = _read(event, detail[:length], senseless)
    if len(detail) > length:
        more = detail[length:]
        if words.get("action") == ACTION_NAMES[codes.ACT_SET] and more.isascii():
            words["setting"] = more.decode("ascii")
        else:
            words["more"] = more.hex()
    return words


def _read(event: audit.Event, detail: bytes, senseless: list[str]) -> Words:
    code = event.code
    words: Words = {}
    if code in (codes.AUDIT_UNLOCKED, codes.AUDIT_ENDED):
        words = {**by_whom(detail), **_use(detail, senseless)}
    elif code == codes.AUDIT_CARD_ENROLLED:
        found = audit.parse_enrolled(detail)
        assert found is not None
        words = {"by": name(CAUSE_NAMES, detail[0], "cause"), **card(found.identifier)}
        words["driver"] = found.driver
    elif code == codes.AUDIT_POSITION_REPORTED:
        _, _, latitude, longitude, flags = struct.unpack(_PLACE, detail)
        words = {**by_whom(detail), **place(latitude, longitude, flags, senseless)}
        words["flags"] = flag_names(flags)
    elif code == codes.AUDIT_TECHNICIAN_ACTION:
        words = {**by_whom(detail[:9]), "action": name(ACTION_NAMES, detail[9], "action")}
        words["argument"] = detail[10]
    elif event.name.endswith("_refused"):
        words = {**by_whom(detail), "reasons": reasons(kb1_centre.unpack_refusal(detail))}
    elif code in _CAUSED:
        words = by_whom(detail)
    else:
        words = _read_small(event, detail, senseless)
    return words


def _read_small(event: audit.Event, detail: bytes, senseless: list[str]) -> Words:
    code = event.code
    words: Words = {}
    if code in _BY:
        words = {"by": name(CAUSE_NAMES, detail[0], "cause")}
    elif code in (codes.AUDIT_DOOR_OPENED, codes.AUDIT_DOOR_CLOSED):
        words = {"input": name(INPUT_NAMES, detail[0], "input")}
    elif code == codes.AUDIT_WINDOW_OVER:
        words = {"flags": flag_names(detail[0])}
    elif code == codes.AUDIT_EXTENDED:
        words = {"new_end": utc(struct.unpack(_U32, detail)[0] + EPOCH_2020_S)}
    elif code in (codes.AUDIT_FAULT, codes.AUDIT_FAULT_CLEARED):
        words = {"fault": name(FAULT_NAMES, detail[0], "fault"), "argument": detail[1]}
    elif code in (codes.AUDIT_RESET, codes.AUDIT_POWER_LOST):
        states = dict(enumerate(codes.STATE_NAMES))
        words = {"state": name(states, detail[0], "state")}
    elif code == codes.AUDIT_CLOCK_SET:
        words = {"moved_s": struct.unpack(_I32, detail)[0]}
    elif code == codes.AUDIT_GAP:
        words = {"events_missing": event.gap}
        if not event.gap:
            senseless.append("a gap of no events")
    return words


def by_whom(detail: bytes) -> Words:
    """Who asked: `cause u8 | ident 8`."""
    found = audit.parse_cause(detail)
    if found is None:
        raise ValueError(detail)
    cause, ident = found
    words: Words = {"by": name(CAUSE_NAMES, cause, "cause")}
    if ident != NO_IDENT:
        if cause == codes.BY_TECHNICIAN and is_nonce(ident):
            words["question"] = ident.decode("ascii")
        else:
            words.update({"command": ident.hex()} if cause == codes.BY_COMMAND else card(ident))
    return words


def _use(detail: bytes, senseless: list[str]) -> Words:
    use = audit.parse_use(detail)
    assert use is not None
    words: Words = {"driver": use.driver, "odometer_m": use.odometer_m}
    if use.latitude_udeg is not None and use.longitude_udeg is not None:
        words.update(place(use.latitude_udeg, use.longitude_udeg, FLAG_POSITION_VALID, senseless))
    words["flags"] = flag_names(use.flags)
    return words


def place(latitude: int, longitude: int, flags: int, senseless: list[str]) -> Words:
    """Nothing when the position is not valid."""
    if not flags & FLAG_POSITION_VALID:
        return {}
    if abs(latitude) > LATITUDE_UDEG_MAX or abs(longitude) > LONGITUDE_UDEG_MAX:
        senseless.append(f"position {latitude}, {longitude}: is not on the Earth")
    return {"latitude_udeg": latitude, "longitude_udeg": longitude}


def reasons(pairs: list[tuple[int, int]], epoch_s: int = EPOCH_2020_S) -> list[Words]:
    """Of a refusal: each by name, with what its argument means; its times begin at `epoch_s`."""
    return [_reason(code, argument, epoch_s) for code, argument in pairs]


def _reason(code: int, argument: int, epoch_s: int) -> Words:
    words: Words = {"reason": name(REASON_NAMES, code, "reason")}
    if code == codes.TOO_EARLY:
        words["possible_from"] = utc(argument + epoch_s)
    elif code == codes.CANNOT_TELL:
        words["inputs"] = input_names(argument)
    elif argument:
        words["argument"] = argument
    return words


def input_names(bits: int) -> list[str]:
    """Those whose bit is set."""
    return [INPUT_NAMES.get(bit, f"input_{bit}") for bit in range(32) if bits >> bit & 1]


def card(identifier: bytes) -> Words:
    """A card as people are told of it."""
    return {"card": "..." + identifier.hex().upper()[-4:]}


def flag_names(flags: int) -> list[str]:
    """Those that are set; unknown ones by their value."""
    return [_FLAGS.get(1 << bit, f"flag_{1 << bit}") for bit in range(8) if flags >> bit & 1]


def name(names: Any, number: int, kind: str) -> str:
    """By name, or as `cause_9` when this program does not know it."""
    return str(names.get(number, f"{kind}_{number}"))
