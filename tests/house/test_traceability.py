"""The table of rules and tests, and that its check sees a gap on either side."""

import pytest

from tools import traceability, tree
from tools.traceability import Shown

RULES = """
| rule | status | text |
|---|---|---|
| START-1 | built | A start is possible from 14 minutes before. |
| STAFF-CAR-1 | planned | A staff card opens a car. |
"""


def shown(text: str) -> set[tuple[str, str]]:
    source = tree.source("tests/test_a.py", text)
    return {(one.rule, one.name) for one in traceability.shown_by_source(source)}


def test_rules_are_read_in_order() -> None:
    rules, findings = traceability.read_rules(RULES)
    assert list(rules.items()) == [("START-1", "built"), ("STAFF-CAR-1", "planned")]
    assert findings == []


@pytest.mark.parametrize(
    "row",
    [
        "| START-1 | built | Again. |",
        "| START-2 | done | Neither built nor planned. |",
        "| START-2 | built |  |",
        "| STARTS-2 | built | Of no known group. |",
    ],
)
def test_a_wrong_row_is_found(row: str) -> None:
    _, findings = traceability.read_rules(RULES + row + "\n")
    assert len(findings) == 1


def test_names_and_docstrings_show_rules() -> None:
    assert shown('def test_a():\n    """SAFE-3 and END-1."""') == {
        ("SAFE-3", "test_a"),
        ("END-1", "test_a"),
    }
    assert shown("def test_start_10_by_card(): pass") == {("START-10", "test_start_10_by_card")}
    assert shown("def test_staff_car_1(): pass") == {("STAFF-CAR-1", "test_staff_car_1")}
    assert shown('def test_a():\n    """STAFF-CAR-1."""') == {("STAFF-CAR-1", "test_a")}


def test_other_words_show_nothing() -> None:
    assert shown('def test_restart_1():\n    """RESTART-1, END-x"""') == set()
    assert shown('def no_test():\n    """SAFE-3"""') == set()
    assert shown('def test_a():\n    x = "SAFE-3"') == set()


def test_a_scenario_lists_its_rules() -> None:
    text = "title: x\nrules: [START-1,\n  END-4]\n"
    assert list(traceability.shown_by_scenario("tests/scenarios/a.yaml", text)) == [
        Shown("START-1", "tests/scenarios/a.yaml", 2, ""),
        Shown("END-4", "tests/scenarios/a.yaml", 3, ""),
    ]
    for broken in ("rules: [", "- a list", "rules: START-1", ""):
        assert list(traceability.shown_by_scenario("tests/scenarios/a.yaml", broken)) == []


def test_gaps_on_either_side() -> None:
    rules = {"START-1": "built", "START-2": "planned"}
    assert list(traceability.gaps(rules, [Shown("START-1", "a", 1, "test_a")])) == []
    untested = list(traceability.gaps(rules, [Shown("START-2", "a", 1, "test_a")]))
    assert [found.text for found in untested] == ["START-1 is built, and no test names it"]
    unknown = list(traceability.gaps({}, [Shown("START-9", "tests/a.py", 7, "test_a")]))
    assert [str(found) for found in unknown] == [
        "tests/a.py:7: START-9 is not a rule of docs/rules.md"
    ]


def test_the_table_joins_tests_of_one_file() -> None:
    rules = {"START-1": "built"}
    tests = [
        Shown("START-1", "tests/b.py", 1, "test_z"),
        Shown("START-1", "tests/b.py", 9, "test_a"),
        Shown("START-1", "tests/scenarios/a.yaml", 2, ""),
    ]
    last = traceability.render(rules, tests).splitlines()[-1]
    assert last == (
        "| START-1 | built | tests/b.py: `test_a`, `test_z`<br>tests/scenarios/a.yaml |"
    )


def test_usage() -> None:
    assert traceability.main(["--chekc"]) == 2
