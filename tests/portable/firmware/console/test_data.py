"""card, cache, net, journal export and selftest, through the whole loop (TECH-4)."""

import json
import struct
from binascii import crc32, unhexlify

from firmware.wire import codes
from firmware.wire.journal_format import NO_IDENT
from tests.portable.firmware.console.gate_rig import GateRig
from tests.portable.firmware.loop_rig import CARD

STRANGER = b"\1\1\6\1\x77\x77\x77\x77"


def unlocked(level: int = 2) -> GateRig:
    rig = GateRig()
    rig.box.centre.online = True
    rig.turn(100)
    rig.box.book()
    rig.unlock(level)
    return rig


def look_at(rig: GateRig, card: bytes) -> "list[str]":
    """The command card, and this card on the reader."""
    rig.cable.put(b"card\r")
    for _ in range(3):
        rig.turn(10)
    rig.taken()
    rig.box.reader.card = card
    said = b""
    for _ in range(20):
        rig.turn(10)
        said += rig.taken()
    return str(said, "ascii").split("\r\n")[:-1]


def test_tech_4_a_card_is_told_and_nothing_happens() -> None:
    rig = unlocked(1)
    events = len(rig.seen)
    assert look_at(rig, CARD) == [
        "card        card ..34cd",
        "whose       driver ..07",
        "would       start booking 100",
    ]
    assert rig.state == "vacant" and [line.rises for line in rig.box.pulses] == [0, 0, 0, 0]
    assert len(rig.seen) == events
    assert look_at(rig, STRANGER)[1:3] == [
        "whose       nobody's in the copy",
        "would       be refused: nobody's card in this car's copy",
    ]
    assert look_at(rig, NO_IDENT)[1].startswith("whose       nobody's: its number changes")


def test_tech_4_after_that_a_touch_counts_again() -> None:
    rig = unlocked(1)
    look_at(rig, STRANGER)
    rig.turn(5000)
    rig.box.reader.card = CARD
    for _ in range(400):
        rig.turn(10)
    assert rig.state == "unlocked"


def test_tech_4_a_pulled_cable_leaves_no_deaf_reader() -> None:
    rig = unlocked(1)
    rig.cable.put(b"card\r")
    for _ in range(3):
        rig.turn(10)
    rig.cable.is_there = False
    rig.turn(10)
    rig.turn(1100)
    rig.box.reader.card = CARD
    for _ in range(400):
        rig.turn(10)
    assert rig.state == "unlocked"


def test_no_card_comes() -> None:
    rig = unlocked(1)
    rig.cable.put(b"card\r")
    said = b""
    for _ in range(400):
        rig.turn(100)
        said += rig.taken()
    assert b"no card in 30 s: hold it flat" in said


def test_tech_4_the_copy_and_the_way_to_the_centre() -> None:
    rig = unlocked(1)
    said = rig.asked("cache")
    assert "bookings    1" in said and "cards       1" in said
    assert "key         the one it was provisioned with" in said
    assert rig.asked("net")[0] == "network     online"
    assert rig.asked("net retry") == ["it is online: nothing; see net"]
    rig.box.centre.online = False
    rig.box.centre.reachable = True
    rig.turn(100)
    assert rig.asked("net retry") == ["trying now; see net in some seconds"]
    assert rig.box.centre.hurried == 1
    waiting = rig.box.loop._journal.backlog()
    assert waiting and "events      %d wait for the centre" % waiting in rig.asked("net")
    assert rig.asked("net on") == ["net knows retry: type net or net retry"]
    for holds, later_s in ((True, 0), (False, 73 * 3600)):
        rig.box.wall_s += later_s
        parts = [json.loads(line) for line in rig.ask("cache --json")]
        told = {part.get("name"): part.get("value") for part in parts}
        assert (told["lease"], told["terms"]) == (holds, False)  # null would be: cannot tell


class WordyNetwork:
    detail = "no answer from 192.168.4.1 about fleet.example"


