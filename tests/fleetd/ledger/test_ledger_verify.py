"""Whatever is done to an exported journal is found, and where."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleetd.core.ledger import checkpoint_hash, parse_statement
from fleetd.decode.events import WORDS_VERSION
from fleetd.ledger.check import Check
from fleetd.ledger.earlier import Earlier
from fleetd.ledger.file import checkpoint_line
from fleetd.ledger.scope import Asked
from fleetd.store import ledger_rows
from tests.fleetd.ledger.journal_rig import (
    FOREIGN,
    SIGNER,
    checked,
    checkpoint,
    exported,
    other_car,
    small_journal,
    tell_all,
)
from tests.fleetd.rig import CAR, OTHER_CAR, Desk, wire

_LINES: list[str] = []


@pytest.fixture
def lines(tmp_path: Path) -> list[str]:
    """22 lines: 16 events of three journals, four checkpoints. Made once a process."""
    if not _LINES:
        desk = Desk(tmp_path / "small.db")
        small_journal(desk)
        _LINES.extend(exported(desk))
        desk.db.close()
    return list(_LINES)


def kind(line: str) -> str:
    found: str = json.loads(line)["line"]
    return found


def chain_of(line: str) -> tuple[str, str]:
    found = json.loads(line)
    return found["car"], found["journal"]


def must_be_found(lines: list[str], at: int, until: int | None = None) -> None:
    """At that line (from 1), or by the next one that knows better: of its chain, or signed."""
    report = checked(lines)
    assert report.findings, at
    first = report.findings[0].line
    if until is None:
        until = next_that_tells(lines, at)
    assert at <= first <= until, (at, until, [str(one) for one in report.findings])


def next_that_tells(lines: list[str], at: int) -> int:
    """The first line from there on after which a change must have shown."""
    for number, line in enumerate(lines[at - 1 :], at):
        if number > at and kind(line) in ("checkpoint", "end"):
            return number
    return len(lines)


def test_a_journal_that_nobody_touched_is_whole(lines: list[str]) -> None:
    report = checked(lines)
    assert report.findings == []
    assert (report.events, report.checkpoints, report.unsigned) == (16, 4, 3)
    assert [kind(line) for line in lines].count("event") == 16
    (note,) = report.notes
    assert note == (
        "3 events after the newest checkpoint (checkpoint 4), chained but not signed:"
        " whether more of them were cut off cannot be told from here"
    )


def test_any_line_that_is_removed(lines: list[str]) -> None:
    for at in range(len(lines)):
        left = lines[:at] + lines[at + 1 :]
        must_be_found(left, min(at + 1, len(left)))


def test_any_event_of_the_signed_ones_that_is_removed_is_named(lines: list[str]) -> None:
    for at, line in enumerate(lines[:18]):
        if kind(line) != "event":
            continue
        found = checked(lines[:at] + lines[at + 1 :]).findings[0]
        lost = json.loads(line)
        assert (found.car, found.journal) == (lost["car"], lost["journal"])
        assert (
            f"event {lost['seq']}," in found.text
            or f"{lost['seq']} is missing" in found.text
            or (f"to {lost['seq']} are missing" in found.text)
        )
        assert found.seq >= lost["seq"]


def test_any_two_lines_that_are_swapped(lines: list[str]) -> None:
    """Up to five apart; further below, at random."""
    for first in range(len(lines)):
        for second in range(first + 1, min(first + 6, len(lines))):
            changed = list(lines)
            changed[first], changed[second] = changed[second], changed[first]
            must_be_found(changed, first + 1, until=second + 1)


def test_any_line_that_stands_twice(lines: list[str]) -> None:
    for at, line in enumerate(lines):
        for place in range(at + 1, len(lines) + 1, 3):
            changed = [*lines[:place], line, *lines[place:]]
            report = checked(changed)
            assert report.findings
            assert report.findings[0].line in (place + 1, len(changed))


@pytest.mark.parametrize("at", [0, 2, 12, 20, 21])
def test_any_character_that_is_changed(lines: list[str], at: int) -> None:
    """Of a line of each kind, signed and unsigned, of long ones each third; more at random below."""
    line = lines[at]
    step = 1 if len(line) < 200 else 3
    for place, character in list(enumerate(line))[::step]:
        other = "0" if character != "0" else "1"
        report = checked([*lines[:at], line[:place] + other + line[place + 1 :], *lines[at + 1 :]])
        assert min(one.line for one in report.findings) == at + 1, (place, character)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_one_thing_done_to_it(lines: list[str], data: st.DataObject) -> None:
    """Any character put, taken or replaced, anywhere; any line moved anywhere."""
    at = data.draw(st.integers(0, len(lines) - 1))
    changed = list(lines)
    line = changed[at]
    if data.draw(st.booleans()):
        place = data.draw(st.integers(0, len(line)))
        taken = data.draw(st.integers(0, 1))
        put = data.draw(
            st.text(st.characters(exclude_characters="\n"), min_size=1 - taken, max_size=2)
        )
        changed[at] = line[:place] + put + line[place + taken :]
    else:
        changed.insert(data.draw(st.integers(0, len(lines) - 1)), changed.pop(at))
    assert bool(checked(changed).findings) == (changed != lines)


_NAMES = (
    "line", "car", "journal", "seq", "bytes", "hash", "statement", "signature", "fleet", "format",
    "words", "after", "begins", "checkpoint", "changed", "events",
)  # fmt: skip
_VALUES: tuple[object, ...] = (
    None, -1, 1, 1 << 70, 0.5, True, "", "zz", "ab", [], {}, [[]], [["4b4700000001", "00000011"]],
    {"checkpoint": {}}, "journal", "event", "checkpoint", "end", "\0", "4b4700000001", "00000011",
)  # fmt: skip


@pytest.mark.parametrize("at", [0, 2, 12, 21])
def test_any_field_of_any_kind(lines: list[str], at: int) -> None:
    """Of a line of each kind: another value, none, one more. Findings, never an exception."""
    for part in ("", "statement"):
        for name in _NAMES:
            for value in (*_VALUES, KeyError):
                found = json.loads(lines[at])
                inner = found.get(part, found)
                inner[name] = None if value is KeyError else value
                if value is KeyError:
                    del inner[name]
                changed = json.dumps(found, separators=(",", ":"))
                if changed != lines[at]:
                    report = checked([*lines[:at], changed, *lines[at + 1 :]])
                    assert report.findings, changed
        if at != 12:
            break


def test_lines_that_are_no_json_are_no_journal() -> None:
    for line in ("", "[", "null", "[]", "{}", '{"line":[]}', '{"line":"x"}', "[" * 100_000, "\0"):
        check = Check([SIGNER.verifier])
        check.feed(line)
        assert not check.is_journal
        assert check.finish().findings[0].code == "unreadable"


def test_a_checkpoint_that_somebody_else_signed(lines: list[str]) -> None:
    """Edited, and signed with another key: with the right key's name, and with its own."""
    for at, line in enumerate(lines):
        if kind(line) != "checkpoint":
            continue
        for key in (SIGNER.verifier.id, FOREIGN.verifier.id):
            said = json.loads(line)["statement"]
            said["at"] = "2026-04-01T12:34:56Z"
            said["key"] = key
            text = parse_statement(said).text()
            changed = checkpoint_line(text, FOREIGN.sign(text.encode()))
            report = checked([*lines[:at], changed, *lines[at + 1 :]])
            codes = [(one.code, one.line) for one in report.findings]
            assert ("not_signed", at + 1) in codes
            last = at + 1 == max(n for n, one in enumerate(lines, 1) if kind(one) == "checkpoint")
            assert last or any(code == "broken" for code, _ in codes)


