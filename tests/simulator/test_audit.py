"""Audit events as words."""

import pytest

from firmware.wire import codes
from firmware.wire.journal_format import NO_IDENT, pack_event, pack_refusal
from simulator.audit import parse_event


def test_an_event_is_taken_apart() -> None:
    event = parse_event(pack_event(codes.AUDIT_UNLOCKED, 197_200_000, 1, 1001, b"detail"))
    assert event.name == "unlocked"
    assert (event.at_s, event.booking, event.detail) == (197_200_000, 1001, b"detail")
    assert event.clock_was_trusted
    assert event.reasons == []
    assert str(event) == "unlocked"


def test_a_refusal_tells_its_reasons_and_what_cannot_be_told() -> None:
    mask = 1 << codes.IN_KEY | 1 << codes.IN_KNOB_AT_RETURN
    detail = pack_refusal(
        codes.BY_CARD, NO_IDENT, [(codes.DOOR_OPEN, 0), (codes.CANNOT_TELL, mask)]
    )
    event = parse_event(pack_event(codes.AUDIT_END_REFUSED, 0, 0, 0, detail))
    assert [reason.code for reason in event.reasons] == ["door_open", "cannot_tell"]
    assert event.reasons[1].inputs == ["key", "knob"]
    assert str(event) == "end_refused: door_open, cannot_tell key+knob"


@pytest.mark.parametrize(
    ("code", "detail", "text"),
    [
        (codes.AUDIT_DOOR_OPENED, codes.IN_TRUNK, "door_opened: trunk"),
        (codes.AUDIT_FAULT, 6, "fault: reader_silent"),
        (codes.AUDIT_FAULT_CLEARED, 6, "fault_cleared: reader_silent"),
    ],
)
def test_doors_and_faults_are_named(code: int, detail: int, text: str) -> None:
    assert str(parse_event(pack_event(code, 0, 0, 0, bytes((detail,))))) == text


@pytest.mark.parametrize(
    ("code", "cause", "text"),
    [
        (codes.AUDIT_CARD_ENROLLED, codes.BY_CARD, "card_enrolled: card CAFE"),
        (codes.AUDIT_STAFF_IN, codes.BY_CARD, "staff_in: card CAFE"),
        (codes.AUDIT_STAFF_OUT, codes.BY_DEADLINE, "staff_out"),
    ],
)
def test_cards_are_named_by_their_last_digits(code: int, cause: int, text: str) -> None:
    """ENROL-1, STAFF-CAR-1."""
    detail = bytes((cause,)) + bytes.fromhex("010106010000CAFE") + bytes(4)
    assert str(parse_event(pack_event(code, 0, 0, 0, detail))) == text


@pytest.mark.parametrize("raw", [b"", b"\x01\x02", bytes(20), bytes((250,)) + bytes(20)])
def test_what_is_no_event_is_an_error(raw: bytes) -> None:
    with pytest.raises(ValueError, match="no audit event"):
        parse_event(raw)
