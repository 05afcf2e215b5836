"""Somebody who has docs/journal.md and no line of this program comes to the same."""

import hashlib
import json
import struct

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from tests.fleetd.ledger.journal_rig import SIGNER, exported, small_journal
from tests.fleetd.rig import Desk


def test_hashes_sums_and_signatures_are_what_the_page_says(desk: Desk) -> None:
    small_journal(desk)
    key = load_pem_public_key(SIGNER.verifier.pem().encode())
    assert isinstance(key, Ed25519PublicKey)
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    ends: dict[tuple[str, str], tuple[int, int, bytes]] = {}
    named: dict[tuple[str, str], tuple[int, int, bytes]] = {}
    before, events, checkpoints = bytes(32), 0, 0
    for line in exported(desk):
        found = json.loads(line)
        if found["line"] == "event":
            chain = (found["car"], found["journal"])
            _, count, digest = ends.get(chain, (0, 0, bytes(32)))
            body = bytes.fromhex(found["bytes"])
            place = bytes.fromhex(found["car"] + found["journal"])
            numbers = struct.pack(">IH", found["seq"], len(body))
            digest = hashlib.sha256(digest + place + numbers + body).digest()
            assert found["hash"] == digest.hex()
            ends[chain] = (found["seq"], count + 1, digest)
            events += 1
        elif found["line"] == "checkpoint":
            signed = line.split('"statement":', 1)[1].rsplit(',"signature"', 1)[0].encode()
            signature = bytes.fromhex(found["signature"])
            key.verify(signature, signed)
            said = found["statement"]
            checkpoints += 1
            for car, journal, seq, count, digest_hex in said["changed"]:
                named[car, journal] = (seq, count, bytes.fromhex(digest_hex))
            assert named == ends
            heads = b"".join(
                bytes.fromhex(car + journal) + struct.pack(">IQ", seq, count) + digest
                for (car, journal), (seq, count, digest) in sorted(named.items())
            )
            assert said == {
                "checkpoint": checkpoints, "fleet": said["fleet"], "at": said["at"],
                "events": events, "journals": len(named),
                "heads": hashlib.sha256(heads).hexdigest(), "changed": said["changed"],
                "before": before.hex(), "key": hashlib.sha256(raw).hexdigest()[:16],
            }  # fmt: skip
            before = hashlib.sha256(signed + signature).digest()
    assert (events, checkpoints) == (16, 4)
