"""An operator's parameters and a car's own settings, range-checked.

A profile (`profiles/*.json`) is data: every key must be there, in range, and make sense beside the
others. Settings are what one car has; what they leave out comes from the profile or from the
defaults here. Both may end with a `check` over all their values, which finds what a worn flash or
a slip of the finger changed within its range. docs/profiles.md explains every key. A box needs this
when it starts and when its terms change, and then unloads it: what stays is in `car_terms`.
"""

import struct
from binascii import crc32

from firmware.car_terms import Settings, Terms
from firmware.terms_fields import (
    ASKED_AT_END,
    CANNOT_TELL,
    CHOICES,
    DOORS,
    DURATIONS,
    FLAG_BITS,
    FLAGS,
    FORMAT,
    INPUTS,
    LAMP_FIELDS,
    LAMPS,
    SPARED,
    TERMS_FLAGS,
)
from firmware.wire.codes import IN_KNOB_AT_RETURN
from firmware.wire.records import TERMS, TERMS_BYTES, TERMS_FORMAT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


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


def _check_duration(name: str, value: "Any", least: int, most: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TermsError("%s: %r is not a whole number of seconds" % (name, value))
    if value < least or value > most:
        side = "below %d" % least if value < least else "above %d" % most
        raise TermsError("%s: %d is %s; give %d to %d seconds" % (name, value, side, least, most))


def check_of(raw: "dict[str, Any]") -> str:
    """What `check` has to be for these values: 8 hexadecimal digits of a CRC-32."""
    text = "".join(["%s=%r\n" % (name, raw[name]) for name in sorted(raw) if name != "check"])
    return "%08x" % (crc32(text.encode()) & 0xFFFFFFFF)


def _check_format(raw: "dict[str, Any]") -> None:
    """First of all: a newer format may have keys that are unknown here."""
    if not isinstance(raw, dict):
        raise TermsError("%r is no set of values; write { } around them" % (raw,))
    value = raw.get("format", FORMAT)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise TermsError("format: %r is no format; write %d" % (value, FORMAT))
    if value > FORMAT:
        raise TermsError(
            "format: %d is newer than this program, which knows %d; update the program, or use a "
            "file of format %d" % (value, FORMAT, FORMAT)
        )


def _check_sum(raw: "dict[str, Any]") -> None:
    """Last of all: every value is good by itself, but is it the one that was meant?"""
    if "check" in raw and raw["check"] != check_of(raw):
        raise TermsError(
            "check: %r does not fit the values; get the file anew, or, if they were changed on "
            "purpose, write %s" % (raw["check"], check_of(raw))
        )


def load_terms(raw: "dict[str, Any]") -> Terms:
    """A profile's terms; TermsError names the first key that is missing, unknown or out of range."""
    _check_format(raw)
    known = [row[0] for row in DURATIONS] + [row[0] for row in CHOICES] + list(FLAGS) + ["format"]
    for name in sorted(raw, key=str):
        if name not in known and name != "check":
            raise TermsError(
                "%s: unknown; remove it (known: %s)" % (name, ", ".join(sorted(known)))
            )
    for name in known:
        if name not in raw:
            raise TermsError("%s: missing; a profile gives every value" % name)
    for name, least, most in DURATIONS:
        _check_duration(name, raw[name], least, most)
    for name, allowed in CHOICES:
        _check_choice(name, raw[name], allowed)
    for name in FLAGS:
        _check_flag(name, raw[name])
    _check_sense(raw)
    _check_sum(raw)
    return _terms(raw)


def _check_sense(raw: "dict[str, Any]") -> None:
    """Values that are in range and make no sense beside each other."""
    for longer, shorter, why in (
        ("reader_window_s", "start_early_s", "the reader would go dark before the booking starts"),
        ("key_s", "relock_s", "the time for the key would be over before a door was opened"),
    ):
        if raw[longer] <= raw[shorter]:
            raise TermsError(
                "%s: %d is not above the %d of %s: %s; raise it or lower %s"
                % (longer, raw[longer], raw[shorter], shorter, why, shorter)
            )
    for name in ("lamp_start", "lamp_end", "lamp_reopen"):
        for other in ("lamp_talking", "enrolment"):
            pattern = raw[other]
            if pattern is True:
                pattern = "green-yellow-blink"
            if raw[name] == pattern:
                raise TermsError(
                    "%s: %s is what %s shows; choose another, nobody could tell them apart"
                    % (name, pattern, other)
                )


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
    _check_format(raw)
    for name in sorted(raw, key=str):
        if name == "key_box":
            _check_choice(name, raw[name], ("knob", "connector"))
        elif name == "cannot_tell":
            _check_choice(name, raw[name], tuple(CANNOT_TELL))
        elif name in ("reader", "gear_sensor", "smart_key"):
            _check_flag(name, raw[name])
        elif name in ("no_sensor", "no_door"):
            _check_list(name, raw[name], SPARED if name == "no_sensor" else DOORS[1:])
        elif name not in ("format", "check"):
            raise TermsError(
                "%s: unknown; remove it (known: cannot_tell, check, format, gear_sensor, key_box, "
                "no_door, no_sensor, reader, smart_key)" % name
            )
    _check_inputs(raw)
    _check_sum(raw)
    settings = Settings()
    settings.key_has_knob = raw.get("key_box", terms.key_box) == "knob"
    settings.has_reader = raw.get("reader", True)
    settings.no_sensors = _mask(raw.get("no_sensor", ()))
    settings.no_doors = _mask(raw.get("no_door", ()))
    settings.has_gear_sensor = raw.get("gear_sensor", "gear" not in raw.get("no_sensor", ()))
    if not settings.has_gear_sensor:
        settings.no_sensors |= _mask(("gear",))
    if not settings.key_has_knob:
        settings.no_sensors |= _mask(("knob",))
    settings.has_smart_key = raw.get("smart_key", False)
    settings.cannot_tell = CANNOT_TELL[raw.get("cannot_tell", "ask_again")]
    return settings


def _mask(names: "list[str] | tuple[str, ...]") -> int:
    found = 0
    for name in names:
        found |= 1 << INPUTS.index(name)
    return found


def _check_list(name: str, value: "Any", allowed: "tuple[str, ...]") -> None:
    if not isinstance(value, list):
        raise TermsError("%s: %r is not a list; write names in [ ]" % (name, value))
    for one in value:
        if one not in allowed:
            raise TermsError(
                "%s: %r cannot be spared or is no input; a car can do without %s"
                % (name, one, ", ".join(allowed))
            )


def _check_inputs(raw: "dict[str, Any]") -> None:
    """What a car does without, against the rest of its settings."""
    spared = raw.get("no_sensor", [])
    if "gear" in spared and raw.get("gear_sensor"):
        raise TermsError("no_sensor: gear, but gear_sensor is true; remove one of them")
    for name in raw.get("no_door", []):
        if name in spared:
            raise TermsError("no_sensor: %s, but no_door has it too; remove one of them" % name)
    if raw.get("cannot_tell", "ask_again") != "staff_review":
        for name in spared:
            if name in ASKED_AT_END:
                raise TermsError(
                    "no_sensor: %s is asked for by every end (END-1), and none could be accepted; "
                    "wire it, or set cannot_tell to staff_review (END-8)" % name
                )


def pack_record(terms: Terms, settings: Settings) -> bytes:
    """The record of `wire.records` for these."""
    flags = 0
    for bit in range(len(FLAG_BITS)):
        owner: "Any" = terms if bit < TERMS_FLAGS else settings
        if getattr(owner, FLAG_BITS[bit]):
            flags |= 1 << bit
    values = [getattr(terms, row[0]) for row in CHOICES[:LAMP_FIELDS]]
    for name, _, _ in DURATIONS:
        span: "int | None" = getattr(terms, name, None)
        values.append(getattr(terms, name[:-1] + "ms") // 1000 if span is None else span)
    values += [flags, settings.cannot_tell, settings.no_sensors, settings.no_doors]
    return struct.pack(TERMS, TERMS_FORMAT, *values)


def unpack_record(record: bytes) -> "tuple[Terms, Settings]":
    """What a profile and settings would give; TermsError where those would be refused."""
    if len(record) != TERMS_BYTES or record[0] != TERMS_FORMAT:
        raise TermsError("a record of %d bytes, %r" % (len(record), bytes(record[:1])))
    values = struct.unpack(TERMS, record)
    flags, cannot_tell, no_sensors, no_doors = values[1 + LAMP_FIELDS + len(DURATIONS) :]
    if flags >> len(FLAG_BITS):
        raise TermsError("flags: %d are unknown" % flags)
    raw: "dict[str, Any]" = {"format": FORMAT}
    for i in range(LAMP_FIELDS):
        raw[CHOICES[i][0]] = _name_of(LAMPS, values[1 + i])
    for i in range(len(DURATIONS)):
        raw[DURATIONS[i][0]] = values[1 + LAMP_FIELDS + i]
    for i in range(len(FLAGS)):
        raw[FLAGS[i]] = flags >> i & 1 == 1
    raw["sounder"] = "voice" if flags >> FLAG_BITS.index("speaks") & 1 else "buzzer"
    has_knob = no_sensors >> IN_KNOB_AT_RETURN & 1 == 0
    raw["key_box"] = "knob" if has_knob else "connector"
    terms = load_terms(raw)
    settings = {
        "reader": flags >> FLAG_BITS.index("has_reader") & 1 == 1,
        "smart_key": flags >> FLAG_BITS.index("has_smart_key") & 1 == 1,
        "cannot_tell": _name_of(CANNOT_TELL, cannot_tell),
        "no_sensor": _names(no_sensors & ~(1 << IN_KNOB_AT_RETURN)),
        "no_door": _names(no_doors),
    }
    return terms, load_settings(settings, terms)


def _name_of(numbers: "dict[str, int]", number: int) -> str:
    for name, one in numbers.items():
        if one == number:
            return name
    return "number %d" % number


def _names(mask: int) -> "list[str]":
    if mask >> len(INPUTS):
        raise TermsError("inputs: %d is more than there are" % mask)
    return [INPUTS[i] for i in range(len(INPUTS)) if mask >> i & 1]
