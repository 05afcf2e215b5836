"""Whoever has an export, all of its format and no key, makes of it what `verify` must not pass."""

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from fleetd.core.ledger import checkpoint_hash, digest_of_heads, parse_heads, parse_statement
from fleetd.host.command_line import main
from fleetd.ledger.file import checkpoint_line
from fleetd.store import ledger_rows
from tests.fleetd.ledger.journal_rig import (
    FOREIGN,
    SIGNER,
    checkpoint,
    exported,
    small_journal,
)
from tests.fleetd.rig import CAR, OTHER_CAR, Desk

NOBODY = "ffffffffffff"
#: Of the small journal: between its second and its third checkpoint.
SINCE = ("--since", "2026-04-01T02:30:00Z")
Verify = Callable[..., list[str]]


@pytest.fixture
def desk_with_journal(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(desk.path.parent)
    Path("public.pem").write_text(SIGNER.verifier.pem())
    small_journal(desk)
    return desk


@pytest.fixture
def lines(desk_with_journal: Desk) -> list[str]:
    """Header, four checkpoints, 16 events of two cars, end."""
    return exported(desk_with_journal)


@pytest.fixture
def verify(capsys: pytest.CaptureFixture[str]) -> Verify:
    """The codes of what is found; none with exit code 0 alone."""

    def call(lines: list[str], *words: str) -> list[str]:
        Path("j.jsonl").write_text("\n".join(lines) + "\n")
        exit_code = main(["journal", "verify", "j.jsonl", "--key", "public.pem", "--json", *words])
        found = json.loads(capsys.readouterr().out)
        assert found["is_whole"] == (exit_code == 0) == (not found["findings"])
        return [one["code"] for one in found["findings"]]

    return call


def kind(line: str) -> str:
    return str(json.loads(line)["line"])


def fit(lines: list[str]) -> list[str]:
    """With the last line made to fit what stands before it."""
    kinds = [kind(line) for line in lines]
    counts = {"events": kinds.count("event"), "checkpoints": kinds.count("checkpoint")}
    end = json.dumps({"line": "end", **counts}, separators=(",", ":"))
    return [line for line in lines if kind(line) != "end"] + [end]


def header(lines: list[str], **fields: Any) -> str:
    return json.dumps({**json.loads(lines[0]), **fields}, separators=(",", ":"))


def without_car(lines: list[str], car: str) -> list[str]:
    return [line for line in lines if kind(line) != "event" or json.loads(line)["car"] != car]


def of_car(lines: list[str], car: str) -> list[str]:
    """As `export --car` writes it; of a car that is not there, too."""
    others = {CAR, OTHER_CAR} - {car}
    left = lines[1:]
    for other in others:
        left = without_car(left, other)
    return fit([header(lines, car=car), *left])


def since(lines: list[str], after: int) -> list[str]:
    """As `export --since` writes it: all before checkpoint `after` removed."""
    at = [line.startswith(f'{{"line":"checkpoint","statement":{{"checkpoint":{after},')
          for line in lines].index(True)  # fmt: skip
    heads: dict[Any, Any] = {}
    for line in lines[: at + 1]:
        if kind(line) == "checkpoint":
            for head in json.loads(line)["statement"]["changed"]:
                heads[head[0], head[1]] = head
    begins = [heads[chain] for chain in sorted(heads)]
    return fit([header(lines, after=after, begins=begins), *lines[at:]])


def test_what_the_part_is_made_of_here_is_what_an_export_is(
    desk_with_journal: Desk, lines: list[str]
) -> None:
    """So that the attacks below are those of somebody who knows the format."""
    assert of_car(lines, CAR) == exported(desk_with_journal, CAR)
    since_s = int(desk_with_journal.clock.now_s) - 3000
    assert since(lines, 3) == exported(desk_with_journal, "", since_s)


@pytest.mark.parametrize("car", [CAR, OTHER_CAR, NOBODY])
def test_a_car_removed_and_the_header_changed(lines: list[str], verify: Verify, car: str) -> None:
    part = of_car(lines, car)
    assert verify(part) == ["partial"]
    assert verify(part, "--car", car) == []
    assert verify(part, "--car", OTHER_CAR if car == CAR else CAR) == ["partial"]
    assert verify(lines, "--car", car) == []  # it holds more than was asked for


def test_a_car_removed_and_the_header_left(lines: list[str], verify: Verify) -> None:
    assert "not_as_signed" in verify(fit(without_car(lines, CAR)))
    assert "not_as_signed" in verify(fit(without_car(lines, OTHER_CAR)), "--car", OTHER_CAR)


@pytest.mark.parametrize("after", [1, 2, 3, 4])
def test_the_beginning_removed(lines: list[str], verify: Verify, after: int) -> None:
    """Asked was all, or what came since a time before the file begins, or the file's own."""
    part = since(lines, after)
    assert verify(part) == ["partial"]
    assert verify(part, *SINCE) == ([] if after <= 2 else ["partial"])
    assert verify(part, "--since", "2026-04-01T04:00:01Z") == []
    assert verify([header(lines, after=0, begins=[]), *part[1:]])
    assert "broken" in verify(fit([lines[0], *lines[3:]]))


def test_the_time_of_the_beginning_is_the_signed_one(lines: list[str], verify: Verify) -> None:
    """The day as the export takes it: midnight in Japan is 15 hours of the day before in UTC."""
    part = since(lines, 3)
    assert verify(part, "--since", "2026-04-02") == []
    assert verify(part, "--since", "2026-04-01") == ["partial"]
    for at in ("2026-04-01T02:59:59Z", "2026-04-01T03:00:00Z"):
        assert verify(part, "--since", at) == ["partial"]
    assert verify(part, "--since", "2026-04-01T03:00:01Z") == []
    later = json.loads(part[0])
    later["begins"][0][2] += 1
    assert verify([json.dumps(later, separators=(",", ":")), *part[1:]], "--since", "2026-04-02")


def test_a_car_and_the_beginning_removed(lines: list[str], verify: Verify) -> None:
    part = of_car(since(lines, 2), CAR)
    assert verify(part) == ["partial", "partial"]
    assert verify(part, "--car", CAR) == verify(part, *SINCE) == ["partial"]
    assert verify(part, "--car", CAR, *SINCE) == []


def test_the_end_removed(lines: list[str], verify: Verify) -> None:
    """With its line, and made to fit: then only an earlier export has the newest checkpoints."""
    for to in range(1, len(lines)):
        assert "cut_off" in verify(lines[:to])
    Path("kept.jsonl").write_text("\n".join(lines) + "\n")
    ends = [at for at, line in enumerate(lines, 1) if kind(line) == "checkpoint"]
    for number, to in enumerate(ends, 1):
        cut = fit(lines[:to])
        assert verify(cut) == []
        found = verify(cut, "--earlier", "kept.jsonl")
        assert set(found) == ({"lost"} if number < 4 else set())
    assert verify(fit(lines[:1])) == ["not_signed"]  # all of it, every checkpoint as well
    assert verify(fit(lines[:4])) == ["not_signed"]


def test_a_checkpoint_removed(lines: list[str], verify: Verify) -> None:
    for at, line in enumerate(lines):
        if kind(line) == "checkpoint" and json.loads(line)["statement"]["checkpoint"] < 4:
            assert "removed" in verify(fit(lines[:at] + lines[at + 1 :]))
    bare = [line for line in lines if kind(line) != "checkpoint"]
    assert "not_signed" in verify(fit(bare))


def test_two_events_swapped(lines: list[str], verify: Verify) -> None:
    events = [at for at, line in enumerate(lines) if kind(line) == "event"]
    for first, second in pairwise(events):
        swapped = list(lines)
        swapped[first], swapped[second] = swapped[second], swapped[first]
        assert verify(swapped)


def test_one_bit(lines: list[str], verify: Verify) -> None:
    """Of the bytes of an event, its words made to fit; of a hash; of a signature."""
    for at, line in enumerate(lines):
        for name in ("bytes", "hash", "signature"):
            found = json.loads(line)
            if name not in found:
                continue
            changed = bytearray.fromhex(found[name])
            changed[at % len(changed)] ^= 1 << at % 8
            found[name] = changed.hex()
            altered = json.dumps(found, separators=(",", ":"))
            assert verify([*lines[:at], altered, *lines[at + 1 :]], "--bytes-only"), (at, name)


def test_signed_again_with_another_key(lines: list[str], verify: Verify) -> None:
    """A part made a whole of its own: counts and sums fit, only the signature is another's."""
    ours = of_car(lines, CAR)
    forged, before, seen = [header(ours, car="")], "0" * 64, {}
    for line in ours[1:]:
        found = json.loads(line)
        if found["line"] == "checkpoint":
            said = found["statement"]
            said["changed"] = [head for head in said["changed"] if head[0] == CAR]
            seen.update({(head[0], int(head[1], 16)): head for head in said["changed"]})
            said["events"], said["journals"] = sum(head[3] for head in seen.values()), len(seen)
            said["heads"] = _digest(seen)
            said["before"], said["key"] = before, SIGNER.verifier.id
            text = parse_statement(said).text()
            signature = FOREIGN.sign(text.encode())
            before = checkpoint_hash(text, signature).hex()
            line = checkpoint_line(text, signature)  # noqa: PLW2901 - the forger's
        forged.append(line)
    assert verify(forged) == ["not_signed"] * 4


def _digest(seen: dict[Any, Any]) -> str:
    return digest_of_heads(parse_heads([seen[chain] for chain in sorted(seen)])).hex()


def test_an_older_export_passed_off_as_a_newer_one(
    desk_with_journal: Desk, lines: list[str], verify: Verify
) -> None:
    """Also when nothing happened since: an hour with nothing in it is signed, too."""
    checkpoint(desk_with_journal)
    checkpoint(desk_with_journal)
    kept = exported(desk_with_journal)
    Path("kept.jsonl").write_text("\n".join(kept) + "\n")
    assert verify(lines) == []
    found = verify(lines, "--earlier", "kept.jsonl")
    assert found
    assert set(found) == {"lost"}
    last = max(at for at, line in enumerate(kept) if kind(line) == "checkpoint")
    assert verify(fit(kept[:last]), "--earlier", "kept.jsonl") == ["lost"]
    assert verify(kept, "--earlier", "kept.jsonl") == []


def test_what_the_header_leaves_out_is_held_against_an_earlier_export(
    desk_with_journal: Desk,
    lines: list[str],
    verify: Verify,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A history made anew with the key: of the car that is left out, before where it begins."""
    Path("kept.jsonl").write_text("\n".join(lines) + "\n")
    for part, words in (
        (of_car(lines, CAR), ("--car", CAR)),
        (since(lines, 3), ("--since", "2026-04-02")),
        (of_car(since(lines, 2), OTHER_CAR), ("--car", OTHER_CAR, *SINCE)),
    ):
        assert verify(part, *words, "--earlier", "kept.jsonl") == []
    db = desk_with_journal.db
    db.run("DELETE FROM event WHERE car = ? AND (seq > 1 OR journal = 0x22)", OTHER_CAR)
    db.run("DELETE FROM journal WHERE car = ? AND journal = 0x22", OTHER_CAR)
    db.run("UPDATE journal SET seq = 1 WHERE car = ?", OTHER_CAR)
    ledger_rows.chain_what_is_there(db)
    db.run("DELETE FROM checkpoint")
    db.run("UPDATE journal SET signed_events = 0")
    for _ in range(5):
        checkpoint(desk_with_journal)
    anew = exported(desk_with_journal)
    assert verify(anew) == []
    part = of_car(anew, CAR)
    assert verify(part, "--car", CAR) == []
    assert {"forked", "lost"} <= set(verify(part, "--car", CAR, "--earlier", "kept.jsonl"))
    # From the fifth checkpoint on not one has the number of an earlier one.
    part = since(anew, 5)
    assert verify(part, "--since", "2026-04-02") == []
    told = main(["journal", "verify", "j.jsonl", "--key", "public.pem", "--since", "2026-04-02",
                 "--earlier", "kept.jsonl"])  # fmt: skip
    out = capsys.readouterr().out
    assert told == 1
    assert "names event 3; checkpoint 5, which is later, begins the journal after event 1\n" in out
    assert "names event 1; checkpoint 5, which is later, names none of it\n" in out
    assert "kept.jsonl ends at checkpoint 4, this begins at 5: what lies between stands" in out
    assert set(verify(part, "--since", "2026-04-02", "--earlier", "kept.jsonl")) == {"lost"}


def test_an_event_made_anew_of_a_car_that_is_left_out(
    desk_with_journal: Desk, lines: list[str], verify: Verify
) -> None:
    """Counts and numbers are as before: the hash of its end alone tells."""
    Path("kept.jsonl").write_text("\n".join(lines) + "\n")
    db = desk_with_journal.db
    sql = "UPDATE event SET body = x'050bc0b740010000000001', code = 5 WHERE car = ? AND seq = 1"
    db.run(sql, OTHER_CAR)
    ledger_rows.chain_what_is_there(db)
    db.run("DELETE FROM checkpoint")
    db.run("UPDATE journal SET signed_events = 0")
    for _ in range(5):
        checkpoint(desk_with_journal)
    words = ("--car", CAR, "--since", "2026-04-02")
    part = of_car(since(exported(desk_with_journal), 5), CAR)
    assert verify(part, *words) == []
    assert "not_as_signed" in verify(part, *words, "--earlier", "kept.jsonl")


def test_the_scope_is_told_in_words_and_for_programs(
    lines: list[str], verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(part: list[str], *words: str) -> tuple[list[str], Any]:
        Path("j.jsonl").write_text("\n".join(part) + "\n")
        call = ["journal", "verify", "j.jsonl", "--key", "public.pem", *words]
        main(call)
        text = capsys.readouterr().out.splitlines()[-2:]
        main([*call, "--json"])
        return text, json.loads(capsys.readouterr().out)["scope"]

    to = "to checkpoint 4 of 2026-04-01T04:00:00Z, which counts 13 events in 3 journals of 2 cars"
    to += " since the beginning"
    text, scope = told(lines)
    assert text == [
        f"scope: all cars, from the beginning {to}",
        "j.jsonl: all there and unaltered: 16 events, 4 checkpoints",
    ]
    assert scope == {
        "is_part": False, "fleet": scope["fleet"], "car": "", "after": 0, "after_at": "",
        "signed_to": 4, "signed_at": "2026-04-01T04:00:00Z", "signed_events": 13,
        "signed_journals": 3, "signed_cars": 2,
    }  # fmt: skip
    assert scope["fleet"] == json.loads(lines[0])["fleet"] != ""
    text, scope = told(of_car(since(lines, 3), CAR), "--car", CAR, "--since", "2026-04-02")
    begins = "from checkpoint 3 of 2026-04-01T03:00:00Z"
    assert text == [
        f"scope: car {CAR} alone, {begins} {to}",
        "j.jsonl: the part that was asked for is there and unaltered: 6 events, 2 checkpoints",
    ]
    assert (scope["is_part"], scope["car"], scope["after"]) == (True, CAR, 3)
    Path("j.jsonl").write_text("\n".join(of_car(since(lines, 3), CAR)) + "\n")
    assert main(["journal", "verify", "j.jsonl", "--key", "public.pem", "--car", OTHER_CAR]) == 1
    other, begins = capsys.readouterr().out.splitlines()[:2]
    assert other == (
        f"line 1: is of car {CAR} alone; expected car {OTHER_CAR}; if it was to be that one, give"
        f" --car {CAR}"
    )
    assert begins == (
        "line 1: begins at checkpoint 3 of 2026-04-01T03:00:00Z; expected the beginning; if it was"
        " to be a part, give --since as the export was given it"
    )
    text, _ = told(fit(lines[:1]))
    assert text[0] == "scope: all cars, from the beginning on; no checkpoint says up to when"
    _, scope = told(of_car(lines, NOBODY), "--car", NOBODY)
    assert main(["journal", "verify", "j.jsonl", "--key", "public.pem", "--car", NOBODY]) == 0
    assert f"note: no checkpoint names a journal of car {NOBODY}\n" in capsys.readouterr().out
