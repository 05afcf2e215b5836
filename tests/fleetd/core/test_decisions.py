"""Where a car stands, when to push, which records it needs, what its events mean."""

import struct

import pytest

from firmware.wire import codes
from firmware.wire.journal_format import (
    EPOCH_2020_S,
    NO_IDENT,
    pack_event,
    pack_refusal,
    pack_use,
)
from fleetd.core import audit, bookings, car_copy, effects, passwords, sync
from fleetd.core.bookings import Booking
from fleetd.core.pace import Pace
from fleetd.core.sync import Point

NOW_S = 1775001600
CAR = "4b4700000001"
HASHES = {rev: bytes([rev]) * 8 for rev in range(3, 11)}
OWN = Point(2, 10, HASHES[10])


@pytest.mark.parametrize(
    ("gen", "rev", "hash8", "found"),
    [
        (2, 10, HASHES[10], sync.IN_STEP),
        (2, 10, HASHES[9], sync.FORKED),
        (2, 9, HASHES[9], sync.BEHIND),
        (2, 3, HASHES[3], sync.BEHIND),
        (2, 5, HASHES[6], sync.FORKED),
        (2, 2, HASHES[3], sync.UNKNOWN),
        (2, 11, HASHES[10], sync.FORKED),
        (3, 1, HASHES[10], sync.FORKED),
        (1, 10, HASHES[10], sync.UNKNOWN),
        (0, 0, bytes(8), sync.UNKNOWN),
    ],
)
def test_where_a_car_stands(gen: int, rev: int, hash8: bytes, found: str) -> None:
    """Protocol rule 3."""
    assert sync.judge(OWN, 3, Point(gen, rev, hash8), HASHES.get) == found


def test_a_hello_of_before_is_stale() -> None:
    def stale(uptime_s: int, gen: int, rev: int, *, is_current: bool = True) -> bool:
        return sync.is_stale(uptime_s, Point(gen, rev, b""), (100, 2, 7), is_current=is_current)

    assert stale(99, 2, 8)
    assert stale(100, 2, 6)
    assert stale(100, 1, 9)
    assert not stale(100, 2, 7)
    assert not stale(101, 0, 0)
    assert stale(100, 2, 7, is_current=False)
    assert not stale(101, 0, 0, is_current=False)


def test_the_log_is_kept_as_long_as_needed() -> None:
    """Protocol rule 6: until acknowledged, at most 1,000 operations or 30 days."""
    assert sync.keep_from_rev(500, 0, 0) == 0
    assert sync.keep_from_rev(500, 500, 0) == 450
    assert sync.keep_from_rev(1500, 0, 0) == 500
    assert sync.keep_from_rev(500, 0, 70) == 70


def test_at_most_one_push_a_second_and_slower_when_unanswered() -> None:
    """Protocol rule 5."""
    pace = Pace()
    assert not pace.is_due(0)
    pace.want(100)
    assert pace.is_due(100)
    sent = []
    for now_s in range(100, 400):
        if pace.is_due(now_s):
            pace.note_push(now_s)
            sent.append(now_s - 100)
    assert sent == [0, 2, 6, 14, 30, 62, 122, 182, 242]
    pace.want(400)
    pace.note_push(400)
    pace.want(400)
    assert not pace.is_due(400)
    assert pace.is_due(401)
    pace.stop()
    assert not pace.is_due(10**9)


def a_booking(number: int, start_h: float, end_h: float, **more: object) -> Booking:
    starts_s, ends_s = NOW_S + int(start_h * 3600), NOW_S + int(end_h * 3600)
    return Booking(number, CAR, number, starts_s, ends_s, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("start_h", "end_h", "status", "settled_h", "needed"),
    [
        (72, 73, "booked", 0, True),
        (72.25, 73, "booked", 0, False),
        (-2, -1, "booked", -0.5, False),
        (-2, -1, "booked", -1.5, True),  # the car may have started it without telling yet
        (-2000, -1999, "booked", -3000, False),
        (-2, -1, "in_use", 0, True),
        (-2, -1, "ended", 0, True),  # until window_over
        (-2, -1, "reopened", 0, True),
        (-2, -1, "over", 0, False),
        (1, 2, "cancelled", 0, False),
    ],
)
def test_which_bookings_a_car_needs(
    start_h: float, end_h: float, status: str, settled_h: float, needed: bool
) -> None:
    booking = a_booking(1, start_h, end_h, status=status)
    settled_s = NOW_S + int(settled_h * 3600)
    assert car_copy.is_needed(booking, settled_s, NOW_S) == needed


