"""Frames of changes in the ring of the cache, and how a start does them again.

    CHANGE   at u32 | gen u32 | from u32 | to u32 | hash 8 | n x (op u8 | length u8 | record)
    CONFIRM  at u32 | gen u32 | rev u32

`at` in seconds since 2020, 0 when the clock was not trusted. Kinds 1 and 2 were an older format.
"""

import struct

from firmware.cache_stage import STAGE, SWITCH, SWITCH_FORMAT
from firmware.ring_cursor import Cursor
from firmware.tables import unpack_ops

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.cache import Cache

CHANGE = 3
CONFIRM = 7
CHANGE_FORMAT = ">IIII8s"
_CHANGE_BYTES = 24
CONFIRM_FORMAT = ">III"


def replay(cache: "Cache", cursor: Cursor, before: "tuple[int, int]") -> None:
    """Do one frame of the ring again, under the conditions of the first time."""
    ring, stage = cache.ring, cache.stage
    if cursor.kind == STAGE:
        stage.note(cursor, before)
        return
    if cursor.kind not in (CHANGE, SWITCH, CONFIRM):
        return
    body = bytearray(cursor.length)
    ring.read(cursor, 0, body)
    if cursor.kind == CHANGE and len(body) >= _CHANGE_BYTES:
        at_s, gen, from_rev, to_rev, hash8 = struct.unpack_from(CHANGE_FORMAT, body, 0)
        ops = unpack_ops(bytes(body), _CHANGE_BYTES)
        if from_rev == cache.rev and cache.judge(gen, from_rev, to_rev, hash8, ops) == 0:
            cache.do_all(ops, to_rev, hash8, at_s)
    elif cursor.kind == SWITCH and len(body) == struct.calcsize(SWITCH_FORMAT):
        number, at_s, gen, rev, hash8, chunks = struct.unpack(SWITCH_FORMAT, body)
        if number == stage.number and stage.is_whole(chunks):
            cache.switch(gen, rev, hash8, at_s)
    elif cursor.kind == CONFIRM and len(body) == struct.calcsize(CONFIRM_FORMAT):
        at_s, gen, rev = struct.unpack(CONFIRM_FORMAT, body)
        if gen == cache.gen and rev == cache.rev:
            cache.lease_from_s = at_s
