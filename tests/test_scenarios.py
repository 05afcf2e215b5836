"""Every story of tests/scenarios/ on both interpreters; power cuts and resets in the midst of some.

SAFE-3, SAFE-2, SAFE-1: what must hold after a cut stands in `tests.scenario_cuts`.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from firmware.wire.codes import PULSE_UNLOCK
from simulator.scenario import report
from simulator.scenario.reader import read_file
from simulator.scenario.runner import Outcome, play, profile_terms
from simulator.scenario.story import Story
from tests import all_stories, scenario_cuts
from tests.all_stories import FOLDER, FOR_CI, STORIES, differences
from tools import traceability, tree

RENTAL_DAY = "tests/scenarios/rental-day.yaml"

#: Stories that go through the states which the rental day does not.
ALSO_CUT = ("start-06-relock", "start-07-key-not-taken", "reopen-06-no-door-opened")

#: Half a second on each interpreter.
SHORTEST = "tests/scenarios/start-03-start-by-card.yaml"

#: A short story with the states of the rental day: one moment each, on the interpreter that cannot
#: be forked, so that all before that moment is told again each time.
SHORT_DAY = "tests/scenarios/reopen-01-forgotten-umbrella.yaml"
MOMENTS_OF_STATES = ("authorising", "unlocked", "in_use", "ending", "ended", "reopened")


@pytest.fixture(autouse=True)
def _in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree.ROOT)


@pytest.mark.micropython
@pytest.mark.parametrize("path", STORIES)
def test_holds_on_both_interpreters_with_one_timeline(path: str) -> None:
    """On CPython alone where others call the same functions; `make prove-long` plays all on both."""
    if path.removeprefix(FOLDER).removesuffix(".yaml") in FOR_CI:
        assert differences(path) == []
    else:
        on_cpython = play(read_file(path), "cpython")
        assert on_cpython.passed, "\n".join(report.lines(on_cpython))


def test_stories_for_both_interpreters_are_there() -> None:
    assert {f"{FOLDER}{name}.yaml" for name in FOR_CI} <= set(STORIES)


def test_a_story_that_does_not_hold_or_goes_another_way_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = Path(SHORTEST).read_text(encoding="utf-8")
    story = tmp_path / "story.yaml"
    story.write_text(text.replace("state: unlocked", "state: reopened"), encoding="utf-8")
    assert any("wanted state: reopened" in line for line in differences(str(story)))
    assert all_stories.main([str(story)]) == 1
    assert all_stories.main([SHORTEST]) == 0

    def played(story: Story, vm: str) -> Outcome:
        return Outcome(story, timeline=[(0, "event reset"), (5, vm)])

    monkeypatch.setattr(all_stories, "play", played)
    assert differences(SHORTEST) == [f"{SHORTEST}: (5, 'cpython') and (5, 'micropython')"]


def test_each_rule_of_the_rental_has_a_story() -> None:
    """TOUCH-1, START-1 to 12, USE-1 to 5, END-1 to 8, REOPEN-1 to 6, ENROL-1 and 2, SAFE-1 to 6."""
    told = {rule for path in STORIES for rule in read_file(path).rules}
    wanted = {"TOUCH-1", "ENROL-1", "ENROL-2", "POS-1", "FAULT-1", "STAFF-CAR-1"}
    for group, last in (("START", 12), ("USE", 5), ("END", 8), ("REOPEN", 6), ("SAFE", 6)):
        wanted |= {f"{group}-{number}" for number in range(1, last + 1)}
    assert wanted - told == set()


def test_stories_name_rules_that_exist() -> None:
    rules, _ = traceability.read_rules((tree.ROOT / "docs/rules.md").read_text(encoding="utf-8"))
    assert {rule for path in STORIES for rule in read_file(path).rules} - set(rules) == set()


def cut(*arguments: str) -> None:
    """A campaign in a process of its own: it forks."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.scenario_cuts", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout.split()[0]) > 20


@pytest.mark.long
def test_a_cut_at_any_moment_of_the_rental_day_safe_3() -> None:
    """The rental goes on, no door opens by itself, no deadline is later; the kinds in turn.

    `make prove-long` tries each kind at each of them.
    """
    cut(RENTAL_DAY, "--random", "4", "--turns")


@pytest.mark.long
@pytest.mark.parametrize("name", ALSO_CUT)
def test_a_cut_at_any_moment_of_another_story_safe_3(name: str) -> None:
    """Every kind at every moment: no longer campaign tells these."""
    cut(f"tests/scenarios/{name}.yaml", "--random", "2")


@pytest.mark.micropython
@pytest.mark.parametrize("state", MOMENTS_OF_STATES)
def test_a_cut_on_micropython_safe_3(state: str) -> None:
    """A little after the story reaches that state; a reset where pulses are under way."""
    story = read_file(SHORT_DAY)
    reached_us = dict(reversed([(name, at_us) for at_us, name in script().states]))[state]
    kind = "cut" if state in ("in_use", "ended") else "reset"
    scenario_cuts.check_moment(story, "micropython", reached_us + 50_000, kind)


def script() -> scenario_cuts.Script:
    if not _SCRIPTS:
        _SCRIPTS.append(scenario_cuts.Script(read_file(SHORT_DAY)))
    return _SCRIPTS[0]


_SCRIPTS: list[scenario_cuts.Script] = []


def test_a_campaign_finds_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """A box whose unlock line is on for a moment whenever its power comes."""
    story = read_file("tests/scenarios/start-03-offline.yaml")
    stage = scenario_cuts.CutStage(story, profile_terms(story), "cpython")
    power_on = stage.car.box.power_on

    def power_on_and_unlock() -> None:
        power_on()
        stage.car.relays.write(PULSE_UNLOCK, True)

    try:
        scenario_cuts.check(stage, "cut")
        monkeypatch.setattr(stage.car.box, "power_on", power_on_and_unlock)
        with pytest.raises(scenario_cuts.CutError, match="unlock without anybody's asking"):
            scenario_cuts.check(stage, "cut")
    finally:
        stage.close()
