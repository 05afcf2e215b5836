"""Frames, events and records in words; whatever the bytes are, it does not fail."""

import base64
import io
import json
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from firmware import journal_events
from firmware.wire import codes, frames, kb1, kb1_centre
from firmware.wire.code_names import AUDIT_NAMES
from firmware.wire.journal_format import EPOCH_2020_S, pack_cause, pack_event, pack_refusal
from fleetd.decode.events import event_words
from fleetd.decode.lines import line_words
from fleetd.decode.records import record_words
from fleetd.decode.words import KIND_NAMES, Key, body_words, frame_words, is_read
from fleetd.host.command_line import main
from fleetd.host.decode_commands import decode

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "kb1.json").read_text())
CAR, CAR_KEY = VECTORS["car"], bytes.fromhex(VECTORS["car_key"])
KEY = Key(CAR, CAR_KEY)
UP = frames.direction_key(CAR_KEY, frames.UP)
DOWN = frames.direction_key(CAR_KEY, frames.DOWN)
UNHELD = "does not hold under the first key; the car may have a later one"


def framed(kind: int, body: bytes) -> bytes:
    key = DOWN if kind in range(kb1.DELTA, kb1.SNAP + 1) else UP
    return frames.pack_frame(key, bytes.fromhex(CAR), kind, body)


def test_a_frame_of_every_kind_is_told_field_by_field() -> None:
    """The golden frames: each field of the vectors is in the words, under its name or another."""
    seen = set()
    for vector in VECTORS["frames"]:
        words = frame_words(bytes.fromhex(vector["frame"]), KEY)
        assert words["tag"] == "holds"
        assert words["way"] == {"up": "car to centre", "down": "centre to car"}[vector["direction"]]
        assert words["frame"] == KIND_NAMES[vector["kind"]]
        assert is_read(words)
        seen.add(words["frame"])
        for name in ("gen", "rev", "from_rev", "to_rev", "counter", "left_s", "booking", "driver",
                     "boot", "nonce", "uptime_s", "next_seq", "chunks"):  # fmt: skip
            if name in vector["fields"]:
                assert words[name] == vector["fields"][name], (vector["name"], name)
    assert seen == set(KIND_NAMES.values())


def test_frames_of_a_later_version_are_told_as_far_as_they_are_known() -> None:
    for vector in VECTORS["later"]:
        words = frame_words(bytes.fromhex(vector["frame"]), KEY)
        assert words["tag"] == "holds"
        assert is_read(words)
        if vector["kind"] not in KIND_NAMES:
            assert words["frame"] == f"kind_{vector['kind']}"
            assert words["body_bytes"] == words["bytes"] - 20


def test_the_tag_is_told_as_it_is() -> None:
    """Checked only with the key of that car; then every other bit shows."""
    frame = bytes.fromhex(VECTORS["frames"][0]["frame"])
    assert frame_words(frame)["tag"] == "not checked: no key"
    assert frame_words(frame, KEY, "000000000001")["tag"] == f"not checked: the key is of car {CAR}"
    assert frame_words(frame, Key(CAR, bytes(32)))["tag"] == UNHELD
    assert frame_words(frame, Key("000000000001", CAR_KEY))["tag"] == UNHELD
    for at in range(4, len(frame)):
        changed = bytearray(frame)
        changed[at] ^= 1
        assert frame_words(bytes(changed), KEY)["tag"] == UNHELD
    for vector in VECTORS["rejected"]:
        assert frame_words(bytes.fromhex(vector["frame"]), KEY).get("tag") != "holds", vector["why"]


def test_what_makes_no_sense_is_told_with_its_reason() -> None:
    for vector in VECTORS["senseless"]:
        words = body_words(vector["kind"], bytes.fromhex(vector["body"]), [])
        assert words["unreadable"], vector["why"]
    late = struct.pack(">IHiiiB", 5, 12000, 7, 91_000_000, 0, 1)
    words = frame_words(framed(kb1.TELEMETRY, late))
    assert words["senseless"] == [
        "now 1970-01-01T00:00:05Z: is before 2020", "position 91000000, 0: is not on the Earth",
    ]  # fmt: skip
    booking = struct.pack(">IIII", 0, 1, EPOCH_2020_S + 60, EPOCH_2020_S)
    found = record_words(codes.OP_PUT_BOOKING, booking)["senseless"]
    assert found == [
        "a booking or a driver of 0", "from 2020-01-01T00:01:00Z to 2020-01-01T00:00:00Z",
    ]  # fmt: skip
    assert record_words(codes.OP_PUT_CARD, b"short")["senseless"] == ["a record of 5 bytes"]
    words = frame_words(framed(kb1.EVENTS, kb1.pack_events(1, 0, [b""])))
    assert words["senseless"] == ["events from number 0 on"]
    assert words["events"][0]["senseless"] == ["an event of 0 bytes, 10 are the least"]


