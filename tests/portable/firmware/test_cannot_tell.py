"""END-8: every input of END-1 that cannot be told, under every setting, whatever the cause."""

from firmware.snapshot import IS_CONTRADICTORY, IS_NOISY
from firmware.wire import codes
from tests.portable.firmware.loop_rig import Box
from tests.portable.firmware.rig import Rig
from tests.portable.firmware.test_resume import wake

DOORS = (
    codes.IN_DOOR_DRIVER,
    codes.IN_DOOR_PASSENGER,
    codes.IN_DOOR_REAR_LEFT,
    codes.IN_DOOR_REAR_RIGHT,
    codes.IN_TRUNK,
)
REST = (codes.IN_KEY, codes.IN_KNOB_AT_RETURN, codes.IN_BRAKE, codes.IN_GEAR_P)
ASKED = DOORS + REST
MOTION = (codes.IN_ENGINE, codes.IN_MOVING)
TOLD = (codes.IN_LIGHTS, codes.IN_WINDOW)


def came_back(policy: str) -> Rig:
    rig = Rig({"cannot_tell": policy})
    rig.come_back()
    rig.mark()
    return rig


def blind_inputs(rig: Rig) -> int:
    """The inputs that the last refusal names as a mask."""
    for body in reversed(rig.bodies):
        if body[0] == codes.AUDIT_END_REFUSED:
            return int.from_bytes(body[-4:], "big")
    return 0


def test_ask_again_and_refuse_name_the_input_and_change_nothing() -> None:
    for policy in ("ask_again", "refuse"):
        for i in ASKED + MOTION:
            rig = came_back(policy)
            rig.change(i, codes.UNKNOWN)
            assert rig.turn.lamp == codes.LAMP_DARK, i
            accepted, reasons, _ = rig.ask(codes.VERB_END)
            assert (accepted, reasons) == (False, [codes.CANNOT_TELL]), i
            assert blind_inputs(rig) == 1 << i
            assert rig.state == "key_returned" and rig.pulses == []
            # The contact comes back to life: the same end is accepted.
            rig.change(i, codes.NO if i in DOORS + MOTION else codes.YES)
            rig.command(codes.VERB_END)
            assert rig.state == "ending", i


def test_staff_review_ends_and_says_so_but_never_without_knowing_that_the_car_rests() -> None:
    """SAFE-1 stands above it."""
    for i in ASKED:
        rig = came_back("staff_review")
        rig.change(i, codes.UNKNOWN)
        rig.command(codes.VERB_END)
        assert rig.state == "ending", i
        rig.finish_pulses()
        assert rig.state == "ended", i
        ended = next(body for body in rig.bodies if body[0] == codes.AUDIT_ENDED)
        assert ended[-1] & 2, i  # the flag for the staff
    for i in MOTION:
        rig = came_back("staff_review")
        rig.change(i, codes.UNKNOWN)
        accepted, reasons, _ = rig.ask(codes.VERB_END)
        assert (accepted, reasons) == (False, [codes.CANNOT_TELL]) and rig.pulses == [], i


def is_reviewed(rig: Rig, code: int = codes.AUDIT_ENDED) -> bool:
    """What the record says of it."""
    return next(body for body in rig.bodies if body[0] == code)[-1] & 2 != 0


def test_end_8_an_end_that_goes_on_after_a_reset_says_what_it_cannot_tell_by_then() -> None:
    """END-7, END-8: asked for with everything known, finished without; told again, no review."""
    for blind in (codes.IN_BRAKE, codes.IN_KNOB_AT_RETURN, codes.IN_TRUNK, -1):
        rig = came_back("staff_review")
        rig.tap()
        assert rig.state == "ending"
        wake(rig, 5)
        if blind >= 0:
            rig.set(blind, codes.UNKNOWN)
        rig.snapshot.is_settled = True
        rig.step()
        rig.finish_pulses()
        assert rig.state == "ended" and is_reviewed(rig) == (blind >= 0), blind


def test_end_8_an_end_whose_lock_is_tried_again_says_what_it_cannot_tell_by_then() -> None:
    """END-7, END-8: also when it can be told as the lock shows."""
    for blind in (codes.IN_BRAKE, codes.IN_KEY, codes.IN_DOOR_DRIVER, -1):
        rig = came_back("staff_review")
        rig.tap()
        rig.set(codes.IN_LOCKED, codes.NO)
        if blind >= 0:
            rig.set(blind, codes.UNKNOWN)
        rig.finish_pulses()
        assert rig.state == "ending"
        if blind >= 0:
            rig.set(blind, codes.NO if blind in DOORS else codes.YES)
        rig.finish_pulses()
        assert rig.state == "ended" and is_reviewed(rig) == (blind >= 0), blind


def test_end_8_an_end_that_failed_leaves_no_review_to_the_next() -> None:
    rig = came_back("staff_review")
    rig.tap()
    for value in (codes.UNKNOWN, codes.UNKNOWN, codes.YES):
        rig.set(codes.IN_LOCKED, codes.NO)
        rig.set(codes.IN_BRAKE, value)
        rig.finish_pulses()
    assert rig.state == "key_returned"
    rig.finish_pulses()
    rig.tap()
    rig.finish_pulses()
    assert rig.state == "ended" and not is_reviewed(rig)


