"""Why something was refused, in words for the technician; the codes are those of docs/refusals.md."""

from firmware.console.inputs import NAMES
from firmware.console.said import moment
from firmware.wire import codes

#: By number, from 1: code, sentence, what to do.
REASONS = (
    ("too_early", "the booking begins later", "wait, or change the booking"),
    (
        "window_over",
        "the reader's window of this booking is over",
        "use the phone for this booking",
    ),
    ("booking_over", "the booking has ended", "book again"),
    ("no_booking", "no booking of this card's driver now", "look at status: has the booking come?"),
    ("unknown_card", "nobody's card in this car's copy", "check the card's number at the centre"),
    ("not_this_driver", "another driver has booked", "the driver who booked must do it"),
    ("not_returned", "the driver before has not ended", "end that use from the centre"),
    ("licence_expired", "the driver's licence ends before", "the centre needs the new licence"),
    (
        "clock_untrusted",
        "the box does not know the time",
        "bring the car online; it is set from there",
    ),
    (
        "lease_over",
        "the centre was not heard for 72 h",
        "bring the car online: see network in status",
    ),
    ("journal_full", "no room to record a start", "bring the car online: it hands over its events"),
    ("engine_running", "the engine runs", "switch it off; if it is off, see sensors"),
    ("key_not_in_box", "the key is not in its box", "plug it in, turn the knob; see sensors"),
    ("brake_off", "the parking brake is off", "put it on; if it is on, see sensors"),
    ("door_open", "a door or the trunk is open", "close all; if they are, see sensors"),
    ("not_in_park", "the gear is not in P", "put it in P; if it is, see sensors"),
    ("cannot_tell", "an input cannot be told", "check the wires of what is named"),
    ("reopen_used", "it was reopened once already", "book again"),
    ("reopen_over", "the time to reopen is over", "book again"),
    ("expired", "the command came too late", "look at network in status; ask again"),
    ("replayed", "the command came a second time", "nothing, if it was done the first time"),
    (
        "bad_signature",
        "the command is not signed with this car's key",
        "check the key: provision anew",
    ),
    ("unreachable", "the centre could not reach the car", "look at network in status"),
    ("busy", "not possible at this step", "wait for the deadline in status, ask again"),
    ("in_maintenance", "the car is in maintenance", "end it: maintenance off"),
    ("not_allowed_in_profile", "the operator's terms do not have that", "nothing; it is meant so"),
    ("nothing_to_undo", "it was done already", "nothing"),
    ("not_in_maintenance", "the car is not in maintenance", "type maintenance on first"),
)

#: Of a technician at the cable the same numbers say something else.
_AT_THE_CABLE = (
    (
        codes.BAD_SIGNATURE,
        "wrong_answer",
        "a wrong answer or PIN was typed",
        "nothing, if it was you; else see who had the cable",
    ),
    (codes.EXPIRED, "locked_again", "the console was locked meanwhile", "type unlock"),
)


def told(reason: int, argument: int, is_technicians: bool) -> "tuple[str, str, str]":
    """(name, sentence, what to do) of a refusal in the journal."""
    if is_technicians:
        for one, name, sentence, remedy in _AT_THE_CABLE:
            if one == reason:
                return name, sentence, remedy
    return name_of(reason), sentence_of(reason, argument), remedy_of(reason)


def name_of(reason: int) -> str:
    """The code's name."""
    return REASONS[reason - 1][0] if 0 < reason <= len(REASONS) else "reason %d" % reason


def sentence_of(reason: int, argument: int) -> str:
    """What was in the way; `argument` as in `firmware.wire.journal_format`."""
    if not 0 < reason <= len(REASONS):
        return "reason %d" % reason
    text = REASONS[reason - 1][1]
    if reason == codes.TOO_EARLY and argument:
        text += ": possible from %s UTC" % moment(argument)[:16]
    elif reason == codes.CANNOT_TELL:
        names = [NAMES[i] for i in range(len(NAMES)) if argument >> i & 1]
        if names:
            text += ": " + ", ".join(names)
    return text


def remedy_of(reason: int) -> str:
    """What to do about it."""
    return REASONS[reason - 1][2] if 0 < reason <= len(REASONS) else "see docs/refusals.md"
