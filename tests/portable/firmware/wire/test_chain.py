"""The chain hash: equal to the golden one, and moved by everything that counts."""

from binascii import unhexlify

from firmware.wire.chain import EMPTY_HASH, next_hash
from tests.portable.firmware.wire.golden import VECTORS


def test_chain_is_the_golden_one() -> None:
    hash8 = EMPTY_HASH
    assert len(VECTORS["chain"]) == 5
    for op, record, expected in VECTORS["chain"]:
        hash8 = next_hash(hash8, op, unhexlify(record))
        assert hash8 == unhexlify(expected)


def test_the_same_operations_in_another_order_give_another_hash() -> None:
    one = next_hash(next_hash(EMPTY_HASH, 1, b"a"), 1, b"b")
    other = next_hash(next_hash(EMPTY_HASH, 1, b"b"), 1, b"a")
    assert one != other


def test_operation_length_record_and_past_count() -> None:
    hashes = {
        next_hash(EMPTY_HASH, 1, b"a"),
        next_hash(EMPTY_HASH, 2, b"a"),
        next_hash(EMPTY_HASH, 1, b"b"),
        next_hash(EMPTY_HASH, 1, b""),
        next_hash(EMPTY_HASH, 1, b"a\0"),
        next_hash(b"\0\0\0\0\0\0\0\1", 1, b"a"),
    }
    assert len(hashes) == 6
    assert {len(hash8) for hash8 in hashes} == {8}


def test_the_longest_record_and_what_does_not_fit() -> None:
    assert len(next_hash(EMPTY_HASH, 255, bytes(255))) == 8
    for hash8, op, record in (
        (EMPTY_HASH, 1, bytes(256)),
        (EMPTY_HASH, 256, b""),
        (EMPTY_HASH, -1, b""),
        (bytes(7), 1, b""),
        (bytes(9), 1, b""),
    ):
        try:
            next_hash(hash8, op, record)
        except ValueError:
            continue
        raise AssertionError((hash8, op, len(record)))
