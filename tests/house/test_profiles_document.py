"""docs/profiles.md says what terms.py and terms_fields.py check and what the shipped files hold."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from firmware import debounce, loop, plausible, terms, terms_fields
from tools import traceability, tree

TEXT = (tree.ROOT / "docs/profiles.md").read_text(encoding="utf-8")
SHIPPED = sorted((tree.ROOT / "firmware/profiles").glob("*.json"))


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table under that heading, without its own heading."""
    part = TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    table: list[list[str]] = []
    for line in lines:
        if table and line.startswith("| input "):
            break
        table.append([cell.strip() for cell in line.strip("|").split("|")])
    return table


def profile(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


KEYS = rows("The keys of a profile")
SETTINGS = rows("The settings of a car")


def limits() -> dict[str, str]:
    """Each key's range as the table has to say it."""
    found = {name: f"{least} to {most}" for name, least, most in terms_fields.DURATIONS}
    found.update((name, ", ".join(allowed)) for name, allowed in terms_fields.CHOICES)
    found.update((name, "a lamp") for name in found if name.startswith("lamp_"))
    found.update((name, "true or false") for name in terms_fields.FLAGS)
    return {**found, "format": str(terms_fields.FORMAT), "check": "8 hex digits"}


def test_every_key_stands_there_once_with_its_range() -> None:
    said = {row[0].strip("`"): row[1] for row in KEYS[2:]}
    assert said == limits()
    assert len(said) == len(KEYS) - 2


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_value_is_the_files(path: Path) -> None:
    column = KEYS[0].index(f"`{path.stem}`")
    said = {row[0].strip("`"): row[column] for row in KEYS[2:]}
    held = {key: str(value).lower() for key, value in profile(path).items()}
    assert said == held


def test_every_shipped_profile_has_a_column() -> None:
    assert KEYS[0][2:5] == [f"`{path.stem}`" for path in _in_order()]


def _in_order() -> list[Path]:
    return sorted(SHIPPED, key=lambda path: (not path.stem.startswith("top24"), path.stem))


def test_rules_that_are_named_exist() -> None:
    rules, _ = traceability.read_rules((tree.ROOT / "docs/rules.md").read_text(encoding="utf-8"))
    named = set(re.findall(r"\b[A-Z]+(?:-[A-Z]+)?-\d+\b", TEXT))
    assert named
    assert named <= set(rules)


def test_every_lamp_is_named() -> None:
    assert [name for name in terms_fields.LAMPS if f"`{name}`" not in TEXT] == []


def test_every_setting_stands_there_and_no_other() -> None:
    with pytest.raises(terms.TermsError) as caught:
        terms.load_settings({"?": 1}, terms.load_terms(profile(SHIPPED[0])))
    known = str(caught.value).split("known: ")[1].rstrip(")").split(", ")
    assert sorted(row[0].strip("`") for row in SETTINGS[2:]) == known


def test_inputs_that_can_be_spared_are_explained() -> None:
    part = TEXT.split("| input |")[1].split("\n\n")[0]
    said = re.findall(r"`(\w+)`", "".join(row.split("|")[1] for row in part.splitlines()[1:]))
    assert sorted(said) == sorted(terms_fields.SPARED)
    for name in terms_fields.DOORS[1:]:
        assert f"`{name}`" in TEXT.split("`no_door` takes")[1].split(".")[0]


def test_figures_of_noise_and_contradictions_are_the_programs() -> None:
    for said in (
        f"rested for {loop.DEBOUNCE_MS} ms",
        f"more than {debounce.EDGES_MAX} times within {debounce.EDGES_WINDOW_MS // 1000} s",
        f"no rest for {debounce.RESTLESS_MS // 1000} s",
        f"until it has rested for {debounce.NOISY_REST_MS // 1000} s",
        f"has rested for {debounce.QUIET_MS // 1000} s",
        f"below {plausible.RUNNING_MV_MIN / 1000} V",
        f"| {plausible.HOLD_MS // 1000} s |",
        f"odometer counts {plausible.UNNOTICED_M_MAX} m",
    ):
        assert said in TEXT.replace("\n", " "), said


def test_the_sentences_that_it_quotes_are_said() -> None:
    raw = profile(tree.ROOT / "firmware/profiles/top24-2023.json")
    for changed in ({"relock_s": 5}, {"relock_s": 10}):
        with pytest.raises(terms.TermsError) as caught:
            terms.load_terms({**raw, **changed})
        assert f"profile harbour.json: {caught.value}" in TEXT
