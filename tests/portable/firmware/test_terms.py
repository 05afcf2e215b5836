"""Profiles and settings: every value in range and sensible, one clear sentence when not."""

import json

from firmware.terms import TermsError, check_of, load_settings, load_terms
from firmware.terms_fields import FORMAT, INPUTS
from firmware.wire import code_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NAMES = ("top24-2018", "top24-2023", "jparc-2023")


def text_of(name: str) -> str:
    with open("firmware/profiles/%s.json" % name) as file:
        return file.read()


def raw(name: str = "top24-2023", **changed: "Any") -> "dict[str, Any]":
    """A shipped profile with values changed on purpose, so without its check."""
    found: "dict[str, Any]" = json.loads(text_of(name))
    del found["check"]
    found.update(changed)
    return found


def complaint(load: "Any", *arguments: "Any") -> str:
    try:
        load(*arguments)
    except TermsError as error:
        return str(error)
    raise AssertionError("was accepted")


def test_the_shipped_profile_is_what_the_rules_say() -> None:
    terms = load_terms(raw())
    assert (terms.start_early_s, terms.reader_window_s) == (840, 2700)
    assert (terms.relock_ms, terms.key_ms, terms.key_return_ms) == (60000, 600000, 600000)
    assert (terms.reopen_window_ms, terms.warn_before_ms) == (600000, 600000)
    assert terms.gear_is_checked and not terms.has_reunlock and not terms.speaks


def test_all_shipped_profiles_load_and_have_their_check() -> None:
    for name in NAMES:
        found = json.loads(text_of(name))
        load_terms(found)
        assert found["check"] == check_of(found)


def test_out_of_range_names_value_limit_and_remedy() -> None:
    for value, side in ((9, "below 10"), (601, "above 600")):
        text = complaint(load_terms, raw(relock_s=value))
        assert "relock_s: %d is %s" % (value, side) in text and "10 to 600" in text
    assert load_terms(raw(relock_s=10)).relock_ms == 10000
    assert load_terms(raw(relock_s=599)).relock_ms == 599000


def test_a_missing_an_unknown_a_wrong_kind_of_value() -> None:
    bad = raw()
    del bad["key_s"]
    assert complaint(load_terms, bad).startswith("key_s: missing")
    bad["kye_s"] = 5
    assert complaint(load_terms, bad).startswith("kye_s: unknown")
    assert "whole number" in complaint(load_terms, raw(key_s="600"))
    assert "whole number" in complaint(load_terms, raw(key_s=True))
    assert "buzzer, voice" in complaint(load_terms, raw(sounder="trumpet"))
    assert "true or false" in complaint(load_terms, raw(reunlock=1))
    assert "{ }" in complaint(load_terms, [1])


def test_values_that_make_no_sense_together() -> None:
    text = complaint(load_terms, raw(relock_s=600))
    assert text.startswith("key_s: 600 is not above the 600 of relock_s") and "lower" in text
    text = complaint(load_terms, raw(reader_window_s=840))
    assert text.startswith("reader_window_s: 840 is not above the 840 of start_early_s")
    load_terms(raw(reader_window_s=841))
    for name in ("lamp_start", "lamp_end", "lamp_reopen"):
        text = complaint(load_terms, raw(**{name: "red"}))
        assert text.startswith(name + ": red is what lamp_talking shows")
        bad = raw("jparc-2023", **{name: "green-yellow-blink"})
        assert complaint(load_terms, bad).startswith(
            name + ": green-yellow-blink is what enrolment"
        )
        load_terms(raw(**{name: "green-yellow-blink"}))  # no enrolment there


def test_a_newer_format_is_named_and_refused() -> None:
    """Before its unknown keys are."""
    text = complaint(load_terms, raw(format=FORMAT + 1, colour="mauve"))
    assert text.startswith("format: 2 is newer than this program, which knows 1; update")
    assert "newer" in complaint(load_settings, {"format": 2, "moon": 1}, load_terms(raw()))
    for bad in (0, "1", True, -1):
        assert "no format" in complaint(load_terms, raw(format=bad))
    bad_raw = raw()
    del bad_raw["format"]
    assert complaint(load_terms, bad_raw).startswith("format: missing")


