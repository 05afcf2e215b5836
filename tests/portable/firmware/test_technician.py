"""A technician's right in every state, row by row: TECH-2, TECH-3, SAFE-1, SAFE-2, on paper."""

from firmware import technician
from firmware.ticks import ticks_add
from firmware.wire import codes
from tests.portable.firmware.rig import Rig

WHO = b"7Q2M9XCD"
SHUT = [codes.PULSE_LOCK]
ASKED = (codes.ACT_UNLOCK, codes.ACT_LOCK, codes.ACT_RELEASE, codes.ACT_BLOCK, codes.ACT_TEST)
MAINTENANCE = (codes.ACT_MAINTENANCE_ON, codes.ACT_MAINTENANCE_OFF)


def forget(rig: Rig) -> None:
    """No answer was told yet."""
    rig.controller.told = None


def ask(rig: Rig, action: int, argument: int = 0, who: bytes = WHO) -> "list[int]":
    """The reasons against it."""
    rig.mark()
    forget(rig)
    rig.controller.asked.append(technician.pack_asked(action, who, argument))
    rig.step()
    told = rig.controller.told
    assert told is not None
    return [reason for reason, _ in told]


def begin(rig: Rig, level: int, for_ms: int = 900000) -> None:
    until_ms = ticks_add(rig.snapshot.now_ms, for_ms)
    technician.begin(rig.controller.rental, WHO, level, until_ms)


def in_state(state: str) -> Rig:
    rig = Rig()
    if state == "maintenance":
        rig.command(codes.VERB_MAINTENANCE_ON, 0, 0, 0)
    elif state == "ended":
        rig.end()
    elif state != "vacant":
        rig.book()
        rig.snapshot.is_online = state == "authorising"
        rig.tap()
    if state in ("boarding", "in_use"):
        rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    if state == "in_use":
        rig.change(codes.IN_KNOB_AT_RETURN, codes.NO)
    assert rig.state == state, rig.state
    begin(rig, 2)
    return rig


def test_tech_3_what_is_done_to_a_parked_car() -> None:
    for state in ("vacant", "ended", "maintenance"):
        for action, pulses in (
            (codes.ACT_UNLOCK, [codes.PULSE_UNLOCK]),
            (codes.ACT_LOCK, SHUT),
            (codes.ACT_BLOCK, [codes.PULSE_BLOCK]),
            (codes.ACT_TEST, []),
        ):
            rig = in_state(state)
            assert ask(rig, action) == [] and rig.pulses == pulses, (state, action)
            assert rig.state == state
            first = rig.bodies[0]
            assert first[0] == codes.AUDIT_TECHNICIAN_ACTION and first[6:10] == bytes(4)
            assert first[10:] == bytes((codes.BY_TECHNICIAN,)) + WHO + bytes((action, 0))


def test_tech_3_the_engine_in_maintenance_only() -> None:
    for state in ("vacant", "ended"):
        rig = in_state(state)
        assert ask(rig, codes.ACT_RELEASE) == [codes.NOT_IN_MAINTENANCE]
        assert rig.pulses == []
    rig = in_state("maintenance")
    assert ask(rig, codes.ACT_RELEASE) == []
    assert rig.pulses == [codes.PULSE_RELEASE]
    (released,) = [body for body in rig.bodies if body[0] == codes.AUDIT_ENGINE_RELEASED]
    assert released[6:] == bytes(4) + bytes((codes.BY_TECHNICIAN,)), "of no booking"


def test_tech_2_never_in_a_use_or_while_something_is_finished() -> None:
    """SAFE-2."""
    for state, reason in (
        ("unlocked", codes.NOT_RETURNED),
        ("boarding", codes.NOT_RETURNED),
        ("in_use", codes.NOT_RETURNED),
        ("authorising", codes.BUSY),
    ):
        for action in ASKED + MAINTENANCE[:1]:
            rig = in_state(state)
            assert ask(rig, action) == [reason], (state, action)
            assert rig.pulses == [] and rig.state == state
            assert rig.bodies[-1][0] == codes.AUDIT_COMMAND_REFUSED


