"""What the table and the journal hear of doors, key and faults: each once, also after a failed turn."""

from firmware.snapshot import IS_CONTRADICTORY, IS_NOISY, IS_STALE
from firmware.wire import codes
from tests.portable.firmware.rig import Rig

FAULT = codes.AUDIT_FAULT
CLEARED = codes.AUDIT_FAULT_CLEARED
KEY = codes.IN_KEY
KNOB = codes.IN_KNOB_AT_RETURN
DOOR = codes.IN_DOOR_DRIVER


def told(rig: Rig) -> "list[tuple[int, bytes]]":
    """(code, detail) since the last call."""
    found = [(body[0], body[10:]) for body in rig.bodies]
    rig.mark()
    return found


def ail(rig: Rig, i: int, faults: int) -> None:
    """That input's faults from now on; the next step sees them."""
    rig.snapshot.faults[i] = faults
    rig.snapshot.changed |= 1 << i


def in_use() -> Rig:
    rig = Rig()
    rig.drive_off()
    told(rig)
    return rig


def test_each_fault_is_told_once_and_when_it_is_over() -> None:
    for bit, fault in (
        (IS_NOISY, codes.FAULT_INPUT_NOISY),
        (IS_CONTRADICTORY, codes.FAULT_INPUT_CONTRADICTORY),
        (IS_STALE, codes.FAULT_INPUT_STALE),
    ):
        rig = in_use()
        ail(rig, codes.IN_ENGINE, bit)
        rig.step()
        detail = bytes((fault, codes.IN_ENGINE))
        assert told(rig) == [(FAULT, detail)]
        rig.change(codes.IN_LIGHTS, codes.YES)
        assert told(rig) == []
        ail(rig, codes.IN_ENGINE, 0)
        rig.step()
        assert told(rig) == [(CLEARED, detail)]


def test_one_fault_goes_while_another_comes() -> None:
    rig = in_use()
    ail(rig, codes.IN_ENGINE, IS_STALE)
    rig.step()
    told(rig)
    ail(rig, codes.IN_ENGINE, IS_CONTRADICTORY)
    rig.step()
    assert told(rig) == [
        (FAULT, bytes((codes.FAULT_INPUT_CONTRADICTORY, codes.IN_ENGINE))),
        (CLEARED, bytes((codes.FAULT_INPUT_STALE, codes.IN_ENGINE))),
    ]


def test_a_noisy_door_moves_the_table_but_is_not_journaled_until_it_is_quiet() -> None:
    rig = Rig()
    rig.start()
    told(rig)
    ail(rig, DOOR, IS_NOISY)
    rig.change(DOOR, codes.UNKNOWN)
    rig.change(DOOR, codes.YES)
    assert rig.state == "boarding"
    rig.change(DOOR, codes.NO)
    rig.change(DOOR, codes.YES)
    noise = bytes((codes.FAULT_INPUT_NOISY, DOOR))
    assert told(rig) == [(FAULT, noise)]
    # Another door is heard as ever.
    rig.change(codes.IN_TRUNK, codes.YES)
    assert told(rig) == [(codes.AUDIT_DOOR_OPENED, bytes((codes.IN_TRUNK,)))]
    ail(rig, DOOR, 0)
    rig.step()
    assert told(rig) == [(CLEARED, noise), (codes.AUDIT_DOOR_OPENED, bytes((DOOR,)))]


def test_a_noisy_key_moves_the_table_and_is_journaled_when_quiet() -> None:
    """USE-2: what it rests at counts."""
    for noisy in (KEY, KNOB):
        rig = in_use()
        ail(rig, noisy, IS_NOISY)
        rig.change(KNOB, codes.UNKNOWN)
        assert rig.state == "in_use"
        rig.change(KNOB, codes.YES)
        assert rig.state == "key_returned"
        rig.change(KNOB, codes.NO)
        rig.change(KNOB, codes.YES)
        assert rig.state == "key_returned"
        assert [code for code, _ in told(rig)] == [FAULT]
        ail(rig, noisy, 0)
        rig.step()
        assert [code for code, _ in told(rig)] == [CLEARED, codes.AUDIT_KEY_IN]
        rig.change(KNOB, codes.NO)
        assert [code for code, _ in told(rig)] == [codes.AUDIT_KEY_OUT]


def test_key_and_knob_that_calm_down_together_are_told_as_one_key() -> None:
    rig = in_use()
    ail(rig, KEY, IS_NOISY)
    ail(rig, KNOB, IS_NOISY)
    rig.step()
    told(rig)
    ail(rig, KEY, 0)
    ail(rig, KNOB, 0)
    rig.step()
    assert [code for code, _ in told(rig)] == [CLEARED, CLEARED, codes.AUDIT_KEY_OUT]


def test_a_knob_that_goes_on_storming_hides_the_key() -> None:
    rig = in_use()
    ail(rig, KEY, IS_NOISY)
    ail(rig, KNOB, IS_NOISY)
    rig.step()
    told(rig)
    ail(rig, KEY, 0)
    rig.step()
    assert [code for code, _ in told(rig)] == [CLEARED]
    ail(rig, KNOB, 0)
    rig.step()
    assert [code for code, _ in told(rig)] == [CLEARED, codes.AUDIT_KEY_OUT]


def test_news_in_the_turn_in_which_it_calms_down_are_told_once() -> None:
    """As after a turn that was taken back: known is what was told before the noise."""
    rig = in_use()
    ail(rig, DOOR, IS_NOISY)
    ail(rig, KEY, IS_NOISY)
    rig.step()
    told(rig)
    ail(rig, DOOR, 0)
    ail(rig, KEY, 0)
    rig.set(DOOR, codes.YES)
    rig.change(KNOB, codes.YES)
    assert [code for code, _ in told(rig)] == [
        CLEARED,
        CLEARED,
        codes.AUDIT_DOOR_OPENED,
        codes.AUDIT_KEY_IN,
    ]


def test_noise_that_ends_unknown_has_no_state_to_tell() -> None:
    rig = in_use()
    ail(rig, DOOR, IS_NOISY)
    ail(rig, KEY, IS_NOISY)
    rig.set(DOOR, codes.UNKNOWN)
    rig.change(KEY, codes.UNKNOWN)
    rig.change(KNOB, codes.UNKNOWN)
    told(rig)
    ail(rig, DOOR, 0)
    ail(rig, KEY, 0)
    rig.step()
    assert [code for code, _ in told(rig)] == [CLEARED, CLEARED]


def test_faults_of_a_turn_that_was_taken_back_are_told_again() -> None:
    """SAFE-5: the commit failed, so nobody heard of it."""
    rig = in_use()
    record = rig.controller.state()
    ail(rig, codes.IN_BRAKE, IS_STALE)
    rig.controller.step(rig.snapshot, [], rig.turn)
    rig.snapshot.changed = 0
    assert len(rig.turn.records) == 1
    rig.controller.take_back(0, record)
    rig.step()
    assert told(rig) == [(FAULT, bytes((codes.FAULT_INPUT_STALE, codes.IN_BRAKE)))]
    rig.step()
    assert told(rig) == []


def test_after_a_reset_what_still_ails_is_told_anew() -> None:
    for is_new in (True, False):
        rig = in_use()
        ail(rig, codes.IN_BRAKE, IS_STALE)
        rig.step()
        record = rig.controller.state()
        told(rig)
        if is_new:
            rig.controller = rig.new_controller()
        assert rig.controller.restore(record, rig.snapshot, -1)
        rig.step()
        assert told(rig) == [(FAULT, bytes((codes.FAULT_INPUT_STALE, codes.IN_BRAKE)))]
