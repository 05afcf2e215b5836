"""Maintenance: STAFF-CAR-1, SAFE-1, SAFE-3, FAULT-1, on paper."""

from firmware.session import STAFF_IN
from firmware.wire import codes
from firmware.wire.journal_format import pack_cause
from tests.portable.firmware.rig import (
    BOOKING,
    CARD,
    STAFF_CARD,
    STRANGER,
    Rig,
    profile,
    unfinished,
)
from tests.portable.firmware.test_restore import reset

ON = codes.VERB_MAINTENANCE_ON
OFF = codes.VERB_MAINTENANCE_OFF
DONE: "tuple[bool, list[int], bytes]" = (True, [], b"")
NOTHING = (True, [codes.NOTHING_TO_UNDO], b"")


def refused(*reasons: int) -> "tuple[bool, list[int], bytes]":
    return False, list(reasons), b""


def ask(rig: Rig, verb: int) -> "tuple[bool, list[int], bytes]":
    """An operator's command: no booking, no driver."""
    return rig.ask(verb, 0, 0, 0)


def maintained(rig: "Rig | None" = None) -> Rig:
    rig = rig or Rig(terms=profile("jparc-2023"))
    assert ask(rig, ON) == DONE
    assert rig.state == "maintenance"
    rig.mark()
    return rig


def test_staff_car_1_entered_and_left_by_command() -> None:
    rig = Rig()
    assert rig.command(ON, 0, 0, 0, b"TECHNIC1") == DONE
    assert rig.state == "maintenance" and rig.pulses == []
    assert rig.bodies[-1][0] == codes.AUDIT_TECHNICIAN_IN
    assert rig.bodies[-1][6:] == bytes(4) + pack_cause(codes.BY_COMMAND, b"TECHNIC1")
    rig.change(codes.IN_LOCKED, codes.NO)
    rig.mark()
    assert rig.command(OFF, 0, 0, 0, b"TECHNIC2") == DONE
    assert rig.state == "vacant" and rig.pulses == [codes.PULSE_LOCK, codes.PULSE_BLOCK]
    assert rig.seen == [
        codes.AUDIT_COMMAND_RECEIVED,
        codes.AUDIT_LOCKED,
        codes.AUDIT_TECHNICIAN_OUT,
    ]
    assert rig.bodies[-1][6:] == bytes(4) + pack_cause(codes.BY_COMMAND, b"TECHNIC2")
    rig.finish_pulses()
    assert rig.bodies[-1][0] == codes.AUDIT_ENGINE_BLOCKED
    assert rig.bodies[-1][6:] == bytes(4) + bytes((codes.BY_COMMAND,))


def test_staff_car_1_from_the_reopen_window_closes_it() -> None:
    rig = Rig()
    rig.end()
    rig.mark()
    assert ask(rig, ON) == DONE
    assert rig.state == "maintenance" and codes.AUDIT_WINDOW_OVER in rig.seen
    rig.run(700)
    assert rig.state == "maintenance" and rig.seen.count(codes.AUDIT_WINDOW_OVER) == 1


def test_staff_car_1_no_driver_can_start() -> None:
    rig = maintained()
    rig.book()
    turn = rig.tap(CARD)
    assert rig.state == "maintenance" and rig.pulses == []
    assert turn.lamp == codes.LAMP_REFUSED and rig.reasons() == [codes.IN_MAINTENANCE]
    assert codes.AUDIT_START_REFUSED in rig.seen and codes.AUDIT_CARD_REFUSED in rig.seen
    rig.mark()
    assert rig.ask(codes.VERB_START) == refused(codes.IN_MAINTENANCE)
    assert rig.pulses == [] and codes.AUDIT_START_REFUSED in rig.seen


def test_staff_car_1_every_other_command_is_refused() -> None:
    rig = maintained()
    rig.book()
    for verb in (
        codes.VERB_END,
        codes.VERB_REOPEN,
        codes.VERB_LOCK,
        codes.VERB_REUNLOCK,
        codes.VERB_ENROL,
    ):
        assert rig.ask(verb) == refused(codes.IN_MAINTENANCE), verb
    assert rig.pulses == [] and rig.state == "maintenance"


