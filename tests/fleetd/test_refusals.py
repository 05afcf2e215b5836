"""One language of refusal: each code has every text once, and the page is made from them."""

import re
from pathlib import Path
from typing import Any

import pytest

from firmware.wire.code_names import INPUT_NAMES, REASON_NAMES, WARNING_NAMES
from fleetd.core import outlook, rules
from fleetd.sentences import LANGUAGES, REFUSALS, SENTENCES, explain
from simulator.scenario.words import BOOKING_REASONS
from tools import refusals, tree

LINES = {"reason", "remedy", "happened", "check", "tell"}
#: Lines that only some codes have, beside those of a single operator's terms.
MORE = {"reason_named": ["inputs"], "remedy_at": ["at"], "remedy_refuse": []}
BY_TERMS = {"remedy", "tell"}
TEXTS = [(code, language) for code in REFUSALS for language in LANGUAGES]
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def of_kind(kind: str) -> set[str]:
    return {code for code, entry in REFUSALS.items() if entry["kind"] == kind}


def codes_of_bookings() -> set[str]:
    """Every code that the decisions on bookings and cards can give, as they stand in the source."""
    found: set[str] = {*BOOKING_REASONS, "card_of_somebody_else", "card_replaced_since"}
    for name in ("bookings", "outlook"):
        text = (tree.ROOT / "fleetd" / "core" / f"{name}.py").read_text(encoding="utf-8")
        found |= set(re.findall(r'return "([a-z_]+)"', text))
        found |= set(re.findall(r'[:(] "([a-z_]+)"(?: if|[,}])', text))
    states = {"reopened", "in_use", "booked", "ended", "cancelled"}
    return found - set(REASON_NAMES.values()) - states


def test_every_code_has_an_entry_and_every_entry_a_code() -> None:
    """START-9, END-5, FAULT-1: no refusal without words, no words for nothing."""
    beside = {*WARNING_NAMES.values(), "nothing_to_undo"}
    assert of_kind("wire") == set(REASON_NAMES.values()) - beside
    assert of_kind("beside") == beside
    assert of_kind("booking") == codes_of_bookings()
    assert of_kind("state") == set(outlook.LOCKED_ITSELF)
    assert {entry["kind"] for entry in REFUSALS.values()} == set(refusals.SECTIONS)


@pytest.mark.parametrize(("code", "language"), TEXTS)
def test_every_code_has_every_text(code: str, language: str) -> None:
    words: dict[str, str] = REFUSALS[code][language]
    assert set(words) >= LINES
    for name, text in words.items():
        line, _, profile = name.partition("@")
        assert line in LINES | set(MORE)
        assert not profile or (line in BY_TERMS and profile in rules.names())
        assert text == text.strip() != ""
        assert bool(JAPANESE.search(text)) == (language == "ja"), name
        assert re.findall(r"{(\w+)}", text) == MORE.get(line, [])
        assert "|" not in text


@pytest.mark.parametrize("code", REFUSALS)
def test_both_languages_make_the_same_differences(code: str) -> None:
    entry: dict[str, Any] = REFUSALS[code]
    assert set(entry["ja"]) == set(entry["en"])
    assert entry["when"]
    known = (tree.ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert [rule for rule in entry["rules"] if f"| {rule} |" not in known] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", INPUT_NAMES.values())
def test_end_8_what_the_car_cannot_tell_is_named(language: str, name: str) -> None:
    """END-8, in both languages."""
    words = SENTENCES[language]
    assert words.text("inputs", name) in words.reason("cannot_tell", [name])
    assert words.text("inputs", name) not in words.reason("cannot_tell")


def test_end_8_the_api_names_the_inputs() -> None:
    assert explain("cannot_tell", ["trunk", "brake"]).startswith(
        "The car cannot tell: trunk, parking brake. Check the car"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_way_out_depends_on_the_terms(language: str) -> None:
    """START-6, START-7, USE-2, USE-5, REOPEN-5: the codes whose remedy is not the same for all."""
    words = SENTENCES[language]
    differ = {
        code for code in REFUSALS
        if words.remedy(code, "top24-2023") != words.remedy(code, "jparc-2023")
    }  # fmt: skip
    assert differ == {
        "busy", "not_allowed_in_profile", "relocked", "reopen_over", "reopen_used",
        "secured_at_start", "secured_in_use",
    }  # fmt: skip
    for code in REFUSALS:
        assert words.remedy(code, "top24-2018") == words.remedy(code, "top24-2023")


def test_no_two_codes_say_the_same() -> None:
    for language in LANGUAGES:
        reasons = [entry[language]["reason"] for entry in REFUSALS.values()]
        assert len(set(reasons)) == len(reasons)


def test_a_reason_stands_in_no_other_file() -> None:
    """A second wording begins as a copy."""
    reasons = {entry[language]["reason"] for entry in REFUSALS.values() for language in LANGUAGES}
    for path in tree.paths(".py", ".js", ".html", ".json"):
        if path.startswith("tests/") or path == "fleetd/locale/refusals.json":
            continue
        text = (tree.ROOT / path).read_text(encoding="utf-8")
        assert [one for one in reasons if one in text] == [], path


def test_the_page_says_all_of_it() -> None:
    """START-9: and that the reader has one signal for all."""
    page = refusals.page()
    assert "The reader has one signal for all of them" in page
    for code, entry in REFUSALS.items():
        assert f"| `{code}` |" in page
        for language in LANGUAGES:
            assert [text for text in entry[language].values() if text not in page] == []


def test_a_stale_page_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "docs" / "refusals.md"
    page.parent.mkdir()
    monkeypatch.setattr(refusals, "PAGE", page)
    assert refusals.main(["--check"]) == 1
    assert refusals.main([]) == 0
    assert refusals.main(["--check"]) == 0
    page.write_text(page.read_text(encoding="utf-8").replace("door", "gate"), encoding="utf-8")
    assert refusals.main(["--check"]) == 1
    assert refusals.main(["--other"]) == 2
    assert "make refusals" in capsys.readouterr().err
