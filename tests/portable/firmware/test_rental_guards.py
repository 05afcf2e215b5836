"""Guards asked one by one, also in cases that the table keeps from them."""

from firmware.rental_guards import RentalGuards
from firmware.session import REOPEN_DOOR, REOPEN_USED
from firmware.wire import codes
from tests.portable.firmware.rig import BOOKING, CARD, STRANGER, Rig, profile


def asked(rig: Rig) -> RentalGuards:
    return RentalGuards(rig.controller.rental)


def test_start_3_the_first_driver_of_all_is_a_driver() -> None:
    rig = Rig()
    rig.cards.put(CARD, 1)
    rig.book(driver=1)
    rig.tap()
    rig.finish_pulses()
    rig.mark()
    rig.tap()
    assert rig.reasons() == [codes.BUSY]  # END-3: nothing to end yet
    request = rig.controller.rental.request
    request.cause = codes.BY_CARD
    for driver, is_his in ((1, True), (0, False), (2, False)):
        request.driver = driver
        assert asked(rig).request_is_drivers() == is_his


def test_nobodys_card_is_not_the_driver_of_no_session() -> None:
    rig = Rig()
    rig.controller.rental.request.cause = codes.BY_CARD
    assert not asked(rig).request_is_drivers()


def test_reopen_5_a_second_time_is_not_valid() -> None:
    rig = Rig()
    rig.end()
    r = rig.controller.rental
    r.request.cause, r.request.booking = codes.BY_COMMAND, BOOKING
    assert asked(rig).reopen_is_valid()
    r.session.set(REOPEN_USED)
    assert not asked(rig).reopen_is_valid()


def test_fault_1_a_start_is_repeated_while_nobody_saw_it_done_after_a_reset_or_not_safe_3() -> None:
    rig = Rig()
    rig.start()
    r = rig.controller.rental
    locked = rig.snapshot.values
    for is_resumed, is_confirmed, value, may_be_repeated in (
        (True, False, codes.YES, True),
        (True, False, codes.UNKNOWN, True),
        (True, False, codes.NO, False),
        (True, True, codes.YES, False),
        (False, False, codes.YES, False),
        (False, False, codes.UNKNOWN, False),
        (False, True, codes.YES, False),
    ):
        r.session.is_resumed, r.unlock_is_confirmed = is_resumed, is_confirmed
        locked[codes.IN_LOCKED] = value
        assert asked(rig).start_may_be_repeated() == may_be_repeated
        assert asked(rig).reopen_may_be_repeated() == may_be_repeated
    r.session.is_resumed, r.unlock_is_confirmed = True, False
    locked[codes.IN_LOCKED] = codes.YES
    r.session.set(REOPEN_DOOR)
    assert asked(rig).start_may_be_repeated() and not asked(rig).reopen_may_be_repeated()
    r.end_in(0)
    assert not asked(rig).start_may_be_repeated(), "not past the booked end (SAFE-2)"


def test_enrol_1_a_card_enrolled_during_use_does_not_become_the_sessions() -> None:
    terms = profile()
    terms["enrolment"] = True
    rig = Rig(terms=terms)
    rig.drive_off()
    rig.command(codes.VERB_ENROL)
    rig.mark()
    rig.tap(STRANGER)
    session = rig.controller.rental.session
    assert rig.seen == [codes.AUDIT_CARD_ENROLLED]
    assert (session.cause, session.ident) == (codes.BY_CARD, CARD)
