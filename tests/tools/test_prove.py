"""`make prove`: counts are gathered, what fails or is missing fails the run, the page is written."""

import json
from pathlib import Path

import pytest

from tools import prove
from tools.prove import Campaign

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
    assert proof["form"] == "short"
    assert set(proof["campaigns"]) == {"good", "bad"}
    counts = proof["campaigns"]["good"]["counts"]
    assert (
        prove.in_words(counts)
        == "cuts: tried 3, cuts: lost 0, top24: states 1,234, top24: missed 0"
    )


def test_one_that_fails_fails_the_run(campaigns: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert prove.main(["--long", "--json", str(campaigns)]) == 1
    proof = json.loads(campaigns.read_text())
    assert [found["holds"] for found in proof["campaigns"].values()] == [True, False]
    assert "1 of 2 hold" in capsys.readouterr().out


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


def test_the_page_gets_the_counts(
    campaigns: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "proof.md"
    page.write_text(f"before\n{prove.BEGIN}\nold\n{prove.END}\nafter\n")
    monkeypatch.setattr(prove, "DOC", page)
    assert prove.main(["--doc"]) == 2
    prove.main(["--only", "good", "--json", str(campaigns)])
    assert prove.main(["--doc"]) == 0
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "\nold\n" not in text
    assert "| what holds | yes | cuts: tried 3" in text


def test_the_page_of_the_project_has_the_place() -> None:
    text = prove.DOC.read_text(encoding="utf-8")
    assert text.count(prove.BEGIN) == text.count(prove.END) == 1
