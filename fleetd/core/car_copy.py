"""Which records a car should hold now, and the operations that lead there.

A car holds the bookings of the next 72 hours with their drivers' cards, and the staff cards. Room
that is left goes to cards of drivers whom the car may meet without a booking, so that a refusal says
what is wrong instead of "unknown card". A
booking that the car may still need stays: one in use or with its reopen window, and one past its
end of which the car, heard since, might still have something to tell. One that was used up before
its end stays until then: its driver hears that it is over, not that there is none.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence

from firmware.wire import codes
from firmware.wire.records import BOOKING, CARD
from fleetd.core.bookings import BOOKED, IN_USE, IN_WINDOW, OVER, Booking

HORIZON_S = 72 * 3600
#: How long at most a car keeps a booking of whose use nothing is heard.
PAST_S_MAX = 30 * 86400
BOOKINGS_MAX = 200
RECORDS_MAX = 512
#: What bookings, their drivers' cards, terms and key leave.
STAFF_MAX = RECORDS_MAX - 2 * BOOKINGS_MAX - 2
#: Cards of drivers without a booking that is near.
FAMILIAR_MAX = 64

#: (op that puts it, what identifies it) -> record. The op that deletes is the next number.
Records = dict[tuple[int, bytes], bytes]


def is_needed(booking: Booking, settled_s: int, now_s: int) -> bool:
    """`settled_s`: when the car last had nothing untold."""
    if booking.status == IN_USE or booking.status in IN_WINDOW:
        return True
    if booking.status == OVER:
        return booking.ends_s > now_s
    if booking.status != BOOKED or booking.starts_s > now_s + HORIZON_S:
        return False
    return booking.ends_s > now_s or booking.ends_s > max(settled_s, now_s - PAST_S_MAX)


def wanted_records(
    bookings: Iterable[Booking],
    cards: Mapping[int, Sequence[bytes]],
    staff: Mapping[bytes, int],
    settled_s: int,
    now_s: int,
    fixed: Records | None = None,
) -> Records:
    """`fixed`: terms and key. `cards`: the identifiers of each driver; `staff`: the number behind each staff card.

    Drivers in `cards` without a needed booking come last, in that order, and at most FAMILIAR_MAX.
    """
    needed = [booking for booking in bookings if is_needed(booking, settled_s, now_s)]
    # What is going on first, then what comes next, then what is past without a sign of use,
    # last what was used up.
    needed.sort(
        key=lambda b: (b.status == OVER, b.status == BOOKED, b.ends_s <= now_s, b.starts_s, b.id)
    )
    records: Records = dict(fixed or {})
    for identifier, number in sorted(staff.items())[:STAFF_MAX]:
        records[codes.OP_PUT_STAFF, identifier] = struct.pack(CARD, identifier, number)
    for booking in needed[:BOOKINGS_MAX]:
        key = codes.OP_PUT_BOOKING, struct.pack(">I", booking.id)
        records[key] = struct.pack(
            BOOKING, booking.id, booking.driver, booking.starts_s, booking.ends_s
        )
        for identifier in cards.get(booking.driver, ()):
            records[codes.OP_PUT_CARD, identifier] = struct.pack(CARD, identifier, booking.driver)
    familiar = 0
    for driver, identifiers in cards.items():
        for identifier in identifiers:
            key = codes.OP_PUT_CARD, identifier
            if key in records or familiar == FAMILIAR_MAX or len(records) == RECORDS_MAX:
                continue
            familiar += 1
            records[key] = struct.pack(CARD, identifier, driver)
    return records


def operations(have: Records, want: Records) -> list[tuple[int, bytes, bytes]]:
    """(op, what it is about, the op's record); deletions first, so that there is always room."""
    gone = [(op + 1, ident, ident) for op, ident in sorted(have) if (op, ident) not in want]
    put = [
        (op, ident, record)
        for (op, ident), record in sorted(want.items())
        if have.get((op, ident)) != record
    ]
    return gone + put
