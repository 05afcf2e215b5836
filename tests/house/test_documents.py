"""The documents: links that lead somewhere, words of the scenario page that the code knows."""

import re
from pathlib import PurePosixPath

import pytest

from firmware.wire import code_names
from firmware.wire.codes import STATE_NAMES
from tools import traceability, tree

PAGES = list(tree.paths(".md"))
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files(page: str) -> None:
    text = (tree.ROOT / page).read_text(encoding="utf-8")
    for link in LINK.findall(text):
        if "://" not in link:
            target = tree.ROOT / PurePosixPath(page).parent / link
            assert target.exists(), f"{page} links to {link}"


def test_readme_names_the_two_commands_first() -> None:
    head = (tree.ROOT / "README.md").read_text(encoding="utf-8")[:2500]
    assert "\n    make run\n" in head
    assert "\n    make test\n" in head


@pytest.mark.parametrize(
    "names",
    [
        code_names.AUDIT_NAMES,
        code_names.REASON_NAMES,
        code_names.LAMP_NAMES,
        code_names.WARNING_NAMES,
    ],
)
def test_scenario_page_has_every_word_of_the_codes(names: dict[int, str]) -> None:
    text = (tree.ROOT / "docs/scenario.md").read_text(encoding="utf-8")
    assert [name for name in names.values() if f"`{name}`" not in text] == []


def test_rules_page_names_every_state() -> None:
    text = (tree.ROOT / "docs/rules.md").read_text(encoding="utf-8")
    assert [name for name in STATE_NAMES if f"`{name}`" not in text] == []


def test_rules_page_is_sound_and_complete() -> None:
    text = (tree.ROOT / "docs/rules.md").read_text(encoding="utf-8")
    rules, findings = traceability.read_rules(text)
    assert findings == []
    for group in traceability.GROUPS:
        numbers = [
            int(rule.rpartition("-")[2]) for rule in rules if rule.rpartition("-")[0] == group
        ]
        assert numbers == list(range(1, len(numbers) + 1)), group
        assert numbers, group
