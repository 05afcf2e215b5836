"""docs/protocol.md says what the code does: every number, every offset, every size, the example."""

from __future__ import annotations

import re
import struct

import pytest

from firmware import tables as car_tables
from firmware.commands import REMEMBERED_MAX
from firmware.inbox import ANSWER_MS_MAX, ROUND_TRIP_MS_MAX
from firmware.loop import LEASE_S
from firmware.wire import codes, frames, journal_format, kb1, packets, records
from firmware.wire.code_names import (
    AUDIT_NAMES,
    CAUSE_NAMES,
    FAULT_NAMES,
    INPUT_NAMES,
    REASON_NAMES,
    VERB_NAMES,
    WARNING_NAMES,
)
from fleetd import commands, ingest
from fleetd.core import pace, sync
from fleetd.mqtt.admission import CONNACK_CODES
from fleetd.mqtt.limits import Limits
from fleetd.vehicles import PASSWORD_BYTES
from tests.portable.firmware.wire.golden import VECTORS
from tests.protocol import page, stranger
from tests.protocol.stranger_car import SIZES
from tools import tree

SECTIONS = page.sections()
#: Section -> where its fixed fields stand in the code; "?" stands for fields of any length behind.
LAYOUTS = {
    "1 HELLO: where the car stands": kb1.HELLO_FORMAT,
    "2 EVENTS: what happened": kb1.EVENTS_FORMAT,
    "3 RESULT: what came of a command": ">8sBB",
    "4 NACK: a frame that the car does not take": kb1.NACK_FORMAT,
    "5 TELEMETRY: newest wins": kb1.TELEMETRY_FORMAT,
    "16 DELTA: changes of the copy": kb1.DELTA_FORMAT,
    "17 TIME: the centre's clock, and where it believes the car to stand": kb1.TIME_FORMAT,
    "18 CMD: a command": kb1.CMD_FORMAT,
    "19 EACK: events that are committed": kb1.EACK_FORMAT,
    "20 SNAP: one chunk of the whole copy": kb1.SNAP_FORMAT,
}


def prefixed(module: object, prefix: str) -> dict[int, str]:
    return {
        value: name.removeprefix(prefix).lower()
        for name, value in vars(module).items()
        if name.startswith(prefix) and isinstance(value, int)
    }


@pytest.mark.parametrize(
    ("first_column", "expected"),
    [
        ("code", AUDIT_NAMES),
        ("reason", REASON_NAMES),
        ("fault", FAULT_NAMES),
        ("cause", CAUSE_NAMES),
        ("warning", WARNING_NAMES),
        ("input", INPUT_NAMES),
        ("verb", VERB_NAMES),
        ("state", dict(enumerate(codes.STATE_NAMES))),
        ("operation", prefixed(codes, "OP_")),
        ("nack", prefixed(kb1, "NACK_")),
        ("bit", prefixed(journal_format, "FLAG_")),
        ("lamp", prefixed(codes, "LAMP_")),
    ],
)
def test_every_number_is_on_the_page_with_its_name(
    first_column: str, expected: dict[int, str]
) -> None:
    """A new number of the code needs a row here, and a row without a number is wrong."""
    assert page.numbers(page.TEXT, first_column) == expected


def test_every_kind_is_on_the_page() -> None:
    """A kind is an upper-case word of kb1 with a layout of that name."""
    words = [name for name in vars(kb1) if f"{name}_FORMAT" in vars(kb1)]
    kinds = {getattr(kb1, name): name for name in [*words, "RESULT"]}
    assert page.numbers(SECTIONS["4. Bodies"], "kind") == kinds
    assert {int(name.split()[0]) for name in LAYOUTS} == set(kinds)


@pytest.mark.parametrize("section", LAYOUTS)
def test_offsets_and_sizes_are_those_of_the_code(section: str) -> None:
    rows = page.tables(SECTIONS[section], "offset")
    if section.startswith("3 RESULT"):
        rows = rows[:3]  # the two read-backs stand behind what has no fixed length
    layout = LAYOUTS[section]
    sizes = [struct.calcsize(">" + one) for one in re.findall(r"\d*[a-zA-Z]", layout)]
    offsets = [sum(sizes[:at]) for at in range(len(sizes))]
    assert [(int(row[0]), int(row[1])) for row in rows] == list(zip(offsets, sizes, strict=True))
    total = page.tables(SECTIONS["4. Bodies"], "kind")
    said = next(row[3] for row in total if row[0] == section.split(maxsplit=1)[0])
    least = 13 if section.startswith("3 RESULT") else struct.calcsize(layout)
    assert int(said.split()[0]) == least


def test_records_have_the_sizes_of_the_code() -> None:
    rows = page.tables(SECTIONS["5. Records"], "operation")
    said = {int(row[0]): row[2] for row in rows}
    for operation, head in car_tables._HEADS.items():
        assert said[operation] == str(head[1]), operation
    assert int(said[codes.OP_PUT_BOOKING]) == struct.calcsize(records.BOOKING)
    assert int(said[codes.OP_PUT_CARD]) == struct.calcsize(records.CARD)
    assert int(said[codes.OP_PUT_TERMS]) == struct.calcsize(records.TERMS) == records.TERMS_BYTES
    assert int(said[codes.OP_PUT_KEY]) == struct.calcsize(records.KEY) == records.KEY_BYTES
    rows = page.tables(SECTIONS["5. Records"], "at")
    for layout, size in ((rows[:-4], records.TERMS_BYTES), (rows[-4:], records.KEY_BYTES)):
        ends = [int(row[0]) + int(row[1]) for row in layout]
        assert [int(row[0]) for row in layout] == [0, *ends[:-1]], "without holes"
        assert ends[-1] == size
    for operation, size in SIZES.items():
        assert said[operation] == str(size), "the stranger read it there"


