"""Audit events as names: what the timeline, the centre and the scenarios say."""

from __future__ import annotations

import struct
from typing import NamedTuple

from firmware.wire import codes
from firmware.wire.code_names import AUDIT_NAMES, FAULT_NAMES, INPUT_NAMES, REASON_NAMES
from firmware.wire.journal_format import HEAD, HEAD_BYTES
from firmware.wire.kb1_centre import unpack_refusal

_REFUSALS = frozenset(number for number, name in AUDIT_NAMES.items() if name.endswith("_refused"))
_DOORS = frozenset({codes.AUDIT_DOOR_OPENED, codes.AUDIT_DOOR_CLOSED})
_CARDS = frozenset({codes.AUDIT_CARD_ENROLLED, codes.AUDIT_STAFF_IN, codes.AUDIT_STAFF_OUT})
_FAULTS = frozenset({codes.AUDIT_FAULT, codes.AUDIT_FAULT_CLEARED})
_OF_INPUTS = frozenset(
    {codes.FAULT_INPUT_NOISY, codes.FAULT_INPUT_CONTRADICTORY, codes.FAULT_INPUT_STALE}
)


class Reason(NamedTuple):
    """Why something was refused."""

    code: str
    argument: int = 0

    @property
    def inputs(self) -> list[str]:
        """For cannot_tell: the names of the inputs."""
        if self.code != "cannot_tell":
            return []
        return [name for bit, name in INPUT_NAMES.items() if self.argument >> bit & 1]

    def __str__(self) -> str:
        return f"{self.code} {'+'.join(self.inputs)}" if self.inputs else self.code


class AuditEvent(NamedTuple):
    """One event of the journal, taken apart."""

    code: int
    name: str
    at_s: int
    clock_was_trusted: bool
    booking: int
    detail: bytes

    @property
    def reasons(self) -> list[Reason]:
        """Of a refusal; none for other events."""
        if self.code not in _REFUSALS:
            return []
        return [name_reason(reason, argument) for reason, argument in unpack_refusal(self.detail)]

    def __str__(self) -> str:
        if self.code in _REFUSALS:
            return f"{self.name}: {', '.join(map(str, self.reasons))}"
        if self.code in _FAULTS and len(self.detail) > 1 and self.detail[0] in _OF_INPUTS:
            return f"{self.name}: {FAULT_NAMES[self.detail[0]]} {INPUT_NAMES[self.detail[1]]}"
        if self.code in _DOORS and self.detail:
            return f"{self.name}: {INPUT_NAMES.get(self.detail[0], str(self.detail[0]))}"
        if self.code in _FAULTS and self.detail:
            return f"{self.name}: {FAULT_NAMES.get(self.detail[0], str(self.detail[0]))}"
        if self.code in _CARDS and self.detail[:1] == bytes((codes.BY_CARD,)):
            return f"{self.name}: card {self.detail[1:9].hex().upper()[-4:]}"
        return self.name


def parse_event(event: bytes) -> AuditEvent:
    """Take an event apart; ValueError when it is too short or its code has no name."""
    if len(event) < HEAD_BYTES or event[0] not in AUDIT_NAMES:
        raise ValueError(f"no audit event: {event.hex()}")
    code, at_s, trusted, booking = struct.unpack_from(HEAD, event)
    return AuditEvent(code, AUDIT_NAMES[code], at_s, trusted == 1, booking, event[HEAD_BYTES:])


def name_reason(code: int, argument: int) -> Reason:
    """A reason from its number."""
    return Reason(REASON_NAMES.get(code, f"reason_{code}"), argument)
