"""The names and ranges of what `terms` checks, and the order in which its record has them."""

from firmware.car_terms import ASK_AGAIN, REFUSE, STAFF_REVIEW
from firmware.wire.codes import (
    LAMP_GREEN_BLINK,
    LAMP_GREEN_YELLOW_BLINK,
    LAMP_ORANGE_BLINK,
    LAMP_RED,
    LAMP_RED_BLINK,
    LAMP_THREE_COLOUR,
)

#: Of profiles and settings alike. A key that is new, or means something else, makes it one higher.
FORMAT = 1

LAMPS = {
    "red-blink": LAMP_RED_BLINK,
    "red": LAMP_RED,
    "green-blink": LAMP_GREEN_BLINK,
    "three-colour": LAMP_THREE_COLOUR,
    "orange-blink": LAMP_ORANGE_BLINK,
    "green-yellow-blink": LAMP_GREEN_YELLOW_BLINK,
}

# name, least, most; all in seconds
DURATIONS = (
    ("start_early_s", 0, 3600),
    ("reader_window_s", 60, 14400),
    ("ask_s", 1, 10),
    ("relock_s", 10, 600),
    ("key_s", 60, 3600),
    ("key_return_s", 60, 3600),
    ("reopen_window_s", 60, 3600),
    ("warn_before_s", 60, 3600),
    ("warn_every_s", 60, 3600),
    ("refused_end_s", 1, 30),
    ("enrol_s", 10, 600),
)

CHOICES = (
    ("lamp_start", tuple(LAMPS)),
    ("lamp_talking", tuple(LAMPS)),
    ("lamp_end", tuple(LAMPS)),
    ("lamp_reopen", tuple(LAMPS)),
    ("sounder", ("buzzer", "voice")),
    ("key_box", ("knob", "connector")),
)

#: The lamps among them; they come first.
LAMP_FIELDS = 4

FLAGS = ("gear_checked", "reunlock", "enrolment", "licence_cards")

# The car's inputs as `code_names.INPUT_NAMES` has them, which is not loaded on the box.
INPUTS = (
    "door_driver",
    "door_passenger",
    "door_rear_left",
    "door_rear_right",
    "trunk",
    "key",
    "knob",
    "engine",
    "moving",
    "brake",
    "gear",
    "lights",
    "window",
    "locked",
    "blocked",
)
DOORS = INPUTS[:5]
#: Asked for by every end (END-1): without one of them no end is certain.
ASKED_AT_END = DOORS + INPUTS[5:6] + INPUTS[9:10]  # key, brake
#: A car can do without these; what that means stands in docs/profiles.md.
SPARED = ASKED_AT_END + INPUTS[10:13]  # gear, lights, window

CANNOT_TELL = {"ask_again": ASK_AGAIN, "staff_review": STAFF_REVIEW, "refuse": REFUSE}

#: Attributes behind the bits of the record's flags, the lowest first: those of FLAGS, then others.
FLAG_BITS = (
    "gear_is_checked",
    "has_reunlock",
    "has_enrolment",
    "reads_licences",
    "speaks",
    "has_reader",
    "has_smart_key",
)
#: So many of them are the operator's; the others are the car's.
TERMS_FLAGS = 5