def test_tech_2_no_right_no_pulse() -> None:
    """SAFE-2: nobody, somebody else, a lower level, a time that is over; the last by a millisecond."""
    moving = ASKED + MAINTENANCE
    for action in moving:
        rig = Rig()
        assert ask(rig, action) == [codes.EXPIRED]
        begin(rig, 2)
        assert ask(rig, action, who=b"00000000") == [codes.EXPIRED]
        begin(rig, 2, 0)
        assert ask(rig, action) == [codes.EXPIRED]
        technician.end(rig.controller.rental)
        assert ask(rig, action, who=bytes(8)) == [codes.EXPIRED]
        assert rig.pulses == [] and rig.state == "vacant"
    rig = in_state("maintenance")
    begin(rig, 1)
    for action in (codes.ACT_RELEASE, codes.ACT_BLOCK):
        assert ask(rig, action) == [codes.EXPIRED] and rig.pulses == []
    begin(rig, 2, 1)
    assert ask(rig, codes.ACT_RELEASE) == []


def test_tech_3_maintenance_on_and_off() -> None:
    rig = in_state("vacant")
    assert ask(rig, codes.ACT_MAINTENANCE_OFF) == [codes.NOTHING_TO_UNDO]
    assert ask(rig, codes.ACT_MAINTENANCE_ON) == []
    assert rig.state == "maintenance"
    assert rig.bodies[-1][0] == codes.AUDIT_TECHNICIAN_IN
    assert rig.bodies[-1][10:] == bytes((codes.BY_TECHNICIAN,)) + WHO
    assert ask(rig, codes.ACT_MAINTENANCE_ON) == [codes.NOTHING_TO_UNDO]
    assert list(rig.controller.told or ()) == [(codes.NOTHING_TO_UNDO, 0)]
    assert ask(rig, codes.ACT_MAINTENANCE_OFF) == []
    assert rig.state == "vacant" and rig.pulses == [codes.PULSE_LOCK, codes.PULSE_BLOCK]


def test_safe_1_the_starter_is_blocked_at_rest_only() -> None:
    for value, reason in ((codes.YES, codes.ENGINE_RUNNING), (codes.UNKNOWN, codes.CANNOT_TELL)):
        rig = in_state("maintenance")
        rig.change(codes.IN_MOVING, value)
        assert ask(rig, codes.ACT_BLOCK) == [reason] and rig.pulses == []


def test_tech_3_doors_are_locked_when_closed_and_opened_when_it_can_be_recorded() -> None:
    rig = in_state("vacant")
    rig.change(codes.IN_TRUNK, codes.YES)
    assert ask(rig, codes.ACT_LOCK) == [codes.DOOR_OPEN] and rig.pulses == []
    rig.change(codes.IN_TRUNK, codes.UNKNOWN)
    assert ask(rig, codes.ACT_LOCK) == [] and rig.pulses == [codes.PULSE_LOCK]
    rig = in_state("vacant")
    rig.snapshot.journal_has_room = False
    assert ask(rig, codes.ACT_UNLOCK) == [codes.JOURNAL_FULL] and rig.pulses == []


def test_tech_3_no_door_opened_and_they_lock_again() -> None:
    rig = in_state("vacant")
    ask(rig, codes.ACT_UNLOCK)
    rig.finish_pulses()
    rig.mark()
    rig.run(60)
    assert rig.pulses == SHUT and codes.AUDIT_STAFF_OUT in rig.seen


def test_tech_3_a_level_is_on_for_2_s() -> None:
    for line in range(codes.OUTS):
        rig = in_state("vacant")
        assert ask(rig, codes.ACT_TEST, line) == []
        assert list(rig.turn.levels) == [int(i == line) for i in range(codes.OUTS)]
        rig.advance_ms(1999)
        rig.step()
        assert rig.turn.levels[line] == 1
        rig.advance_ms(1)
        rig.step()
        assert not any(rig.turn.levels)
    assert ask(rig, codes.ACT_TEST, codes.OUTS) == [codes.NOT_ALLOWED_IN_PROFILE]


def test_tech_1_a_wrong_answer_is_recorded() -> None:
    rig = Rig()
    assert ask(rig, technician.WRONG_ANSWER) == [codes.BAD_SIGNATURE]
    assert rig.reasons() == [codes.BAD_SIGNATURE]
    assert rig.turn.lamp == codes.LAMP_DARK, "nothing for the reader to refuse"


def test_safe_3_a_reset_forgets_the_right() -> None:
    rig = in_state("maintenance")
    record = rig.controller.state()
    rig.controller = rig.new_controller()
    assert rig.controller.restore(record, rig.snapshot, -1)
    rig.step()
    assert rig.state == "maintenance"
    assert ask(rig, codes.ACT_RELEASE) == [codes.EXPIRED] and rig.pulses == []
