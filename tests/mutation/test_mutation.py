"""Mutants in short: a sample of each kind dies, and the runs can fail."""

import json
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.mutation import failures_run, modules_run, survivors, table_run
from tests.mutation.failure_mutants import FAILURES
from tests.mutation.table_mutants import Mutant, Table, mutants
from tools import tree

SMALL = Table(
    (("off", None, (), ("click",)), ("on", None, (), ()), ("slow", "on", (), ()), ("fast", "on", (), ())),
    (("rest", "on", "rest_ms", "rested"),),
    (("off", "go", ("calm", "!wet"), ("note", "shout"), "slow"), ("on", "stop", (), (), None)),
    "off",
)  # fmt: skip


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.mutation", *arguments]
    return subprocess.run(command, cwd=tree.ROOT, capture_output=True, text=True, check=False)


def test_a_sample_of_the_tables_mutants_dies(tmp_path: Path) -> None:
    out = tmp_path / "table.json"
    done = run("table", "--sample", "25", "--json", str(out))
    assert done.returncode == 0, done.stdout + done.stderr
    counts = json.loads(out.read_text())
    assert counts["mutants"] == 25 == counts["killed"] + counts["survived"]


def test_a_sample_of_the_modules_mutants_dies(tmp_path: Path) -> None:
    out = tmp_path / "modules.json"
    done = run("modules", "--only", "firmware/interlock.py", "--sample", "6", "--json", str(out))
    assert done.returncode == 0, done.stdout + done.stderr
    counts = json.loads(out.read_text())
    assert counts["mutants"] == 6 == counts["killed"] + counts["survived"]


def test_the_test_of_a_failure_notices_its_mistake(tmp_path: Path) -> None:
    out = tmp_path / "failures.json"
    done = run("failures", "--rows", "F35", "--json", str(out))
    assert done.returncode == 0, done.stdout + done.stderr
    counts = json.loads(out.read_text())
    assert (counts["mutants"], counts["noticed"], counts["failures"]) == (1, 1, 0)


def test_each_failure_has_a_mistake_and_a_test_of_its_row() -> None:
    """F36 has neither."""
    assert [one.row for one in FAILURES] == [f"F{number}" for number in range(1, 36)]
    rows = (tree.ROOT / "docs" / "proof.md").read_text(encoding="utf-8").splitlines()
    for one in FAILURES:
        assert (tree.ROOT / one.file).read_text(encoding="utf-8").count(one.old) == 1, one.row
        assert any(row.startswith(f"| {one.row} |") and f"`{one.test}`" in row for row in rows)


