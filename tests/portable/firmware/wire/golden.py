"""The golden vectors, read once for all tests of the wire."""

import json
from binascii import unhexlify

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def read() -> "dict[str, Any]":
    with open("tests/vectors/kb1.json") as file:
        found: "dict[str, Any]" = json.load(file)
        return found


VECTORS = read()
CAR = unhexlify(VECTORS["car"])
KEYS = {name: unhexlify(key) for name, key in VECTORS["keys"].items()}


def frames(name: str) -> "list[tuple[dict[str, Any], bytes]]":
    """(fields, body) of each golden frame of that name; never empty."""
    found = [(f["fields"], unhexlify(f["body"])) for f in VECTORS["frames"] if f["name"] == name]
    if not found:
        raise ValueError("no golden frame " + name)
    return found


def operations(fields: "dict[str, Any]") -> "list[tuple[int, bytes]]":
    return [(op, unhexlify(record)) for op, record in fields["ops"]]
