"""What is judged at the very second: START-1, START-4, START-5, ENROL-1, and every reason as it is told."""

from firmware.judgement import (
    judge_card_start,
    judge_command_start,
    judge_end,
    judge_enrolment,
    judge_staff,
)
from firmware.request import Request
from firmware.wire import codes
from tests.portable.firmware.rig import BOOKING, DRIVER, NEXT_BOOKING, NINE, OTHER, Rig, profile

#: The booking of these tests begins in 20 minutes, for two hours.
STARTS_S = NINE + 1200
ENDS_S = STARTS_S + 7200
OPENS_S = STARTS_S - 840
DARK_S = OPENS_S + 2700


def booked() -> Rig:
    terms = profile()
    terms["enrolment"] = True
    rig = Rig(terms=terms)
    rig.book(starts_in_s=1200)
    return rig


def by_card(rig: Rig, wall_s: int, driver: int = DRIVER) -> Request:
    """The touch of a driver's card at that time."""
    request = Request()
    request.driver = driver
    rig.snapshot.wall_s = wall_s
    r = rig.controller.rental
    judge_card_start(request, rig.bookings, rig.snapshot, r.session, rig.terms)
    return request


def by_phone(rig: Rig, left_s: int, driver: int = DRIVER, booking: int = BOOKING) -> Request:
    """A start by command with so much of the booking left, as the centre says."""
    request = Request()
    request.driver, request.booking, request.left_s = driver, booking, left_s
    r = rig.controller.rental
    judge_command_start(request, rig.bookings, rig.snapshot, r.session, rig.terms)
    return request


def enrolling(rig: Rig, left_s: int, driver: int = DRIVER) -> "list[tuple[int, int]]":
    request = rig.controller.rental.request
    request.driver, request.booking, request.left_s = driver, BOOKING, left_s
    judge_enrolment(rig.controller.rental)
    return list(request.service_reasons)


def test_start_1_by_card_from_the_14th_minute_to_the_booked_end() -> None:
    rig = booked()
    assert by_card(rig, OPENS_S - 1).start_reasons == [(codes.TOO_EARLY, OPENS_S)]
    for wall_s in (OPENS_S, DARK_S - 1):
        request = by_card(rig, wall_s)
        assert request.start_reasons == []
        assert not request.is_lapsed
        assert request.booking == BOOKING
        assert (request.ends_s, request.left_s) == (ENDS_S, ENDS_S - wall_s)
    for wall_s in (DARK_S, ENDS_S - 1):
        request = by_card(rig, wall_s)
        assert request.start_reasons == [(codes.WINDOW_OVER, 0)]
        assert request.is_lapsed
    assert by_card(rig, ENDS_S).start_reasons == [(codes.BOOKING_OVER, 0)]


def test_start_4_a_late_booking_opens_the_reader_when_it_comes() -> None:
    for received_s, began_s in ((OPENS_S - 1, OPENS_S), (OPENS_S + 900, OPENS_S + 900)):
        rig = Rig()
        rig.book(starts_in_s=1200, received_s=received_s)
        assert by_card(rig, began_s + 2699).start_reasons == []
        assert by_card(rig, began_s + 2700).start_reasons == [(codes.WINDOW_OVER, 0)]


def test_start_4_the_reader_is_never_open_beyond_the_booked_end() -> None:
    rig = Rig()
    rig.book(starts_in_s=1200, length_s=900)
    assert by_card(rig, STARTS_S + 899).start_reasons == []
    assert by_card(rig, STARTS_S + 900).start_reasons == [(codes.BOOKING_OVER, 0)]


def test_start_9_whose_time_it_is() -> None:
    rig = booked()
    for wall_s, reason in (
        (OPENS_S - 1, codes.NO_BOOKING),
        (OPENS_S, codes.NOT_THIS_DRIVER),
        (ENDS_S - 1, codes.NOT_THIS_DRIVER),
        (ENDS_S, codes.NO_BOOKING),
    ):
        assert by_card(rig, wall_s, OTHER).start_reasons == [(reason, 0)]


def test_start_1_the_next_of_several_is_named() -> None:
    for order in ((0, 1), (1, 0)):
        rig = Rig()
        for later in order:
            rig.book(BOOKING + later, starts_in_s=1200 + 9000 * later)
        assert by_card(rig, NINE).start_reasons == [(codes.TOO_EARLY, OPENS_S)]