def test_staff_car_1_the_lamp_is_dark() -> None:
    rig = maintained()
    rig.book()
    rig.run(60)
    assert rig.turn.lamp == codes.LAMP_DARK
    rig = Rig()
    rig.end()
    maintained(rig)
    assert rig.step().lamp == codes.LAMP_DARK


def test_staff_car_1_staff_opens_and_locks_in_maintenance() -> None:
    rig = maintained()
    rig.tap(STAFF_CARD)
    assert rig.pulses == [codes.PULSE_UNLOCK] and rig.state == "maintenance"
    rig.finish_pulses()
    rig.run(61)
    assert rig.pulses == [codes.PULSE_UNLOCK, codes.PULSE_LOCK]
    rig.tap(STAFF_CARD)
    rig.finish_pulses()
    rig.tap(STAFF_CARD)
    assert rig.pulses[-1] == codes.PULSE_LOCK and rig.seen.count(codes.AUDIT_STAFF_OUT) == 2


def test_staff_car_1_an_unknown_card_gets_the_signal_start_9() -> None:
    rig = maintained()
    assert rig.tap(STRANGER).lamp == codes.LAMP_REFUSED
    assert rig.reasons() == [codes.UNKNOWN_CARD] and codes.AUDIT_START_REFUSED not in rig.seen


def test_staff_car_1_not_in_use() -> None:
    for story, seconds in (("start", 0), ("start", 61), ("drive_off", 0), ("come_back", 700)):
        rig = Rig()
        getattr(rig, story)()
        rig.run(seconds)
        state = rig.state
        rig.mark()
        assert ask(rig, ON) == refused(codes.NOT_RETURNED)
        assert rig.state == state and rig.pulses == []


def test_staff_car_1_not_while_something_is_finished() -> None:
    for rig, state in unfinished():
        assert rig.state == state
        assert ask(rig, ON) == refused(codes.BUSY)
        assert rig.state == state


def test_staff_car_1_left_only_with_closed_doors_at_rest_safe_1() -> None:
    for index, value, reason in (
        (codes.IN_TRUNK, codes.YES, codes.DOOR_OPEN),
        (codes.IN_ENGINE, codes.YES, codes.ENGINE_RUNNING),
        (codes.IN_MOVING, codes.YES, codes.ENGINE_RUNNING),
        (codes.IN_MOVING, codes.UNKNOWN, codes.CANNOT_TELL),
    ):
        rig = maintained()
        rig.change(index, value)
        rig.mark()
        assert ask(rig, OFF) == refused(reason)
        assert rig.state == "maintenance" and rig.pulses == []
        if reason == codes.CANNOT_TELL:
            assert int.from_bytes(rig.bodies[-1][-4:], "big") == 1 << index
        rig.change(index, codes.NO)
        assert ask(rig, OFF) == DONE


def test_staff_car_1_a_door_that_cannot_be_told_keeps_no_car_in_maintenance() -> None:
    """Whoever asks stands beside it."""
    rig = maintained()
    rig.change(codes.IN_DOOR_DRIVER, codes.UNKNOWN)
    assert ask(rig, OFF) == DONE and rig.state == "vacant"


def test_staff_car_1_both_reasons_are_told() -> None:
    rig = maintained()
    rig.change(codes.IN_ENGINE, codes.YES)
    rig.change(codes.IN_TRUNK, codes.YES)
    assert ask(rig, OFF) == refused(codes.ENGINE_RUNNING, codes.DOOR_OPEN)


def test_staff_car_1_asked_again_it_is_done_already() -> None:
    rig = Rig()
    assert ask(rig, OFF) == NOTHING
    maintained(rig)
    assert ask(rig, ON) == NOTHING
    rig = Rig()
    rig.drive_off()
    rig.mark()
    assert ask(rig, OFF) == NOTHING and rig.pulses == [] and rig.state == "in_use"


def test_staff_car_1_a_driver_starts_afterwards() -> None:
    rig = maintained()
    rig.book()
    ask(rig, OFF)
    rig.finish_pulses()
    rig.tap(CARD)
    assert rig.state == "unlocked"


