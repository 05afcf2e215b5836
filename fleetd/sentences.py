"""What codes mean, for the command line and the API. Pages have their own, in two languages."""

from __future__ import annotations

_SENTENCES = {
    "already_started": "The use has started already.",
    "bad_car_id": "A car's identity is 12 digits of 0-9 and a-f.",
    "bad_card": "A card's identifier is 16 hex digits.",
    "bad_day": "The licence's last day is no day; write it as 2028-03-31.",
    "bad_field": "A field of the request is missing, unknown or out of range.",
    "bad_json": "The body is not a JSON object.",
    "bad_key": "The header Idempotency-Key is missing, or is not 1 to 80 visible ASCII characters.",
    "bad_mail": "The mail address is none; write it as name@example.org.",
    "bad_member_id": "A member's ID is three capital letters and five digits.",
    "bad_name": "The name is empty or too long.",
    "bad_request_reason": "Say who asks for it and why, each in 1 to 200 visible characters.",
    "bad_signature": "The car could not verify the command; nothing was done.",
    "booking_over": "The booking is over.",
    "brake_off": "The parking brake is off.",
    "busy": "The car is busy with something else; wait a moment.",
    "cannot_tell": "The car cannot tell whether everything is as it should be.",
    "car_exists": "There is a car with this identity already.",
    "card_of_somebody_else": "This card belongs to somebody else.",
    "change_too_late": "It is too late to change this booking.",
    "changes_used": "This booking has been changed as often as allowed.",
    "clock_untrusted": "The car is not sure of the time; try again when it has a connection.",
    "database_busy": "The fleet's database does not answer; nothing was done, try again.",
    "door_open": "A door is open.",
    "driver_busy": "The driver has another car at that time.",
    "engine_running": "The engine is running; switch it off.",
    "expired": "The command reached the car too late; nothing was done.",
    "extensions_used": "This booking has been extended as often as allowed.",
    "gap": "Too close to another driver's booking.",
    "in_maintenance": "The car is being serviced.",
    "in_the_past": "A booking cannot begin in the past.",
    "internal": "Something went wrong here; ask for the state before trying again.",
    "journal_full": "The car cannot record anything more; call the operator.",
    "key_not_in_box": "The key is not in the box.",
    "key_reused": "This key was used for another request.",
    "lease_over": "The car has had no connection for too long to allow a start.",
    "licence_expired": "The driver's licence ends before that.",
    "lights_on": "The lights are on.",
    "member_cannot_book": "A member's ID cannot book; give a driver's ID.",
    "member_exists": "There is a member with this ID already.",
    "no_booking": "There is no such booking.",
    "no_car": "There is no such car.",
    "no_command": "There is no such command.",
    "no_driver": "There is no such driver.",
    "no_member": "There is no such member.",
    "no_path": "There is nothing at this address.",
    "no_room": "The car is not free for so long, or its reopen window is still open.",
    "not_allowed_in_profile": "This operator's terms do not have that.",
    "not_ended": "The use has not ended.",
    "not_in_park": "The gear is not in P.",
    "not_json": "The body must be JSON, with Content-Type: application/json.",
    "not_logged_in": "Log in first.",
    "not_reopened": "The car has not been reopened.",
    "not_returned": "The previous driver has not returned the car.",
    "not_started": "The use has not started.",
    "not_this_driver": "The booking is another driver's.",
    "nothing_to_undo": "There is nothing to undo.",
    "off_grid": "Bookings begin and end on the quarter hour.",
    "overlaps": "The car is booked at that time.",
    "overloaded": "Too many log-ins just now; wait a moment.",
    "password_must_change": "The first password must be changed before anything else.",
    "password_too_long": "The new password is too long.",
    "password_too_short": "The new password is too short.",
    "password_unchanged": "The new password is the old one.",
    "reopen_over": "The time to reopen the car is over.",
    "reopen_used": "The car has been reopened once already.",
    "replayed": "The car had this command before; nothing was done.",
    "too_early": "It is too early to start.",
    "too_far": "That is further ahead than can be booked.",
    "too_large": "The body is too large.",
    "too_long": "The booking is too long.",
    "too_many": "The member has as many open bookings as allowed.",
    "too_many_drivers": "The member has as many drivers as an ID can count.",
    "too_many_tries": "Too many wrong log-ins; wait a moment.",
    "too_short": "The booking is too short.",
    "too_slow": "The body did not arrive in time.",
    "unknown_card": "The car does not know this card.",
    "unreachable": "The car could not be reached; nothing was done.",
    "window_open": "A window is open.",
    "window_over": "The time to start by card is over; start with the phone.",
    "wrong_login": "ID or password is wrong.",
    "wrong_method": "This address does not know that method.",
}


def explain(code: str) -> str:
    """One sentence."""
    return _SENTENCES.get(code, "That is not possible.")


def is_known(code: str) -> bool:
    """Has the code a sentence of its own?"""
    return code in _SENTENCES


def sentence(code: str) -> str:
    """One sentence, with the code for whoever looks it up."""
    return f"{explain(code)} ({code})"
