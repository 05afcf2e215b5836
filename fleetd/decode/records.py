"""Records of a car's copy in words. Of a key nothing is told but that there is one."""

from __future__ import annotations

import struct

from firmware.wire import codes, records
from firmware.wire.code_names import LAMP_NAMES
from firmware.wire.journal_format import EPOCH_2020_S, NO_IDENT
from fleetd.core.ledger import utc
from fleetd.decode.events import Words, card, input_names, name

_U32 = ">I"
#: The last time that a box can count, in 2054.
_TIME_MAX_S = EPOCH_2020_S + (1 << 30) - 1
_TERMS_LAMPS = ("lamp_at_start", "lamp_talking", "lamp_end", "lamp_reopen")
_TERMS_SPANS = (
    "start_early_s", "reader_window_s", "ask_s", "relock_s", "key_s", "key_return_s",
    "reopen_window_s", "warn_before_s", "warn_every_s", "refused_end_s", "enrol_s",
)  # fmt: skip
_TERMS_FLAGS = {
    1: "gear_checked", 2: "reunlock", 4: "enrolment", 8: "licence_cards", 16: "voice",
    32: "reader", 64: "smart_key",
}  # fmt: skip
_TERMS_CANNOT_TELL = {0: "ask_again", 1: "staff_review", 2: "refuse"}
OP_NAMES = {
    getattr(codes, found): found[len("OP_") :].lower()
    for found in dir(codes)
    if found.startswith("OP_")
}


def record_words(op: int, record: bytes) -> Words:
    """One operation on a car's records."""
    words: Words = {"op": OP_NAMES.get(op, f"op_{op}")}
    senseless: list[str] = []
    try:
        words.update(_record(op, record, senseless))
    except struct.error:
        senseless.append(f"a record of {len(record)} bytes")
        words["record"] = record.hex()
    if senseless:
        words["senseless"] = senseless
    return words


def _record(op: int, record: bytes, senseless: list[str]) -> Words:
    if op == codes.OP_PUT_BOOKING:
        return _booking(record, senseless)
    if op == codes.OP_DEL_BOOKING:
        return {"booking": struct.unpack(_U32, record)[0]}
    if op in (codes.OP_PUT_CARD, codes.OP_PUT_STAFF):
        identifier, owner = struct.unpack(records.CARD, record)
        if identifier == NO_IDENT or not owner:
            senseless.append("a card or a person of 0")
        return {**card(identifier), "driver" if op == codes.OP_PUT_CARD else "staff": owner}
    if op in (codes.OP_DEL_CARD, codes.OP_DEL_STAFF):
        return card(struct.unpack(">8s", record)[0])
    if op == codes.OP_PUT_TERMS:
        return _terms(struct.unpack(records.TERMS, record), senseless)
    if op == codes.OP_PUT_KEY:
        number, nonce, _wrapped, _check = struct.unpack(records.KEY, record)
        return {"number": number, "nonce": nonce.hex(), "key": "wrapped, not shown"}
    if op in (codes.OP_DEL_TERMS, codes.OP_DEL_KEY) and not record:
        return {}
    return {"record_bytes": len(record), "record": record.hex()}


def _booking(record: bytes, senseless: list[str]) -> Words:
    number, driver, starts_s, ends_s = struct.unpack(records.BOOKING, record)
    if not number or not driver:
        senseless.append("a booking or a driver of 0")
    if not EPOCH_2020_S <= starts_s < ends_s <= _TIME_MAX_S:
        senseless.append(f"from {utc(starts_s)} to {utc(ends_s)}")
    return {
        "booking": number, "driver": driver, "starts": utc(starts_s), "ends": utc(ends_s),
    }  # fmt: skip


def _terms(values: tuple[int, ...], senseless: list[str]) -> Words:
    form, *rest = values
    if form != records.TERMS_FORMAT:
        senseless.append(f"format {form}; this program knows {records.TERMS_FORMAT}")
    words: Words = {"format": form}
    for field, lamp in zip(_TERMS_LAMPS, rest[:4], strict=True):
        words[field] = name(LAMP_NAMES, lamp, "lamp")
    words.update(zip(_TERMS_SPANS, rest[4:15], strict=True))
    flags, cannot_tell, no_sensor, no_door = rest[15:]
    words["flags"] = [
        _TERMS_FLAGS.get(1 << bit, f"flag_{1 << bit}") for bit in range(16) if flags >> bit & 1
    ]
    words["cannot_tell"] = name(_TERMS_CANNOT_TELL, cannot_tell, "way")
    return {**words, "no_sensor": input_names(no_sensor), "no_door": input_names(no_door)}
