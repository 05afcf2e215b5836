"""status: one screen of how the box stands, the worst last, where it stays in sight."""

from firmware.compat import load
from firmware.console import faults, reach
from firmware.console.inputs import NAMES, VSS
from firmware.console.out import Pages
from firmware.console.said import CANNOT_TELL, clock_time, degrees, driver, moment, span, volts
from firmware.session import OVER
from firmware.wire import codes
from firmware.wire.journal_format import EPOCH_2020_S

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from firmware.bookings import Bookings
    from firmware.console.out import Item, Out
    from firmware.console_door import ConsoleBox
    from firmware.rental import Rental

#: Bookings and faults that one screen has room for.
BOOKINGS_SHOWN = 3
DEADLINES_SHOWN = 2
FAULTS_SHOWN = 2
_ALL_FAULTS = 99
_USES = (
    "nobody uses the car",
    "a card was touched, the centre is asked",
    "started, no door opened yet",
    "started, a door was opened, the key not taken",
    "in use",
    "in use, the key is back in the box",
    "the end is under way: the doors are being locked",
    "ended, can be reopened",
    "reopened",
    "in use, locked again because no door was opened",
    "in use, locked and blocked because the key stayed in the box",
    "in maintenance",
)
#: In the order of `rental_table.TIMEOUTS`.
_DEADLINES = (
    "wait for the centre",
    "lock again",
    "take the key",
    "end, or take the key",
    "reopen",
    "lock after reopen",
    "next warning",
    "enrol a card",
    "lock after staff",
)
#: By `firmware.power`'s levels.
_POWER = ("full service", "low: the centre hears less often", "the radio rests")
_COUNTED = ("no odometer", "by wheel pulses", "by positions")
_ANTENNA = ("antenna cannot be told", "antenna ok", "ANTENNA NOT CONNECTED", "ANTENNA SHORTED")


def status(words: "list[str]", box: "ConsoleBox", out: "Out") -> "Pages | None":
    """One screen; `status faults`: all that is or was wrong lately, with what to do."""
    if words and words[0] == "faults":
        return Pages(_all_faults(box))
    if words:
        out.fail("status knows faults, not %s" % words[0][:16], "type status or status faults")
        return None
    return Pages(_lines(box))


def _lines(box: "ConsoleBox") -> "Iterator[Item]":
    snapshot, rental = box.snapshot, box.controller.rental
    up = span(box.boot.uptime_s)
    yield "car", "%s, program %s, up %s" % (box.car, box.version, up), box.car
    yield _clock(box)
    yield _use(rental)
    yield _deadlines(rental)
    yield _relays(snapshot.values)
    yield _copy(box)
    yield from _next_bookings(rental.bookings, snapshot.wall_s)
    yield _reader(box)
    yield reach.network(box)
    yield reach.trouble(box)
    yield _battery(box)
    yield _odometer(box)
    yield _position(box)
    waiting = box.journal.backlog()
    works = "works" if box.journal.is_open else "CANNOT BE WRITTEN"
    yield "journal", "%s; %d events wait for the centre" % (works, waiting), waiting
    yield from _faults(box, FAULTS_SHOWN)


def _relays(values: bytearray) -> "Item":
    """Doors and starter as the car reads them back; the value has both."""
    locked, blocked = values[codes.IN_LOCKED], values[codes.IN_BLOCKED]
    doors = ("unlocked", "locked", CANNOT_TELL)[locked]
    starter = ("released", "blocked", CANNOT_TELL)[blocked]
    text = "doors: %s, starter: %s (both read back now)" % (doors, starter)
    return "relays", text, doors + "," + starter


def _clock(box: "ConsoleBox") -> "Item":
    snapshot = box.snapshot
    if snapshot.wall_is_trusted:
        return "clock", moment(snapshot.wall_s) + " UTC, trusted", snapshot.wall_s + EPOCH_2020_S
    text = "%s: not set since the start; shows %s" % (CANNOT_TELL, moment(snapshot.wall_s))
    return "clock", text, None


def _use(rental: "Rental") -> "Item":
    state = rental.state
    text = _USES[codes.STATE_NAMES.index(state)]
    session = rental.session
    if session.booking and not session.has(OVER):
        text += ", booking %d, %s" % (session.booking, driver(session.driver))
        left_s = rental.end_left_ms() // 1000
        if rental.is_in_use():
            text += ", %s" % (
                ("%s left" % span(left_s)) if left_s >= 0 else "OVERDUE " + span(-left_s)
            )
    return "use", text, state


