"""Which test shows which rule: writes docs/traceability.md, or compares it.

    python -m tools.traceability             writes it anew
    python -m tools.traceability --check     exit 1 when it is out of date, when a rule that is
                                             built has no test, or a test names an unknown rule

The rules and their status are the tables of docs/rules.md. A test shows a rule when its docstring
names it ("SAFE-3") or its name does (`test_safe_3_...`); a scenario lists its rules under `rules:`.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from typing import NamedTuple

import yaml

from tools import tree
from tools.tree import Finding, Source

RULES = "docs/rules.md"
TABLE = "docs/traceability.md"
SCENARIOS = "tests/scenarios/"

GROUPS = (
    "TOUCH", "START", "USE", "END", "REOPEN", "ENROL", "POS", "FAULT", "STAFF-CAR", "SAFE",
    "POWER", "TECH", "BOOK", "FEE", "STAFF", "MOVE",
)  # fmt: skip
STATUSES = ("built", "planned")

_GROUP = "|".join(sorted(GROUPS, key=len, reverse=True))
_IN_TEXT = re.compile(rf"\b(?:{_GROUP})-\d+\b")
_IN_NAME = re.compile(rf"(?:^|_)({_GROUP.replace('-', '_')})_(\d+)(?=_|$)", re.IGNORECASE)
_ROW = re.compile(r"^\|\s*([A-Z][A-Z-]*-\d+)\s*\|\s*([^|]*?)\s*\|\s*(.*?)\s*\|\s*$")


class Shown(NamedTuple):
    """One test that names one rule; `name` is empty for a scenario file."""

    rule: str
    path: str
    line: int
    name: str


def read_rules(text: str) -> tuple[dict[str, str], list[Finding]]:
    """(rule -> status in the order of the document, what is wrong with its rows)."""
    rules: dict[str, str] = {}
    findings = []
    for number, line in enumerate(text.splitlines(), 1):
        row = _ROW.match(line)
        if row is None:
            continue
        rule, status, words = row.groups()
        if not _IN_TEXT.fullmatch(rule):
            findings.append(Finding(RULES, number, f"{rule} is of no known group"))
        if rule in rules:
            findings.append(Finding(RULES, number, f"{rule} stands here twice"))
        if status not in STATUSES:
            findings.append(Finding(RULES, number, f"{rule}: '{status}' is not built or planned"))
        if not words:
            findings.append(Finding(RULES, number, f"{rule} has no text"))
        rules[rule] = status
    return rules, findings


def shown_by_source(source: Source) -> Iterator[Shown]:
    """Rules that the test functions of a file name."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test_"):
            continue
        named = set(_IN_TEXT.findall(ast.get_docstring(node) or ""))
        for group, number in _IN_NAME.findall(node.name):
            named.add(f"{group.upper().replace('_', '-')}-{number}")
        for rule in named:
            yield Shown(rule, source.path, node.lineno, node.name)


def shown_by_scenario(path: str, text: str) -> Iterator[Shown]:
    """Rules that a scenario file lists; an unreadable file lists none, its own test says why."""
    try:
        story = yaml.safe_load(text)
    except yaml.YAMLError:
        return
    listed = story.get("rules") if isinstance(story, dict) else None
    for rule in listed if isinstance(listed, list) else ():
        line = next((n for n, said in enumerate(text.splitlines(), 1) if str(rule) in said), 1)
        yield Shown(str(rule), path, line, "")


def collect() -> list[Shown]:
    """All that the project's tests and scenarios show."""
    shown: list[Shown] = []
    for source in tree.sources():
        if source.path.startswith("tests/"):
            shown += shown_by_source(source)
    for path in tree.paths(".yaml"):
        if path.startswith(SCENARIOS):
            shown += shown_by_scenario(path, (tree.ROOT / path).read_text(encoding="utf-8"))
    return shown


def gaps(rules: dict[str, str], shown: list[Shown]) -> Iterator[Finding]:
    """Rules without a test, tests without a rule."""
    for one in shown:
        if one.rule not in rules:
            yield Finding(one.path, one.line, f"{one.rule} is not a rule of {RULES}")
    covered = {one.rule for one in shown}
    for rule, status in rules.items():
        if status == "built" and rule not in covered:
            yield Finding(RULES, 1, f"{rule} is built, and no test names it")


def render(rules: dict[str, str], shown: list[Shown]) -> str:
    """The text of docs/traceability.md."""
    lines = [
        "# Which test shows which rule",
        "",
        "Made by `make traceability` from the tests' names and docstrings and the scenarios' lists",
        "of rules; the rules themselves stand in [rules.md](rules.md). `make check` compares.",
        "",
        "| rule | status | shown by |",
        "|---|---|---|",
    ]
    for rule, status in rules.items():
        by_file: dict[str, set[str]] = {}
        for one in shown:
            if one.rule == rule:
                by_file.setdefault(one.path, set()).add(one.name)
        cells = []
        for path in sorted(by_file):
            names = ", ".join(f"`{name}`" for name in sorted(by_file[path]) if name)
            cells.append(f"{path}: {names}" if names else path)
        lines.append(f"| {rule} | {status} | {'<br>'.join(cells)} |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    rules, findings = read_rules((tree.ROOT / RULES).read_text(encoding="utf-8"))
    shown = collect()
    text = render(rules, shown)
    table = tree.ROOT / TABLE
    if not arguments:
        table.write_text(text, encoding="utf-8")
        return 0
    findings += gaps(rules, shown)
    if not table.exists() or table.read_text(encoding="utf-8") != text:
        findings.append(Finding(TABLE, 1, "out of date; type: make traceability"))
    return tree.report("traceability", findings, len(rules))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
