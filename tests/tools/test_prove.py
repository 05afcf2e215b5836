"""`make prove`: counts are gathered, what fails or is missing fails the run, the page is written."""

import json
from pathlib import Path

import pytest

from tools import proof_page, prove
from tools.campaigns import Campaign

PROGRAM = """
import json, sys
print("hello")
print(json.dumps({"name": "cuts", "tried": 3, "lost": 0, "seconds": 1.5}))
print(json.dumps({"command": "explore", "fine": True, "top24": {"states": 1234, "missed": []}}))
sys.exit(len(sys.argv) > 1)
"""


@pytest.fixture
def campaigns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two programs, of which one fails in full."""
    (tmp_path / "planted_campaign.py").write_text(PROGRAM)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(prove, "OUT", tmp_path / "proof.json")
    good = Campaign("good", "what holds", "planted_campaign", (), ())
    bad = Campaign("bad", "what fails in full", "planted_campaign", (), ("--fail",))
    monkeypatch.setattr(prove, "CAMPAIGNS", (good, bad))
    return tmp_path / "proof.json"


def test_all_hold(campaigns: Path) -> None:
    assert prove.main(["--json", str(campaigns)]) == 0
    proof = json.loads(campaigns.read_text())
    assert set(proof["short"]) == {"good", "bad"}
    assert proof["long"] == {}
    assert (
        proof_page.in_words(proof["short"]["good"]["counts"])
        == "cuts: tried 3, cuts: lost 0, top24: states 1,234, top24: missed 0"
    )


def test_one_that_fails_fails_the_run(campaigns: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert prove.main(["--long", "--json", str(campaigns)]) == 1
    proof = json.loads(campaigns.read_text())
    assert {name: found["holds"] for name, found in proof["long"].items()} == {
        "good": True,
        "bad": False,
    }
    assert "1 of 2 hold" in capsys.readouterr().out


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What `commit` says, one after the other; the last one stays."""
    said = ["aaa"]
    monkeypatch.setattr(prove, "commit", lambda: said.pop(0) if len(said) > 1 else said[0])
    return said


def test_parts_add_up_each_with_its_own_commit_and_form(
    campaigns: Path, commits: list[str]
) -> None:
    prove.main(["--long", "--only", "good", "--json", str(campaigns)])
    good = json.loads(campaigns.read_text())["long"]["good"]
    commits[:] = ["bbb"]
    prove.main(["--long", "--only", "bad", "--json", str(campaigns)])
    prove.main(["--only", "good", "--json", str(campaigns)])
    proof = json.loads(campaigns.read_text())
    assert proof["long"]["good"] == good, "neither another campaign nor the short form touches it"
    assert good["commit"] == "aaa"
    assert (proof["long"]["bad"]["commit"], proof["short"]["good"]["commit"]) == ("bbb", "bbb")
    prove.main(["--long", "--only", "good", "--json", str(campaigns)])
    assert json.loads(campaigns.read_text())["long"]["good"]["commit"] == "bbb"


def test_what_has_ended_is_kept_though_the_run_is_stopped(
    campaigns: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = prove.run

    def stopped(campaign: Campaign, is_long: bool) -> dict[str, object]:
        if campaign.name == "bad":
            raise KeyboardInterrupt
        return run(campaign, is_long)

    monkeypatch.setattr(prove, "run", stopped)
    with pytest.raises(KeyboardInterrupt):
        prove.main(["--json", str(campaigns)])
    assert set(json.loads(campaigns.read_text())["short"]) == {"good"}


def test_a_tree_that_changed_during_the_run_is_told(campaigns: Path, commits: list[str]) -> None:
    for before, after, told in (
        ("a", "a", "a"),
        ("a", "b", "a+"),
        ("a", "a+", "a+"),
        ("a+", "b", "a+"),
    ):
        commits[:] = [before, after]
        prove.main(["--only", "good", "--json", str(campaigns)])
        assert json.loads(campaigns.read_text())["short"]["good"]["commit"] == told


def test_one_that_is_missing_does_not_hold(
    campaigns: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = Campaign("missing", "nobody wrote it", "tests.no_such_campaign", (), ())
    monkeypatch.setattr(prove, "CAMPAIGNS", (missing,))
    assert prove.main(["--json", str(campaigns)]) == 1


def test_one_that_counts_nothing_does_not_hold(
    campaigns: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (campaigns.parent / "silent_campaign.py").write_text("")
    silent = Campaign("silent", "says nothing", "silent_campaign", (), ())
    monkeypatch.setattr(prove, "CAMPAIGNS", (silent,))
    assert prove.main(["--json", str(campaigns)]) == 1


def test_plain_counts_are_read() -> None:
    assert prove.counts_in("x\n120 cuts, 0 failures\n") == {"tried": 120, "failures": 0}


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page with the place for the counts."""
    page = tmp_path / "proof.md"
    page.write_text(f"before\n{proof_page.BEGIN}\nold\n{proof_page.END}\nafter\n")
    monkeypatch.setattr(prove, "DOC", page)
    return page


def test_the_page_gets_the_counts(campaigns: Path, page: Path, commits: list[str]) -> None:
    assert prove.main(["--doc"]) == 2
    prove.main(["--only", "good", "--json", str(campaigns)])
    date = json.loads(campaigns.read_text())["short"]["good"]["date"][:10]
    assert prove.main(["--doc"]) == 0
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "\nold\n" not in text
    assert "1 of 2 campaigns were run." in text
    assert "| what holds | yes | cuts: tried 3" in text
    assert f" | short | {date} | aaa | " in text
    assert "| what fails in full | not run | | | | | |" in text


def test_a_row_shows_the_long_form_where_there_is_one_and_its_own_commit(
    campaigns: Path, page: Path, commits: list[str]
) -> None:
    prove.main(["--long", "--only", "bad", "--json", str(campaigns)])
    proof = json.loads(campaigns.read_text())
    proof["long"]["bad"]["date"] = "2026-01-02T03:04:05+00:00"
    proof["long"]["gone"] = proof["long"]["bad"]
    campaigns.write_text(json.dumps(proof))
    commits[:] = ["bbb"]
    prove.main(["--json", str(campaigns)])
    assert prove.main(["--doc"]) == 0
    text = page.read_text()
    assert "| what fails in full | NO | " in text
    assert " | long | 2026-01-02 | aaa | " in text
    assert text.count(" | short | ") == 1
    assert "of commit bbb; 1 of the others are of another commit" in text
    assert "gone" not in text, "no campaign of that name any more"


def test_the_page_of_the_project_has_the_place() -> None:
    text = prove.DOC.read_text(encoding="utf-8")
    assert text.count(proof_page.BEGIN) == text.count(proof_page.END) == 1