def test_records_are_bounded_and_operations_lead_to_them() -> None:
    """Protocol rule 8."""
    coming = [a_booking(n, 0.25 * n, 0.25 * n + 0.25) for n in range(1, 251)]
    cards = {n: [struct.pack(">Q", n)] for n in range(1, 251)}
    staff = {struct.pack(">Q", 1000 + n): n for n in range(200)}
    want = car_copy.wanted_records(coming, cards, staff, NOW_S, NOW_S)
    numbers = sorted(ident for op, ident in want if op == codes.OP_PUT_BOOKING)
    assert numbers == [struct.pack(">I", n) for n in range(1, 201)]
    assert len(want) <= car_copy.RECORDS_MAX
    have: car_copy.Records = {}
    for op, ident, record in car_copy.operations(have, want):
        have[op, ident] = record
    assert have == want
    fewer = dict(list(want.items())[5:])
    undone = car_copy.operations(want, fewer)
    assert [op % 2 for op, _, _ in undone] == [0] * 5
    assert car_copy.operations(want, want) == []


def test_a_use_in_progress_is_never_crowded_out() -> None:
    coming = [a_booking(n, 0.25 * n, 0.25 * n + 0.25) for n in range(1, 251)]
    late = a_booking(999, -3, -1, status="in_use")
    want = car_copy.wanted_records([*coming, late], {}, {}, NOW_S, NOW_S)
    assert (codes.OP_PUT_BOOKING, struct.pack(">I", 999)) in want


def event(code: int, detail: bytes = b"", trusted: int = 1, booking: int = 1) -> bytes:
    return pack_event(code, NOW_S - EPOCH_2020_S, trusted, booking, detail)


def gap(count: int) -> bytes:
    return event(codes.AUDIT_GAP, struct.pack(">I", count), booking=0)


PLAIN = event(codes.AUDIT_KEY_OUT)


def test_events_are_taken_once_and_in_order() -> None:
    """SAFE-5 on the daemon's side."""
    first = audit.take_in(0, 1, [PLAIN] * 3)
    assert [number for number, _ in first.new] == [1, 2, 3]
    assert first.seq == 3
    assert audit.take_in(3, 1, [PLAIN] * 3).new == []
    more = audit.take_in(3, 2, [PLAIN] * 4)
    assert [number for number, _ in more.new] == [4, 5]
    hole = audit.take_in(3, 5, [PLAIN])
    assert hole.has_hole
    assert hole.new == []
    assert hole.seq == 3


def test_a_gap_stands_for_all_that_is_missing() -> None:
    """SAFE-5: the gap's own number is the last of the range."""
    intake = audit.take_in(4, 10, [gap(6), PLAIN])
    assert intake.missing == [(5, 10)]
    assert intake.seq == 11
    assert audit.take_in(4, 10, [gap(5)]).has_hole
    overlapping = audit.take_in(8, 10, [gap(6)])
    assert overlapping.missing == [(9, 10)]


def test_what_cannot_be_read_is_kept() -> None:
    for body in (b"", b"\x05", b"\xff" * 30, event(codes.AUDIT_GAP, b"\0")):
        parsed = audit.parse_event(body)
        assert parsed.body == body
        assert parsed.gap == 0
        assert audit.take_in(0, 1, [body]).seq == 1
    refused = audit.parse_event(event(codes.AUDIT_START_REFUSED, b"\x01" + NO_IDENT + b"\xff\x01"))
    assert refused.reasons == ["too_early"]


def effects_for(body: bytes, booking: Booking | None, received_s: int = NOW_S) -> effects.Effects:
    return effects.effects_of(audit.parse_event(body), booking, received_s, 600)


USE = pack_use(1, NO_IDENT, 1, 5000, 35_000_000, 139_000_000, 1)


def test_a_use_from_unlock_to_the_end_of_its_window() -> None:
    booked = a_booking(1, 0, 2)
    started = effects_for(event(codes.AUDIT_UNLOCKED, USE), booked)
    assert started.columns["status"] == bookings.IN_USE
    assert started.columns["start_odometer_m"] == 5000
    assert started.closes_windows
    in_use = a_booking(1, 0, 2, status="in_use")
    ended = effects_for(event(codes.AUDIT_ENDED, USE), in_use)
    assert ended.columns["status"] == bookings.ENDED
    assert ended.columns["window_until_s"] == NOW_S + 600
    assert ended.columns["end_latitude_udeg"] == 35_000_000
    assert ended.mail == "end_accepted"
    after = a_booking(1, 0, 2, status="ended")
    assert effects_for(event(codes.AUDIT_REOPENED), after).columns == {"status": "reopened"}
    for code in (codes.AUDIT_REOPEN_LOCKED, codes.AUDIT_WINDOW_OVER):
        assert effects_for(event(code), after).columns == {"status": "over"}


def test_an_event_that_changes_nothing_more_changes_nothing() -> None:
    assert effects_for(
        event(codes.AUDIT_UNLOCKED, USE), a_booking(1, 0, 2, status="ended")
    ).is_nothing()
    assert effects_for(
        event(codes.AUDIT_ENDED, USE), a_booking(1, 0, 2, status="over")
    ).is_nothing()
    assert effects_for(event(codes.AUDIT_UNLOCKED, USE), None).is_nothing()
    assert effects_for(event(codes.AUDIT_DOOR_OPENED, b"\0"), a_booking(1, 0, 2)).is_nothing()


