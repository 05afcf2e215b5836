"""The command: exit codes, what is printed, what is written."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.scenario.command import main
from tests.simulator.scenario.told import HEAD, START
from tools import tree

GOOD = HEAD + "steps:\n" + START
BAD = GOOD.replace("state: unlocked", "state: boarding")


def write(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "simulator", *arguments],
        cwd=tree.ROOT,
        env={**os.environ, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_all_hold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, "good.yaml", GOOD)
    assert main([path]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[0].startswith(f"holds  {path}: A story for a test (2 steps")
    assert said.out.splitlines()[-1] == "1 story, all hold"
    assert said.err == ""


def test_one_does_not_hold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = write(tmp_path, "good.yaml", GOOD), write(tmp_path, "bad.yaml", BAD)
    assert main([good, bad, "--quiet"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        f"FAILS  {bad}: A story for a test",
        f"  {bad}:{HEAD.count(chr(10)) + 3}: step 2",
        "    wanted state: boarding within 5 s",
        "    seen   state: unlocked",
    ]


def test_quiet_says_nothing_when_all_is_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([write(tmp_path, "good.yaml", GOOD), "--quiet"]) == 0
    said = capsys.readouterr()
    assert said.out + said.err == ""


def test_json_has_all_in_the_order_of_the_arguments(tmp_path: Path) -> None:
    good, bad = write(tmp_path, "good.yaml", GOOD), write(tmp_path, "bad.yaml", BAD)
    out = tmp_path / "out.json"
    assert main([bad, good, bad, "--json", str(out), "--quiet"]) == 1
    found = json.loads(out.read_text(encoding="utf-8"))
    assert [one["file"] for one in found] == [bad, good, bad]
    assert [one["passed"] for one in found] == [False, True, False]
    assert found[0]["failures"] == [
        {
            "step": 2,
            "line": HEAD.count("\n") + 3,
            "wanted": "state: boarding within 5 s",
            "seen": "state: unlocked",
        }
    ]
    assert found[1]["title"] == "A story for a test"
    assert found[1]["rules"] == []
    assert found[1]["failures"] == []
    whats = [entry["what"] for entry in found[1]["timeline"]]
    assert {"event unlocked", "state unlocked", "doors unlocked", "engine free"} <= set(whats)
    assert all(set(entry) == {"t_ms", "what"} for entry in found[1]["timeline"])
    assert found[0]["timeline"] == found[2]["timeline"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD.replace("within", "witin"), "did you mean within?"),
        (GOOD.replace("top24-2023", "top24-2099"), "profile top24-2099 is not known"),
        ("{", "not YAML"),
        (GOOD + '  - {at: "09:50:00"}\n  - {after: 9s}\n  - {at: "09:50:05"}\n', "09:50:09"),
    ],
)
def test_what_cannot_be_understood_is_not_played(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, expected: str
) -> None:
    good, wrong = write(tmp_path, "good.yaml", GOOD), write(tmp_path, "wrong.yaml", text)
    out = tmp_path / "out.json"
    assert main([good, wrong, "--json", str(out)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(wrong)
    assert said.err.count("\n") == 1
    assert expected in said.err
    assert not out.exists()


def test_profile_overrides_the_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = write(tmp_path, "wrong.yaml", GOOD.replace("top24-2023", "no-such-profile"))
    assert main([wrong, "--profile", "top24-2023"]) == 0
    assert main([write(tmp_path, "good.yaml", GOOD), "--profile", "no-such-profile"]) == 2
    assert "profile no-such-profile is not known" in capsys.readouterr().err


def test_json_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = write(tmp_path, "good.yaml", GOOD)
    for place, said in (("no/out.json", "there is no folder"), ("", "is a folder; give a file")):
        with pytest.raises(SystemExit) as end:
            main([good, "--json", str(tmp_path / place)])
        seen = capsys.readouterr()
        assert (end.value.code, seen.out) == (2, "")  # before anything is played
        assert said in seen.err
    assert main([good, "--json", "/dev/full"]) == 1
    assert "/dev/full cannot be written: No space left on device" in capsys.readouterr().err


@pytest.mark.micropython
def test_the_other_interpreter_by_the_command_line(tmp_path: Path) -> None:
    good = write(tmp_path, "good.yaml", GOOD)
    done = run("scenario", good, "--vm", "micropython")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "1 story, all hold"


@pytest.mark.parametrize("arguments", [["scenario"], ["scenario", "x", "--vm", "pypy"]])
def test_wrong_usage(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stderr.endswith("(see python -m simulator scenario --help)\n")
    assert done.stderr.count("\n") == 1


def test_help_has_an_example() -> None:
    done = run("scenario", "--help")
    assert done.returncode == 0
    assert "python -m simulator scenario tests/scenarios/rental-day.yaml" in done.stdout


@pytest.mark.parametrize("name", ["replay"])
def test_what_is_not_there_yet_says_so(name: str) -> None:
    done = run(name)
    assert done.returncode == 2
    assert done.stderr.startswith(
        f"python -m simulator {name} does not exist yet; a seed is played"
    )


def test_all_commands_are_listed() -> None:
    done = run("--help")
    assert done.returncode == 0
    for name in ("scenario", "run", "desk", "sim", "fleet", "replay", "pn532"):
        assert f"\n  {name} " in done.stdout


def test_a_command_that_is_not_one() -> None:
    done = run("scenaro")
    assert (done.returncode, done.stderr) == (
        2,
        "command scenaro is not known; did you mean scenario?\n",
    )
    assert run().returncode == 2
