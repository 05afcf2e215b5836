"""What phone and operator ask of a car: at most once each, honest about what is unknown."""

from __future__ import annotations

from typing import Any

from firmware.wire import codes, kb1, kb1_centre
from firmware.wire.code_names import INPUT_NAMES, REASON_NAMES, VERB_NAMES, WARNING_NAMES
from fleetd import car_terms, enrolments, isolation
from fleetd.core import bookings, outlook
from fleetd.core.days import day_ends_s
from fleetd.core.pace import NEVER
from fleetd.core.refused import Refused
from fleetd.store import account_rows, booking_rows, car_rows, command_rows, event_rows
from fleetd.store.account_rows import Driver
from fleetd.store.car_rows import Car
from fleetd.store.command_rows import Command
from fleetd.turn import Turn

EXPIRY_S = 30
#: An unanswered command is sent again with the same id: the car answers, and acts once.
RESEND_S = 5
PENDING_MAX = 4
KEY_CHARACTERS_MAX = 80
#: Of who asks on the operator's side, and of why.
ASKED_CHARACTERS_MAX = 200

VERBS = {
    "start": codes.VERB_START,
    "end": codes.VERB_END,
    "reopen": codes.VERB_REOPEN,
    "lock": codes.VERB_LOCK,
    "reunlock": codes.VERB_REUNLOCK,
    "enrol": codes.VERB_ENROL,
}


def operate(turn: Turn, driver: Driver, booking_id: int, verb: str, key: str) -> bytes:
    """The command's id; the same key again gives the same command. Refused with a reason code."""
    known = command_rows.find_by_key(turn.db, driver.id, key)
    if known is not None:
        if (known.booking, VERB_NAMES[known.verb]) != (booking_id, verb):
            raise Refused("key_reused")
        return known.id
    if not key or len(key) > KEY_CHARACTERS_MAX:
        raise Refused("bad_key")
    booking = _refuse_here(turn, driver, booking_id, verb)
    ident = turn.entropy(kb1.COMMAND_BYTES)
    command_rows.add(
        turn.db, ident, driver.id, key, booking.car, booking_id, VERBS[verb],
        turn.now_s, turn.now_s + EXPIRY_S,
    )  # fmt: skip
    turn.link(booking.car).made.append(ident)
    send_pending(turn, booking.car)
    return ident


def ask_position(turn: Turn, car_id: str, who: str, why: str) -> bytes:
    """POS-1. The command's id; who asked and why stay in the database."""
    return _of_operator(turn, car_id, codes.VERB_POSITION, who, why)


def begin_maintenance(turn: Turn, car_id: str, who: str, why: str) -> bytes:
    """STAFF-CAR-1: likewise."""
    return _of_operator(turn, car_id, codes.VERB_MAINTENANCE_ON, who, why)


def end_maintenance(turn: Turn, car_id: str, who: str, why: str) -> bytes:
    """STAFF-CAR-1: likewise."""
    return _of_operator(turn, car_id, codes.VERB_MAINTENANCE_OFF, who, why)


def _of_operator(turn: Turn, car_id: str, verb: int, who: str, why: str) -> bytes:
    car = car_rows.find(turn.db, car_id)
    if car is None:
        raise Refused("no_car")
    if car.blocked_s is not None:
        raise Refused("car_is_blocked" if car.retired_s is None else "car_retired")
    for text in (who, why):
        if not text.strip() or len(text) > ASKED_CHARACTERS_MAX or not text.isprintable():
            raise Refused("bad_request_reason")
    if _is_busy(turn, car_id):
        raise Refused("car_is_asked")
    ident, until_s = turn.entropy(kb1.COMMAND_BYTES), turn.now_s + EXPIRY_S
    command_rows.add_of_operator(turn.db, ident, car_id, who, why, verb, turn.now_s, until_s)
    turn.link(car_id).made.append(ident)
    send_pending(turn, car_id)
    return ident


def _refuse_here(turn: Turn, driver: Driver, booking_id: int, verb: str) -> bookings.Booking:
    """What the daemon knows better than the car; everything else the car decides."""
    booking = booking_rows.find(turn.db, booking_id)
    if booking is None:
        raise Refused("no_booking")
    if booking.driver != driver.number:
        raise Refused("not_this_driver")
    if verb not in VERBS or not outlook.is_offered(car_terms.rules_of(turn, booking.car), verb):
        raise Refused("not_allowed_in_profile")
    if booking.status == bookings.CANCELLED:
        raise Refused("no_booking")
    if verb in ("start", "enrol") and booking.status not in bookings.TAKING_ROOM:
        raise Refused("booking_over")  # by the car's own word, which a box may have lost since
    if verb == "start" and _licence_is_over(turn, driver):
        raise Refused("licence_expired")
    car = car_rows.find(turn.db, booking.car)
    if car is not None and car.blocked_s is not None:
        raise Refused("car_blocked")
    if verb in outlook.NOT_IN_MAINTENANCE and car is not None and car.maintenance_since_s:
        raise Refused("in_maintenance")
    if _is_busy(turn, booking.car):
        raise Refused("busy")
    return booking


def _is_busy(turn: Turn, car_id: str) -> bool:
    return len(command_rows.pending_of_car(turn.db, car_id)) >= PENDING_MAX


def _licence_is_over(turn: Turn, driver: Driver) -> bool:
    return bool(driver.licence_until) and turn.now_s >= day_ends_s(
        driver.licence_until, turn.rules.utc_offset_s
    )


def send_pending(turn: Turn, car_id: str) -> None:
    """Send what is due, if the car is there and has said which boot it is in."""
    link = turn.link(car_id)
    if not (link.is_online and link.was_heard):
        return
    waiting = command_rows.pending_of_car(turn.db, car_id)
    if waiting:
        isolation.apart(turn, car_id, "a command", lambda: _send_due(turn, car_id, waiting))


