"""log and why: the journal's newest events in words, read a little in each turn."""

import json
import struct

from firmware.console import events, reasons
from firmware.console.past import LOG_EVENTS
from firmware.console.tail import STEPS, Tail
from firmware.journal import Journal
from firmware.wire import codes
from firmware.wire.journal_format import (
    NO_IDENT,
    pack_cause,
    pack_event,
    pack_refusal,
    pack_use,
)
from hal.fake.flash import Flash
from tests.portable.firmware.console.console_rig import ConsoleRig
from tests.portable.firmware.loop_rig import CARD, Box

AT = 197_200_000
HEAD = "     1 2026-04-01 09:46:40  "


def told(code: int, detail: bytes = b"", booking: int = 0) -> str:
    return events.describe(pack_event(code, AT, 1, booking, detail))


def test_events_in_words() -> None:
    by_card = pack_cause(codes.BY_CARD, CARD)
    by_phone = pack_cause(codes.BY_COMMAND, b"secrets!")
    use = pack_use(codes.BY_CARD, CARD, 1234567, 98_765_432, 1, 2, 0)
    reasons = [(codes.TOO_EARLY, AT), (codes.DOOR_OPEN, 0)]
    for text, words in (
        (told(codes.AUDIT_START_REQUESTED, by_card, 7), "start asked for: card ..34cd, booking 7"),
        (told(codes.AUDIT_END_REQUESTED, by_phone), "end asked for: by phone or centre"),
        (
            told(codes.AUDIT_UNLOCKED, use, 7),
            "unlocked: card ..34cd, driver ..67, at 98765 km, booking 7",
        ),
        (
            told(codes.AUDIT_END_REFUSED, pack_refusal(codes.BY_CARD, CARD, reasons)),
            "end refused: card ..34cd: too_early, door_open",
        ),
        (told(codes.AUDIT_LOCKED, bytes((codes.BY_DEADLINE,))), "locked: by time"),
        (told(codes.AUDIT_DOOR_OPENED, bytes((codes.IN_TRUNK,))), "door opened: trunk"),
        (told(codes.AUDIT_RESET, b"\4"), "started anew: in_use"),
        (
            told(codes.AUDIT_FAULT, bytes((codes.FAULT_READER_SILENT, 0))),
            "FAULT: reader does not answer",
        ),
        (
            told(codes.AUDIT_FAULT_CLEARED, bytes((codes.FAULT_INPUT_NOISY, 5))),
            "fault over: switch bounces: key",
        ),
        (told(codes.AUDIT_CLOCK_SET, struct.pack(">i", -5)), "clock set: by -5 s"),
        (
            told(codes.AUDIT_EXTENDED, struct.pack(">I", AT)),
            "booking made longer: until 2026-04-01 09:46 UTC",
        ),
        (told(codes.AUDIT_GAP, struct.pack(">I", 12)), "lost here: 12 events"),
        (told(200, b"abc"), "event 200: by cause 97"),
    ):
        assert text == words


def test_what_a_technician_did_says_how_in_words() -> None:
    """A bare number behind it would be a riddle in the rain."""
    who = pack_cause(codes.BY_TECHNICIAN, b"7Q2M9XCD")
    for action, argument, words in (
        (codes.ACT_OPEN, 2, "console unlocked, level 2"),
        (codes.ACT_CLOSE, codes.CLOSED_BY_CABLE, "console locked with the cable"),
        (codes.ACT_LOCK, 0, "doors lock"),
        (codes.ACT_TEST, codes.OUT_BUZZER, "test buzzer"),
        (codes.ACT_TEST, 77, "test 77"),
        (codes.ACT_SELFTEST, 0, "selftest, not OK 0"),
        (codes.ACT_RESET, 0, "reset"),
        (codes.ACT_RESET, 2, "reset to the prompt"),
        (99, 0, "action 99"),
        (99, 3, "action 99 3"),
    ):
        text = told(codes.AUDIT_TECHNICIAN_ACTION, who + bytes((action, argument)))
        assert text == "technician did: " + words, text


def test_no_event_however_short_or_strange_escapes() -> None:
    for code in range(256):
        for size in range(16):
            for fill in (0, 1, 3, 255):
                event = pack_event(code, AT, fill & 1, 0, bytes([fill] * size))
                for cut in (event, event[: 1 + size]):
                    assert events.describe(cut)
                    assert events.when(cut)
                    events.reasons_of(cut)


def test_no_number_of_a_command_and_no_whole_card_is_told() -> None:
    for code in range(1, codes.AUDIT_GAP + 1):
        for cause in range(8):
            words = told(code, pack_cause(cause, b"\x41\x42\x43\x44\x45\x46\x47\x48") + b"\0" * 20)
            assert "4142" not in words
            assert "ABCD" not in words
            assert "4546" not in words


def test_log_tells_the_newest_last_with_number_and_time() -> None:
    rig = ConsoleRig()
    lines = rig.ask("log")
    assert lines == [HEAD + "started anew: vacant"]
    rig.box.trusted = False
    for _ in range(30):
        rig.box.inputs[codes.IN_DOOR_DRIVER].value ^= 1
        rig.turn(30000)
        rig.turn(100)
    lines = rig.ask("log")
    assert len(lines) == LOG_EVENTS
    assert lines[0].startswith("    12 ")
    assert lines[-1].startswith("    31 2026-04-01 09:46:40? door closed: driver's door")
    assert rig.ask("log 1") == lines[-1:]
    answers = [json.loads(line) for line in rig.ask("log 3 --json")]
    assert [one.get("value") for one in answers] == [29, 30, 31, None]
    for bad in ("0", "501", "-1", "9999", "1e3", "x"):
        (line,) = rig.ask("log " + bad)
        assert line.startswith("log takes a number from 1 to 500, not " + bad)


