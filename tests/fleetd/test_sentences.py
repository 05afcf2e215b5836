"""Sentences: each code has a reason and a remedy in every language, and no language lacks a line."""

import ast
import json
import re
from functools import cache
from typing import Any

import pytest

from firmware.wire.code_names import INPUT_NAMES, REASON_NAMES, WARNING_NAMES
from fleetd.api.answers import STATUS_OF, UNITS
from fleetd.api.application import CALLS
from fleetd.commands import VERBS
from fleetd.core import outlook, rules
from fleetd.sentences import LANGUAGES, LOCALE, REFUSALS, SENTENCES, explain, sentence
from tools import tree

WORDS: dict[str, Any] = {
    language: json.loads((LOCALE / f"{language}.json").read_text(encoding="utf-8"))
    for language in LANGUAGES
}
for _language, _words in WORDS.items():
    _refusals = {code: entry[_language] for code, entry in REFUSALS.items()}
    assert not set(_refusals) & set(_words["codes"]), "a second wording of a refusal"
    _words["codes"] |= _refusals
#: How a part of the daemon says no.
SAY_NO = {"Refused", "Wrong", "refusal", "problem", "error", "_wait"}


def lines(language: str) -> dict[str, str]:
    """Every line by its path."""
    found: dict[str, str] = {}

    def walk(path: str, value: Any) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                walk(f"{path}/{name}", inner)
        else:
            found[path] = value

    walk("", WORDS[language])
    return found


@cache
def sources() -> list[tree.Source]:
    """The daemon's, parsed once."""
    paths = [path for path in tree.paths(".py") if path.startswith("fleetd/")]
    return [tree.source(path, (tree.ROOT / path).read_text(encoding="utf-8")) for path in paths]


def codes_in_sources() -> set[str]:
    """Each code that some line of the daemon refuses with."""
    found: set[str] = set()
    for source in sources():
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                texts = [one.value for one in node.args if isinstance(one, ast.Constant)]
                if name in SAY_NO:
                    found.update(text for text in texts if isinstance(text, str) and _is_code(text))
            elif isinstance(node, ast.FunctionDef) and "refuse" in node.name:
                found.update(_returned(node))
    return found


def _returned(function: ast.FunctionDef) -> set[str]:
    returns = [node for node in ast.walk(function) if isinstance(node, ast.Return)]
    texts = [node for one in returns for node in ast.walk(one) if isinstance(node, ast.Constant)]
    return {one.value for one in texts if isinstance(one.value, str) and _is_code(one.value)}


def _is_code(text: object) -> bool:
    return isinstance(text, str) and re.fullmatch("[a-z_]+", text) is not None


def test_the_languages_have_the_same_lines() -> None:
    first, *others = (lines(language) for language in LANGUAGES)
    for other in others:
        assert set(other) == set(first)
        for path, text in first.items():
            assert fields(other[path]) <= fields(text) | {"month_name", "month"}, path


def fields(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_is_empty_or_in_the_other_language(language: str) -> None:
    is_japanese = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
    for path, text in lines(language).items():
        assert text.strip() == text or path.startswith("/times/between") or path.endswith("comma")
        assert text or path == "/times/between"
        if language == "en" and path != "/page/language_name":
            assert not is_japanese.search(text), path
        if language == "ja" and path.startswith("/codes/"):
            assert is_japanese.search(text), path
        if path.rpartition("/")[2].partition("@")[0] in ("check", "happened", "tell"):
            continue  # the call centre's notes need be no sentences
        if language == "ja" and path.startswith("/codes/"):
            assert text.endswith("。"), path


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_reason_and_a_remedy(language: str) -> None:
    codes = codes_in_sources() | set(STATUS_OF)
    assert {"no_booking", "too_short", "gap", "password_unchanged", "bad_form"} <= codes
    codes |= {*REASON_NAMES.values(), *WARNING_NAMES.values()}
    codes |= {code for call in CALLS for code in call.codes}
    for table in outlook._NOT_NOW.values():
        codes |= set(table.values())
    words = SENTENCES[language]
    assert sorted(code for code in codes if not words.knows(code)) == []
    for code in codes:
        assert words.reason(code)
        assert words.remedy(code)
        assert words.reason(code) != words.remedy(code)


def test_no_code_is_explained_that_nobody_says() -> None:
    said = codes_in_sources() | set(STATUS_OF) | {*REASON_NAMES.values(), *WARNING_NAMES.values()}
    said |= {code for call in CALLS for code in call.codes} | {"not_possible"}
    for table in outlook._NOT_NOW.values():
        said |= set(table.values())
    texts = "".join(source.text for source in sources())
    rest = {code for code in WORDS["en"]["codes"] if code not in said and f'"{code}"' not in texts}
    assert rest == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_that_pages_say_is_there(language: str) -> None:
    words = SENTENCES[language]
    assert {name for name in outlook.STATES if not words.has("states", name)} == set()
    for group in ("buttons", "confirm", "questions", "asking", "accepted", "refused", "next"):
        assert {verb for verb in VERBS if not words.has(group, verb)} == set()
    assert {name for name in INPUT_NAMES.values() if not words.has("inputs", name)} == set()
    assert {unit for unit in UNITS if not words.has("limits", unit)} == set()


def test_a_remedy_may_depend_on_the_terms() -> None:
    """REOPEN-5: after the window it is booked again, or the help desk is called."""
    words = SENTENCES["en"]
    assert "book" in words.remedy("reopen_over", "top24-2023")
    assert "help desk" in words.remedy("reopen_over", "jparc-2023")
    profiles = {
        name.partition("@")[2]
        for entry in WORDS["en"]["codes"].values()
        for name in entry
        if "@" in name
    }
    assert profiles <= set(rules.names())


def test_a_reason_of_tomorrow_is_a_sentence_all_the_same() -> None:
    assert explain("reason_99").startswith("That is not possible.")
    assert explain("door_open") == "A door is open. Close every door and the trunk, then try again."
    assert sentence("door_open") == f"{explain('door_open')} (door_open)"
