"""A missing antenna of the position is told of, and that it is there again."""

from firmware.storage_watch import LOOK_MS
from firmware.wire import codes
from firmware.wire.journal_format import HEAD_BYTES
from tests.portable.firmware.loop_rig import Box


class Place:
    """A `Position` with an antenna that can be torn off."""

    def __init__(self) -> None:
        self.antenna = codes.ANTENNA_OK

    def is_valid(self) -> bool:
        return False

    def latitude_udeg(self) -> int:
        return 0

    def longitude_udeg(self) -> int:
        return 0


def box_with(place: Place) -> Box:
    box = Box()
    box.position = place
    box.restart()
    return box


def told(box: Box) -> "list[tuple[int, int]]":
    """(code, argument) of what was told of the antenna."""
    found = []
    for event in box.loop._journal.read_unacked(9000)[1]:
        code, fault = event[0], event[HEAD_BYTES] if len(event) > HEAD_BYTES else 0
        if code in (codes.AUDIT_FAULT, codes.AUDIT_FAULT_CLEARED):
            assert fault == codes.FAULT_ANTENNA_MISSING
            found.append((code, event[HEAD_BYTES + 1]))
    return found


def pass_looks(box: Box, looks: int) -> None:
    for _ in range(looks):
        box.after(LOOK_MS)


def test_an_antenna_that_is_missing_for_a_minute_is_told_once_and_once_more_when_it_is_there() -> (
    None
):
    for missing in (codes.ANTENNA_OPEN, codes.ANTENNA_SHORT):
        place = Place()
        box = box_with(place)
        pass_looks(box, 20)
        assert told(box) == []
        place.antenna = missing
        pass_looks(box, 5)
        assert told(box) == []
        pass_looks(box, 30)
        fault = (codes.AUDIT_FAULT, missing)
        assert told(box) == [fault]
        place.antenna = codes.ANTENNA_OK
        pass_looks(box, 5)
        assert told(box) == [fault]
        pass_looks(box, 30)
        assert told(box) == [fault, (codes.AUDIT_FAULT_CLEARED, codes.ANTENNA_OK)]


def test_an_antenna_that_comes_and_goes_is_not_told_at_each_look() -> None:
    place = Place()
    box = box_with(place)
    for number in range(60):
        place.antenna = codes.ANTENNA_OPEN if number % 6 else codes.ANTENNA_OK
        pass_looks(box, 1)
    assert told(box) == []


def test_a_receiver_that_cannot_tell_changes_nothing() -> None:
    place = Place()
    box = box_with(place)
    place.antenna = codes.ANTENNA_OPEN
    pass_looks(box, 10)
    place.antenna = codes.ANTENNA_UNKNOWN
    pass_looks(box, 30)
    assert told(box) == [(codes.AUDIT_FAULT, codes.ANTENNA_OPEN)]


def test_after_a_restart_it_is_told_anew() -> None:
    place = Place()
    box = box_with(place)
    place.antenna = codes.ANTENNA_SHORT
    pass_looks(box, 10)
    box.restart()
    pass_looks(box, 10)
    assert told(box) == [(codes.AUDIT_FAULT, codes.ANTENNA_SHORT)] * 2
