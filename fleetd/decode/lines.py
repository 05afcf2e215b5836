"""Lines with frames in them: hex digits or base64, alone or behind a topic."""

from __future__ import annotations

import base64
import binascii
import re

from firmware.wire import frames
from fleetd.decode.box import box_frame_words, is_box_frame
from fleetd.decode.events import Words, event_words
from fleetd.decode.records import record_words
from fleetd.decode.words import Key, frame_words

#: What one line may hold besides what can be told from its first byte.
KINDS = ("frame", "event", "record")
#: Of a line; nothing that a car or a centre sends is longer.
LINE_MAX = 20_000

_TOPIC = re.compile(r"kb/1/([dus])/([0-9a-f]{2})/([0-9a-f]{12})(?![0-9a-f/])")
_HEX = re.compile(r"(?:0x)?((?:[0-9A-Fa-f]{2}[ :]?)*)")
_PRESENCE = {b"": "nothing: forgotten", b"\0": "gone", b"\1": "there"}


def line_words(line: str, key: Key | None, kind: str = "") -> Words | None:
    """None for an empty line or a remark (#). `unreadable` says what stands in the way."""
    text = line.strip()
    if text.startswith("#"):
        return None
    if len(line.rstrip("\r\n")) > LINE_MAX:
        return {"unreadable": f"a line of more than {LINE_MAX} characters, which are the most"}
    if not text:
        return None
    topic = _TOPIC.search(text)
    if topic is None:
        data = _bytes_of(text)
        if data is None:
            return {"unreadable": "neither hex digits nor base64, and no topic of kb/1"}
        return _words_of(data, key, kind)
    letter, shard, car = topic.groups()
    data = _bytes_of(text[topic.end() :].strip())
    if data is None:
        return {"topic": topic.group(), "unreadable": "what follows is neither hex nor base64"}
    words: Words = {"topic": topic.group(), "car": car}
    due = frames.shard_of(bytes.fromhex(car))
    if shard != due:
        words["senseless_topic"] = f"shard {shard}; that of this car is {due}"
    if letter == "s":
        words.update(_presence(data))
    else:
        words.update(frame_words(data, key, car, letter))
    return words


def _words_of(data: bytes, key: Key | None, kind: str) -> Words:
    if kind == "event":
        return event_words(data)
    if kind == "record":
        if len(data) < 2 or data[1] != len(data) - 2:
            return {"unreadable": "no operation: op u8, length u8, record"}
        if key is not None:
            key.learn(data[0], data[2:])
        return record_words(data[0], data[2:])
    if not kind and is_box_frame(data):
        return box_frame_words(data)
    words = frame_words(data, key)
    if not kind and "unreadable" in words:
        event = event_words(data)
        # An event of a kind that is known and makes sense is more likely than a broken frame.
        if "senseless" not in event and "more" not in event and _is_known(event):
            return event
    return words


def _is_known(event: Words) -> bool:
    return not str(event["event"]).startswith("event_")


def _presence(data: bytes) -> Words:
    words: Words = {"frame": "presence", "car_is": _PRESENCE.get(data[:1], "?")}
    if data[:1] not in _PRESENCE:
        words["unreadable"] = "a presence begins with 1 or 0"
    if len(data) > 1:
        words["more"] = data[1:].hex()
    return words


def _bytes_of(text: str) -> bytes | None:
    digits = _HEX.fullmatch(text)
    if digits is not None:
        return bytes.fromhex(digits.group(1).replace(":", " "))
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
