"""What is wrong with a journal, and where; what is only to be known about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from fleetd.core.ledger import Chain


def counted(number: int, noun: str) -> str:
    """1 event, 2 events."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@dataclass(frozen=True, slots=True)
class Finding:
    """`line` of the file, 0 in a database; car, journal and number where it is about an event."""

    code: str
    text: str
    line: int = 0
    car: str = ""
    journal: str = ""
    seq: int = 0

    def __str__(self) -> str:
        where = [f"line {self.line}"] if self.line else []
        if self.car:
            where.append(f"car {self.car}")
        if self.journal:
            where.append(f"journal {self.journal}")
        if self.seq:
            where.append(f"event {self.seq}")
        return f"{', '.join(where)}: {self.text}" if where else self.text


@dataclass(slots=True)
class Report:
    """All that was found, in the order of the file."""

    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    events: int = 0
    checkpoints: int = 0
    #: Events after the newest checkpoint.
    unsigned: int = 0
    #: Whether places are lines of a file.
    has_lines: bool = True

    def find(
        self, code: str, text: str, line: int, chain: Chain | None = None, seq: int = 0
    ) -> None:
        car, journal = (chain[0], f"{chain[1]:08x}") if chain else ("", "")
        shown = line if self.has_lines else 0
        self.findings.append(Finding(code, text, shown, car, journal, seq))

    def place(self, line: int) -> str:
        """A line to point to, where there are lines."""
        return f" (line {line})" if self.has_lines and line else ""

    def as_json(self) -> dict[str, Any]:
        return {
            "is_whole": not self.findings,
            "events": self.events, "checkpoints": self.checkpoints, "unsigned": self.unsigned,
            "findings": [asdict(one) for one in self.findings], "notes": self.notes,
        }  # fmt: skip