def _deadlines(rental: "Rental") -> "Item":
    """The nearest ones."""
    deadlines = rental.deadlines
    armed = []
    for slot in range(len(deadlines.names)):
        if deadlines.is_armed(slot):
            armed.append((deadlines.left_ms(slot), slot))
    armed.sort()
    text = "; ".join(
        [
            "%s: %s" % (_DEADLINES[slot], span(left_ms // 1000))
            for left_ms, slot in armed[:DEADLINES_SHOWN]
        ]
    )
    if len(armed) > DEADLINES_SHOWN:
        text += "; %d more" % (len(armed) - DEADLINES_SHOWN)
    return "deadlines", text or "none", len(armed)


def _copy(box: "ConsoleBox") -> "Item":
    cache = box.cache
    count = cache.bookings.count()
    text = "%d in the copy, with %d cards" % (count, cache.cards.count())
    confirmed_s = cache.lease_from_s
    if confirmed_s == 0:
        text += "; the centre never confirmed it"
    else:
        text += "; confirmed %s ago" % span(max(0, box.snapshot.wall_s - confirmed_s))
    return "bookings", text, count


def _next_bookings(bookings: "Bookings", now_s: int) -> "Iterator[Item]":
    """Those that run or come next, by their beginning."""
    after_s = -1
    for _ in range(BOOKINGS_SHOWN):
        best, best_s = -1, 0
        for index in range(bookings.count()):
            begins_s = bookings.starts_s(index)
            if (
                bookings.ends_s(index) > now_s
                and begins_s > after_s
                and (best < 0 or begins_s < best_s)
            ):
                best, best_s = index, begins_s
        if best < 0:
            return
        after_s = best_s
        number, who = bookings.id(best), driver(bookings.driver(best))
        until = clock_time(bookings.ends_s(best))[:5]
        yield (
            "next",
            "%s to %s UTC, booking %d, %s" % (moment(best_s)[:16], until, number, who),
            number,
        )


def _reader(box: "ConsoleBox") -> "Item":
    reader = box.ports.reader
    if reader is None:
        return "reader", "none fitted, by the car's settings", None
    if reader.is_healthy:
        return "reader", "answers", True
    return "reader", "SILENT", False


def _battery(box: "ConsoleBox") -> "Item":
    mv = box.snapshot.battery_mv
    if mv < 0:
        return "battery", CANNOT_TELL, None
    text = volts(mv) + " now; " + _POWER[box.loop.power.level]
    return "battery", text, mv


def _odometer(box: "ConsoleBox") -> "Item":
    metres = box.snapshot.odometer_m
    text = _COUNTED[box.ports.odometer.source]
    if metres < 0:
        return "odometer", "%s (%s)" % (CANNOT_TELL, text), None
    return "odometer", "%d km %03d m, %s" % (metres // 1000, metres % 1000, text), metres


def _position(box: "ConsoleBox") -> "Item":
    snapshot = box.snapshot
    antenna = _ANTENNA[snapshot.antenna]
    if not snapshot.position_is_valid:
        return "position", "%s; %s" % (CANNOT_TELL, antenna), None
    latitude, longitude = snapshot.latitude_udeg, snapshot.longitude_udeg
    text = "%s %s now; %s" % (degrees(latitude), degrees(longitude), antenna)
    return "position", text, [latitude, longitude]


def _faults(box: "ConsoleBox", shown: int) -> "Iterator[Item]":
    count = 0
    for code, about in faults.standing(box):
        count += 1
        if count <= shown:
            yield "FAULT", faults.name_of(code) + about, code, _vss(about)
            yield "do", faults.remedy_of(code), code
    if count > shown:
        yield "FAULTS", "and %d more: type status faults" % (count - shown), count
    if count == 0:
        yield "faults", "none now; see also log and why", 0


def _vss(about: str) -> str:
    """Which input a fault is about, as programs know it; empty: none."""
    return VSS[NAMES.index(about)] if about in NAMES else ""


def _all_faults(box: "ConsoleBox") -> "Iterator[Item | None]":
    yield from _faults(box, _ALL_FAULTS)
    if box.journal.is_open:
        past: "Any" = load("firmware.console.past")
        yield from past.lately(box)