def test_events_have_the_layouts_that_the_stranger_reads() -> None:
    """Which the real car's events are read by, in test_stranger_centre."""
    rows = page.tables(SECTIONS["8. Events"], "code")
    assert {int(row[0]): row[2] for row in rows} == stranger.LAYOUT_OF
    sizes = {row[0]: row[1] for row in page.tables(SECTIONS["8. Events"], "layout")}
    assert sizes.pop("refusal") == "10 + 5 n"
    assert sizes == {name: str(struct.calcsize(one)) for name, one in stranger.LAYOUTS.items()}
    head = page.tables(SECTIONS["8. Events"], "offset")
    assert [int(row[0]) for row in head] == [0, 1, 5, 6, journal_format.HEAD_BYTES]


def test_the_example_is_the_golden_frame() -> None:
    text = SECTIONS["3. Frames"]
    golden = VECTORS["frames"][0]

    def after(word: str, lines: int = 1) -> str:
        found = text.partition(f"    {word} ")[2].splitlines()[:lines]
        return "".join("".join(found).split())

    assert after("up key") == VECTORS["keys"]["up"]
    assert after("down key") == VECTORS["keys"]["down"]
    assert after("topic") == VECTORS["topics"]["up"]
    tag = next(line.split()[-1] for line in text.splitlines() if line.startswith("    tag  "))
    assert after("head") + after("body", 2) + tag == golden["frame"]
    assert VECTORS["car"] in text
    assert VECTORS["car_key"].startswith("404142")


@pytest.mark.parametrize(
    ("section", "sentence"),
    [
        ("1. Numbers, times, identities", f"= {journal_format.EPOCH_2020_S} makes sense"),
        ("1. Numbers, times, identities",
         f"{PASSWORD_BYTES} random bytes written as {2 * PASSWORD_BYTES} hexadecimal digits"),
        ("2. MQTT", f"a packet of {Limits().packet_bytes_max:,} bytes"),
        ("2. MQTT", f"CONNECT within {Limits().connect_within_s:.0f} s"),
        ("2. MQTT", f"{Limits().unacknowledged_max} QoS 1 messages without PUBACK"),
        ("2. MQTT", f"{Limits().send_queue_bytes_max // 1024} KiB that a car does not read"),
        ("2. MQTT", f"{Limits().packets_burst} packets at once and {Limits().packets_per_s:.0f} a"),
        ("2. MQTT", f"{Limits().car_connects_burst} CONNECTs at once and one each"),
        ("2. MQTT", f"one each {1 / Limits().car_connects_per_s:.0f} s"),
        ("3. Frames", f"0 to {frames.BODY_BYTES_MAX:,}"),
        ("3. Frames", f"20 to {frames.FRAME_BYTES_MAX:,} bytes"),
        ("5. Records", f"at most {car_tables.RECORDS_MAX} records"),
        ("5. Records", f"<= {journal_format.EPOCH_2020_S + car_tables._TIME_MAX_S}."),
        ("6. In step: (gen, rev, hash)", f"most {sync.DELTA_OPS_MAX} operations"),
        ("6. In step: (gen, rev, hash)", f"2, 4, 8 ... {pace.RETRY_S_MAX} s"),
        ("6. In step: (gen, rev, hash)", f"clock is set if TIME came within {ROUND_TRIP_MS_MAX // 1000} s"),
        ("6. In step: (gen, rev, hash)", f"if TIME came within {ANSWER_MS_MAX // 1000} s of that HELLO and"),
        ("6. In step: (gen, rev, hash)", f"for {LEASE_S // 3600} hours"),
        ("7. Commands", f"last {REMEMBERED_MAX} answered"),
        ("7. Commands", f"time passed + {commands.EXPIRY_S} s"),
        ("7. Commands", f"same id again each {commands.RESEND_S} s"),
        ("8. Events", f"insists on it for {ingest.HOLE_S} s"),
    ],
)  # fmt: skip
def test_limits_and_times_are_those_of_the_code(section: str, sentence: str) -> None:
    text = " ".join(SECTIONS[section].split())
    assert sentence in text, sentence


def test_connack_codes() -> None:
    rows = page.tables(SECTIONS["2. MQTT"], "CONNACK")
    assert {int(row[0]) for row in rows} == {packets.ACCEPTED, *CONNACK_CODES.values()}


def test_low_priority_events() -> None:
    names = SECTIONS["8. Events"].partition("Low priority: ")[2].partition(".\n")[0]
    said = set(re.findall(r"`(\w+)`", names))
    assert said == {AUDIT_NAMES[code] for code in codes.AUDIT_LOW_PRIORITY}


def test_strangers_import_nothing_of_the_project() -> None:
    for name in ("stranger", "stranger_car", "stranger_centre", "stranger_keys"):
        path = tree.ROOT / "tests" / "protocol" / f"{name}.py"
        for line in path.read_text(encoding="utf-8").splitlines():
            if re.match(r"\s*(from|import)\s+(firmware|fleetd|hal|simulator|boards|tools)", line):
                raise AssertionError(f"{name}: {line}")


def test_what_it_must_survive_names_tests_that_exist() -> None:
    """The table of failures in docs/proof.md: each row has a test, or says why not yet."""
    text = (tree.ROOT / "docs/proof.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (F\d+) \| (.*?) \| (.*) \|$", text, re.MULTILINE)
    assert [row[0] for row in rows] == [f"F{number}" for number in range(1, 37)]
    for number, _, shown in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", shown)
        assert named or shown.startswith("Not yet"), number
        for path, name in named:
            source = (tree.ROOT / path).read_text(encoding="utf-8")
            assert f"\ndef {name}(" in source, f"{number}: {path}::{name}"
