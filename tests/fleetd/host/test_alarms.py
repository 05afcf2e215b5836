"""`alarm list` and `alarm clear`: who has seen to what."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from fleetd.host.command_line import main
from fleetd.store import notice_rows
from tests.fleetd.rig import CAR, NOW_S, Desk

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr("time.time", lambda: float(NOW_S + 3600))
    with desk.db.transaction():
        notice_rows.raise_alarm(
            desk.db, "card_not_registered", CAR, NOW_S, 7, "card ...34CD for KAG00001001: x"
        )
        notice_rows.raise_alarm(desk.db, "database_restored", "", NOW_S, detail="backup of y")

    def call(*words: str) -> tuple[int, str, str]:
        exit_code = main([*words, "--db", str(desk.path)])
        seen = capsys.readouterr()
        return exit_code, seen.out, seen.err

    return call


def test_what_is_open_has_a_number_and_goes_with_who_and_why(run: Run) -> None:
    assert run("alarm", "list")[1] == (
        "1 card_not_registered: car 4b4700000001 booking 7 since 2026-04-01 09:00,"
        " card ...34CD for KAG00001001: x\n"
        "2 database_restored: since 2026-04-01 09:00, backup of y\n"
    )
    words = ("--by", "Sato", "--why", "the driver has the card of a friend")
    assert run("alarm", "clear", "1", *words)[:2] == (0, "alarm 1 is cleared\n")
    assert run("alarm", "list")[1].startswith("2 database_restored")
    assert (
        run("alarm", "list", "--all")[1]
        .splitlines()[0]
        .endswith("; cleared 2026-04-01 10:00 by Sato: the driver has the card of a friend")
    )
    (row,) = json.loads(run("alarm", "list", "--json")[1])["alarms"]
    assert (row["id"], row["name"], row["car"]) == (2, "database_restored", "")


def test_what_is_not_open_cannot_be_cleared(run: Run) -> None:
    words = ("--by", "Sato", "--why", "seen to")
    assert run("alarm", "clear", "1", *words)[0] == 0
    for number in ("1", "99"):
        exit_code, _, err = run("alarm", "clear", number, *words)
        assert (exit_code, err.endswith("(no_alarm)\n")) == (1, True)
    for number in ("0", str(2**63)):
        assert run("alarm", "clear", number, *words)[0] == 2


@pytest.mark.parametrize(
    "words",
    [
        ("--by", " ", "--why", "x"),
        ("--by", "x", "--why", ""),
        ("--by", "x"),
        ("--by", "x\n2 car_cloned: car 4b4700000001", "--why", "x"),
        ("--by", "x", "--why", "x\r\ny"),
        ("--by", "x", "--why", "\x1b[2J"),
        ("--by", "\udcff", "--why", "x"),
    ],
)
def test_nobody_clears_without_a_name_and_a_reason(run: Run, words: Any) -> None:
    assert run("alarm", "clear", "1", *words)[0] == 2
    assert run("alarm", "list")[1].startswith("1 card_not_registered")
