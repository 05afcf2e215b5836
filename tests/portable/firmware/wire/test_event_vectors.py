"""Audit events, byte for byte: what the box writes is what the golden events say, layout by layout."""

import struct
from binascii import hexlify, unhexlify

from firmware.wire import codes, journal_format
from firmware.wire.code_names import AUDIT_NAMES
from firmware.wire.journal_format import pack_cause, pack_event, pack_refusal, pack_use
from firmware.wire.kb1_centre import unpack_refusal
from tests.portable.firmware.rig import BOOKING, CARD, DRIVER, NINE, OTHER_CARD, Rig, profile
from tests.portable.firmware.wire.golden import VECTORS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Fields = dict[str, Any]

#: Layouts of a few numbers, which the box packs where it records them.
SMALL = {"none": ">", "cause": ">B", "input": ">B", "flags": ">B", "state": ">B", "fault": ">BB",
         "end": ">I", "shift": ">i", "count": ">I"}  # fmt: skip
#: And their fields, in order.
NAMES = {"cause": ("cause",), "input": ("input",), "flags": ("flags",), "state": ("state",),
         "fault": ("fault", "argument"), "end": ("end",), "shift": ("shift_s",),
         "count": ("count",), "none": ()}  # fmt: skip


def detail_of(layout: str, fields: "Fields") -> bytes:
    """As the box makes it."""
    ident = unhexlify(fields["ident"]) if "ident" in fields else b""
    if layout == "refusal":
        reasons = [(one[0], one[1]) for one in fields["reasons"]]
        return pack_refusal(fields["cause"], ident, reasons)
    if layout == "use":
        place = (fields["latitude_udeg"], fields["longitude_udeg"], fields["flags"])
        return pack_use(fields["cause"], ident, fields["driver"], fields["odometer_m"], *place)
    if layout in SMALL:
        return struct.pack(SMALL[layout], *[fields[name] for name in NAMES[layout]])
    detail = pack_cause(fields["cause"], ident)
    if layout == "card":
        detail += struct.pack(">I", fields["driver"])
    elif layout == "action":
        detail += bytes((fields["action"], fields["argument"]))
    elif layout == "place":
        place = (fields["latitude_udeg"], fields["longitude_udeg"], fields["flags"])
        detail += struct.pack(">iiB", *place)
    else:
        assert layout == "who", layout
    return detail


def test_every_event_of_the_vectors_is_packed_so() -> None:
    for one in VECTORS["events"]:
        fields = one["fields"]
        event = pack_event(
            one["code"], fields["at"], fields["clock"], fields["booking"],
            detail_of(one["layout"], fields),
        )  # fmt: skip
        assert hexlify(event).decode() == one["event"], one["name"]
        assert AUDIT_NAMES[one["code"]] == one["name"]


def test_every_event_has_a_vector_and_every_flag_is_met() -> None:
    assert {one["code"] for one in VECTORS["events"]} == set(AUDIT_NAMES)
    met = 0
    for one in VECTORS["events"]:
        met |= one["fields"].get("flags", 0)
    flags = [getattr(journal_format, name) for name in dir(journal_format) if name[:5] == "FLAG_"]
    assert met == sum(flags) == 0xFF


def test_refusals_are_read_as_they_are_written() -> None:
    for one in VECTORS["events"]:
        if one["layout"] == "refusal":
            detail = unhexlify(one["event"])[journal_format.HEAD_BYTES :]
            assert [list(pair) for pair in unpack_refusal(detail)] == one["fields"]["reasons"]


def lives() -> "dict[int, bytes]":
    """An event of each code that a few lives of the real controller record."""
    terms = profile()
    terms["reunlock"] = terms["enrolment"] = True
    rig = Rig(terms=terms)
    rig.mark()
    rig.book()
    rig.command(codes.VERB_POSITION)
    rig.command(codes.VERB_ENROL)
    rig.tap(b"\1\1\6\1\x22\x22\x22\x22")
    rig.tap(OTHER_CARD)
    rig.tap()
    rig.finish_pulses()
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    rig.change(codes.IN_DOOR_DRIVER, codes.NO)
    rig.change(codes.IN_LIGHTS, codes.YES)
    rig.change(codes.IN_BRAKE, codes.NO)
    rig.command(codes.VERB_END)
    rig.change(codes.IN_BRAKE, codes.YES)
    rig.command(codes.VERB_END)
    rig.finish_pulses()
    rig.run(700)
    rig.command(codes.VERB_MAINTENANCE_ON)
    return {body[0]: body for body in rig.bodies}


def test_what_the_controller_records_has_the_layout_of_its_vector() -> None:
    """Cause, identifier and the numbers stand where the vector's stand."""
    layouts = {one["code"]: one["layout"] for one in VECTORS["events"]}
    sizes = {one["layout"]: len(one["event"]) // 2 for one in VECTORS["events"]}
    found = lives()
    met = set()
    for code, body in found.items():
        layout = layouts[code]
        met.add(layout)
        if layout == "refusal":
            assert len(body) == 20 + 5 * body[19]
        else:
            assert len(body) == sizes[layout], AUDIT_NAMES[code]
    for layout in ("who", "cause", "use", "place", "refusal", "flags", "input"):
        assert layout in met, layout
    ended = struct.unpack(">BIBIB8sIiiiB", found[codes.AUDIT_ENDED])
    assert ended[1] // 10 == NINE // 10 and ended[2:5] == (1, BOOKING, codes.BY_COMMAND)
    assert ended[6:] == (DRIVER, -1, 0, 0, journal_format.FLAG_LIGHTS_ON)
    unlocked = struct.unpack(">BIBIB8sIiiiB", found[codes.AUDIT_UNLOCKED])
    assert unlocked[3:7] == (BOOKING, codes.BY_CARD, CARD, DRIVER)
