"""Session records of this format and of the one before: SAFE-3, ENROL-1."""

from firmware.session import FORMAT
from firmware.wire import codes
from tests.portable.firmware.rig import BOOKING, DRIVER, Rig, profile

SLOTS = 35  # where the record counts its deadlines


def record_of(story: str) -> "tuple[Rig, bytes]":
    rig = Rig(terms=profile("jparc-2023"))
    getattr(rig, story)()
    rig.run(20)
    return rig, rig.controller.state()


def before(record: bytes) -> bytes:
    """The same record as the format before had it."""
    assert record[0] == FORMAT and record[SLOTS] == 9
    return b"\1" + record[1:SLOTS] + b"\7" + record[SLOTS + 1 : -8]


def test_safe_3_a_record_of_the_format_before_is_resumed() -> None:
    for story in ("start", "drive_off", "come_back", "end"):
        rig, record = record_of(story)
        fresh = rig.new_controller()
        assert fresh.restore(before(record), rig.snapshot, 0), story
        assert fresh.rental.state == rig.state
        assert fresh.rental.session.booking == BOOKING
        deadlines = fresh.rental.deadlines
        times = [deadlines.left_ms(slot) for slot in range(9)]
        mine = rig.controller.rental.deadlines
        assert times == [mine.left_ms(slot) for slot in range(9)]


def test_enrol_1_an_open_window_is_in_the_record_and_only_then() -> None:
    rig, record = record_of("start")
    rig.ask(codes.VERB_ENROL)
    longer = rig.controller.state()
    assert len(longer) == len(record) + 8
    fresh = rig.new_controller()
    assert fresh.restore(longer, rig.snapshot, -1)
    assert fresh.rental.session.enrol_booking == BOOKING
    assert fresh.rental.session.enrol_driver == DRIVER
    assert fresh.rental.goes_on("enrol")


def test_safe_3_what_makes_no_sense_is_refused_and_changes_nothing() -> None:
    rig, record = record_of("come_back")
    rig.ask(codes.VERB_ENROL)
    open_window = rig.controller.state()
    for broken in (
        b"",
        bytes((FORMAT + 1,)) + record[1:],
        b"\0" + record[1:],
        b"\1" + record[1:],
        b"\2" + before(record)[1:],
        record + bytes(8),  # an enrolment that no deadline ends
        open_window[:-8],  # a deadline without its enrolment
        before(record) + bytes(8),
        record[:1] + b"\xff" + record[2:],  # no such state
        record[:21] + b"\xff" + record[22:],  # nor one that the end came from
        record[:-1],
        record + b"\0",
    ):
        fresh = rig.new_controller()
        assert not fresh.restore(broken, rig.snapshot, -1), broken
        assert fresh.rental.state == "vacant" and fresh.rental.session.booking == 0
        assert fresh.rental.deadlines.next_ms() > 1 << 27