DETAILS: dict[int, tuple[bytes, dict[str, Any]]] = {
    codes.AUDIT_START_REQUESTED: (
        pack_cause(codes.BY_CARD, bytes.fromhex("0101060112ab34cd")), {"by": "card", "card": "...34CD"},
    ),
    codes.AUDIT_COMMAND_RECEIVED: (
        pack_cause(codes.BY_COMMAND, b"COMMAND1"), {"by": "command", "command": "434f4d4d414e4431"},
    ),
    codes.AUDIT_CARD_REFUSED: (
        pack_refusal(codes.BY_CARD, bytes(8), [(codes.TOO_EARLY, 60), (codes.CANNOT_TELL, 0b100001)]),
        {"by": "card", "reasons": [
            {"reason": "too_early", "possible_from": "2020-01-01T00:01:00Z"},
            {"reason": "cannot_tell", "inputs": ["door_driver", "key"]},
        ]},
    ),
    codes.AUDIT_CARD_ENROLLED: (
        b"\2" + bytes.fromhex("0101060112ab34cd") + b"\0\0\0\7",
        {"by": "command", "card": "...34CD", "driver": 7},
    ),
    codes.AUDIT_ENDED: (
        struct.pack(">B8sIiiiB", 1, bytes(8), 7, -1, 35_000_000, 139_000_000, 3),
        {"by": "card", "driver": 7, "odometer_m": None, "latitude_udeg": 35_000_000,
         "longitude_udeg": 139_000_000, "flags": ["position_valid", "staff_review"]},
    ),
    codes.AUDIT_POSITION_REPORTED: (
        struct.pack(">B8siiB", 2, bytes(8), 1, 2, 0), {"by": "command", "flags": []},
    ),
    codes.AUDIT_DOOR_OPENED: (b"\4", {"input": "trunk"}),
    codes.AUDIT_EXTENDED: (struct.pack(">I", 3600), {"new_end": "2020-01-01T01:00:00Z"}),
    codes.AUDIT_LOCKED: (b"\3", {"by": "deadline"}),
    codes.AUDIT_WINDOW_OVER: (b"\x0c", {"flags": ["doors_open", "key_out"]}),
    codes.AUDIT_FAULT: (b"\6\2", {"fault": "reader_silent", "argument": 2}),
    codes.AUDIT_RESET: (b"\4", {"state": "in_use"}),
    codes.AUDIT_CLOCK_SET: (struct.pack(">i", -90), {"moved_s": -90}),
    codes.AUDIT_GAP: (struct.pack(">I", 12), {"events_missing": 12}),
    codes.AUDIT_KEY_OUT: (b"", {}),
    codes.AUDIT_POWER_LOST: (b"\x63", {"state": "state_99"}),
}  # fmt: skip


def test_each_layout_of_an_event_is_told() -> None:
    for code, (detail, due) in DETAILS.items():
        words = event_words(pack_event(code, 90, 1, 4711, detail))
        assert words == {
            "event": AUDIT_NAMES[code], "at": "2020-01-01T00:01:30Z", "at_car_s": 90,
            "clock": "trusted", "booking": 4711, **due,
        }  # fmt: skip
        later = event_words(pack_event(code, 90, 0, 0, detail + b"\xab"))
        assert (later["more"], later["clock"]) == ("ab", "not trusted")
        if detail:
            short = event_words(pack_event(code, 90, 1, 4711, detail[:-1]))
            assert "are due" in short["senseless"][0] or short["event"].endswith("_refused")


def test_all_codes_have_words_and_unknown_ones_their_number() -> None:
    for code in range(256):
        words = event_words(pack_event(code, 0, 1, 0, bytes(40)))
        assert words["event"] == AUDIT_NAMES.get(code, f"event_{code}")


def test_a_technician_is_told_by_question_or_card_and_what_was_set_by_name() -> None:
    """TECH-1, TECH-4: a question's nonce is ASCII, a card's number is told by its last digits."""
    card = bytes.fromhex("0101060112ab34cd")
    for ident, who in ((b"7Q2M9XCD", {"question": "7Q2M9XCD"}), (card, {"card": "...34CD"})):
        detail = pack_cause(codes.BY_TECHNICIAN, ident) + bytes((codes.ACT_SET, 0))
        words = event_words(
            pack_event(codes.AUDIT_TECHNICIAN_ACTION, 90, 1, 0, detail + b"port=1883")
        )
        assert {**who, "action": "set", "setting": "port=1883"}.items() <= words.items()
        assert len({"question", "card"} & words.keys()) == 1
    strange = event_words(pack_event(codes.AUDIT_TECHNICIAN_ACTION, 90, 1, 0, detail + b"\xff"))
    assert strange["more"] == "ff"


