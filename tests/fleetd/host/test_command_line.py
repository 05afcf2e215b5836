"""The commands: what they do, exit codes, one clear sentence for bad input."""

import io
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fleetd.host.command_line import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("time.time", lambda: 1775001600.0)

    def call(*words: str) -> tuple[int, str, str]:
        exit_code = main(list(words))
        seen = capsys.readouterr()
        return exit_code, seen.out, seen.err

    return call


@pytest.fixture
def fleet(run: Run) -> Run:
    assert run("init", "--db", "f.db")[0] == 0
    member = ("--name", "Aoki Yui", "--mail", "y@example.org", "--card", "0101060112ab34cd")
    assert run("member", "add", "--db", "f.db", *member)[0] == 0
    assert (
        run("car", "add", "--db", "f.db", "--name", "S 1", "--id", "4b4700000001", "--out", "c")[0]
        == 0
    )
    return run


def book(run: Run, *more: str, start: str = "2026-04-01T10:00", driver: str = "KAG00001001") -> Any:
    return run(
        "book", "--db", "f.db", "--driver", driver, "--car", "4b4700000001",
        "--start", start, "--end", "2026-04-01T12:00", *more,
    )  # fmt: skip


def test_from_nothing_to_a_booking(fleet: Run) -> None:
    exit_code, out, err = book(fleet)
    assert (exit_code, err) == (0, "")
    assert out == (
        "booking 1: car 4b4700000001 for KAG00001001, 2026-04-01 10:00 to 2026-04-01 12:00\n"
    )
    exit_code, out, _ = fleet("status", "--db", "f.db")
    assert exit_code == 0
    assert out.splitlines()[1] == "4b4700000001 S 1: never heard, not in step (1.3)"
    found = json.loads(fleet("status", "--db", "f.db", "--json")[1])
    assert found["cars"][0]["rev"] == 3
    assert found["mails_unsent"] == 4


def test_answers_in_json(fleet: Run) -> None:
    made = json.loads(book(fleet, "--json")[1])
    assert (made["id"], made["driver"], made["starts_s"]) == (1, "KAG00001001", 1775005200)
    exit_code, out, err = book(fleet, "--json")
    assert (exit_code, err) == (1, "")
    assert json.loads(out)["refused"] == "overlaps"


def test_a_time_may_have_an_offset_of_its_own(fleet: Run) -> None:
    made = json.loads(book(fleet, "--json", start="2026-04-01T01:00:00+00:00")[1])
    assert made["starts_s"] == 1775005200


def test_a_cars_secrets_are_written_once_for_the_user_alone(fleet: Run) -> None:
    kept = json.loads(Path("c").read_text())
    assert kept["car"] == "4b4700000001"
    assert len(kept["key"]) == 64
    assert stat.S_IMODE(Path("c").stat().st_mode) == 0o600
    exit_code, out, err = fleet("car", "add", "--db", "f.db", "--name", "S 2", "--out", "c")
    assert (exit_code, out) == (2, "")
    assert err == "--out c: is there already; choose another file\n"
    assert len(json.loads(fleet("status", "--db", "f.db", "--json")[1])["cars"]) == 1
    out = fleet("car", "add", "--db", "f.db", "--name", "S 2", "--out", "d", "--json")[1]
    kept = json.loads(Path("d").read_text())
    assert kept["key"] not in out
    assert kept["password"] not in out


def test_first_passwords_are_shown_on_request_only(run: Run) -> None:
    run("init", "--db", "f.db")
    words = ("member", "add", "--db", "f.db", "--name", "A", "--mail", "a@b.c", "--json")
    assert set(json.loads(run(*words)[1])) == {"member", "driver", "text"}
    assert "mails to a@b.c, which wait: this version sends none" in run(*words[:-1])[1]
    shown = json.loads(run(*words, "--show-passwords")[1])
    assert len(shown["driver_password"]) == 12


@pytest.mark.parametrize(
    ("words", "exit_code", "sentence"),
    [
        (("init", "--db", "f.db"), 2, "f.db: is there already; choose another path"),
        (("init", "--db", "g.db", "--profile", "x"), 2, "--profile x: there is none; choose"),
        (("status", "--db", "g.db"), 2, "g.db: there is no database; make one with"),
        (
            ("member", "add", "--db", "f.db", "--name", "A", "--mail", "nowhere"),
            1, "nowhere: The mail address is none; write it as name@example.org. Correct the",
        ),
        (
            ("member", "add", "--db", "f.db", "--name", "A", "--mail", "a@b.c", "--card", "12"),
            2, "--card: a card's identifier is 16 hex digits",
        ),
        (
            ("car", "add", "--db", "f.db", "--name", "A", "--id", "x", "--out", "e"),
            1, "x: A car's identity is 12 digits of 0-9 and a-f. ",
        ),
        (
            ("car", "add", "--db", "f.db", "--name", "A", "--out", "nowhere/e"),
            2, "--out nowhere/e: cannot be written",
        ),
    ],
)  # fmt: skip
def test_bad_input_gets_one_sentence(
    fleet: Run, words: tuple[str, ...], exit_code: int, sentence: str
) -> None:
    found, out, err = fleet(*words)
    assert (found, out) == (exit_code, "")
    assert err.startswith(sentence)
    assert err.count("\n") == 1


