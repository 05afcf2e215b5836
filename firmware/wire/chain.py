"""The chain hash over the operations that made up what a car knows.

Each operation moves it on: SHA-256(hash 8 | op u8 | length u8 | record), the first 8 bytes. Two
sides with equal hashes have applied the same operations in the same order; a restored or cloned
database shows itself by a hash that is not in the history.
"""

import hashlib

HASH_BYTES = 8
#: Before the first operation.
EMPTY_HASH = bytes(HASH_BYTES)
RECORD_BYTES_MAX = 255


def next_hash(hash8: bytes, op: int, record: bytes) -> bytes:
    """The hash after one more operation; ValueError when op or record does not fit its byte."""
    if len(hash8) != HASH_BYTES or len(record) > RECORD_BYTES_MAX:
        raise ValueError("hash of %d bytes, record of %d" % (len(hash8), len(record)))
    state = hashlib.sha256(hash8)
    state.update(bytes((op, len(record))))
    state.update(record)
    return state.digest()[:HASH_BYTES]