def test_tech_4_what_a_network_says_of_its_trouble_stands_there_in_its_words() -> None:
    rig = unlocked(1)
    network = WordyNetwork()
    setattr(rig.inside.ports, "network", network)  # noqa: B010 - only real boards have one
    assert "detail      " + network.detail in rig.asked("net")
    network.detail = ""
    assert "detail" not in str(rig.asked("net"))


def test_tech_4_the_journal_is_read_out_frame_by_frame() -> None:
    rig = unlocked(1)
    rig.asked("test red")
    said = rig.asked("journal export")
    last = rig.box.loop._journal.next_seq - 1  # the export itself is the newest
    assert said[0].startswith("# car 4b4700000001, journal ")
    assert said[-1] == "# %d of %d events" % (last, last)
    for at, line in enumerate(said[1:-1]):
        data = unhexlify(line)
        mark, kind, length, crc = struct.unpack_from(">BBHI", data)
        assert (mark, kind, length) == (0x5A, 1, len(data) - 8)
        assert crc == crc32(data[8:])
        assert struct.unpack_from(">I", data, 16)[0] == at + 1
    assert rig.asked("journal")[0].startswith("journal knows export")
    assert rig.actions()[-1][1] == codes.ACT_EXPORT


def verdicts(said: "list[str]") -> "dict[str, str]":
    found = {}
    for line in said:
        name, _, rest = line.partition(" ")
        verdict = rest.strip().partition(":")[0]
        if verdict in ("OK", "NOT OK", "CANNOT TELL"):
            found[name] = verdict
    return found


def test_tech_4_selftest_of_a_sound_box() -> None:
    rig = unlocked(2)
    rig.asked("maintenance on")
    for i in (0, 1, 2, 3, 4, 5, 6, 9):  # somebody moves everything once
        value = rig.box.inputs[i].value
        for one in (1 - value, value):
            rig.box.inputs[i].value = one
            rig.turn(100)
            rig.turn(100)
    said = rig.asked("selftest")
    assert verdicts(said) == dict.fromkeys(verdicts(said), "OK"), said
    assert len(verdicts(said)) == 12
    assert said[-2] == "result      0 NOT OK, 0 CANNOT TELL, of 12"
    assert said[-1].startswith("before      no earlier report")
    assert [line.rises for line in rig.box.pulses] == [1, 1, 1, 1]
    rig.turn()
    report = [event for event in rig.seen if event[0] == codes.AUDIT_TECHNICIAN_ACTION][-1]
    assert report[19:] == bytes((codes.ACT_SELFTEST, 0)) + bytes(12)


def test_tech_4_selftest_tells_what_is_wrong_and_what_has_changed() -> None:
    rig = unlocked(2)
    said = rig.asked("selftest")
    assert "doors       OK: lock reads back; the other relay only in maintenance" in said
    first = verdicts(said)
    assert first["switches"] == "CANNOT TELL" and first["reader"] == "OK"
    rig.box.reader.is_healthy = False
    rig.box.trusted = False
    rig.box.centre.online = False
    rig.relays_obey = False
    rig.box.inputs[codes.IN_LOCKED].value = codes.NO
    for _ in range(5):
        rig.turn(100)
    said = rig.asked("selftest")
    now = verdicts(said)
    for name in ("reader", "clock", "network", "doors"):
        assert now[name] == "NOT OK" and first[name] == "OK", (name, said)
        assert "changed     %s was OK" % name in said
    assert said[-1].startswith("before      4 lines differ from the report of 2026-")
    assert said[-1] == said[-1].rstrip()
    assert "  do        check its plug, its supply and both data wires" in said


def test_tech_4_selftest_moves_nothing_in_a_running_use() -> None:
    rig = unlocked(2)
    rig.box.reader.card = CARD
    for _ in range(400):
        rig.turn(10)
    assert rig.state == "unlocked"
    before = [line.rises for line in rig.box.pulses]
    found = verdicts(rig.asked("selftest"))
    assert found["doors"] == found["starter"] == "CANNOT TELL"
    assert [line.rises for line in rig.box.pulses] == before
