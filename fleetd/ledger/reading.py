"""The lines of an exported journal, as far as they can be read without knowing the others."""

from __future__ import annotations

import json
from typing import Any

from fleetd.core.ledger import SIGNATURE_BYTES, Statement, parse_statement


def parse_line(text: str) -> dict[str, Any] | None:
    """None when it is no object of JSON."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def read_checkpoint(found: dict[str, Any]) -> tuple[Statement, bytes]:
    """ValueError when it cannot be read."""
    signature = found.get("signature")
    if not isinstance(signature, str) or len(signature) != 2 * SIGNATURE_BYTES:
        raise ValueError("has no signature")
    return parse_statement(found.get("statement")), bytes.fromhex(signature)