def test_no_flipped_bit_of_a_profile_goes_unnoticed() -> None:
    """Refused with a sentence or as no JSON; or it is one that changes nothing."""
    good = json.loads(text_of("top24-2023"))
    data = text_of("top24-2023").encode()
    refused = 0
    for at in range(len(data)):
        for bit in range(8):
            flipped = data[:at] + bytes((data[at] ^ (1 << bit),)) + data[at + 1 :]
            try:
                found = json.loads(str(flipped, "utf-8"))
                load_terms(found)
            except (ValueError, KeyError):
                refused += 1
                continue
            if "check" in found:
                assert found == good, flipped
            else:
                raise AssertionError(flipped)
    assert refused > len(data) * 7


def test_a_check_that_does_not_fit_says_which_would() -> None:
    bad = raw(key_s=601)
    bad["check"] = check_of(raw())
    text = complaint(load_terms, bad)
    assert text.startswith("check: ") and text.endswith(" write " + check_of(bad))
    bad["check"] = check_of(bad)
    assert load_terms(bad).key_ms == 601000
    settings = {"reader": False, "check": "00000000"}
    assert "check: " in complaint(load_settings, settings, load_terms(raw()))
    settings["check"] = check_of(settings)
    assert not load_settings(settings, load_terms(raw())).has_reader


def test_settings_take_their_defaults_from_the_profile() -> None:
    terms = load_terms(raw())
    settings = load_settings({}, terms)
    assert settings.key_has_knob and settings.has_reader and settings.has_gear_sensor
    assert settings.no_sensors == settings.no_doors == 0
    assert not load_settings({"key_box": "connector"}, terms).key_has_knob


def test_bad_settings_are_named() -> None:
    terms = load_terms(raw())
    assert complaint(load_settings, {"readr": True}, terms).startswith("readr: unknown")
    assert "ask_again" in complaint(load_settings, {"cannot_tell": "guess"}, terms)
    assert "true or false" in complaint(load_settings, {"reader": "yes"}, terms)
    assert "not a list" in complaint(load_settings, {"no_sensor": "lights"}, terms)
    assert "{ }" in complaint(load_settings, "none", terms)


def test_names_of_inputs_are_those_of_the_codes() -> None:
    assert [code_names.INPUT_NAMES[i] for i in range(len(INPUTS))] == list(INPUTS)


def test_a_car_declares_what_it_does_without() -> None:
    terms = load_terms(raw())

    def without(*names: str) -> int:
        found = load_settings({"no_sensor": list(names), "cannot_tell": "staff_review"}, terms)
        return found.no_sensors

    assert without("lights") == 1 << 11 and without("lights", "window") == 3 << 11
    assert without("gear") == 1 << 10
    assert not load_settings({"no_sensor": ["gear"]}, terms).has_gear_sensor
    assert load_settings({"gear_sensor": False}, terms).no_sensors == 1 << 10
    assert load_settings({"key_box": "connector"}, terms).no_sensors == 1 << 6
    assert load_settings({"no_door": ["door_rear_left"]}, terms).no_doors == 1 << 2


def test_what_no_car_can_do_without() -> None:
    """SAFE-1 needs engine and motion, an end the locks' and the block's read-back."""
    terms = load_terms(raw())
    for name in ("engine", "moving", "locked", "blocked", "knob", "sunroof"):
        text = complaint(load_settings, {"no_sensor": [name]}, terms)
        assert text.startswith("no_sensor: %r cannot be spared" % name)
    assert "cannot be spared" in complaint(load_settings, {"no_door": ["door_driver"]}, terms)
    assert "cannot be spared" in complaint(load_settings, {"no_door": ["lights"]}, terms)


def test_a_car_that_could_never_end_is_refused() -> None:
    """END-8: without the sensor, only staff review lets an end through."""
    terms = load_terms(raw())
    for name in ("door_driver", "trunk", "key", "brake"):
        for policy in ("ask_again", "refuse"):
            settings = {"no_sensor": [name], "cannot_tell": policy}
            text = complaint(load_settings, settings, terms)
            assert text.startswith("no_sensor: %s is asked for" % name) and "staff_review" in text
        load_settings({"no_sensor": [name], "cannot_tell": "staff_review"}, terms)


def test_settings_that_contradict_each_other() -> None:
    terms = load_terms(raw())
    both = {"no_sensor": ["gear"], "gear_sensor": True}
    assert "gear_sensor is true" in complaint(load_settings, both, terms)
    both = {"no_sensor": ["trunk"], "no_door": ["trunk"], "cannot_tell": "staff_review"}
    assert "no_door has it too" in complaint(load_settings, both, terms)
