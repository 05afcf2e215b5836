"""`journal export|verify|checkpoint-key` as an operator and an auditor type them."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from fleetd.host.command_line import main
from fleetd.ledger import key as ledger_key
from fleetd.store import lease
from tests.fleetd.ledger.journal_rig import FOREIGN, small_journal
from tests.fleetd.rig import CAR, Desk

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """In the folder of fleet.db with the small journal, its key in public.pem."""
    monkeypatch.chdir(desk.path.parent)
    signer = ledger_key.provide(desk.path, desk.db)
    monkeypatch.setattr("tests.fleetd.ledger.journal_rig.SIGNER", signer)
    small_journal(desk)
    Path("public.pem").write_text(signer.verifier.pem())

    def call(*words: str) -> tuple[int, str, str]:
        exit_code = main(["journal", *words])
        seen = capsys.readouterr()
        return exit_code, seen.out, seen.err

    return call


def export(run: Run, *more: str, out: str = "j.jsonl") -> list[str]:
    assert run("export", "--db", "fleet.db", "--out", out, *more)[::2] == (0, "")
    return Path(out).read_text().splitlines()


def test_what_is_exported_is_verified_without_the_database(run: Run, desk: Desk) -> None:
    lines = export(run)
    assert len(lines) == 22
    assert stat.S_IMODE(os.stat("j.jsonl").st_mode) == 0o600
    desk.path.rename("gone.db")
    exit_code, out, err = run("verify", "j.jsonl", "--key", "public.pem")
    assert (exit_code, err) == (0, "")
    assert out == (
        "note: 3 events after the newest checkpoint (checkpoint 4), chained but not signed:"
        " whether more of them were cut off cannot be told from here\n"
        "scope: all cars, from the beginning to checkpoint 4 of 2026-04-01T04:00:00Z, which counts"
        " 13 events in 3 journals of 2 cars since the beginning\n"
        "j.jsonl: all there and unaltered: 16 events, 4 checkpoints\n"
    )
    desk.path.with_name("gone.db").rename(desk.path)


def test_what_is_wrong_is_told_with_its_place(run: Run) -> None:
    lines = export(run)
    Path("cut.jsonl").write_text("\n".join(lines[:4] + lines[5:]) + "\n")
    exit_code, out, _ = run("verify", "cut.jsonl", "--key", "public.pem")
    assert exit_code == 1
    assert out.splitlines()[0] == (
        f"line 7, car {CAR}, journal 00000011, event 4: checkpoint 1 names event 4, this ends at 3"
        " (line 4)"
    )
    assert out.splitlines()[-1] == "cut.jsonl: 2 findings in 15 events, 4 checkpoints"
    exit_code, out, _ = run("verify", "cut.jsonl", "--key", "public.pem", "--json")
    found = json.loads(out)
    assert (exit_code, found["is_whole"], found["unsigned"]) == (1, False, 3)
    assert found["findings"][0] == {
        "code": "not_as_signed", "text": "checkpoint 1 names event 4, this ends at 3 (line 4)",
        "line": 7, "car": CAR, "journal": "00000011", "seq": 4,
    }  # fmt: skip
    Path("foreign.pem").write_text(FOREIGN.verifier.pem())
    exit_code, out, _ = run("verify", "j.jsonl", "--key", "foreign.pem")
    assert (exit_code, out.count("says that it is signed with key")) == (1, 4)
    both = ("--key", "foreign.pem", "--key", "public.pem")
    assert run("verify", "j.jsonl", *both)[0] == 0


def test_a_part_an_earlier_one_and_the_database_itself(run: Run, desk: Desk) -> None:
    assert len(export(run, "--car", CAR.upper(), out="car.jsonl")) == 17
    since = export(run, "--since", "2026-04-01", out="since.jsonl")
    assert len(since) == 22  # nothing was signed before that day
    assert run("verify", "car.jsonl", "--key", "public.pem", "--car", CAR.upper())[0] == 0
    export(run)
    assert run("verify", "--db", "fleet.db", "--earlier", "j.jsonl")[0] == 0
    desk.db.run("DELETE FROM event WHERE seq = 12")
    exit_code, out, _ = run("verify", "--db", "fleet.db", "--key", "public.pem")
    assert exit_code == 1
    assert "checkpoint 4 names event 12, this ends at 11" in out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("verify", "j.jsonl"), "--key: give the public key"),
        (("verify", "--key", "public.pem"), "give a file, or --db"),
        (("verify", "j.jsonl", "--db", "fleet.db"), "give a file, or --db"),
        (("verify", "missing", "--key", "public.pem"), "missing: cannot be read"),
        (("verify", "public.pem", "--key", "public.pem"), "public.pem: is no journal"),
        (("verify", "fleet.db", "--key", "public.pem"), "fleet.db: is no journal"),
        (("verify", "j.jsonl", "--key", "j.jsonl"), "is no public Ed25519 key"),
        (("verify", "j.jsonl", "--key", "missing"), "cannot be read"),
        (("verify", "j.jsonl", "--key", "public.pem", "--earlier", "public.pem"), "no checkpoint"),
        (("export", "--db", "fleet.db", "--out", "j.jsonl"), "is there already"),
        (("export", "--db", "fleet.db", "--out", "no/j.jsonl"), "cannot be written"),
        (("export", "--db", "fleet.db", "--out", "x", "--car", "4b4700000009"), "there is none"),
        (("export", "--db", "fleet.db", "--out", "x", "--since", "May"), "is no day"),
        (("export", "--db", "missing", "--out", "x"), "there is no database"),
        (("checkpoint-key", "--db", "missing"), "there is no database"),
    ],
)
def test_wrong_usage_is_told_in_a_sentence(run: Run, words: tuple[str, ...], sentence: str) -> None:
    export(run)
    exit_code, out, err = run(*words)
    assert (exit_code, out) == (2, "")
    assert sentence in err
    assert err.count("\n") == 1
    assert not Path("x").exists()
    exit_code, out, _ = run(*words, "--json")
    assert exit_code == 2
    assert json.loads(out)["refused"] == "wrong_usage"


def test_the_public_key_and_a_new_one(run: Run, desk: Desk) -> None:
    """The old one's public half is kept, so that what it signed can still be checked."""
    exit_code, out, _ = run("checkpoint-key", "--db", "fleet.db")
    assert (exit_code, out) == (0, Path("public.pem").read_text())
    assert "PRIVATE" not in out
    with lease.held(desk.path):
        exit_code, _, err = run("checkpoint-key", "--db", "fleet.db", "--new")
    assert (exit_code, "another daemon serves it" in err) == (1, True)
    exit_code, out, err = run("checkpoint-key", "--db", "fleet.db", "--new", "--json")
    new = json.loads(out)
    kept = Path(err.split(" is in ")[1].strip())
    assert kept.read_text() == Path("public.pem").read_text() != new["pem"]
    export(run)
    assert run("verify", "j.jsonl", "--key", str(kept))[0] == 0


def test_a_journal_of_two_keys_needs_both(
    run: Run, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("checkpoint-key", "--db", "fleet.db", "--new")
    desk.fleet.signer = ledger_key.load(desk.path)
    desk.clock.now_s += 3600
    desk.fleet.tick()
    Path("new.pem").write_text(desk.fleet.signer.verifier.pem())
    export(run)
    for keys, exit_code in ((["public.pem"], 1), (["new.pem"], 1), (["public.pem", "new.pem"], 0)):
        words = [word for key in keys for word in ("--key", key)]
        assert run("verify", "j.jsonl", *words)[0] == exit_code


def test_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], ["export"], ["verify"], ["checkpoint-key"]):
        assert main(["journal", *words, "--help"]) == 0
        assert "example:" in capsys.readouterr().out
    assert main(["journal"]) == 2
    assert main(["journal", "verify", "--what"]) == 2
    capsys.readouterr()