def _send_due(turn: Turn, car_id: str, waiting: list[Command]) -> None:
    for command in waiting:
        car = car_rows.find(turn.db, car_id)
        if car is not None and _may_send(turn, car, command):
            _send(turn, car, command)


def _may_send(turn: Turn, car: Car, command: Command) -> bool:
    if turn.now_s >= command.expires_s or car.blocked_s is not None:
        return False
    if command.sent_s is None:
        if command.id in turn.link(car.id).made or car.heard_s - car.uptime_s < command.made_s:
            return True  # of this process, or younger than the boot: no clone can have sent it
        since_s = command.made_s
    elif command.boot == car.boot:
        return turn.now_s - command.sent_s >= RESEND_S
    else:
        since_s = command.sent_s
    # Another boot does not know what the one before did. The journal does: it names each
    # command before the car acts.
    journal, next_seq = turn.link(car.id).journal
    found = event_rows.journal(turn.db, car.id, journal)
    if found is None or found.first_s >= since_s:
        return False  # it began later: what the boot before did may have gone with an older one
    is_told = found.seq + 1 >= next_seq
    return is_told and not event_rows.names_command(
        turn.db, car.id, command.booking or 0, command.id
    )


def _send(turn: Turn, car: Car, command: Command) -> None:
    about = _subject(turn, command)
    if about is None:
        return
    uptime_s = car.uptime_s + max(0, turn.now_s - car.heard_s)
    # A number of its own for each sending: an answer to the id comes before it is judged.
    counter = car_rows.next_counter(turn.db, car.id)
    if counter is None:
        turn.counts["command_without_number"] += 1
        return
    body = kb1_centre.pack_command(
        kb1.Command(
            command.id,
            car.boot,
            counter,
            uptime_s + command.expires_s - turn.now_s,
            command.verb,
            *about,
        )
    )
    command_rows.note_sent(turn.db, command.id, car.boot, turn.now_s)
    turn.send(car, kb1.CMD, body)


def _subject(turn: Turn, command: Command) -> tuple[int, int, int] | None:
    """Booking, driver's number, seconds that are left of it; zeros for the operator's own."""
    if command.booking is None or command.driver is None:
        return 0, 0, 0
    booking = booking_rows.find(turn.db, command.booking)
    driver = account_rows.driver(turn.db, command.driver)
    if booking is None or driver is None:
        return None
    return booking.id, driver.number, max(0, booking.ends_s - turn.now_s)


def hear_result(turn: Turn, car: Car, body: bytes) -> None:
    """The car's answer; after the deadline it is still the truth."""
    ident, accepted, reasons, warnings, locked, blocked = kb1_centre.unpack_result(body)
    command = command_rows.find(turn.db, ident)
    if command is None or command.car != car.id:
        turn.counts["result_of_nothing"] += 1
        return
    if command.status in (command_rows.ACCEPTED, command_rows.REFUSED):
        return
    command_rows.end(
        turn.db,
        ident,
        command_rows.ACCEPTED if accepted else command_rows.REFUSED,
        turn.now_s,
        [_reason(turn, car.id, code, argument) for code, argument in reasons],
        [WARNING_NAMES.get(code, f"warning_{code}") for code in warnings],
        (locked, blocked),
    )
    if accepted:
        _take_effect(turn, car, command)


def _take_effect(turn: Turn, car: Car, command: Command) -> None:
    """What the answer alone tells already; the events will say it too."""
    if command.verb == codes.VERB_ENROL:
        enrolments.open_by_command(turn, command.id, car.id)
    elif command.verb == codes.VERB_MAINTENANCE_ON and car.maintenance_since_s is None:
        car_rows.note_maintenance(turn.db, car.id, turn.now_s)
    elif command.verb == codes.VERB_MAINTENANCE_OFF:
        car_rows.note_maintenance(turn.db, car.id, None)


def expire(turn: Turn) -> None:
    """Sent and unanswered: unknown. Never sent: refused, unreachable."""
    waiting: dict[str, None] = {}
    for command in command_rows.pending(turn.db):
        if turn.now_s < command.expires_s:
            waiting[command.car] = None
        elif command.sent_s is None:
            reasons: list[dict[str, Any]] = [{"code": "unreachable"}]
            command_rows.end(turn.db, command.id, command_rows.REFUSED, turn.now_s, reasons, [])
        else:
            command_rows.end(turn.db, command.id, command_rows.UNKNOWN, turn.now_s, [], [])
    for car_id in waiting:
        send_pending(turn, car_id)


def next_due_s(turn: Turn) -> float:
    """When a command has to be sent, sent again or ended at the latest."""
    due_s = NEVER
    for command in command_rows.pending(turn.db):
        due_s = min(due_s, command.expires_s)
        link = turn.link(command.car)
        car = car_rows.find(turn.db, command.car)
        if not (link.is_online and link.was_heard) or car is None:
            continue
        if command.boot is None or command.sent_s is None:
            due_s = min(due_s, turn.now_s)
        elif command.boot == car.boot:
            due_s = min(due_s, command.sent_s + RESEND_S)
    return due_s


def _reason(turn: Turn, car_id: str, code: int, argument: int) -> dict[str, Any]:
    reason: dict[str, Any] = {"code": REASON_NAMES.get(code, f"reason_{code}")}
    if code == codes.CANNOT_TELL:
        reason["inputs"] = [name for bit, name in INPUT_NAMES.items() if argument >> bit & 1]
        reason |= car_terms.when_blind(turn, car_id)
    elif code == codes.TOO_EARLY and argument:
        reason["possible_from_s"] = argument
    elif argument:
        reason["argument"] = argument
    return reason
