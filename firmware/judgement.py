"""What speaks for and against what is asked: pure questions to snapshot and copy."""

from firmware.car_terms import STAFF_REVIEW
from firmware.session import STAFF_IN
from firmware.wire.codes import (
    ACT_LOCK,
    BOOKING_OVER,
    BRAKE_OFF,
    BUSY,
    CANNOT_TELL,
    CLOCK_UNTRUSTED,
    DOOR_OPEN,
    ENGINE_RUNNING,
    IN_BRAKE,
    IN_DOOR_DRIVER,
    IN_ENGINE,
    IN_GEAR_P,
    IN_KEY,
    IN_KNOB_AT_RETURN,
    IN_LOCKED,
    IN_MOVING,
    IN_TRUNK,
    JOURNAL_FULL,
    KEY_NOT_IN_BOX,
    LEASE_OVER,
    NO,
    NO_BOOKING,
    NOT_IN_PARK,
    NOT_THIS_DRIVER,
    TOO_EARLY,
    UNKNOWN,
    UNKNOWN_CARD,
    WINDOW_OVER,
    YES,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.bookings import Bookings
    from firmware.car_terms import Settings, Terms
    from firmware.rental import Rental
    from firmware.request import Request
    from firmware.session import Session
    from firmware.snapshot import Snapshot

_DOORS_MASK = (1 << (IN_TRUNK + 1)) - (1 << IN_DOOR_DRIVER)
_MOTION_MASK = (1 << IN_ENGINE) | (1 << IN_MOVING)
_KNOB_MASK = (1 << IN_KEY) | (1 << IN_KNOB_AT_RETURN)


def window_began_s(bookings: "Bookings", index: int, terms: "Terms") -> int:
    """START-4: 14 minutes before the start, or when the booking reached the car, if later."""
    opens_s = bookings.starts_s(index) - terms.start_early_s
    received_s = bookings.received_s(index)
    return received_s if received_s > opens_s else opens_s


def window_ends_s(bookings: "Bookings", index: int, terms: "Terms") -> int:
    """START-4: 45 minutes after it began, never beyond the booking's end."""
    dark_s = window_began_s(bookings, index, terms) + terms.reader_window_s
    ends_s = bookings.ends_s(index)
    return dark_s if dark_s < ends_s else ends_s


def judge_card_start(
    request: "Request",
    bookings: "Bookings",
    snapshot: "Snapshot",
    session: "Session",
    terms: "Terms",
) -> None:
    """Find the booking that this card's driver could start now, or why there is none (START-9)."""
    reasons = request.start_reasons = []
    if request.driver == 0:
        reasons.append((UNKNOWN_CARD, 0))
        return
    if not snapshot.wall_is_trusted:
        reasons.append((CLOCK_UNTRUSTED, 0))  # SAFE-4
        return
    reason, argument = _find_start(request, bookings, snapshot.wall_s, session, terms)
    if reason:
        reasons.append((reason, argument))
    elif not snapshot.lease_holds:
        reasons.append((LEASE_OVER, 0))
    if not snapshot.journal_has_room:
        reasons.append((JOURNAL_FULL, 0))


def _find_start(
    request: "Request", bookings: "Bookings", wall_s: int, session: "Session", terms: "Terms"
) -> "tuple[int, int]":
    """(0, 0) and the booking in the request, or the reason that says most."""
    next_opens_s = 0
    was_over = False
    is_lapsed = False
    for i in range(bookings.count()):
        if bookings.driver(i) != request.driver:
            continue
        opens_s = bookings.starts_s(i) - terms.start_early_s
        if wall_s < opens_s:
            if next_opens_s == 0 or opens_s < next_opens_s:
                next_opens_s = opens_s
        elif wall_s >= bookings.ends_s(i) or bookings.id(i) in session.used:
            was_over = True
        elif wall_s >= window_ends_s(bookings, i, terms):
            is_lapsed = True
            _take_booking(request, bookings, i, wall_s, terms)
        else:
            _take_booking(request, bookings, i, wall_s, terms)
            return 0, 0
    if is_lapsed:
        return WINDOW_OVER, 0  # START-5
    if next_opens_s:
        return TOO_EARLY, next_opens_s  # START-1
    if was_over:
        return BOOKING_OVER, 0
    if _somebody_may_start(bookings, wall_s, session, terms):
        return NOT_THIS_DRIVER, 0
    return NO_BOOKING, 0


def _take_booking(
    request: "Request", bookings: "Bookings", index: int, wall_s: int, terms: "Terms"
) -> None:
    request.booking = bookings.id(index)
    request.ends_s = bookings.ends_s(index)
    request.left_s = request.ends_s - wall_s
    request.is_lapsed = wall_s >= window_ends_s(bookings, index, terms)


def _somebody_may_start(
    bookings: "Bookings", wall_s: int, session: "Session", terms: "Terms"
) -> bool:
    for i in range(bookings.count()):
        if (
            bookings.starts_s(i) - terms.start_early_s <= wall_s < bookings.ends_s(i)
            and bookings.id(i) not in session.used
        ):
            return True
    return False


def judge_command_start(
    request: "Request",
    bookings: "Bookings",
    snapshot: "Snapshot",
    session: "Session",
    terms: "Terms",
) -> None:
    """A start from the phone: signed by the centre, which says how much of the booking is left."""
    reasons = request.start_reasons = []
    index = bookings.find(request.booking)
    if index >= 0:
        if bookings.driver(index) != request.driver:
            reasons.append((NOT_THIS_DRIVER, 0))
            return
        request.ends_s = bookings.ends_s(index)
        opens_s = bookings.starts_s(index) - terms.start_early_s
        length_s = request.ends_s - opens_s
        if request.left_s > length_s:
            reasons.append((TOO_EARLY, opens_s))
        if snapshot.wall_is_trusted:
            request.is_lapsed = snapshot.wall_s >= window_ends_s(bookings, index, terms)
    else:
        reasons.append((NO_BOOKING, 0))
    if request.left_s <= 0 or request.booking in session.used:
        reasons.append((BOOKING_OVER, 0))
    if not snapshot.journal_has_room:
        reasons.append((JOURNAL_FULL, 0))


def judge_end(
    request: "Request", snapshot: "Snapshot", settings: "Settings", terms: "Terms"
) -> None:
    """END-1 in its order, every failed check named; END-8 for what cannot be told."""
    reasons = request.end_reasons = []
    motion = snapshot.in_motion()
    blind = _check(reasons, snapshot, motion, YES, ENGINE_RUNNING, _MOTION_MASK)
    blind |= _check_key(reasons, snapshot)
    brake = snapshot.values[IN_BRAKE]
    blind |= _check(reasons, snapshot, brake, NO, BRAKE_OFF, 1 << IN_BRAKE)
    blind |= _check(reasons, snapshot, snapshot.doors_open(), YES, DOOR_OPEN, _DOORS_MASK)
    if terms.gear_is_checked and settings.has_gear_sensor:
        gear = snapshot.values[IN_GEAR_P]
        blind |= _check(reasons, snapshot, gear, NO, NOT_IN_PARK, 1 << IN_GEAR_P)
    # SAFE-1: without knowing that the engine rests, the starter cannot be blocked.
    request.needs_review = blind != 0 and motion != UNKNOWN and settings.cannot_tell == STAFF_REVIEW
    if blind and not request.needs_review:
        reasons.append((CANNOT_TELL, blind))


def judge_lock(request: "Request", snapshot: "Snapshot", settings: "Settings") -> None:
    """REOPEN-3: doors closed, key in the box; what cannot be told, where staff reviews it, is told."""
    reasons = request.lock_reasons = []
    blind = _check(reasons, snapshot, snapshot.doors_open(), YES, DOOR_OPEN, _DOORS_MASK)
    blind |= _check_key(reasons, snapshot)
    if blind and settings.cannot_tell != STAFF_REVIEW:
        reasons.append((CANNOT_TELL, blind))


def judge_enrolment(rental: "Rental") -> None:
    """ENROL-1: from 14 minutes before the start to the booked end, and while that booking is used."""
    request = rental.request
    session = rental.session
    bookings = rental.bookings
    reasons = request.service_reasons = []
    index = bookings.find(request.booking)
    if rental.is_in_use() and request.booking == session.booking:
        if request.driver != session.driver:
            reasons.append((NOT_THIS_DRIVER, 0))
    elif index < 0:
        reasons.append((NO_BOOKING, 0))
    elif bookings.driver(index) != request.driver:
        reasons.append((NOT_THIS_DRIVER, 0))
    elif request.left_s <= 0:
        reasons.append((BOOKING_OVER, 0))
    else:
        opens_s = bookings.starts_s(index) - rental.terms.start_early_s
        if request.left_s > bookings.ends_s(index) - opens_s:
            reasons.append((TOO_EARLY, opens_s))
    if rental.goes_on("enrol") and request.driver != session.enrol_driver:
        reasons.append((BUSY, 0))  # the next touch is promised to somebody else
    if not rental.snapshot.journal_has_room:
        reasons.append((JOURNAL_FULL, 0))


def judge_staff(request: "Request", snapshot: "Snapshot", session: "Session") -> None:
    """STAFF-CAR-1: an unlocked car is locked unless a door is open; another is opened.

    Where the locks cannot be told, it is unlocked while staff is in.
    """
    reasons = request.service_reasons = []
    locked = snapshot.values[IN_LOCKED]
    if locked == NO or (locked == UNKNOWN and session.has(STAFF_IN)):
        request.action = ACT_LOCK
        _check_doors_in_sight(reasons, snapshot)
    elif not snapshot.journal_has_room:
        reasons.append((JOURNAL_FULL, 0))


def judge_leaving(request: "Request", snapshot: "Snapshot") -> None:
    """Maintenance ends with a car that is known to rest (SAFE-1), and no door known open."""
    judge_technician_block(request, snapshot)
    _check_doors_in_sight(request.service_reasons, snapshot)


def judge_technician_lock(request: "Request", snapshot: "Snapshot") -> None:
    """TECH-3: doors are locked unless one is open."""
    reasons = request.service_reasons = []
    _check_doors_in_sight(reasons, snapshot)


def judge_technician_block(request: "Request", snapshot: "Snapshot") -> None:
    """SAFE-1: the starter of a car that is known to rest, and of no other."""
    reasons = request.service_reasons = []
    blind = _check(reasons, snapshot, snapshot.in_motion(), YES, ENGINE_RUNNING, _MOTION_MASK)
    if blind:
        reasons.append((CANNOT_TELL, blind))


def _check_doors_in_sight(reasons: "list[tuple[int, int]]", snapshot: "Snapshot") -> None:
    """Whoever asks stands beside the car and sees its doors: only one known open speaks against it."""
    if snapshot.doors_open() == YES:
        reasons.append((DOOR_OPEN, 0))


def _check_key(reasons: "list[tuple[int, int]]", snapshot: "Snapshot") -> int:
    mask = _KNOB_MASK if snapshot.key_has_knob else 1 << IN_KEY
    return _check(reasons, snapshot, snapshot.key_in_box(), NO, KEY_NOT_IN_BOX, mask)


def _check(
    reasons: "list[tuple[int, int]]",
    snapshot: "Snapshot",
    value: int,
    bad: int,
    reason: int,
    mask: int,
) -> int:
    """Add the reason when the value is the bad one; the inputs of `mask` that left it unknown."""
    if value == bad:
        reasons.append((reason, 0))
        return 0
    return _unknown_of(snapshot, mask) if value == UNKNOWN else 0


def _unknown_of(snapshot: "Snapshot", mask: int) -> int:
    """Those inputs of the mask that cannot be told."""
    found = 0
    for i in range(len(snapshot.values)):
        if mask & (1 << i) and snapshot.values[i] == UNKNOWN:
            found |= 1 << i
    return found
