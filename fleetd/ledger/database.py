"""Checks the journal in a database: as its export, and what stands beside the events there."""

from __future__ import annotations

from fleetd.core import audit
from fleetd.core.ledger import START, Chain
from fleetd.ledger.check import Check
from fleetd.ledger.file import lines
from fleetd.ledger.findings import Report
from fleetd.store import ledger_rows
from fleetd.store.database import Database

_SEQ_MAX = (1 << 32) - 1


def check(db: Database, journal: Check) -> Report:
    """Within a transaction of the caller."""
    journal.report.has_lines = False
    for line in lines(db):
        journal.feed(line)
    report = journal.finish()
    signed = ledger_rows.signed_count(db)
    if signed != journal.signed_events:
        here = f"the checkpoints here name {journal.signed_events}"
        report.find(
            "cut_off", f"the journals' own rows say that {signed} events were signed; {here}", 0
        )
    ends = dict(ledger_rows.heads(db))
    for chain in sorted({*ledger_rows.chains(db), *ends}):
        _check_columns(db, chain, report)
        _check_end(db, chain, report)
    return report


def _check_columns(db: Database, chain: Chain, report: Report) -> None:
    """Pages, mails and fees are made from the columns, not from the bytes."""
    for row in ledger_rows.events(db, chain, -1, _SEQ_MAX):
        event = audit.parse_event(row["body"])
        due = (event.code, event.at_s, event.clock_was_trusted, event.booking)
        found = (row["code"], row["at_s"], row["clock_was_trusted"], row["booking"])
        if found != due:
            text = f"code, time, clock, booking stand as {found}; expected {due}, as in its bytes"
            report.find("altered", text, 0, chain, row["seq"])


def _check_end(db: Database, chain: Chain, report: Report) -> None:
    """What the next event will be chained to."""
    end = ledger_rows.end(db, chain)
    last = ledger_rows.last_event(db, chain)
    found = (end.seq, end.events, end.hash) if end is not None else (0, 0, START)
    if found != last:
        report.find(
            "cut_off",
            f"the journal's own row says: {found[1]} events up to {found[0]}; expected"
            f" {last[1]} up to {last[0]}, as they are here"
            + ("" if found[:2] != last[:2] else ", with another hash"),
            0, chain, max(found[0], last[0]),
        )  # fmt: skip
