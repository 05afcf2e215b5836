"""The chain hash over the operations that made up what a car knows.

Each operation moves it on: SHA-256(hash 8 | op u8 | length u8 | record), the first 8 bytes. Two
sides with equal hashes have applied the same operations in the same order; a restored or cloned
database shows itself by a hash that is not in the history.
"""

import hashlib

HASH_BYTES = 8
#: Before the first operation.
EMPTY_HASH = bytes(HASH_BYTES)


def next_hash(hash8: bytes, op: int, record: bytes) -> bytes:
    """The hash after one more operation; ValueError when op or record does not fit its byte."""
    if len(hash8) != HASH_BYTES:
        raise ValueError("a chain hash has %d bytes, not %d" % (HASH_BYTES, len(hash8)))
    state = hashlib.sha256(hash8)
    state.update(bytes((op, len(record))))
    state.update(record)
    return state.digest()[:HASH_BYTES]
