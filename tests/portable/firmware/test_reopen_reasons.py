"""Why a reopen is refused when the car is not, or no more, in that booking: REOPEN-1, REOPEN-5."""

from firmware.wire import codes
from tests.portable.firmware.rig import (
    BOOKING,
    DRIVER,
    NEXT_BOOKING,
    OTHER,
    OTHER_CARD,
    Rig,
)


def followed(rig: Rig) -> Rig:
    """The next driver's booking begins while the one before still could be reopened."""
    rig.end()
    rig.book(NEXT_BOOKING, OTHER)
    return rig


def reopen(rig: Rig, booking: int, driver: int) -> "list[int]":
    accepted, reasons, _ = rig.ask(codes.VERB_REOPEN, booking, driver)
    assert not accepted and codes.PULSE_UNLOCK not in rig.pulses
    return reasons


def test_reopen_5_ones_own_booking_is_over_once_the_next_driver_started() -> None:
    rig = followed(Rig())
    rig.tap(OTHER_CARD)
    rig.finish_pulses()
    assert rig.state == "unlocked"
    rig.mark()
    assert reopen(rig, BOOKING, DRIVER) == [codes.REOPEN_OVER]


def test_reopen_1_before_ones_own_start() -> None:
    rig = followed(Rig())
    rig.mark()
    assert reopen(rig, NEXT_BOOKING, OTHER) == [codes.NOT_THIS_DRIVER]
    rig.run(601)
    rig.mark()
    assert rig.state == "vacant"
    assert reopen(rig, NEXT_BOOKING, OTHER) == [codes.NO_BOOKING]
    assert reopen(rig, BOOKING, DRIVER) == [codes.REOPEN_OVER]
    fresh = Rig()
    fresh.book()
    assert reopen(fresh, BOOKING, DRIVER) == [codes.NO_BOOKING]
