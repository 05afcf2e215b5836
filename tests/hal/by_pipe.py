"""Calls from a check's process, under either interpreter, to what stands in the test's: a line each way.

Numbers, truths, None, bytes, and lists of these pass.
"""

import binascii
import json
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def pack(value: "Any") -> "Any":
    """As JSON has it: bytes as digits."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return binascii.hexlify(value).decode()
    if isinstance(value, (list, tuple)):
        return [pack(one) for one in value]
    return value


def unpack(value: "Any") -> "Any":
    if isinstance(value, str):
        return binascii.unhexlify(value)
    if isinstance(value, list):
        return [unpack(one) for one in value]
    return value


def ask(name: str, *words: object) -> "Any":
    """What the test's process answers."""
    print(json.dumps([name, pack(words)]))
    if hasattr(sys.stdout, "flush"):
        sys.stdout.flush()
    return unpack(json.loads(sys.stdin.readline()))


def answer(line: str, world: object) -> str:
    """The other end: a line that `ask` printed, done with `world`."""
    name, words = json.loads(line)
    return json.dumps(pack(getattr(world, name)(*unpack(words))))