def test_a_refusal_names_what_it_is_about(fleet: Run) -> None:
    for words, exit_code, sentence in (
        (
            ("car", "terms", "4b47000000ff", "--db", "f.db", "--set", "relock_s=90"),
            1,
            "4b47000000ff: There is no such car. Choose one from the list. (no_car)",
        ),
        (
            ("car", "add", "--db", "f.db", "--name", "s 1", "--out", "d"),
            1,
            "car 4b4700000001: This car has that name already. Give another name; another box or",
        ),
        (
            ("technician", "add", " ", "--level", "1", "--db", "f.db"),
            1,
            " : The name is empty or too long. Give 1 to 200 characters. (bad_name)",
        ),
        (
            ("technician", "add", "森", "--level", "4", "--db", "f.db"),
            2,
            "argument --level: 4 is no level from 1 to 3 (see python -m fleetd technician add --help)",
        ),
        (
            ("technician", "remove", "a\nb", "--db", "f.db"),
            1,
            "a?b: Nobody of that name may unlock boxes. ",
        ),
        (("status", "--db", "."), 2, ".: is a folder; give the database in it"),
        (
            ("backup", "--db", "f.db", "--out", ".", "--keep", "0"),
            2,
            "argument --keep: 0 is no whole",
        ),
        (
            ("alarm", "clear", "x", "--db", "f.db", "--by", "a", "--why", "b"),
            2,
            "argument NUMBER: x is no number of an alarm from 1 to 1000000000 (see python -m fleetd alarm clear --help)",
        ),
    ):
        found, out, err = fleet(*words)
        assert (found, out) == (exit_code, "")
        assert err.startswith(sentence), err
        assert err.count("\n") == 1


def test_bad_bookings_get_one_sentence(fleet: Run) -> None:
    assert book(fleet, start="2026-04-01T10:05") == (
        1, "",
        "Bookings begin and end on the quarter hour. Choose :00, :15, :30 or :45. (off_grid)\n",
    )  # fmt: skip
    assert book(fleet, driver="KAG00001")[2].endswith("(member_cannot_book)\n")
    assert book(fleet, start="tomorrow")[0] == 2
    assert book(fleet, start="1960-01-01T00:00")[2].endswith("give a time before 2106\n")


@pytest.mark.parametrize("who", ["", " ", "x\ny", "x" * 201])
def test_who_changes_a_car_has_a_name(fleet: Run, who: str) -> None:
    for words in (
        ("terms", "4b4700000001", "--set", "relock_s=90"),
        ("rotate-key", "4b4700000001"),
    ):
        assert fleet("car", *words, "--db", "f.db", "--by", who) == (
            2, "", "--by: give 1 to 200 characters, all of them in one line\n",
        )  # fmt: skip
        assert fleet("car", "keep-box", "4b4700000001", "--db", "f.db", "--by", who)[0] == 2
    out = fleet("car", "rotate-key", "4b4700000001", "--db", "f.db", "--by", "Sato")[1]
    assert out.endswith("is made; it is in use as soon as the car is heard under it\n")


def test_one_is_one(fleet: Run) -> None:
    out = fleet("status", "--db", "f.db")[1]
    assert out.splitlines()[0] == "1 car, 0 events, 3 mails"
    Path("broker").mkdir()
    out = fleet("broker-files", "--db", "f.db", "--out", "broker")[1]
    assert "for 1 car and the daemon" in out


@pytest.mark.parametrize("words", [(), ("x",), ("book",), ("member",), ("status", "--db")])
def test_wrong_usage(run: Run, words: tuple[str, ...]) -> None:
    assert run(*words)[0] == 2


@pytest.mark.parametrize(
    "words", [("init",), ("member", "add"), ("car", "add"), ("book",), ("status",)]
)
def test_help_has_an_example(run: Run, words: tuple[str, ...]) -> None:
    exit_code, out, _ = run(*words, "--help")
    assert exit_code == 0
    assert f"example:\n  python -m fleetd {' '.join(words)} --db fleet.db" in out


@pytest.mark.parametrize("group", ["member", "car", "technician", "alarm"])
def test_help_of_a_group_has_its_first_example(run: Run, group: str) -> None:
    exit_code, out, _ = run(group, "--help")
    assert exit_code == 0
    assert f"example:\n  python -m fleetd {group} " in out


def test_decodes_example_is_read_without_remark(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    line = next(one for one in run("decode", "--help")[1].splitlines() if "--as event" in one)
    monkeypatch.setattr("sys.stdin", io.StringIO(line.split()[1] + "\n"))
    exit_code, out, _ = run("decode", "--as", "event")
    assert (exit_code, "senseless" in out) == (0, False)