def test_start_2_by_phone_what_is_left_says_how_early_it_is() -> None:
    rig = booked()
    length_s = ENDS_S - OPENS_S
    assert by_phone(rig, length_s + 1).start_reasons == [(codes.TOO_EARLY, OPENS_S)]
    assert by_phone(rig, length_s).start_reasons == []
    assert by_phone(rig, 1).start_reasons == []
    assert by_phone(rig, 0).start_reasons == [(codes.BOOKING_OVER, 0)]
    assert by_phone(rig, 60).ends_s == ENDS_S
    assert by_phone(rig, 60, OTHER).start_reasons == [(codes.NOT_THIS_DRIVER, 0)]
    assert by_phone(rig, 60, booking=NEXT_BOOKING).start_reasons == [(codes.NO_BOOKING, 0)]
    rig.snapshot.journal_has_room = False
    assert by_phone(rig, 0).start_reasons == [(codes.BOOKING_OVER, 0), (codes.JOURNAL_FULL, 0)]
    assert by_phone(rig, 60).start_reasons == [(codes.JOURNAL_FULL, 0)]


def test_start_5_by_phone_the_reader_stays_dark_after_its_window() -> None:
    rig = booked()
    for wall_s, is_lapsed in ((DARK_S - 1, False), (DARK_S, True)):
        rig.snapshot.wall_s = wall_s
        assert by_phone(rig, 60).is_lapsed == is_lapsed
    rig.snapshot.wall_is_trusted = False
    assert not by_phone(rig, 60).is_lapsed


def test_enrol_1_from_the_14th_minute_to_the_booked_end() -> None:
    rig = booked()
    length_s = ENDS_S - OPENS_S
    assert enrolling(rig, length_s + 1) == [(codes.TOO_EARLY, OPENS_S)]
    assert enrolling(rig, length_s) == []
    assert enrolling(rig, 1) == []
    assert enrolling(rig, 0) == [(codes.BOOKING_OVER, 0)]
    assert enrolling(rig, 60, OTHER) == [(codes.NOT_THIS_DRIVER, 0)]
    rig = Rig()
    assert enrolling(rig, 60) == [(codes.NO_BOOKING, 0)]


def test_enrol_1_one_driver_at_a_time_and_with_room_in_the_journal() -> None:
    rig = booked()
    rig.command(codes.VERB_ENROL)
    assert enrolling(rig, 60) == []
    rig.controller.rental.session.enrol_driver = OTHER
    rig.snapshot.journal_has_room = False
    assert enrolling(rig, 60) == [(codes.BUSY, 0), (codes.JOURNAL_FULL, 0)]


def test_enrol_1_during_its_own_use_the_driver_alone() -> None:
    rig = Rig()
    rig.start()
    assert enrolling(rig, 0) == []
    assert enrolling(rig, 0, OTHER) == [(codes.NOT_THIS_DRIVER, 0)]


def test_staff_card_a_full_journal_opens_nothing() -> None:
    rig = booked()
    request = Request()
    rig.snapshot.journal_has_room = False
    judge_staff(request, rig.snapshot, rig.controller.rental.session)
    assert request.service_reasons == [(codes.JOURNAL_FULL, 0)]
    rig.snapshot.values[codes.IN_LOCKED] = codes.NO
    judge_staff(request, rig.snapshot, rig.controller.rental.session)
    assert request.service_reasons == []


def test_end_8_names_every_input_that_cannot_be_told_and_no_other() -> None:
    rig = booked()
    request = Request()
    values = rig.snapshot.values
    for blind in (
        (codes.IN_DOOR_REAR_LEFT, codes.IN_TRUNK),
        (codes.IN_DOOR_DRIVER,),
        (codes.IN_KEY, codes.IN_KNOB_AT_RETURN),
        (codes.IN_BRAKE, codes.IN_GEAR_P),
        (codes.IN_ENGINE, codes.IN_MOVING),
    ):
        kept = bytes(values)
        values[codes.IN_LIGHTS] = values[codes.IN_WINDOW] = codes.UNKNOWN
        for i in blind:
            values[i] = codes.UNKNOWN
        judge_end(request, rig.snapshot, rig.settings, rig.terms)
        mask = sum(1 << i for i in blind)
        assert request.end_reasons == [(codes.CANNOT_TELL, mask)], blind
        values[:] = kept


def test_end_8_a_connector_has_no_knob_that_could_be_unknown() -> None:
    rig = Rig({"key_box": "connector"})
    request = Request()
    values = rig.snapshot.values
    values[codes.IN_KEY] = values[codes.IN_KNOB_AT_RETURN] = codes.UNKNOWN
    judge_end(request, rig.snapshot, rig.settings, rig.terms)
    assert request.end_reasons == [(codes.CANNOT_TELL, 1 << codes.IN_KEY)]