@pytest.mark.parametrize(("codes", "verdict"), [
    ((0, 1), failures_run.NOTICED), ((0, 0), failures_run.UNNOTICED),
    ((1, 1), failures_run.BROKEN), ((0, 2), failures_run.BROKEN), ((0, -1), failures_run.BROKEN),
])  # fmt: skip
def test_only_a_test_that_held_before_notices(
    codes: tuple[int, ...], verdict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = list(codes)
    monkeypatch.setattr(failures_run, "SCRATCH", tree.ROOT)
    monkeypatch.setattr(failures_run, "planted", lambda _failure: nullcontext())
    monkeypatch.setattr(failures_run, "_pytest", lambda _test: ends.pop(0))
    assert failures_run.judge(FAILURES[0]) == verdict
    assert failures_run.counts({"F1": verdict})["failures"] == (verdict != failures_run.NOTICED)


def test_wrong_usage_is_told() -> None:
    done = run("modules", "--only", "firmware/lamp.py")
    assert done.returncode == 2
    assert "firmware/lamp.py: no group changes it" in done.stderr


def test_every_kind_of_mistake_is_made() -> None:
    found = {one.name for one in mutants(SMALL, {"rest_ms": 10})}
    go, stop = "off, go (calm, !wet)", "on, stop ()"
    assert found == {
        f"{go}: row deleted",
        f"{go}: guard calm dropped",
        f"{go}: guard calm negated",
        f"{go}: guard !wet dropped",
        f"{go}: guard !wet negated",
        f"{go}: action note dropped",
        f"{go}: action shout dropped",
        f"{go}: actions note, shout swapped",
        f"{go}: stays, not slow",
        f"{go}: goes to fast",
        f"{go}: goes to off",
        f"{stop}: row deleted",
        f"{stop}: goes to off",
        "off left: action click dropped",
    }


def test_a_delay_becomes_the_next_shorter_and_the_next_longer() -> None:
    timeouts = tuple((f"t{i}", "on", delay, "rested") for i, delay in enumerate("abc"))
    found = mutants(SMALL._replace(timeouts=timeouts), {"a": 5, "b": 9, "c": 7})
    assert [one.name for one in found if one.name.startswith("timer")] == [
        "timer t0: lasts c",
        "timer t1: lasts c",
        "timer t2: lasts a",
        "timer t2: lasts b",
    ]


def test_a_mutant_changes_one_thing() -> None:
    for one in mutants(SMALL, {"rest_ms": 10}):
        same = sum(mine == theirs for mine, theirs in zip(one.table, SMALL, strict=True))
        assert same == 3
        assert one.reach


def test_what_no_test_reaches_survives() -> None:
    mutant = table_run.all_mutants()[0]
    assert table_run.run([mutant], [], 1) == {mutant.name: "survived"}


def test_a_mutant_that_hangs_is_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang() -> None:
        while True:
            pass

    monkeypatch.setattr(table_run, "TOO_LONG_S_MIN", 1)
    mutant = Mutant("m", table_run.THE_TABLE, frozenset({("vacant", None)}))
    test = table_run.Test("t", hang, 0.0, frozenset({("vacant", "card_tapped")}))
    assert table_run.run([mutant], [test], 1) == {"m": "timeout"}


def test_a_resumed_run_keeps_those_that_were_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    meta = tmp_path / "mutants" / "firmware" / "f.py.meta"
    meta.parent.mkdir(parents=True)
    text = "def x_f__mutmut_orig(a):\n    return a\n"
    codes = {}
    for number, code in enumerate((1, 3, 0, 0, 33, -24, None), 1):
        codes[f"firmware.f.x_f__mutmut_{number}"] = code
        text += f"def x_f__mutmut_{number}(a):\n    return {number}\n"
    meta.with_suffix("").write_text(text)
    meta.write_text(json.dumps({"exit_code_by_key": codes, "more": 1}))
    same = {"firmware/f.py f: return a -> return 4", "firmware/f.py f: return a -> return 7"}
    monkeypatch.setattr(modules_run, "_equivalents", lambda: same)
    modules_run._forget_survivors(tmp_path)
    found = json.loads(meta.read_text())
    assert found["more"] == 1
    kept = {key[-1]: code for key, code in found["exit_code_by_key"].items() if code is not None}
    assert kept == {"1": 1, "2": 3, "4": 0}, "killed, and alive but listed as equivalent"


def test_survivors_must_be_listed_and_few() -> None:
    known = {
        "a": survivors.Listed("why", is_equivalent=True),
        "*: b": survivors.Listed("why", is_equivalent=False),
    }
    killed = {f"k{i}": "killed" for i in range(19)}
    found = survivors.tally(known, {**killed, "a": "survived", "x: b": "survived"}, is_whole=True)
    assert (found.equivalent, found.unlisted, found.stale) == (1, [], [])
    assert found.killed_percent == 95.0
    assert found.holds()
    found = survivors.tally(known, {**killed, "c": "survived"}, is_whole=True)
    assert found.unlisted == ["c"]
    assert found.stale == ["a", "*: b"]
    assert not found.holds()
    found = survivors.tally(known, {"k": "killed", "x: b": "survived"}, is_whole=False)
    assert (found.unlisted, found.killed_percent) == ([], 50.0)
    assert not found.holds()


def test_every_survivor_of_the_table_has_a_reason_and_is_one() -> None:
    known = survivors.listed("table")
    names = [one.name for one in table_run.all_mutants()]
    used = {survivors.entry_of(known, name) for name in names}
    assert [entry for entry in known if entry not in used] == []
    assert all(entry.reason for entry in known.values())


def test_every_survivor_of_the_modules_names_a_file_that_is_changed() -> None:
    changed = {
        file for group in modules_run.GROUPS.values() for file in modules_run.files_of(group)
    }
    for entry, why in survivors.listed("modules").items():
        assert entry.partition(" ")[0] in changed | {"*"}, entry
        assert why.reason


def test_a_mutant_of_mutmuts_is_called_by_what_it_changes() -> None:
    text = "def x_f__mutmut_orig(a):\n    return a < 1\n"
    text += "def x_f__mutmut_1(a):\n    return a <= 1\n"
    text += "class C:\n    def xǁCǁg__mutmut_orig(self):\n        self.a = 1  # why\n"
    text += "    def xǁCǁg__mutmut_2(self):\n        self.a = None  # why\n"
    assert modules_run.names_of(text, "firmware/f.py") == {
        "x_f__mutmut_1": "firmware/f.py f: return a < 1 -> return a <= 1",
        "xǁCǁg__mutmut_2": "firmware/f.py C.g: self.a = 1 -> self.a = None",
    }
