"""docs/stories.md: what it says of the scenarios, and the stories that several profiles share."""

import itertools

import pytest

from simulator.scenario.reader import read_file
from tests import all_stories, other_profiles, stories_page
from tests.all_stories import misses
from tests.other_profiles import BASE
from tools import tree

TEXT = (tree.ROOT / stories_page.PAGE).read_text(encoding="utf-8")
STORIES = [path for path in tree.paths(".yaml") if path.startswith(stories_page.FOLDER)]

LEFT = {f"{all_stories.FOLDER}{name}.yaml" for name in all_stories.WAIT_LONG}

#: One other profile for each story that is shared: this story the first, the next one the last.
IN_TURN = [
    pairs[number % len(pairs)]
    for number, (path, pairs) in enumerate(
        (path, list(pairs))
        for path, pairs in itertools.groupby(all_stories.shared(), lambda one: one[0])
    )
    if path not in LEFT
]


@pytest.fixture(autouse=True)
def _in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree.ROOT)


def test_names_every_story_in_the_column_of_its_profile() -> None:
    profiles = {path: read_file(path).profile for path in STORIES}
    assert list(stories_page.findings(TEXT, profiles)) == []


def test_each_profile_has_stories_of_its_own_and_shared_ones() -> None:
    found = {(one.profile, one.is_same) for one in stories_page.answers(TEXT)}
    others = {"top24-2018", "jparc-2023"}
    assert found == {(BASE, False)} | {(name, same) for name in others for same in (True, False)}


#: Rules that a driver meets in every profile; what else one of them has.
FOR_ALL = {"TOUCH-1", "POS-1", "STAFF-CAR-1", *(f"END-{number}" for number in range(1, 7))} | {
    f"{group}-{number}"
    for group, last in (("START", 12), ("USE", 4), ("REOPEN", 6))
    for number in range(1, last + 1)
}
BESIDE = {"jparc-2023": {"USE-5", "ENROL-1", "ENROL-2"}}


@pytest.mark.parametrize("profile", [BASE, "top24-2018", "jparc-2023"])
def test_each_rule_is_told_under_each_profile(profile: str) -> None:
    """TOUCH-1, START-1 to 12, USE-1 to 4, END-1 to 6, REOPEN-1 to 6, POS-1, STAFF-CAR-1."""
    told = {
        rule
        for one in stories_page.answers(TEXT)
        if one.profile == profile
        for rule in read_file(one.path).rules
    }
    assert (FOR_ALL | BESIDE.get(profile, set())) - told == set()


@pytest.mark.parametrize(("path", "profile"), IN_TURN)
def test_holds_under_another_profile(path: str, profile: str) -> None:
    """On CPython alone; `make prove-long` plays it under each that shares it."""
    assert misses(path, profile) == []


def test_turns_come_to_every_profile() -> None:
    assert {profile for _, profile in IN_TURN} == {"top24-2018", "jparc-2023"}
    shared = {path for path, _ in all_stories.shared()}
    assert {path for path, _ in IN_TURN} == shared - LEFT
    assert shared >= LEFT


def test_what_does_not_hold_under_another_profile_is_told() -> None:
    """END-3: a story that wants its lamp red fails where the other profile's is dark."""
    said = "\n".join(misses("tests/scenarios/end-03-lamp.yaml", "jparc-2023"))
    assert said.count("wanted") == 1
    assert "wanted reader: dark" in said
    assert "seen   reader: orange-blink" in said


def test_colours_and_sounds_become_those_of_the_profile() -> None:
    """START-4, END-3, USE-3: red stands for green or orange there, the buzzer for a voice."""
    story = other_profiles.read("tests/scenarios/rental-day.yaml", "jparc-2023")
    seen = [sight for step in story.steps for sight in (*step.see, *step.never)]
    assert {"dark", ("green-blink", "orange-blink")} == {
        sight.wanted for sight in seen if sight.key == "reader"
    }
    assert [sight.wanted for sight in seen if sight.key in ("buzzer", "voice")] == [1]
    assert "buzzer" not in {sight.key for sight in seen}
    story = other_profiles.read("tests/scenarios/start-03-offline.yaml", "jparc-2023")
    assert [sight.wanted for sight in story.steps[1].never if sight.key == "reader"] == [
        ("three-colour",)
    ]


PAGE = f"""
| question | guide (`top24-2018`) | guide (`{BASE}`) |
|---|---|---|
| How? | [b](../b.yaml) | [a](../a.yaml) |
| Why? | the same | [a](../a.yaml), [c](../c.yaml) |
| And? | no: [d](../d.yaml) | – |
"""


def test_the_page_is_read_by_its_columns() -> None:
    assert [one[1:] for one in stories_page.answers(PAGE)] == [
        ("b.yaml", "top24-2018", False),
        ("a.yaml", BASE, False),
        ("a.yaml", "top24-2018", True),
        ("c.yaml", "top24-2018", True),
        ("a.yaml", BASE, False),
        ("c.yaml", BASE, False),
        ("d.yaml", "top24-2018", False),
    ]


def test_what_is_wrong_with_a_page_is_said() -> None:
    profiles = {"a.yaml": BASE, "b.yaml": BASE, "c.yaml": BASE, "e.yaml": BASE}
    assert list(stories_page.findings(PAGE, profiles)) == [
        f"line 4: b.yaml is of {BASE}, not of top24-2018",
        "line 6: there is no d.yaml",
        "e.yaml stands nowhere on the page",
    ]
    with pytest.raises(ValueError, match="line 4: the same as what"):
        list(stories_page.answers(PAGE.replace("[b](../b.yaml) | [a](../a.yaml)", "the same | –")))
