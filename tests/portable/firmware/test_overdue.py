"""What ran out while the power was off is over at once, though deadlines wait for the inputs: SAFE-2, SAFE-3."""

from firmware.session import REOPEN_USED
from firmware.wire import codes
from tests.portable.firmware.rig import NEXT_BOOKING, OTHER, OTHER_CARD, Rig
from tests.portable.firmware.test_resume import wake


def settle(rig: Rig) -> None:
    """The inputs are told, and the deadlines are served."""
    rig.snapshot.is_settled = True
    rig.step()


def opened(rig: Rig) -> bool:
    return codes.PULSE_UNLOCK in rig.pulses or codes.PULSE_RELEASE in rig.pulses


def test_reopen_5_no_reopen_after_600_s_without_power() -> None:
    """REOPEN-1, REOPEN-5, SAFE-2, SAFE-3: by card and by phone, with that reason; then the window ends."""
    for by_card in (True, False):
        rig = Rig()
        rig.end()
        wake(rig, 600)
        assert rig.state == "ended" and rig.turn.lamp == codes.LAMP_DARK
        if by_card:
            rig.tap()
            assert rig.seen == [codes.AUDIT_CARD_REFUSED]
        else:
            assert rig.ask(codes.VERB_REOPEN) == (False, [codes.REOPEN_OVER], b"")
        assert rig.state == "ended" and not opened(rig)
        assert not rig.controller.rental.session.has(REOPEN_USED)
        settle(rig)
        assert rig.state == "vacant" and codes.AUDIT_WINDOW_OVER in rig.seen


def test_reopen_1_until_then_it_opens_before_the_inputs_are_told() -> None:
    rig = Rig()
    rig.end()
    wake(rig, 598)
    assert rig.turn.lamp == codes.LAMP_RED_BLINK
    rig.tap()
    assert rig.state == "reopened" and rig.pulses == [codes.PULSE_UNLOCK]


def test_start_10_a_start_before_the_inputs_are_told_closes_the_window_that_is_over() -> None:
    """REOPEN-4, START-10: the end of the window is told all the same, once."""
    rig = Rig()
    rig.end()
    rig.book(NEXT_BOOKING, OTHER)
    wake(rig, 600)
    rig.tap(OTHER_CARD)
    assert rig.state == "unlocked"
    settle(rig)
    assert rig.seen.count(codes.AUDIT_WINDOW_OVER) == 1


def unseen(rig: Rig, off_s: int) -> None:
    """What was opened last did not show, as the power went for so long."""
    rig.set(codes.IN_LOCKED, codes.YES)
    wake(rig, off_s)
    assert not opened(rig)


def test_reopen_6_a_reopen_is_not_repeated_when_its_time_is_over() -> None:
    """REOPEN-5, REOPEN-6, SAFE-3: neither after its 60 s nor after the window's 600."""
    for began_s, off_s, may_be_repeated in (
        (0, 58, True),
        (0, 60, False),
        (580, 18, True),
        (580, 20, False),
    ):
        for by_card in (True, False):
            rig = Rig()
            rig.end()
            rig.run(began_s)
            rig.tap()
            unseen(rig, off_s)
            if by_card:
                rig.tap()
            else:
                answer = rig.command(codes.VERB_REOPEN)
                assert may_be_repeated or answer == (False, [codes.REOPEN_USED], b"")
            assert opened(rig) == may_be_repeated
            if not may_be_repeated:
                settle(rig)
                assert rig.state == "vacant" and not opened(rig)


def test_start_6_a_start_is_not_repeated_after_its_60_s() -> None:
    """START-6, SAFE-3: what is due then is the lock, and the way out is another one."""
    for off_s, may_be_repeated in ((58, True), (60, False)):
        for by_card in (True, False):
            rig = Rig()
            rig.book()
            rig.tap()
            unseen(rig, off_s)
            if by_card:
                rig.tap()
            else:
                answer = rig.command(codes.VERB_START)
                assert may_be_repeated or answer == (False, [codes.BUSY], b"")
            assert opened(rig) == may_be_repeated
            if not may_be_repeated:
                settle(rig)
                assert rig.state == "relocked" and not opened(rig)


def test_start_7_until_the_last_millisecond_an_engine_is_released() -> None:
    """FAULT-1: one that a reset left blocked, for who sits in the car."""
    for left_ms in (1, 0):
        rig = Rig()
        rig.start()
        rig.change(codes.IN_DOOR_DRIVER, codes.YES)
        rig.change(codes.IN_DOOR_DRIVER, codes.NO)
        rig.set(codes.IN_BLOCKED, codes.YES)
        wake(rig, 5)
        rig.step()
        rig.advance_ms(rig.controller.rental.deadlines.next_ms() - left_ms)
        rig.step()
        rig.command(codes.VERB_START)
        assert opened(rig) == (left_ms == 1)


def test_start_7_no_engine_is_released_after_the_600_s() -> None:
    """START-7, USE-2, SAFE-3: not to who sits in it either, before the lock that is due."""
    for off_s, may_be_repeated in ((597, True), (600, False)):
        rig = Rig()
        rig.start()
        rig.change(codes.IN_DOOR_DRIVER, codes.YES)
        rig.change(codes.IN_DOOR_DRIVER, codes.NO)
        rig.set(codes.IN_BLOCKED, codes.YES)
        wake(rig, off_s)
        rig.step()
        answer = rig.command(codes.VERB_START)
        assert may_be_repeated or answer == (False, [codes.BUSY], b"")
        assert opened(rig) == may_be_repeated
        if not may_be_repeated:
            settle(rig)
            assert rig.state == "secured" and not opened(rig)
