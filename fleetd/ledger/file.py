"""The journal as lines of JSON, for whoever has to believe it without the database (docs/journal.md).

    {"line":"journal", ...}      the fleet; where the file begins, when that is not the beginning
    {"line":"event", ...}        those of a checkpoint, in the order of car, journal and number
    {"line":"checkpoint", ...}   after the events that it is the first to name
    {"line":"end", ...}          how many of each there are

There is one way only to write each line: whoever checks the file writes it anew and compares.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from fleetd.core.ledger import Chain, Head, compact, parse_statement
from fleetd.decode.events import WORDS_VERSION, event_words
from fleetd.store import ledger_rows
from fleetd.store.database import Database

FORMAT = 1
_SEQ_MAX = (1 << 32) - 1


def journal_line(
    fleet: str, car: str, after: int, begins: list[tuple[Chain, Head]], words: int = WORDS_VERSION
) -> str:
    """The first line. `after`: the checkpoint at which the file begins; 0 from the beginning."""
    return compact(
        {
            "line": "journal", "format": FORMAT, "fleet": fleet, "words": words, "car": car,
            "after": after,
            "begins": [
                [car, f"{journal:08x}", head.seq, head.events, head.hash.hex()]
                for (car, journal), head in begins
            ],
        }
    )  # fmt: skip


def event_line(
    chain: Chain, seq: int, body: bytes, digest: bytes, words: object | None = None
) -> str:
    """`words`: those that stand there, when they are not to be compared."""
    return compact(
        {
            "line": "event", "car": chain[0], "journal": f"{chain[1]:08x}", "seq": seq,
            "words": event_words(body) if words is None else words,
            "bytes": body.hex(), "hash": digest.hex(),
        }
    )  # fmt: skip


def checkpoint_line(statement: str, signature: bytes) -> str:
    """The statement stands in the line as it was signed."""
    one_line = statement.replace("\n", " ")
    return f'{{"line":"checkpoint","statement":{one_line},"signature":"{signature.hex()}"}}'


def end_line(events: int, checkpoints: int) -> str:
    return compact({"line": "end", "events": events, "checkpoints": checkpoints})


def lines(db: Database, car: str = "", since_s: int = 0) -> Iterator[str]:
    """All lines, within one transaction of the caller; of one car, or what came since then.

    What came since is told from the newest checkpoint before on, so that its beginning is signed.
    """
    first = ledger_rows.first_checkpoint_since(db, since_s) if since_s else 1
    heads: dict[Chain, Head] = {}
    for text, _ in ledger_rows.checkpoints(db, before=first):
        heads.update(_changed(text))
    yield journal_line(ledger_rows.fleet(db), car, first - 1, sorted(heads.items()))
    events = checkpoints = 0
    for text, signature in ledger_rows.checkpoints(db, max(1, first - 1)):
        # That of the beginning names what was before.
        for chain, head in _changed(text) if checkpoints or first == 1 else ():
            for line in _events(db, car, chain, heads.get(chain, Head()).seq, head.seq):
                events += 1
                yield line
            heads[chain] = head
        checkpoints += 1
        yield checkpoint_line(text, signature)
    for chain in ledger_rows.chains(db):
        for line in _events(db, car, chain, heads.get(chain, Head()).seq, _SEQ_MAX):
            events += 1
            yield line
    yield end_line(events, checkpoints)


def _events(db: Database, car: str, chain: Chain, after: int, to: int) -> Iterator[str]:
    if car in ("", chain[0]):
        for row in ledger_rows.events(db, chain, after, to):
            yield event_line(chain, row["seq"], row["body"], row["hash"])


def _changed(text: str) -> tuple[tuple[Chain, Head], ...]:
    """What cannot be read names nothing; the one who checks the line says so."""
    try:
        return parse_statement(json.loads(text)).changed
    except ValueError:
        return ()
