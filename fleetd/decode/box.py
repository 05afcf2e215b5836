"""A frame of the box's own journal in words, as it is read from the flash (docs/storage.md).

The daemon never sees one: its layout is the box's, and a test holds this against it. Its checksum
begins from its place in the flash, which a line of hex digits does not tell.
"""

from __future__ import annotations

import struct

from fleetd.decode.events import Words, event_words

MARK = 0x5A
_FRAME = ">BBHI"
_FRAME_BYTES = 8
_KIND = 1
_HEAD = ">IIIBH"
_NO_SESSION = 0xFFFF


def is_box_frame(data: bytes) -> bool:
    """Does it look like one? No frame of kb/1 begins so."""
    return len(data) >= _FRAME_BYTES and data[0] == MARK


def box_frame_words(data: bytes) -> Words:
    """Mark, kind, length, checksum; then what the kind holds."""
    _, kind, length, crc = struct.unpack_from(_FRAME, data)
    words: Words = {
        "frame": "journal of the box" if kind == _KIND else f"box kind_{kind}",
        "bytes": len(data), "checksum": f"{crc:08x}, not checked",
    }  # fmt: skip
    body = data[_FRAME_BYTES : _FRAME_BYTES + length]
    if len(body) < length:
        words["unreadable"] = f"its head says {length} bytes of body, {len(body)} are there"
    elif kind != _KIND:
        words["body"] = body.hex()
    else:
        words.update(_journal(body))
    return words


def _journal(body: bytes) -> Words:
    head_bytes = struct.calcsize(_HEAD)
    if len(body) < head_bytes:
        return {"unreadable": f"a body of {len(body)} bytes, {head_bytes} are the least"}
    acked, next_seq, seq, count, session = struct.unpack_from(_HEAD, body)
    words: Words = {"acked_seq": acked, "next_seq": next_seq}
    if session != _NO_SESSION:
        words["session_bytes"] = session
    at = head_bytes + (0 if session == _NO_SESSION else session)
    events: list[Words] = []
    for number in range(count):
        if at + 2 > len(body) or at + 2 + body[at + 1] > len(body):
            return {**words, "events": events, "unreadable": f"cut short in event {number + 1}"}
        seq = seq if number == 0 else seq + 1 + body[at]
        events.append({"seq": seq, **event_words(body[at + 2 : at + 2 + body[at + 1]])})
        at += 2 + body[at + 1]
    return {**words, "events": events}
