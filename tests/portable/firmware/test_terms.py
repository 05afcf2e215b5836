"""Profiles and settings: every value in range, one clear sentence when not."""

import json

from firmware.terms import TermsError, load_settings, load_terms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def raw() -> "dict[str, Any]":
    with open("firmware/profiles/top24-2023.json") as file:
        found: "dict[str, Any]" = json.load(file)
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


def test_out_of_range_names_value_limit_and_remedy() -> None:
    for value, side in ((9, "below 10"), (601, "above 600")):
        bad = raw()
        bad["relock_s"] = value
        text = complaint(load_terms, bad)
        assert "relock_s: %d is %s" % (value, side) in text and "10 to 600" in text
    for value in (10, 600):
        good = raw()
        good["relock_s"] = value
        assert load_terms(good).relock_ms == value * 1000


def test_a_missing_an_unknown_a_wrong_kind_of_value() -> None:
    bad = raw()
    del bad["key_s"]
    assert complaint(load_terms, bad).startswith("key_s: missing")
    bad = raw()
    bad["kye_s"] = 5
    assert complaint(load_terms, bad).startswith("kye_s: unknown")
    bad = raw()
    bad["key_s"] = "600"
    assert "whole number" in complaint(load_terms, bad)
    bad = raw()
    bad["key_s"] = True
    assert "whole number" in complaint(load_terms, bad)
    bad = raw()
    bad["sounder"] = "trumpet"
    assert "buzzer, voice" in complaint(load_terms, bad)
    bad = raw()
    bad["reunlock"] = 1
    assert "true or false" in complaint(load_terms, bad)


def test_settings_take_their_defaults_from_the_profile() -> None:
    terms = load_terms(raw())
    settings = load_settings({}, terms)
    assert settings.key_has_knob and settings.has_reader and settings.has_gear_sensor
    assert not load_settings({"key_box": "connector"}, terms).key_has_knob


def test_bad_settings_are_named() -> None:
    terms = load_terms(raw())
    assert complaint(load_settings, {"readr": True}, terms).startswith("readr: unknown")
    assert "ask_again" in complaint(load_settings, {"cannot_tell": "guess"}, terms)
    assert "true or false" in complaint(load_settings, {"reader": "yes"}, terms)
