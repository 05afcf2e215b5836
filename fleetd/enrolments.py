"""Cards registered at the car (ENROL-1, ENROL-2): from the car's events to the driver's card."""

from __future__ import annotations

from firmware.wire import codes
from fleetd import car_terms, people
from fleetd.core import audit
from fleetd.core.audit import Event
from fleetd.core.bookings import Booking
from fleetd.store import account_rows, command_rows, notice_rows
from fleetd.turn import Turn

CARD_NOT_REGISTERED = "card_not_registered"
NOBODY_ASKED = "nobody asked for it"


def open_by_command(turn: Turn, command: bytes, car_id: str) -> None:
    """The car says that it has opened: by its answer, or by its event, whichever comes first."""
    enrol_s = car_terms.rules_of(turn, car_id).enrol_s
    command_rows.open_enrolment(turn.db, command, car_id, turn.now_s + enrol_s)


def hear(turn: Turn, car_id: str, event: Event, booking: Booking | None) -> None:
    """An event that is new; most are not about this."""
    if event.code == codes.AUDIT_ENROL_OPENED:
        cause = audit.parse_cause(event.detail)
        if cause is not None:
            open_by_command(turn, cause[1], car_id)
    elif event.code == codes.AUDIT_ENROL_EXPIRED and booking is not None:
        command_rows.end_enrolments(turn.db, car_id, booking.id, command_rows.TIME_OVER, "")
    elif event.code == codes.AUDIT_CARD_ENROLLED:
        _register(turn, car_id, event, booking)


def _register(turn: Turn, car_id: str, event: Event, booking: Booking | None) -> None:
    """A card stays with whom it belongs to; then the operator hears of it."""
    found = audit.parse_enrolled(event.detail)
    driver = account_rows.driver_by_number(turn.db, found.driver) if found else None
    if found is None or driver is None or booking is None or booking.driver != found.driver:
        turn.counts["enrolment_senseless"] += 1
        return
    at_s = min(event.at_s, turn.now_s) if event.clock_was_trusted else turn.now_s
    # A card opens other cars, too: none becomes the driver's by a car's word, and one by each asking.
    refusal = NOBODY_ASKED
    if command_rows.enrolment_is_asked(turn.db, car_id, booking.id):
        refusal = people.register_card(turn, driver, found.identifier, at_s)
    card = people.card_shown(found.identifier)
    outcome = refusal or command_rows.REGISTERED
    if not command_rows.end_enrolments(turn.db, car_id, booking.id, outcome, card):
        command_rows.end_unopened_enrolment(turn.db, car_id, booking.id, outcome, card)
    if refusal:
        notice_rows.raise_alarm(
            turn.db, CARD_NOT_REGISTERED, car_id, turn.now_s, booking.id,
            detail=f"card {card} for {driver.id}: {refusal}",
        )  # fmt: skip