def test_a_journal_forged_from_its_beginning_needs_the_key(desk: Desk) -> None:
    """All hashes can be made anew by anybody; the signatures cannot."""
    small_journal(desk)
    desk.db.run("UPDATE event SET body = x'050bc0b740010000000001', code = 5 WHERE seq = 1")
    ledger_rows.chain_what_is_there(desk.db)
    report = checked(exported(desk))
    assert [(one.code, one.seq) for one in report.findings] == [
        ("not_as_signed", 4), ("not_as_signed", 2), ("not_as_signed", 5), ("not_as_signed", 3),
        ("not_as_signed", 1), ("not_as_signed", 12),
    ]  # fmt: skip
    desk.db.run("DELETE FROM checkpoint")
    desk.db.run("UPDATE journal SET signed_events = 0")
    desk.fleet.signer = FOREIGN
    desk.fleet.tick()
    report = checked(exported(desk))
    assert [one.code for one in report.findings] == ["not_signed"]
    assert checked(exported(desk), signer=FOREIGN).findings == []


def test_a_journal_made_anew_with_the_key_is_another_than_the_earlier_one(desk: Desk) -> None:
    """Who has the key can sign anything; not what somebody else has a copy of."""
    small_journal(desk)
    earlier = Earlier("kept.jsonl", [SIGNER.verifier])
    earlier.read(exported(desk))
    desk.db.run("UPDATE event SET body = x'050bc0b740010000000001', code = 5 WHERE seq = 5")
    ledger_rows.chain_what_is_there(desk.db)
    desk.db.run("DELETE FROM checkpoint")
    desk.db.run("UPDATE journal SET signed_events = 0")
    desk.fleet.tick()
    assert checked(exported(desk)).findings == []
    found = [(one.code, one.seq) for one in checked(exported(desk), earlier).findings]
    assert found == [("not_as_signed", 5), ("not_as_signed", 12), ("forked", 0), ("lost", 0)]