def test_each_record_is_told_and_no_key() -> None:
    booking = struct.pack(">IIII", 4711, 31, EPOCH_2020_S, EPOCH_2020_S + 900)
    card = bytes.fromhex("0101060112ab34cd")
    key = bytes(range(100, 149))
    terms = struct.pack(">B4B11HHBHH", 1, 0, 1, 2, 3, *range(11), 0x61, 1, 1 << 10, 1 << 2)
    assert record_words(codes.OP_PUT_BOOKING, booking)["ends"] == "2020-01-01T00:15:00Z"
    assert record_words(codes.OP_DEL_BOOKING, booking[:4]) == {"op": "del_booking", "booking": 4711}
    assert record_words(codes.OP_PUT_CARD, card + b"\0\0\0\7")["driver"] == 7
    assert record_words(codes.OP_DEL_STAFF, card) == {"op": "del_staff", "card": "...34CD"}
    assert record_words(codes.OP_DEL_TERMS, b"") == {"op": "del_terms"}
    found = record_words(codes.OP_PUT_TERMS, terms)
    assert (found["lamp_end"], found["ask_s"], found["enrol_s"]) == ("red", 2, 10)
    assert found["flags"] == ["gear_checked", "reader", "smart_key"]
    assert (found["no_sensor"], found["no_door"]) == (["gear"], ["door_rear_left"])
    text = json.dumps(record_words(codes.OP_PUT_KEY, key))
    assert key[9:41].hex() not in text
    assert record_words(99, b"ab") == {"op": "op_99", "record_bytes": 2, "record": "6162"}


def test_a_frame_of_the_boxs_own_journal_is_told() -> None:
    """Made by the box's own code, so that the two cannot drift apart."""
    events = [pack_event(codes.AUDIT_KEY_OUT, 9, 1, 0), pack_event(codes.AUDIT_KEY_IN, 10, 1, 0)]
    body = journal_events.pack_head(3, 9, 5, 2, 4) + b"SESS"
    body += journal_events.pack_item(0, events[0]) + events[0]
    body += journal_events.pack_item(2, events[1]) + events[1]
    frame = struct.pack(">BBHI", 0x5A, journal_events.KIND, len(body), 0xABCD) + body
    words = line_words(frame.hex(), None)
    assert words is not None
    assert (words["acked_seq"], words["next_seq"], words["session_bytes"]) == (3, 9, 4)
    assert [(one["seq"], one["event"]) for one in words["events"]] == [
        (5, "key_out"),
        (8, "key_in"),
    ]
    for length in range(8, len(frame)):
        cut = line_words(frame[:length].hex(), None)
        assert cut is not None
        assert "unreadable" in cut


def test_lines_of_a_capture_in_their_forms() -> None:
    topic, frame = VECTORS["topics"]["up"], VECTORS["frames"][0]["frame"]
    text = base64.b64encode(bytes.fromhex(frame)).decode()
    spaced = " ".join(frame[at : at + 2] for at in range(0, len(frame), 2))
    for line in (
        frame, frame.upper(), f"0x{frame}", spaced, spaced.replace(" ", ":"), text, f"  {frame}\r\n",
        f"{topic} {frame}", f"2026-04-01T10:00:00+0900 {topic} {frame}", f"{topic}\t{text}",
    ):  # fmt: skip
        words = line_words(line, KEY)
        assert words is not None
        assert (words["frame"], words["tag"]) == ("HELLO", "holds"), line
    for line in ("", "  \n", "# a remark"):
        assert line_words(line, KEY) is None
    presence = VECTORS["topics"]["presence"]
    for payload, due in (("01b007", "there"), ("00", "gone"), ("", "nothing: forgotten")):
        words = line_words(f"{presence} {payload}", None)
        assert words is not None
        assert words["car_is"] == due
    wrong = line_words(f"{VECTORS['topics']['down']} {frame}", KEY)
    assert wrong is not None
    assert (wrong["tag"], wrong["senseless"]) == (
        UNHELD, ["HELLO on the topic of the other way"],
    )  # fmt: skip
    other = line_words(f"kb/1/u/00/{CAR} {frame}", KEY)
    assert other is not None
    assert "shard 00" in other["senseless_topic"]
    for line in ("zz", "abc", f"{topic} xyz", "kb/1/u/6a", "5", "x" * 30_000):
        words = line_words(line, KEY)
        assert words is not None
        assert not is_read(words), line


