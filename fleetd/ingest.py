"""EVENTS: each event once, its business effects with it, EACK after the commit."""

from __future__ import annotations

from functools import partial

from firmware.wire import codes, kb1, kb1_centre
from fleetd import car_terms, copies, enrolments, health, isolation, notices
from fleetd.core import audit, bookings
from fleetd.core.audit import Event, Intake
from fleetd.core.bounds import LEFT_OUT_MAX
from fleetd.core.effects import EFFECTS_OF_BOOKINGS, effects_of, next_driver_is_threatened
from fleetd.core.ledger import START, chained
from fleetd.store import booking_rows, car_rows, event_rows, notice_rows
from fleetd.store.car_rows import Speaker
from fleetd.turn import Turn

#: A car sends again within a minute what is missing. What does not come for so long will not:
#: another database has confirmed it.
HOLE_S = 120
#: Numbers are u32.
SEQ_END = 1 << 32
#: Events from which something follows; all others are kept, and that is all.
EFFECTIVE = EFFECTS_OF_BOOKINGS | {
    codes.AUDIT_ENROL_OPENED, codes.AUDIT_ENROL_EXPIRED, codes.AUDIT_CARD_ENROLLED,
    codes.AUDIT_TECHNICIAN_IN, codes.AUDIT_TECHNICIAN_OUT,
    *health.HEARD,
}  # fmt: skip
EVENTS_LOST = "events_lost"
JOURNAL_REPLACED = "journal_replaced"
TIME_NOT_BELIEVED = "time_not_believed"


def hear_events(turn: Turn, car: Speaker, body: bytes) -> None:
    """Take in what is new, and confirm what is complete."""
    journal, first_seq, bodies = kb1_centre.unpack_events(body)
    if first_seq + len(bodies) > SEQ_END:
        raise ValueError(f"EVENTS from {first_seq} to beyond the last number")
    quota = turn.link(car.id).quota
    found = event_rows.end_of_journal(turn.db, car.id, journal)
    if found is None:
        quota.take_journal(turn.now_s, journal)
        if event_rows.begin_journal(turn.db, car.id, journal, turn.now_s):
            detail = f"the newest is journal {journal:08x}"
            notice_rows.raise_counted(turn.db, JOURNAL_REPLACED, car.id, turn.now_s, detail)
        found = (0, 0, START)
    seq, next_seq, digest = found
    intake = audit.take_in(seq, first_seq, bodies)
    if intake.has_hole and not intake.new and _is_lost(turn, car, journal, first_seq, bodies):
        lost_to = _first_covered(first_seq, bodies) - 1
        if lost_to - seq > LEFT_OUT_MAX:
            raise ValueError(f"EVENTS from {first_seq} after {seq}")
        event_rows.add_missing(turn.db, car.id, journal, seq + 1, lost_to, "lost", turn.now_s)
        detail = f"journal {journal:08x}, {seq + 1} to {lost_to}"
        notice_rows.raise_counted(turn.db, EVENTS_LOST, car.id, turn.now_s, detail)
        intake = audit.take_in(lost_to, first_seq, bodies)
    for first, last in intake.missing:
        event_rows.add_missing(turn.db, car.id, journal, first, last, "gap", turn.now_s)
    if intake.new:
        quota.take_events(turn.now_s, len(intake.new))
        _keep(turn, car, journal, intake, digest)
        turn.link(car.id).hole = None
        for _, body in intake.new:
            if body and body[0] in EFFECTIVE:  # from one cut short nothing follows
                _take_effect(turn, car.id, audit.parse_event(body))
        if intake.seq + 1 >= next_seq and car.settled_s != turn.now_s:
            car_rows.note_settled(turn.db, car.id, turn.now_s)
    turn.send(car, kb1.EACK, kb1_centre.pack_eack(journal, intake.seq))


def _keep(turn: Turn, car: Speaker, journal: int, intake: Intake, digest: bytes) -> None:
    """The new events, each chained to the one before it."""
    digests = chained(digest, bytes.fromhex(car.id), journal, intake.new)
    event_rows.add_all(turn.db, car.id, journal, intake.new, digests, turn.now_s)
    event_rows.note_end(turn.db, car.id, journal, intake.seq, digests[-1], len(digests))


