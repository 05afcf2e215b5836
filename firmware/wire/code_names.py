"""The names behind the numbers of `codes`: what logs, pages, API and scenario files say.

Not loaded on the box in service; the daemon, the simulator and the console use it.
"""

from firmware.wire import codes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def _names(prefix: str) -> "Mapping[int, str]":
    return {
        getattr(codes, name): name[len(prefix) :].lower()
        for name in dir(codes)
        if name.startswith(prefix) and isinstance(getattr(codes, name), int)
    }


AUDIT_NAMES = _names("AUDIT_")
VERB_NAMES = _names("VERB_")
CAUSE_NAMES = _names("BY_")
WARNING_NAMES = _names("WARN_")
PULSE_NAMES = _names("PULSE_")
FAULT_NAMES = _names("FAULT_")
ACTION_NAMES = _names("ACT_")

REASON_NAMES = {
    getattr(codes, name): name.lower()
    for name in (
        "TOO_EARLY",
        "WINDOW_OVER",
        "BOOKING_OVER",
        "NO_BOOKING",
        "UNKNOWN_CARD",
        "NOT_THIS_DRIVER",
        "NOT_RETURNED",
        "LICENCE_EXPIRED",
        "CLOCK_UNTRUSTED",
        "LEASE_OVER",
        "JOURNAL_FULL",
        "ENGINE_RUNNING",
        "KEY_NOT_IN_BOX",
        "BRAKE_OFF",
        "DOOR_OPEN",
        "NOT_IN_PARK",
        "CANNOT_TELL",
        "REOPEN_USED",
        "REOPEN_OVER",
        "EXPIRED",
        "REPLAYED",
        "BAD_SIGNATURE",
        "UNREACHABLE",
        "BUSY",
        "IN_MAINTENANCE",
        "NOT_ALLOWED_IN_PROFILE",
        "NOTHING_TO_UNDO",
        "NOT_IN_MAINTENANCE",
    )
}

LAMP_NAMES = {
    codes.LAMP_DARK: "dark",
    codes.LAMP_RED_BLINK: "red-blink",
    codes.LAMP_RED: "red",
    codes.LAMP_GREEN_BLINK: "green-blink",
    codes.LAMP_THREE_COLOUR: "three-colour",
    codes.LAMP_ORANGE_BLINK: "orange-blink",
    codes.LAMP_GREEN_YELLOW_BLINK: "green-yellow-blink",
    codes.LAMP_REFUSED: "refused",
}

INPUT_NAMES = {
    codes.IN_DOOR_DRIVER: "door_driver",
    codes.IN_DOOR_PASSENGER: "door_passenger",
    codes.IN_DOOR_REAR_LEFT: "door_rear_left",
    codes.IN_DOOR_REAR_RIGHT: "door_rear_right",
    codes.IN_TRUNK: "trunk",
    codes.IN_KEY: "key",
    codes.IN_KNOB_AT_RETURN: "knob",
    codes.IN_ENGINE: "engine",
    codes.IN_MOVING: "moving",
    codes.IN_BRAKE: "brake",
    codes.IN_GEAR_P: "gear",
    codes.IN_LIGHTS: "lights",
    codes.IN_WINDOW: "window",
    codes.IN_LOCKED: "locked",
    codes.IN_BLOCKED: "blocked",
}
