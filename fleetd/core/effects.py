"""What an event of a car means for the bookings: pure, so that it can be told again."""

from __future__ import annotations

from dataclasses import dataclass, field

from firmware.wire import codes
from firmware.wire.journal_format import FLAG_LIGHTS_ON, FLAG_STAFF_REVIEW, FLAG_WINDOW_OPEN
from fleetd.core.audit import Event, parse_use
from fleetd.core.bookings import (
    BOOKED,
    CANCELLED,
    ENDED,
    IN_USE,
    OVER,
    REOPENED,
    Booking,
)
from fleetd.core.bounds import AHEAD_S_MAX, within

#: END-8: the car could not tell all of what it checks, and staff have to look.
NEEDS_REVIEW = "use_needs_review"
#: How long before a start the next driver hears that the car is not back.
DELAY_NOTICE_S = 15 * 60


@dataclass(slots=True)
class Effects:
    """Columns of the booking to set; `closes_windows`: those of the car's other bookings."""

    columns: dict[str, int | str | None] = field(default_factory=dict)
    closes_windows: bool = False
    mail: str = ""
    alarm: str = ""
    #: What the car's time says and what was taken for it; "" when it was believed.
    bounded: str = ""
    warns_next_driver: bool = False

    def is_nothing(self) -> bool:
        return self == Effects()


#: Events that may change a booking, or tell somebody.
EFFECTS_OF_BOOKINGS = frozenset((
    codes.AUDIT_START_REFUSED, codes.AUDIT_UNLOCKED, codes.AUDIT_ENDED, codes.AUDIT_REOPENED,
    codes.AUDIT_REOPEN_LOCKED, codes.AUDIT_WINDOW_OVER,
))  # fmt: skip


def effects_of(
    event: Event, booking: Booking | None, received_s: int, reopen_window_s: int
) -> Effects:
    """`booking`: the one that the event names, None when the daemon does not know it."""
    if event.code == codes.AUDIT_START_REFUSED and "not_returned" in event.reasons:
        return Effects(warns_next_driver=True)  # BOOK-15
    if booking is None:
        return Effects()
    at_s = event.at_s if event.clock_was_trusted else received_s
    if event.code == codes.AUDIT_UNLOCKED:
        return _start(event, booking, at_s, received_s)
    if event.code == codes.AUDIT_ENDED:
        return _end(event, booking, at_s, received_s, reopen_window_s)
    if event.code == codes.AUDIT_REOPENED and booking.status != OVER:
        return Effects({"status": REOPENED})
    if event.code in (codes.AUDIT_REOPEN_LOCKED, codes.AUDIT_WINDOW_OVER):
        return Effects({"status": OVER})
    return Effects()


def _believed(event: Event, at_s: int, earliest_s: int, received_s: int) -> tuple[int, str]:
    """The time that counts, and words when it is not the car's."""
    found_s = within(at_s, earliest_s, received_s + AHEAD_S_MAX)
    return found_s, "" if found_s == at_s else f"{event.name} at {at_s}, taken for {found_s}"


def _start(event: Event, booking: Booking, at_s: int, received_s: int) -> Effects:
    if booking.status not in (BOOKED, CANCELLED):
        return Effects()
    earliest_s = booking.made_s - AHEAD_S_MAX  # nobody starts what is not booked yet
    started_s, bounded = _believed(event, at_s, earliest_s, received_s)
    columns: dict[str, int | str | None] = {"status": IN_USE, "started_s": started_s}
    if bounded:
        columns["needs_review"] = 1
    use = parse_use(event.detail)
    if use is not None:
        columns["start_odometer_m"] = use.odometer_m
        columns["start_odometer_source"] = use.odometer_source
    # An offline car may start what was cancelled meanwhile: it happened, somebody must know.
    alarm = "cancelled_booking_used" if booking.status == CANCELLED else ""
    return Effects(columns, closes_windows=True, alarm=alarm, bounded=bounded)  # START-10


def _end(
    event: Event, booking: Booking, at_s: int, received_s: int, reopen_window_s: int
) -> Effects:
    if booking.status in (ENDED, REOPENED, OVER):
        return Effects()
    earliest_s = booking.made_s - AHEAD_S_MAX if booking.started_s is None else booking.started_s
    ended_s, bounded = _believed(event, at_s, earliest_s, received_s)
    columns: dict[str, int | str | None] = {
        "status": ENDED,
        "ended_s": ended_s,
        # A car whose clock runs ahead must not keep the next driver out for longer.
        "window_until_s": min(at_s, received_s) + reopen_window_s,
    }
    use = parse_use(event.detail)
    if use is not None:
        columns["end_odometer_m"] = use.odometer_m
        columns["end_odometer_source"] = use.odometer_source
        columns["end_latitude_udeg"] = use.latitude_udeg
        columns["end_longitude_udeg"] = use.longitude_udeg
        columns["end_lights_on"] = 1 if use.flags & FLAG_LIGHTS_ON else 0
        columns["end_window_open"] = 1 if use.flags & FLAG_WINDOW_OPEN else 0
    is_blind = use is not None and use.flags & FLAG_STAFF_REVIEW
    if bounded or is_blind:
        columns["needs_review"] = 1
    alarm = NEEDS_REVIEW if is_blind else ""
    return Effects(columns, mail="end_accepted", alarm=alarm, bounded=bounded)


def next_driver_is_threatened(late: Booking, following: Booking, now_s: int) -> bool:
    """BOOK-15: the car is not back although its time is over, and the next one is about to come."""
    return (
        late.status == IN_USE
        and following.status == BOOKED
        and late.ends_s <= now_s < following.ends_s
        and following.starts_s <= now_s + DELAY_NOTICE_S
    )
