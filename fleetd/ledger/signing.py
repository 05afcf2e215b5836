"""Signs where the journals' chains end: at least each hour, and after 1,000 events."""

from __future__ import annotations

from typing import Protocol

from fleetd.core.ledger import START, Statement, checkpoint_hash, digest_of_heads, utc
from fleetd.store import ledger_rows
from fleetd.turn import Turn

#: However little has happened: then it is signed that nothing had.
EVERY_S = 3600
#: Looked at once a tick, so a burst may be signed with more.
EVERY_EVENTS = 1000


class Named(Protocol):
    """A key's public half."""

    id: str


class Signer(Protocol):
    """What signs; `fleetd.ledger.key` has it."""

    @property
    def verifier(self) -> Named: ...

    def sign(self, text: bytes) -> bytes: ...


def sign_if_due(turn: Turn, signer: Signer | None) -> None:
    """Without a signer (a command on the host, a simulation) nothing is signed."""
    if signer is None:
        return
    newest = ledger_rows.newest_checkpoint(turn.db)
    # A clock that was set back must not keep it waiting.
    is_time = newest is None or not newest["at_s"] <= turn.now_s < newest["at_s"] + EVERY_S
    if is_time or ledger_rows.unsigned_count(turn.db) >= EVERY_EVENTS:
        sign(turn, signer)


def sign(turn: Turn, signer: Signer) -> None:
    """A checkpoint of all that is in this transaction."""
    newest = ledger_rows.newest_checkpoint(turn.db)
    number, before = 1, START
    if newest is not None:
        number = newest["number"] + 1
        before = checkpoint_hash(newest["statement"], newest["signature"])
    heads = ledger_rows.heads(turn.db)
    text = Statement(
        number, ledger_rows.fleet(turn.db), utc(turn.now_s), sum(head.events for _, head in heads),
        len(heads), digest_of_heads(heads), tuple(ledger_rows.unsigned_heads(turn.db)), before,
        signer.verifier.id,
    ).text()  # fmt: skip
    signature = signer.sign(text.encode())
    ledger_rows.add_checkpoint(turn.db, number, turn.now_s, text, signature)
