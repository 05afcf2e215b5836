"""Checkpoints that were kept elsewhere, held against a journal: what they name must be here, too."""

from __future__ import annotations

from collections.abc import Iterable

from fleetd.core.ledger import Chain, Head, Statement, checkpoint_hash
from fleetd.ledger.chains import Chains
from fleetd.ledger.findings import Report
from fleetd.ledger.key import Verifier
from fleetd.ledger.reading import parse_line, read_checkpoint


class Earlier:
    """An earlier export."""

    def __init__(self, name: str, keys: list[Verifier]) -> None:
        self.name = name
        self._keys = {key.id: key for key in keys}
        #: By number: (how to call it, what it says, its hash).
        self.statements: dict[int, tuple[str, Statement, bytes]] = {}

    def read(self, lines: Iterable[str]) -> None:
        """Takes the checkpoints whose signature holds."""
        for text in lines:
            found = parse_line(text)
            if found is None or found.get("line") != "checkpoint":
                continue
            try:
                statement, signature = read_checkpoint(found)
            except ValueError:
                continue
            key = self._keys.get(statement.key)
            signed = statement.text()
            if key is not None and key.holds(signature, signed.encode()):
                which = f"checkpoint {statement.number} of {self.name}"
                digest = checkpoint_hash(signed, signature)
                self.statements[statement.number] = (which, statement, digest)


class Comparison:
    """Of a journal, from its first line to its end, with all earlier ones."""

    def __init__(self, earlier: Iterable[Earlier], chains: Chains, report: Report) -> None:
        self._earlier = list(earlier)
        self._chains = chains
        self._report = report

    def begin(self, car: str, after: int, begins: tuple[tuple[Chain, Head], ...]) -> None:
        """`car`, `after`, `begins` as in the first line; what that leaves out is compared as well."""
        began = dict(begins)
        for earlier in self._earlier:
            for number, (which, statement, _) in earlier.statements.items():
                for chain, head in statement.changed:
                    if number <= after and head.seq > began.get(chain, Head()).seq:
                        self._miss(which, chain, head, began.get(chain, Head()), after)
                    elif car in ("", chain[0]):
                        self._chains.know_point(which, chain, head)
                    else:
                        self._chains.know_point_left_out(which, chain, head)
            newest = max(earlier.statements, default=0)
            if 0 < newest < after:
                self._report.notes.append(
                    f"{earlier.name} ends at checkpoint {newest}, this begins at {after}: what"
                    " lies between stands in neither"
                )

    def take(self, line: int, number: int, digest: bytes) -> None:
        """A checkpoint of the journal."""
        for earlier in self._earlier:
            which, _, known = earlier.statements.get(number, ("", None, digest))
            if known != digest:
                text = f"{which} is another one: the database was restored or cloned"
                self._report.find("forked", text, line)

    def finish(self, newest: int) -> None:
        """`newest`: number of the journal's last checkpoint."""
        for earlier in self._earlier:
            known = max(earlier.statements, default=0)
            if known > newest:
                which, statement, _ = earlier.statements[known]
                ends = f"this ends at checkpoint {newest}" if newest else "this has none"
                text = (
                    f"{which}, of {statement.at}, is not here, {ends}: this is older, or its end"
                    " was cut off, or the database was restored"
                )
                self._report.find("lost", text, 0)

    def _miss(self, which: str, chain: Chain, head: Head, began: Head, after: int) -> None:
        begins = f"begins the journal after event {began.seq}" if began.seq else "names none of it"
        text = f"{which} names event {head.seq}; checkpoint {after}, which is later, {begins}"
        self._report.find("lost", text, 1, chain, head.seq)
