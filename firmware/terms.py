"""An operator's parameters and a car's own settings, range-checked.

A profile (`profiles/*.json`) is data: every key must be there, in range. Settings are what one
car has; what they leave out comes from the profile or from the defaults here. A box needs this
once, when it starts, and then unloads it: what stays is in `car_terms`.
"""

from firmware.car_terms import ASK_AGAIN, REFUSE, STAFF_REVIEW, Settings, Terms
from firmware.wire.codes import (
    LAMP_GREEN_BLINK,
    LAMP_GREEN_YELLOW_BLINK,
    LAMP_ORANGE_BLINK,
    LAMP_RED,
    LAMP_RED_BLINK,
    LAMP_THREE_COLOUR,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

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

FLAGS = ("gear_checked", "reunlock", "enrolment", "licence_cards")

CANNOT_TELL = {"ask_again": ASK_AGAIN, "staff_review": STAFF_REVIEW, "refuse": REFUSE}


class TermsError(ValueError):
    """A profile or a setting that cannot be used; the text says which, why and what to do."""


def _check_choice(name: str, value: "Any", allowed: "tuple[str, ...]") -> None:
    if value not in allowed:
        raise TermsError(
            "%s: %r is none of %s; choose one of them" % (name, value, ", ".join(allowed))
        )


def _check_flag(name: str, value: "Any") -> None:
    if value is not True and value is not False:
        raise TermsError("%s: %r is not a yes or no; write true or false" % (name, value))


def load_terms(raw: "dict[str, Any]") -> Terms:
    """A profile's terms; TermsError names the first key that is missing, unknown or out of range."""
    known = [row[0] for row in DURATIONS] + [row[0] for row in CHOICES] + list(FLAGS)
    for name in raw:
        if name not in known:
            raise TermsError(
                "%s: unknown; remove it (known: %s)" % (name, ", ".join(sorted(known)))
            )
    for name in known:
        if name not in raw:
            raise TermsError("%s: missing; a profile gives every value" % name)
    for name, least, most in DURATIONS:
        value = raw[name]
        if not isinstance(value, int) or isinstance(value, bool):
            raise TermsError("%s: %r is not a whole number of seconds" % (name, value))
        if value < least or value > most:
            side = "below %d" % least if value < least else "above %d" % most
            raise TermsError(
                "%s: %d is %s; give %d to %d seconds" % (name, value, side, least, most)
            )
    for name, allowed in CHOICES:
        _check_choice(name, raw[name], allowed)
    for name in FLAGS:
        _check_flag(name, raw[name])
    return _terms(raw)


def _terms(raw: "dict[str, Any]") -> Terms:
    terms = Terms()
    terms.lamp_start = LAMPS[raw["lamp_start"]]
    terms.lamp_talking = LAMPS[raw["lamp_talking"]]
    terms.lamp_end = LAMPS[raw["lamp_end"]]
    terms.lamp_reopen = LAMPS[raw["lamp_reopen"]]
    terms.start_early_s = raw["start_early_s"]
    terms.reader_window_s = raw["reader_window_s"]
    terms.ask_ms = raw["ask_s"] * 1000
    terms.relock_ms = raw["relock_s"] * 1000
    terms.key_ms = raw["key_s"] * 1000
    terms.key_return_ms = raw["key_return_s"] * 1000
    terms.reopen_window_ms = raw["reopen_window_s"] * 1000
    terms.warn_before_ms = raw["warn_before_s"] * 1000
    terms.warn_every_ms = raw["warn_every_s"] * 1000
    terms.refused_end_ms = raw["refused_end_s"] * 1000
    terms.enrol_ms = raw["enrol_s"] * 1000
    terms.gear_is_checked = raw["gear_checked"]
    terms.has_reunlock = raw["reunlock"]
    terms.has_enrolment = raw["enrolment"]
    terms.reads_licences = raw["licence_cards"]
    terms.speaks = raw["sounder"] == "voice"
    terms.key_box = raw["key_box"]
    return terms


def load_settings(raw: "dict[str, Any]", terms: Terms) -> Settings:
    """A car's settings; TermsError names the first one that is unknown or out of range."""
    for name in raw:
        if name == "key_box":
            _check_choice(name, raw[name], ("knob", "connector"))
        elif name == "cannot_tell":
            _check_choice(name, raw[name], tuple(CANNOT_TELL))
        elif name in ("reader", "gear_sensor", "smart_key"):
            _check_flag(name, raw[name])
        else:
            raise TermsError(
                "%s: unknown; remove it (known: cannot_tell, gear_sensor, key_box, reader, smart_key)"
                % name
            )
    settings = Settings()
    settings.key_has_knob = raw.get("key_box", terms.key_box) == "knob"
    settings.has_reader = raw.get("reader", True)
    settings.has_gear_sensor = raw.get("gear_sensor", True)
    settings.has_smart_key = raw.get("smart_key", False)
    settings.cannot_tell = CANNOT_TELL[raw.get("cannot_tell", "ask_again")]
    return settings