def test_staff_car_1_an_open_enrolment_is_closed() -> None:
    rig = Rig(terms=profile("jparc-2023"))
    rig.book()
    rig.ask(codes.VERB_ENROL)
    rig.mark()
    assert ask(rig, ON) == DONE
    assert codes.AUDIT_ENROL_EXPIRED in rig.seen and "enrol" not in dict(rig.deadlines())
    rig.tap(STRANGER)
    assert codes.AUDIT_CARD_ENROLLED not in rig.seen


def test_staff_car_1_leaving_shows_staff_out() -> None:
    rig = maintained()
    rig.tap(STAFF_CARD)
    rig.finish_pulses()
    rig.mark()
    assert ask(rig, OFF) == DONE
    assert codes.AUDIT_STAFF_OUT in rig.seen
    assert not rig.controller.rental.session.has(STAFF_IN) and rig.deadlines() == []


def test_safe_3_a_reset_in_maintenance_moves_nothing() -> None:
    rig = maintained()
    rig.change(codes.IN_LOCKED, codes.NO)
    rig.change(codes.IN_BLOCKED, codes.NO)
    reset(rig, off_s=500)
    assert rig.state == "maintenance" and rig.pulses == []
    rig.book()
    rig.tap(CARD)
    assert rig.reasons() == [codes.IN_MAINTENANCE]


def test_safe_3_an_exit_that_was_cut_off_is_finished() -> None:
    rig = maintained()
    rig.change(codes.IN_LOCKED, codes.NO)
    rig.change(codes.IN_BLOCKED, codes.NO)
    ask(rig, OFF)
    rig.set(codes.IN_LOCKED, codes.NO)
    rig.set(codes.IN_BLOCKED, codes.NO)
    reset(rig, off_s=5)
    assert rig.state == "vacant" and rig.pulses == [codes.PULSE_LOCK, codes.PULSE_BLOCK]


def test_safe_1_a_cut_off_exit_blocks_no_moving_car() -> None:
    rig = maintained()
    ask(rig, OFF)
    rig.set(codes.IN_BLOCKED, codes.NO)
    rig.set(codes.IN_MOVING, codes.YES)
    reset(rig, off_s=5)
    assert rig.state == "vacant" and rig.pulses == []


def test_fault_1_every_command_is_answered_and_every_touch_shows_in_every_state() -> None:
    stories = "vacant start relocked boarding drive_off come_back secured".split()
    stories += ["asking", "ending", "end", "reopened", "maintenance"]
    verbs = (1, 2, 3, 4, 5, 6, 7, 8, 9, 77)
    for story in stories:
        for verb in verbs:
            rig = stand(story)
            if rig.command(verb, BOOKING if verb < 8 else 0) is None:
                rig.finish_pulses()  # an end is answered when it is done
            assert rig.answer() is not None, (story, verb)
        for card in (CARD, STAFF_CARD, STRANGER):
            for enrols in (False, True):
                rig = stand(story)
                if enrols:
                    rig.ask(codes.VERB_ENROL)
                rig.mark()
                turn = rig.tap(card)
                assert (
                    turn.lamp in (codes.LAMP_REFUSED, codes.LAMP_THREE_COLOUR)
                    or codes.AUDIT_CARD_ENROLLED in rig.seen
                    or rig.flashes()
                ), (story, card, enrols)


def stand(story: str) -> Rig:
    """A car of jparc-2023 in the state that the story leads to."""
    rig = Rig(terms=profile("jparc-2023"))
    if story == "asking":
        rig.snapshot.is_online = True
        rig.book()
        rig.tap()
    elif story == "relocked":
        rig.start()
        rig.run(61)
    elif story == "boarding":
        rig.start()
        rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    elif story == "secured":
        rig.come_back()
        rig.run(601)
    elif story == "ending":
        rig.come_back()
        rig.tap()
    elif story == "reopened":
        rig.end()
        rig.tap()
    elif story == "maintenance":
        ask(rig, ON)
    elif story != "vacant":
        getattr(rig, story)()
    return rig