@settings(max_examples=400)
@given(st.integers(0, 255), st.binary(max_size=120))
@example(kb1.SNAP, bytes(19) + b"\xff")
def test_no_body_makes_it_fail(kind: int, body: bytes) -> None:
    """What a frame with a right head holds, whatever its kind; and the same bytes as other things."""
    words = frame_words(framed(kind, body), KEY)
    assert words["tag"] == "holds"
    json.dumps(words)
    if kind in KIND_NAMES:
        try:
            _take(kind, body)
        except ValueError:
            assert not is_read(words)
        else:
            assert is_read(words)
    json.dumps(event_words(bytes((kind,)) + body))
    json.dumps(record_words(kind, body))
    json.dumps(line_words(body.hex(), KEY))
    json.dumps(line_words((b"\x5a" + bytes((kind % 2,)) + body).hex(), None))


def _take(kind: int, body: bytes) -> None:
    name = KIND_NAMES[kind].lower().replace("cmd", "command")
    reader = getattr(kb1_centre, f"unpack_{name}", None) or getattr(kb1, f"unpack_{name}")
    reader(body)


@settings(max_examples=150)
@given(st.text(max_size=200), st.sampled_from(["", "frame", "event", "record"]))
def test_no_line_makes_it_fail(line: str, kind: str) -> None:
    for text in (line, f"{VECTORS['topics']['up']} {line}", f"kb/1/s/00/{CAR} {line}"):
        json.dumps(line_words(text, KEY, kind))


def test_nothing_prints_a_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = {"car": CAR, "key": CAR_KEY.hex(), "password": "secret-word"}
    (tmp_path / "i.json").write_text(json.dumps(identity))
    capture = "".join(f"{vector['frame']}\n" for vector in VECTORS["frames"])
    for more in ([], ["--json"]):
        monkeypatch.setattr("sys.stdin", io.StringIO(capture))
        assert main(["decode", "--key-file", str(tmp_path / "i.json"), *more]) == 0
        seen = capsys.readouterr()
        assert seen.out.count("holds") == len(VECTORS["frames"])
        assert seen.err == ""
        for secret in (CAR_KEY.hex(), "secret-word", UP.hex(), repr(CAR_KEY)):
            assert secret not in seen.out
    assert CAR_KEY.hex() not in repr(KEY)
    assert repr(CAR_KEY) not in repr(KEY)
    (tmp_path / "bad.json").write_text(json.dumps({"car": CAR, "key": CAR_KEY.hex() + "zz"}))
    assert main(["decode", "--key-file", str(tmp_path / "bad.json")]) == 2
    seen = capsys.readouterr()
    assert "is no identity" in seen.err
    assert CAR_KEY.hex()[:16] not in seen.err + seen.out


def test_exit_codes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = VECTORS["frames"][0]["frame"]
    (tmp_path / "good").write_text(f"# a capture\n\n{frame}\n")
    (tmp_path / "bad").write_bytes(f"{frame}\n{frame[:-2]}\n".encode() + b"\xff\xfe\x00\n")
    assert main(["decode", str(tmp_path / "good")]) == 0
    assert capsys.readouterr().out.startswith("3:\n  frame: HELLO\n  way: car to centre\n")
    assert main(["decode", str(tmp_path / "bad"), "--json"]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [("unreadable" in line, line["line"]) for line in lines] == [
        (False, 1), (True, 2), (True, 3),
    ]  # fmt: skip
    assert main(["decode", str(tmp_path / "missing")]) == 2
    assert main(["decode", "--key-file", str(tmp_path / "missing")]) == 2
    assert main(["decode", "--what"]) == 2
    capsys.readouterr()
    assert main(["decode", "--help"]) == 0
    assert "example:" in capsys.readouterr().out
    event = pack_event(codes.AUDIT_KEY_OUT, 9, 1, 7).hex()
    assert decode(io.StringIO(f"{event}\n"), None, "event", as_json=True)
    assert decode(io.StringIO(f"{event}\n"), None, as_json=False)
    record = "0104" + "00000007"
    assert decode(io.StringIO(f"02{record[2:]}\n"), None, "record", as_json=False)
    assert not decode(io.StringIO(f"{record}00\n"), None, "record", as_json=False)