def _is_lost(turn: Turn, car: Speaker, journal: int, first_seq: int, bodies: list[bytes]) -> bool:
    """Has the car insisted for long on beginning there?"""
    link = turn.link(car.id)
    if not bodies:
        return False
    if link.hole is None or link.hole[:2] != (journal, first_seq):
        link.hole = (journal, first_seq, turn.now_s)
    return turn.now_s - link.hole[2] >= HOLE_S


def _first_covered(first_seq: int, bodies: list[bytes]) -> int:
    return first_seq - max(0, audit.gap_of(bodies[0]) - 1)


def _take_effect(turn: Turn, car_id: str, event: Event) -> None:
    booking = booking_rows.find(turn.db, event.booking) if event.booking else None
    if booking is not None and booking.car != car_id:
        turn.counts["event_of_foreign_booking"] += 1
        booking = None
    enrolments.hear(turn, car_id, event, booking)
    health.hear_event(turn, car_id, event)
    if event.code in (codes.AUDIT_TECHNICIAN_IN, codes.AUDIT_TECHNICIAN_OUT):
        is_on = event.code == codes.AUDIT_TECHNICIAN_IN
        since_s = min(event.at_s, turn.now_s) if event.clock_was_trusted else turn.now_s
        car_rows.note_maintenance(turn.db, car_id, since_s if is_on else None)
    is_end = event.code == codes.AUDIT_ENDED
    rules = car_terms.rules_of(turn, car_id) if is_end else turn.rules
    effects = effects_of(event, booking, turn.now_s, rules.reopen_window_s)
    if effects.warns_next_driver:
        warn_next_driver(turn, car_id)
    if booking is None or effects.is_nothing():
        return
    if effects.columns:
        booking_rows.change(turn.db, booking.id, effects.columns)
    if effects.closes_windows:
        for other in booking_rows.live_of_car(turn.db, car_id, booking.id):
            if other.status in bookings.IN_WINDOW:
                booking_rows.change(turn.db, other.id, {"status": bookings.OVER})
    if effects.mail:
        notices.mail_driver(turn, effects.mail, booking.driver, booking.id)
    if effects.bounded:
        turn.counts["event_time_bounded"] += 1
        notice_rows.raise_alarm(
            turn.db, TIME_NOT_BELIEVED, car_id, turn.now_s, booking.id, effects.bounded
        )
    if effects.alarm:
        notice_rows.raise_alarm(turn.db, effects.alarm, car_id, turn.now_s, booking.id)
    copies.refresh(turn, car_id)


def warn_next_driver(turn: Turn, car_id: str) -> None:
    """BOOK-15: the next driver is told once."""
    live = booking_rows.live_of_car(turn.db, car_id)
    for late in live:
        for following in live:
            # A refused start is proof enough: then the late one's end need not have come.
            if late.status == bookings.IN_USE and _comes_next(turn, late, following):
                _warn(turn, following)
                return


def watch_delays(turn: Turn) -> None:
    """BOOK-15: cars that are not back while the next start draws near."""
    for late in booking_rows.in_use_past_end(turn.db, turn.now_s):
        isolation.apart(turn, late.car, "a delay", partial(_watch_delay, turn, late))


def _watch_delay(turn: Turn, late: bookings.Booking) -> None:
    for following in booking_rows.live_of_car(turn.db, late.car, late.id):
        if next_driver_is_threatened(late, following, turn.now_s):
            _warn(turn, following)
            return


def _comes_next(turn: Turn, late: bookings.Booking, following: bookings.Booking) -> bool:
    return (
        following.status == bookings.BOOKED
        and following.starts_s >= late.starts_s
        and following.ends_s > turn.now_s
    )


def _warn(turn: Turn, following: bookings.Booking) -> None:
    if not booking_rows.was_warned(turn.db, following.id):
        booking_rows.change(turn.db, following.id, {"warned_s": turn.now_s})
        notices.mail_driver(turn, "delay_warning", following.driver, following.id)