def test_without_position_and_odometer_none_is_kept() -> None:
    blind = pack_use(1, NO_IDENT, 1, -1, 7, 7, 0)
    ended = effects_for(event(codes.AUDIT_ENDED, blind), a_booking(1, 0, 2, status="in_use"))
    assert ended.columns["end_odometer_m"] is None
    assert ended.columns["end_latitude_udeg"] is None


def test_an_end_tells_what_was_left_and_what_its_metres_rest_on_end_2() -> None:
    in_use = a_booking(1, 0, 2, status="in_use")
    for flags, lights, window, source in (
        (1, 0, 0, None), (16, 0, 0, "pulses"), (32 | 64, 1, 0, "positions"),
        (16 | 128, 0, 1, "pulses"), (16 | 32 | 64 | 128, 1, 1, None),
    ):  # fmt: skip
        detail = pack_use(1, NO_IDENT, 1, 5000, 0, 0, flags)
        columns = effects_for(event(codes.AUDIT_ENDED, detail), in_use).columns
        assert (columns["end_lights_on"], columns["end_window_open"]) == (lights, window)
        assert columns["end_odometer_source"] == source
        started = effects_for(event(codes.AUDIT_UNLOCKED, detail), a_booking(1, 0, 2)).columns
        assert started["start_odometer_source"] == source
        assert "end_lights_on" not in started
    blind = pack_use(1, NO_IDENT, 1, -1, 0, 0, 16)
    columns = effects_for(event(codes.AUDIT_ENDED, blind), in_use).columns
    assert columns["end_odometer_source"] == "none"


def test_an_untrusted_clock_gives_no_times() -> None:
    body = event(codes.AUDIT_ENDED, USE, trusted=0)
    ended = effects_for(body, a_booking(1, 0, 2, status="in_use"), NOW_S + 77)
    assert ended.columns["ended_s"] == NOW_S + 77


def test_a_clock_ahead_does_not_keep_the_window_open() -> None:
    """BOOK-14: an end told of before its own time."""
    in_use = a_booking(1, 0, 2, status="in_use")
    ended = effects_for(event(codes.AUDIT_ENDED, USE), in_use, NOW_S - 5000)
    assert ended.columns["window_until_s"] == NOW_S - 5000 + 600


def test_use_of_a_cancelled_booking_raises_an_alarm() -> None:
    started = effects_for(event(codes.AUDIT_UNLOCKED, USE), a_booking(1, 0, 2, status="cancelled"))
    assert started.columns["status"] == bookings.IN_USE
    assert started.alarm == "cancelled_booking_used"


def test_book_15_a_start_refused_because_the_car_is_not_back() -> None:
    refused = pack_refusal(1, NO_IDENT, [(codes.NOT_RETURNED, 0)])
    assert effects_for(event(codes.AUDIT_START_REFUSED, refused), None).warns_next_driver
    early = pack_refusal(1, NO_IDENT, [(codes.TOO_EARLY, 5)])
    assert not effects_for(event(codes.AUDIT_START_REFUSED, early), None).warns_next_driver


def test_book_15_whom_a_delay_threatens() -> None:
    late = a_booking(1, -2, 0, status="in_use")
    threatened = effects.next_driver_is_threatened
    assert threatened(late, a_booking(2, 0.25, 1), NOW_S)
    assert not threatened(late, a_booking(2, 0.5, 1), NOW_S)
    assert not threatened(late, a_booking(2, 0.25, 1), NOW_S - 1)
    assert not threatened(late, a_booking(2, -1, 0), NOW_S)
    assert not threatened(a_booking(1, -2, 0, status="ended"), a_booking(2, 0.25, 1), NOW_S)


def test_passwords() -> None:
    salt = bytes(16)
    hashed = passwords.hash_password("correct horse", salt)
    assert passwords.password_is_right("correct horse", salt, hashed)
    assert not passwords.password_is_right("correct horsE", salt, hashed)
    assert not passwords.password_is_right("correct horse", b"\1" * 16, hashed)
    assert passwords.refuse_password("12345", "x") == "password_too_short"
    assert passwords.refuse_password("123456", "x") == ""
    assert passwords.refuse_password("123456", "123456") == "password_unchanged"
    assert passwords.refuse_password("x" * 201, "x") == "password_too_long"
    assert not passwords.must_wait(4, NOW_S, NOW_S)
    assert passwords.must_wait(5, NOW_S, NOW_S + 29)
    assert not passwords.must_wait(5, NOW_S, NOW_S + 30)


def test_a_clock_that_is_set_back_does_not_keep_a_car_waiting() -> None:
    """Protocol rule 5: neither for the second between pushes nor for an answer."""
    pace = Pace()
    pace.want(10_000)
    pace.note_push(10_000)
    assert pace.is_due(100), "an answer was waited for until 10,002"
    pace.want(100)
    assert not pace.is_due(100)
    assert pace.is_due(101)
    assert not Pace().is_due(100)