def test_a_start_with_an_input_that_cannot_be_told_needs_no_review() -> None:
    """END-8 is of the end."""
    rig = Rig({"cannot_tell": "staff_review"})
    rig.change(codes.IN_BRAKE, codes.UNKNOWN)
    rig.start()
    assert not is_reviewed(rig, codes.AUDIT_UNLOCKED)
    rig.change(codes.IN_BRAKE, codes.YES)
    rig.command(codes.VERB_END)
    rig.finish_pulses()
    assert rig.state == "ended" and not is_reviewed(rig)


def test_an_end_without_any_doubt_needs_no_review() -> None:
    rig = came_back("staff_review")
    rig.command(codes.VERB_END)
    rig.finish_pulses()
    ended = next(body for body in rig.bodies if body[0] == codes.AUDIT_ENDED)
    assert not ended[-1] & 2


def test_what_is_known_to_be_wrong_is_refused_under_every_setting() -> None:
    for policy in ("ask_again", "staff_review", "refuse"):
        rig = came_back(policy)
        rig.set(codes.IN_BRAKE, codes.UNKNOWN)
        rig.change(codes.IN_TRUNK, codes.YES)
        accepted, reasons, _ = rig.ask(codes.VERB_END)
        assert not accepted and reasons[0] == codes.DOOR_OPEN
        assert rig.state == "key_returned"


def test_lights_and_windows_that_cannot_be_told_give_no_warning() -> None:
    """END-2: and nothing is refused for them."""
    rig = came_back("refuse")
    for i in TOLD:
        rig.change(i, codes.UNKNOWN)
    rig.command(codes.VERB_END)
    rig.finish_pulses()
    assert rig.answered() == (True, [], b"")


def test_a_car_without_gear_sensor_is_not_asked_for_it() -> None:
    for settings in ({"gear_sensor": False}, {"no_sensor": ["gear"]}):
        rig = Rig(settings)
        rig.come_back()
        rig.change(codes.IN_GEAR_P, codes.UNKNOWN)
        rig.command(codes.VERB_END)
        assert rig.state == "ending"


def asked_of(box: Box) -> "list[tuple[int, int]]":
    """What an end that is asked for just now would be refused for."""
    return list(box.loop._controller.rental.standing.end_reasons)


def test_each_way_of_not_telling_is_cannot_tell_to_an_end() -> None:
    """Silent, stale, noisy: all the same to END-8, from the port to the reason."""
    for i in ASKED + MOTION:
        for way in ("silent", "stale", "noisy"):
            box = Box()
            line = box.inputs[i]
            good = line.value
            assert asked_of(box) == []
            if way == "noisy":
                for _ in range(30):
                    line.value = codes.YES - line.value
                    box.after(40)
                assert box.loop._snapshot.faults[i] & IS_NOISY
            else:
                line.value = codes.UNKNOWN if way == "silent" else codes.STALE
            box.after(0)
            box.after(60)
            assert asked_of(box) == [(codes.CANNOT_TELL, 1 << i)], (i, way)
            line.value = good
            box.after(0)
            box.after(10000)
            assert asked_of(box) == [], (i, way)


def test_a_stale_line_is_doubted_in_the_very_turn() -> None:
    """SAFE-1: a touch in the first turn after the bus fell silent finds no old value."""
    box = Box()
    assert box.loop._snapshot.in_motion() == codes.NO
    box.inputs[codes.IN_ENGINE].value = codes.STALE
    box.after(0)
    assert box.loop._snapshot.in_motion() == codes.UNKNOWN
    assert box.loop.committed[0][0] == codes.AUDIT_FAULT
    assert box.loop.committed[0][10:] == bytes((codes.FAULT_INPUT_STALE, codes.IN_ENGINE))
    box.inputs[codes.IN_ENGINE].value = codes.NO
    box.after(0)
    box.after(50)
    assert box.loop.committed[0][0] == codes.AUDIT_FAULT_CLEARED


def test_a_contradiction_is_told_once_and_when_it_is_over() -> None:
    """An engine that runs while the car rolls with the engine line dead, from port to journal."""
    box = Box()
    told = []
    for i, value, length_ms in (
        (codes.IN_GEAR_P, codes.NO, 60),
        (codes.IN_MOVING, codes.YES, 11000),
        (codes.IN_MOVING, codes.NO, 11000),
        (codes.IN_ENGINE, codes.YES, 60),
    ):
        box.inputs[i].value = value
        box.after(0)
        left_ms = length_ms
        while left_ms > 0:
            step = min(left_ms, max(1, box.due_ms))
            box.after(step)
            left_ms -= step
            told.extend([event[:1] + event[10:] for event in box.loop.committed])
    fault = bytes((codes.FAULT_INPUT_CONTRADICTORY, codes.IN_ENGINE))
    assert told == [
        bytes((codes.AUDIT_FAULT,)) + fault,
        bytes((codes.AUDIT_FAULT_CLEARED,)) + fault,
    ]
    assert not box.loop._snapshot.faults[codes.IN_ENGINE] & IS_CONTRADICTORY
