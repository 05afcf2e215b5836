"""Checks a journal as `ledger_file` writes it: nothing removed, altered, inserted, reordered.

All that is wrong is found, not the first thing only: after a break the chain goes on from what
stands there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fleetd.core.ledger import (
    HASH_BYTES,
    START,
    Chain,
    Head,
    Statement,
    checkpoint_hash,
    digest_of_heads,
    parse_chain,
    parse_heads,
)
from fleetd.decode.events import WORDS_VERSION
from fleetd.ledger.chains import Chains
from fleetd.ledger.earlier import Comparison, Earlier
from fleetd.ledger.file import FORMAT, checkpoint_line, end_line, event_line, journal_line
from fleetd.ledger.findings import Report, counted
from fleetd.ledger.key import Verifier
from fleetd.ledger.reading import parse_line, read_checkpoint
from fleetd.ledger.scope import Asked, Scope

_NOT_SO = "is not written as the export writes it"


class Check:
    """Feed it all lines, then `finish`. `asked`: the part that it has to be; all without it."""

    def __init__(
        self,
        keys: list[Verifier],
        earlier: Iterable[Earlier] = (),
        *,
        asked: Asked = Asked(),  # noqa: B008 - it does not change
        has_words: bool = True,
    ) -> None:
        self.report = Report()
        self.scope = Scope()
        self._keys = {key.id: key for key in keys}
        self._asked = asked
        self._has_words = has_words
        self._chains = Chains(self.report)
        self._comparison = Comparison(earlier, self._chains, self.report)
        self._readers = {
            "journal": self._read_journal,
            "event": self._read_event,
            "checkpoint": self._read_checkpoint,
            "end": self._read_end,
        }
        self._line = 0
        self._is_ours = self._is_begun = self._is_ended = False
        self._fleet = self._car = ""
        self._after = 0
        # The checkpoint before, and what all so far say together.
        self._number, self._hash, self._at = 0, START, ""
        self._signed: dict[Chain, Head] = {}
        self._is_complete = True

    @property
    def signed_events(self) -> int:
        """How many the checkpoints up to here name together."""
        return sum(head.events for head in self._signed.values())

    @property
    def is_journal(self) -> bool:
        """Was any line one of a journal?"""
        return self._is_ours

    def feed(self, text: str) -> None:
        """One line, without its end."""
        self._line += 1
        found = parse_line(text)
        kind = found.get("line") if found is not None else None
        if found is None or not isinstance(kind, str) or kind not in self._readers:
            self._find("unreadable", "is no line of a journal")
            return
        self._is_ours = True
        if self._is_ended:
            self._find("inserted", "stands after the end")
        if not self._is_begun and kind != "journal":
            self._find("removed", "expected the line that begins a journal")
            self._begin("", "", 0, ())
        try:
            self._readers[kind](found, text)
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            reason = str(error) if type(error) is ValueError else "has a field that is none"
            self._find("altered", f"cannot be read: {reason}")

    def finish(self) -> Report:
        """What is wrong with the whole."""
        report = self.report
        if not self._is_ended:
            self._find("cut_off", "the file ends here, without the line that ends a journal")
        if self._after and self._number == 0:
            self._miss_beginning()
        if not report.checkpoints:
            self._find("not_signed", "has no checkpoint: nobody has signed any of it")
        self._comparison.finish(self._number)
        report.unsigned = self._chains.finish()
        if report.unsigned:
            newest = f"checkpoint {self._number}" if self._number else "no checkpoint yet"
            unsigned = counted(report.unsigned, "event")
            report.notes.append(
                f"{unsigned} after the newest checkpoint ({newest}), chained but not signed:"
                " whether more of them were cut off cannot be told from here"
            )
        if self._car and not any(chain[0] == self._car for chain in self._signed):
            report.notes.append(f"no checkpoint names a journal of car {self._car}")
        return report

    def _find(self, code: str, text: str) -> None:
        self.report.find(code, text, self._line)

    def _read_journal(self, found: dict[str, Any], text: str) -> None:
        if self._is_begun:
            self._find("inserted", "a journal begins in the midst of one")
            return
        self._is_begun = True
        begins = parse_heads(found["begins"])
        fleet, car, after, words = found["fleet"], found["car"], found["after"], found["words"]
        if found["format"] != FORMAT or type(after) is not int or type(words) is not int:
            raise ValueError(f"format {found['format']}; this program reads {FORMAT}")
        if not isinstance(fleet, str) or not fleet or not isinstance(car, str):
            raise ValueError("names no fleet, or a car that is none")
        if journal_line(fleet, car, after, list(begins), words) != text:
            self._find("altered", _NOT_SO)
        if words != WORDS_VERSION and self._has_words:
            self._find(
                "altered",
                f"its words are of version {words}, this program's of {WORDS_VERSION}; check them"
                " with that program, or the bytes alone with --bytes-only",
            )
            self._has_words = False
        if begins and not after:
            self._find("altered", "begins in the midst of journals, but at no checkpoint")
        if part := self._asked.missing_car(car):
            self._find("partial", part)
        self._begin(fleet, car, after, begins)

    def _begin(
        self, fleet: str, car: str, after: int, begins: tuple[tuple[Chain, Head], ...]
    ) -> None:
        self._is_begun = True
        self._fleet, self._car, self._after = fleet, car, after
        self._signed = dict(begins)
        self.scope.fleet, self.scope.car, self.scope.after = fleet, car, after
        self._chains.begin(begins)
        self._comparison.begin(car, after, begins)

    def _read_event(self, found: dict[str, Any], text: str) -> None:
        chain, seq = parse_chain(found["car"], found["journal"]), found["seq"]
        body, digest = bytes.fromhex(found["bytes"]), bytes.fromhex(found["hash"])
        if type(seq) is not int or not 0 < seq < 1 << 32 or len(digest) != HASH_BYTES:
            raise ValueError("its number or hash is none")
        self.report.events += 1
        if self._after and self._number == 0:
            self._miss_beginning()
        if self._car not in ("", chain[0]):
            self._find("inserted", f"of another car than {self._car}, whose journal this is")
        words = None if self._has_words else found["words"]
        if event_line(chain, seq, body, digest, words) != text:
            is_form = event_line(chain, seq, body, digest, found["words"]) != text
            what = _NOT_SO if is_form else "its words are not what its bytes say"
            self.report.find("altered", what, self._line, chain, seq)
        self._chains.take(self._line, chain, seq, body, digest)

    def _read_checkpoint(self, found: dict[str, Any], text: str) -> None:
        statement, signature = read_checkpoint(found)
        self.report.checkpoints += 1
        number = statement.number
        if checkpoint_line(statement.text(), signature) != text:
            self._find("altered", _NOT_SO)
        holds = self._check_signature(statement, signature)
        if self._fleet and statement.fleet != self._fleet:
            text = f"names fleet {self._fleet}; checkpoint {number} is of fleet {statement.fleet}"
            self.report.find("altered", text, 1 if holds else self._line)
            self._fleet = statement.fleet if holds else self._fleet
        is_next = self._check_order(statement)
        if self._at and statement.at < self._at:
            self.report.notes.append(f"checkpoint {number}: the clock was set back, {statement.at}")
        is_first = self._after == number and self._number == 0
        if not is_first:
            for chain, head in statement.changed:
                self._signed[chain] = head
                if self._car in ("", chain[0]):
                    self._chains.name(self._line, number, chain, head)
                else:
                    self._chains.pass_left_out(self._line, chain, head)
            self._chains.close_block(self._line, number, is_next=is_next)
        self._check_sum(statement)
        digest = checkpoint_hash(statement.text(), signature)
        self._comparison.take(self._line, number, digest)
        self._number, self._hash, self._at = number, digest, statement.at
        if holds:
            self._note_scope(statement, is_first=is_first)

    def _note_scope(self, statement: Statement, *, is_first: bool) -> None:
        scope = self.scope
        if is_first:
            scope.after_at = statement.at
            if part := self._asked.missing_beginning(self._after, statement.at):
                self.report.find("partial", part, 1)
        scope.signed_to, scope.signed_at = statement.number, statement.at
        scope.signed_events, scope.signed_journals = statement.events, statement.journals
        scope.signed_cars = len({car for car, _ in self._signed})

    def _check_signature(self, statement: Statement, signature: bytes) -> bool:
        key = self._keys.get(statement.key)
        if key is None:
            known = ", ".join(sorted(self._keys))
            text = f"says that it is signed with key {statement.key}; expected {known}"
            self._find("not_signed", f"checkpoint {statement.number} {text}")
            return False
        holds = key.holds(signature, statement.text().encode())
        if not holds:
            self._find(
                "not_signed",
                f"the signature of checkpoint {statement.number} does not hold: it was altered, or"
                " signed with another key",
            )
        return holds

    def _miss_beginning(self) -> None:
        """Told once."""
        text = f"begins at checkpoint {self._after}, which does not follow"
        self.report.find("removed", text, 1)
        self._after = 0

    def _check_order(self, statement: Statement) -> bool:
        """Is none missing before it?"""
        number = statement.number
        if self._after and self._number == 0:
            if number != self._after:
                self._find("removed", f"expected checkpoint {self._after}, this is {number}")
            return number == self._after
        due = self._number + 1
        if number != due:
            self._is_complete = False
            self._find("removed", f"expected checkpoint {due}, this is {number}")
            return False
        if statement.before != self._hash:
            self._find(
                "broken",
                f"checkpoint {number} does not follow the one before it:"
                f" it names {statement.before.hex()}, expected {self._hash.hex()}",
            )
        return True

    def _check_sum(self, statement: Statement) -> None:
        if not self._is_complete:
            return
        events = self.signed_events
        due = (statement.events, statement.journals, statement.heads)
        if due != (events, len(self._signed), digest_of_heads(self._signed.items())):
            self._is_complete = False
            self._find(
                "not_as_signed",
                f"checkpoint {statement.number} is about {statement.events} events of"
                f" {statement.journals} journals; the ends of the journals up to here are others",
            )

    def _read_end(self, found: dict[str, Any], text: str) -> None:
        self._is_ended = True
        events, checkpoints = self.report.events, self.report.checkpoints
        if text != end_line(events, checkpoints):
            said = f"{found.get('events')} events and {found.get('checkpoints')} checkpoints"
            self._find("removed", f"tells of {said}; here are {events} and {checkpoints}")