def test_all_that_is_wrong_is_told(lines: list[str]) -> None:
    """Not the first thing alone."""
    changed = list(lines)
    changed[2] = changed[2].replace('"odometer_m":1000', '"odometer_m":9000')
    del changed[15]
    changed[10] = changed[10].replace('"bytes":"08', '"bytes":"09')
    found = [(one.line, one.code, one.seq) for one in checked(changed).findings]
    assert found == [
        (3, "altered", 2),
        (11, "altered", 3),
        (11, "broken", 3),
        (16, "broken", 12),
        (21, "removed", 0),
    ]


def test_the_words_of_another_version_need_not_be_compared(lines: list[str]) -> None:
    ours = f'"words":{WORDS_VERSION},'
    changed = [line.replace(ours, '"words":99,') for line in lines]
    changed[5] = changed[5].replace('"event":"door_opened"', '"event":"door_open"')
    assert [one.line for one in checked(changed).findings] == [1]
    check = Check([SIGNER.verifier], has_words=False)
    for line in changed:
        check.feed(line)
    assert check.finish().findings == []


def test_one_car_and_what_came_since(desk: Desk) -> None:
    """Both are whole by themselves: where they begin is signed."""
    small_journal(desk)
    whole = exported(desk)
    since_s = int(desk.clock.now_s) - 3000
    for car, start_s, events in (
        (CAR, 0, 11), (OTHER_CAR, 0, 5), ("", since_s, 7), (CAR, since_s, 6),
    ):  # fmt: skip
        part = exported(desk, car, start_s)
        asked = Asked(car, start_s)
        report = checked(part, asked=asked)
        assert (report.findings, report.events) == ([], events)
        assert {line for line in part if kind(line) == "event"} < set(whole)
        for at in range(len(part)):
            assert checked(part[:at] + part[at + 1 :], asked=asked).findings, at
        for at, line in enumerate(part):
            for place in range(at % 61, len(line), 61):
                other = "0" if line[place] != "0" else "1"
                changed = [*part[:at], line[:place] + other + line[place + 1 :], *part[at + 1 :]]
                assert checked(changed, asked=asked).findings, (car, at + 1, place)


def test_an_earlier_export_shows_what_was_cut_off_with_its_checkpoints(desk: Desk) -> None:
    """From the file alone the loss of the newest checkpoints cannot be seen; with a copy it can."""
    car, other = wire(desk), other_car(desk)
    desk.fleet.signer = SIGNER
    for _ in range(3):
        for one in (car, other):
            one.happen(8)
            tell_all(desk, one)
        checkpoint(desk)
    earlier = Earlier("march.jsonl", [SIGNER.verifier])
    earlier.read(exported(desk))
    assert sorted(earlier.statements) == [1, 2, 3]
    text = exported(desk)
    last = [at for at, line in enumerate(text) if kind(line) == "checkpoint"][1]
    cut = [*text[: last + 1], '{"line":"end","events":4,"checkpoints":2}']
    assert checked(cut).findings == []
    gone, *lost = checked(cut, earlier).findings
    assert str(gone) == (
        "checkpoint 3 of march.jsonl, of 2026-04-01T03:00:00Z, is not here, this ends at checkpoint"
        " 2: this is older, or its end was cut off, or the database was restored"
    )
    assert [str(one) for one in lost] == [
        f"car {one}, journal 00000011, event 3: checkpoint 3 of march.jsonl names event 3,"
        f" this ends at 2 (line {line})"
        for one, line in ((CAR, 5), (OTHER_CAR, 6))
    ]


def test_checkpoints_are_a_chain_too(lines: list[str]) -> None:
    found = [json.loads(line) for line in lines if kind(line) == "checkpoint"]
    before = "0" * 64
    for number, one in enumerate(found, 1):
        assert (one["statement"]["checkpoint"], one["statement"]["before"]) == (number, before)
        text = parse_statement(one["statement"]).text()
        before = checkpoint_hash(text, bytes.fromhex(one["signature"])).hex()
