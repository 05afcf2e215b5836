"""Records against the golden ones: every kind is taken, every poison refused for its reason."""

import json
import struct
from binascii import unhexlify

from firmware.cache import Cache
from firmware.car_terms import Settings, Terms
from firmware.identity import Identity
from firmware.keyring import Keyring
from firmware.tables import SENSELESS, UNSUPPORTED, Tables
from firmware.terms import load_settings, load_terms, pack_record, unpack_record
from firmware.terms_watch import TermsWatch
from firmware.wire import codes, frames, kb1
from firmware.wire.key_record import pack_key, unpack_key
from hal.fake.flash import Flash
from tests.portable.firmware.wire.golden import CAR, KEYS, VECTORS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FIRST_KEY = unhexlify(VECTORS["car_key"])
NACK_REASONS = {SENSELESS: kb1.NACK_SENSELESS, UNSUPPORTED: kb1.NACK_UNSUPPORTED}


def of(what: str) -> "list[dict[str, Any]]":
    found = [one for one in VECTORS["records"] if one["what"] == what]
    if not found:
        raise ValueError("no golden record " + what)
    return found


def careful_tables() -> Tables:
    """Tables that look into terms and keys, as the program of the car has them."""
    cache = Cache(Flash(16))
    TermsWatch(cache, Keyring(Identity(VECTORS["car"], FIRST_KEY), cache), Terms(), Settings())
    return cache._tables


def test_every_golden_record_is_taken_and_the_put_is_there() -> None:
    tables = careful_tables()
    ops = [one["op"] for one in VECTORS["records"]]
    assert sorted(set(ops)) == list(range(codes.OP_PUT_BOOKING, codes.OP_DEL_KEY + 1))
    for one in VECTORS["records"]:
        record = unhexlify(one["record"])
        assert tables.objection(one["op"], record) == 0, one
        tables.do(one["op"], record, 0)
        assert tables.all[(one["op"] - 1) // 2].count() == one["op"] % 2


def test_every_poison_is_refused_for_its_reason() -> None:
    """F34: nothing senseless is taken, whoever signed it."""
    tables = careful_tables()
    assert len(VECTORS["poison"]) > 50
    for one in VECTORS["poison"]:
        objection = tables.objection(one["op"], unhexlify(one["record"]))
        assert NACK_REASONS.get(objection) == one["reason"], one["why"]


def test_terms_are_packed_as_the_golden_ones() -> None:
    for one in of("terms"):
        with open("firmware/profiles/%s.json" % one["profile"]) as file:
            terms = load_terms(json.load(file))
        settings = load_settings(one["settings"], terms)
        record = unhexlify(one["record"])
        assert pack_record(terms, settings) == record
        assert pack_record(*unpack_record(record)) == record
        assert unpack_record(record)[0].relock_ms == one["fields"]["relock_s"] * 1000
        assert unpack_record(record)[1].has_reader == settings.has_reader


def test_a_key_is_wrapped_as_the_golden_one() -> None:
    one = of("key")[0]
    record, key, nonce = unhexlify(one["record"]), unhexlify(one["key"]), unhexlify(one["nonce"])
    assert pack_key(FIRST_KEY, CAR, one["number"], nonce, key) == record
    assert unpack_key(FIRST_KEY, CAR, record) == key
    assert unpack_key(FIRST_KEY, bytes(6), record) is None


def test_the_second_slot_signs_as_the_golden_frames() -> None:
    slot = VECTORS["slot"]
    key = unhexlify(of("key")[0]["key"])
    for direction, name, label in ((frames.UP, "hello", "up"), (frames.DOWN, "time", "down")):
        own = frames.direction_key(key, direction)
        assert own == unhexlify(slot[label]) != KEYS[label]
        opened = frames.open_frame((own,), CAR, unhexlify(slot[name]))
        assert opened is not None and opened[0] == (kb1.HELLO if name == "hello" else kb1.TIME)
        assert frames.open_frame((KEYS[label],), CAR, unhexlify(slot[name])) is None


def test_no_flipped_bit_of_terms_crashes_and_what_is_taken_is_what_it_says() -> None:
    """Any 34 bytes: refused, or packed again they are the same."""
    record = unhexlify(of("terms")[0]["record"])
    taken = 0
    for bit in range(8 * len(record)):
        flipped = bytearray(record)
        flipped[bit // 8] ^= 1 << (bit & 7)
        try:
            found = unpack_record(bytes(flipped))
        except ValueError:
            continue
        taken += 1
        assert pack_record(*found) == bytes(flipped)
    assert 20 < taken < 150
    assert struct.unpack_from(">B", record)[0] == 1
