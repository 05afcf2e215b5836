"""What the codes of refusals mean, for the command line. Pages have their own, in two languages."""

from __future__ import annotations

_SENTENCES = {
    "bad_car_id": "A car's identity is 12 digits of 0-9 and a-f.",
    "bad_card": "A card's identifier is 16 hex digits.",
    "bad_day": "The licence's last day is no day; write it as 2028-03-31.",
    "bad_mail": "The mail address is none; write it as name@example.org.",
    "bad_member_id": "A member's ID is three capital letters and five digits.",
    "bad_name": "The name is empty or too long.",
    "booking_over": "The booking is over.",
    "car_exists": "There is a car with this identity already.",
    "card_of_somebody_else": "This card belongs to somebody else.",
    "change_too_late": "It is too late to change this booking.",
    "changes_used": "This booking has been changed as often as allowed.",
    "driver_busy": "The driver has another car at that time.",
    "extensions_used": "This booking has been extended as often as allowed.",
    "gap": "Too close to another driver's booking.",
    "in_the_past": "A booking cannot begin in the past.",
    "key_reused": "This key was used for another request.",
    "licence_expired": "The driver's licence ends before that.",
    "member_cannot_book": "A member's ID cannot book; give a driver's ID.",
    "member_exists": "There is a member with this ID already.",
    "no_booking": "There is no such booking.",
    "no_car": "There is no such car.",
    "no_driver": "There is no such driver.",
    "no_member": "There is no such member.",
    "no_room": "The car is not free for so long, or its reopen window is still open.",
    "not_started": "The use has not started.",
    "off_grid": "Bookings begin and end on the quarter hour.",
    "overlaps": "The car is booked at that time.",
    "too_far": "That is further ahead than can be booked.",
    "too_long": "The booking is too long.",
    "too_many": "The member has as many open bookings as allowed.",
    "too_many_drivers": "The member has as many drivers as an ID can count.",
    "too_short": "The booking is too short.",
}


def sentence(code: str) -> str:
    """One sentence, with the code for whoever looks it up."""
    return f"{_SENTENCES.get(code, 'That is not possible.')} ({code})"