def test_why_tells_reasons_and_what_to_do() -> None:
    rig = ConsoleRig()
    assert rig.ask("why") == ["nothing was refused in the last 300 events"]
    rig.box.reader.card = CARD
    rig.turn()
    rig.turn(2000)
    lines = rig.ask("why")
    assert lines[0] == "2026-04-01 09:46:40  card refused: card ..34cd: unknown_card"
    assert lines[1:] == [
        "unknown_card nobody's card in this car's copy",
        "do          check the card's number at the centre",
    ]
    rig.box.book()
    for i in range(6):
        rig.box.put_command(bytes((i,)) * 8, codes.VERB_END, i + 1)
        rig.turn(50)
    lines = rig.ask("why")
    assert [line for line in lines if "refused" in line] == [
        "2026-04-01 09:46:40  end refused: by phone or centre, booking 100: no_booking"
    ] * 4


def test_why_tells_a_touch_without_the_time_once() -> None:
    box = Box()
    box.book()
    box.trusted = False
    rig = ConsoleRig(box)
    rig.turn(100)
    box.reader.card = CARD
    rig.turn()
    rig.turn(2000)
    recorded = [line for line in rig.ask("log") if "refused" in line]
    assert len(recorded) == 2, "as a start and as a card"
    told = [line for line in rig.ask("why") if "refused" in line]
    assert told == [recorded[1][7:]]


def test_a_wrong_answer_of_a_technician_has_its_own_words() -> None:
    rig = ConsoleRig()
    rig.ask("unlock 1")
    rig.ask("answer 0000-0000-00")
    rig.turn()
    (line,) = [line for line in rig.ask("log") if "refused" in line]
    assert line.endswith("command refused: by technician: wrong_answer")
    assert rig.ask("why")[1:] == [
        "wrong_answer a wrong answer or PIN was typed",
        "do          nothing, if it was you; else see who had the cable",
    ]
    assert reasons.told(codes.BAD_SIGNATURE, 0, False)[0] == "bad_signature"


def test_a_journal_that_cannot_be_read_is_said_so() -> None:
    rig = ConsoleRig()
    rig.inside.journal.is_open = False
    for command in ("log", "why"):
        assert rig.ask(command) == [
            "the journal cannot be read: type status faults; restart the box once"
        ]


def journal(count: int) -> Journal:
    """With so many events, of which the centre has none."""
    made = Journal(Flash(16), 1)
    made.open()
    for number in range(count):
        add(made, number)
    return made


def add(made: Journal, number: int) -> None:
    detail = pack_cause(codes.BY_COMMAND, struct.pack(">Q", number))
    made.commit([pack_event(codes.AUDIT_COMMAND_RECEIVED, AT, 1, number, detail)], bytes(100))
    made.service()


def read(made: Journal, count: int, meanwhile: int = 0) -> "list[int]":
    """Numbers that a tail finds; so many events are added between its steps."""
    tail = Tail(made, count)
    found: "list[int]" = []
    for _ in range(20000):
        if tail.is_done:
            return found
        event = tail.step()
        if event is not None:
            assert struct.unpack_from(">I", event, 6)[0] == tail.seq - 1
            found.append(tail.seq)
        for _ in range(meanwhile):
            add(made, made.next_seq - 1)
    raise AssertionError("it does not end")


def test_the_tail_is_whole_over_sectors_and_both_rings() -> None:
    for total in (0, 1, 20, 30, 400):
        made = journal(total)
        for count in (1, 5, 31, 300):
            first = max(1, total + 1 - count)
            assert read(made, count) == list(range(first, total + 1)), (total, count)


def test_events_that_are_gone_are_passed_over() -> None:
    made = journal(200)
    made.acknowledge(made.next_seq - 1)
    for number in range(200, 700):
        add(made, number)
        made.acknowledge(made.next_seq - 1)
    found = read(made, 500)
    assert found == list(range(found[0], 701))
    assert 20 < len(found) < 500


def test_sectors_that_are_given_up_meanwhile_do_no_harm() -> None:
    for acknowledges in (True, False):
        made = journal(150)
        if acknowledges:
            made.acknowledge(made.next_seq - 1)
        found = read(made, 140, meanwhile=2)
        assert found == sorted(set(found))
        assert len(found) == 0 or found[-1] <= 150


def test_a_step_reads_no_more_than_its_share() -> None:
    made = journal(300)
    storage = made.turns._sectors._storage
    whole = storage.read
    reads = [0]

    def counted(offset: int, buffer: "bytearray | memoryview") -> None:
        reads[0] += 1
        whole(offset, buffer)

    storage.read = counted  # type: ignore[method-assign]
    tail = Tail(made, 250)
    most = 0
    while not tail.is_done:
        reads[0] = 0
        tail.step()
        most = max(most, reads[0])
    assert 0 < most <= 8 * STEPS


def test_a_use_that_is_told_names_nobody() -> None:
    box = Box()
    box.book()
    box.reader.card = CARD
    box.after(10)
    box.after(1000)
    text = "".join(ConsoleRig(box).ask("log"))
    assert "unlocked: card ..34cd, driver ..07, at 12345 km," in text
    assert "12ab" not in text
    assert NO_IDENT.hex() not in text
