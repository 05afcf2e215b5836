"""The simulation of everything: 300 seeds hold, the same seed is the same run, failures are told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fleetd.readers import NOBODY_READS
from simulator.weather import kinds
from simulator.weather.command import FAILS, HOLDS, USAGE, main
from simulator.weather.story import LONG, play
from tests.weather.faults import FAULTS, planted


@pytest.mark.long
@pytest.mark.parametrize("first", [0, 100, 200])
def test_a_hundred_seeds_hold_and_meet_every_kind(first: int, tmp_path: Path) -> None:
    """SAFE-1, SAFE-2, SAFE-4, SAFE-5; protocol rules 1 to 7."""
    out = tmp_path / "sim.json"
    arguments = ["--seeds", f"{first}..{first + 99}", "--short", "--every-kind"]
    assert main([*arguments, "--json", str(out)]) == HOLDS
    counts = json.loads(out.read_text())["counts"]
    assert set(kinds.KINDS) <= set(counts)
    assert counts["opened"] > 100


def test_the_same_seed_is_the_same_run_in_every_process() -> None:
    """Also with another order of hashes."""
    code = "from simulator.weather.story import play; print([play(s).digest for s in (3, 5)])"
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert told == {f"{[play(seed).digest for seed in (3, 5)]}\n"}
    assert play(3).digest != play(4).digest


def test_processes_change_nothing_and_a_mixed_run_has_long_seeds(tmp_path: Path) -> None:
    digests = []
    for jobs in ("1", "2"):
        out = tmp_path / f"{jobs}.json"
        assert (
            main(["--seeds", "7018..7020", "--mixed", "--jobs", jobs, "--json", str(out)]) == HOLDS
        )
        found = json.loads(out.read_text())
        assert (found["tried"], found["long"]) == (3, 1)
        digests.append(found["digests"])
    assert digests[0] == digests[1]
    assert digests[0]["7019"] == play(7019).digest
    assert digests[0]["7020"] == play(7020, LONG).digest != play(7020).digest


def test_whoever_reads_may_leave() -> None:
    """As `sim --trace | head` does: no traceback, and no verdict on what was not played."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "simulator", "sim", "--seed", "5", "--short", "--trace"],
        stdout=writer, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    os.close(writer)
    assert (done.returncode, done.stderr) == (NOBODY_READS, "")


def test_a_failing_seed_tells_itself_and_its_form(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fault, out = FAULTS[0], tmp_path / "sim.json"
    with planted(fault):
        code = main(["--seed", str(fault.seed), "--short", "--json", str(out)])
    told = capsys.readouterr().out
    assert code == FAILS
    assert f"short seed {fault.seed} does not hold: " in told
    assert f"--seed {fault.seed} --short --trace" in told
    assert list(json.loads(out.read_text())["failed_seeds"]) == [f"short {fault.seed}"]


def test_without_faults_none_is_counted(tmp_path: Path) -> None:
    out = tmp_path / "sim.json"
    assert main(["--seeds", "1..3", "--short", "--faults", "none", "--json", str(out)]) == HOLDS
    assert set(kinds.KINDS).isdisjoint(json.loads(out.read_text())["counts"])


@pytest.mark.parametrize("arguments", [
    ["--seeds", "9..1"], ["--faults", "rain"], ["--jobs", "0"], ["--short", "--mixed"],
    ["--json", "no/folder.json"],
])  # fmt: skip
def test_wrong_usage(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == USAGE


def test_what_excludes_each_other() -> None:
    assert main(["--seed", "1", "--seeds", "1..2"]) == USAGE
    assert main(["--trace", "--jobs", "2"]) == USAGE


def test_a_result_that_cannot_be_written_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seed", "1", "--short", "--faults", "none", "--json", "/dev/full"]) == FAILS
    seen = capsys.readouterr()
    assert seen.out.startswith("1 seed, 0 of them long, ")
    assert seen.err == "/dev/full cannot be written: No space left on device\n"
