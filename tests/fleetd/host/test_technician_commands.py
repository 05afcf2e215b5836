"""technician, console-answer: exit codes, one sentence, no answer anywhere but where it was asked for."""

import json
from pathlib import Path

import pytest

from fleetd.host.command_line import main
from tests.fleetd.rig import CAR, Desk

QUESTION = "KB1-7Q2M-9XCD-1"


def test_from_nobody_to_an_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(Desk(tmp_path / "f.db").path)

    def run(*words: str) -> tuple[int, str]:
        exit_code = main([*words, "--db", path])
        seen = capsys.readouterr()
        return exit_code, (seen.out + seen.err).strip()

    ask = ("console-answer", CAR, QUESTION, "--by", "mori")
    assert run("technician", "list") == (0, "nobody may unlock boxes")
    nobody = "mori: Nobody of that name may unlock boxes. Have the operator add the name:"
    assert run(*ask) == (1, f"{nobody} technician add NAME --level N. (no_technician)")
    assert run("technician", "add", "mori", "--level", "1") == (
        0,
        "mori may unlock boxes up to level 1",
    )
    assert run("technician", "add", "mori", "--level", "4")[0] == 1
    assert run("technician", "add", "mori", "--level", "x")[0] == 2
    exit_code, answer = run(*ask)
    assert (exit_code, len(answer)) == (0, 12)
    told = json.loads(run(*ask, "--json")[1])
    assert (told["answer"], told["level"], told["car"]) == (answer, 1, CAR)
    exit_code, status = run("status")
    assert f"console of {CAR}: mori had question 7Q2M9XCD answered, level 1" in status
    assert answer not in status
    assert run("console-answer", CAR, "KB1-7Q2M", "--by", "mori", "--json")[0] == 1
    assert run("technician", "log") == (0, "no console was unlocked")
    assert run("technician", "remove", "mori") == (0, "mori may unlock no box any more")
    assert run(*ask)[0] == 1
