"""technician, console-answer: exit codes, one sentence, no answer anywhere but where it was asked for."""

import json
from pathlib import Path

import pytest

from fleetd.host.command_line import main
from tests.fleetd.rig import CAR, Desk

QUESTION = "KB1-7Q2M-9XCD-1"
STAFF = "0101060112AB34CD"


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
    assert run("technician", "add", "mori", "--level", "4")[0] == 2
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


def test_a_staff_card_and_its_pin(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(Desk(tmp_path / "f.db").path)

    def run(*words: str) -> tuple[int, str]:
        exit_code = main([*words, "--db", path])
        seen = capsys.readouterr()
        return exit_code, (seen.out + seen.err).strip()

    card, pin = ("technician", "card", "mori", STAFF), ("technician", "pin", "mori", CAR)
    assert run(*card)[0] == 1
    run("technician", "add", "mori", "--level", "1")
    exit_code, said = run(*pin)
    assert (exit_code, said[:36]) == (1, "This person has no such staff card. ")
    assert said.endswith("Have the operator give one: technician card NAME IDM. (no_staff_card)")
    assert run(*card) == (0, "card …34CD is mori's; every car learns of it")
    assert run("technician", "card", "mori", "34CD")[0] == 2
    assert run("technician", "list")[1].endswith(", card …34CD")
    exit_code, told = run(*pin, "--json")
    found = json.loads(told)
    assert exit_code == 0
    assert (found["car"], found["pins"][0]["card"]) == (CAR, "…34CD")
    shown = found["pins"][0]["pin"]
    day = found["day"]
    assert run(*pin) == (0, f"card …34CD, car {CAR}, {day} in Japan: {shown}")
    assert run(*pin, "--day", day) == run(*pin)
    assert run(*pin, "--day", "2026-13-01")[0] == 2
    assert run(*pin, "--day", "2020-01-01")[1].endswith("(bad_pin_day)")
    status = run("status")[1]
    assert f"console of {CAR}: mori was told the PIN of {day} for card …34CD" in status
    assert shown not in status
    assert run(*card, "--remove")[1].startswith("card …34CD is mori's no more")
    assert run(*pin)[0] == 1
