"""What was caught lying is not believed again because of a reset: SAFE-1, SAFE-3."""

from firmware.snapshot import IS_CONTRADICTORY, Snapshot
from firmware.wire import codes
from tests.portable.firmware.car_rig import Car
from tests.portable.firmware.loop_rig import Box
from tests.portable.firmware.test_terms_trouble import without
from tests.portable.firmware.test_terms_watch import put


def seconds(box: Box, count: int) -> "list[bytes]":
    """Faults and their ends that were journaled meanwhile."""
    told = []
    for _ in range(count):
        box.after(1000)
        told += [event[:1] + event[10:] for event in box.loop.committed]
    faults = (codes.AUDIT_FAULT, codes.AUDIT_FAULT_CLEARED)
    return [event for event in told if event[0] in faults and event[2:]]


def caught(lie: int) -> Box:
    """The engine's line was caught lying at that value; the car stands by now."""
    box = Box()
    box.inputs[codes.IN_GEAR_P].value = codes.NO
    if lie == codes.NO:
        box.inputs[codes.IN_MOVING].value = codes.YES
    else:
        box.inputs[codes.IN_ENGINE].value = codes.YES
        box.battery.read_mv = lambda: 11_400  # type: ignore[method-assign]
    seconds(box, 15)
    box.inputs[codes.IN_MOVING].value = codes.NO
    seconds(box, 2)
    assert engine(box) == (codes.UNKNOWN, IS_CONTRADICTORY)
    return box


def engine(box: Box) -> "tuple[int, int]":
    snapshot = box.loop._snapshot
    return snapshot.values[codes.IN_ENGINE], snapshot.faults[codes.IN_ENGINE]


FAULT = bytes((codes.FAULT_INPUT_CONTRADICTORY, codes.IN_ENGINE))


def test_safe_1_it_is_not_believed_until_its_line_moves_and_told_anew() -> None:
    for lie in (codes.NO, codes.YES):
        box = caught(lie)
        for _ in range(2):  # the record that the reset leaves knows it, too
            box.restart()
            assert engine(box) == (codes.UNKNOWN, IS_CONTRADICTORY)
            assert seconds(box, 30) == []
            assert engine(box) == (codes.UNKNOWN, IS_CONTRADICTORY)
        box.inputs[codes.IN_ENGINE].value = codes.YES if lie == codes.NO else codes.NO
        assert seconds(box, 2) == [bytes((codes.AUDIT_FAULT_CLEARED,)) + FAULT]
        assert engine(box) == (box.inputs[codes.IN_ENGINE].value, 0)
        box.restart()
        assert engine(box) == (box.inputs[codes.IN_ENGINE].value, 0)


def test_the_first_turn_after_the_reset_tells_the_fault_safe_5() -> None:
    box = caught(codes.NO)
    told: "list[bytes]" = []
    after = box.after

    def watched(wait_ms: int) -> "object":
        loop = after(wait_ms)
        told.extend([event[:1] + event[10:] for event in loop.committed])
        return loop

    box.after = watched  # type: ignore[method-assign,assignment]
    box.restart()
    assert told.count(bytes((codes.AUDIT_FAULT,)) + FAULT) == 1


def test_a_line_that_moved_while_the_power_was_away_is_believed_safe_1() -> None:
    for lie in (codes.NO, codes.YES):
        box = caught(lie)
        box.inputs[codes.IN_ENGINE].value = codes.YES if lie == codes.NO else codes.NO
        box.restart()
        seconds(box, 2)
        assert engine(box) == (box.inputs[codes.IN_ENGINE].value, 0)


def test_a_lie_of_an_input_that_is_not_wired_any_more_ends_end_8() -> None:
    box = Box()
    box.inputs[codes.IN_MOVING].value = codes.YES
    seconds(box, 15)
    faults = box.loop._snapshot.faults
    assert faults[codes.IN_GEAR_P] == faults[codes.IN_MOVING] == IS_CONTRADICTORY
    put(box, without("gear"))
    box.restart()
    faults = box.loop._snapshot.faults
    assert faults[codes.IN_GEAR_P] == 0 and faults[codes.IN_MOVING] == IS_CONTRADICTORY
    box.restart()
    assert box.loop._snapshot.lie[codes.IN_GEAR_P] == codes.UNKNOWN


def test_safe_1_no_car_is_blocked_at_a_traffic_light_after_a_reset() -> None:
    """A smart key: the engine runs while the key is in its box, and its line is dead."""
    for resets in (0, 1):
        car = Car()
        car.book()
        car.touch()
        car.put_input(codes.IN_DOOR_DRIVER, codes.YES)
        car.put_input(codes.IN_DOOR_DRIVER, codes.NO)
        for i in (codes.IN_GEAR_P, codes.IN_BRAKE):
            car.put_input(i, codes.NO)
        car.put_input(codes.IN_MOVING, codes.YES)
        car.run(620_000, 1000)  # the key was not taken in time: a lock is due
        car.put_input(codes.IN_MOVING, codes.NO)
        for _ in range(resets):
            car.restart()
        car.run(30_000)
        assert (car.loop.state, car.read_back()) == ("boarding", (codes.NO, codes.NO))
        # The engine is stopped and started once more: its line works, and it is off by now.
        for value in (codes.YES, codes.NO):
            car.put_input(codes.IN_ENGINE, value)
        car.run(5000)
        assert car.read_back() == (codes.YES, codes.YES)


def test_each_lie_is_the_same_after_the_record_safe_3() -> None:
    values = (codes.NO, codes.YES, codes.UNKNOWN)
    for number in range(27):
        before, after = Snapshot(), Snapshot()
        for n, i in enumerate((codes.IN_ENGINE, codes.IN_MOVING, codes.IN_GEAR_P)):
            before.lie[i] = values[number // 3**n % 3]
        before.wall_is_trusted = number & 1 == 1
        assert before.beliefs() & 1 == number & 1 and before.beliefs() < 128
        after.recall_lies(before.beliefs())
        assert after.lie == before.lie and not after.wall_is_trusted
        for i in range(codes.INPUTS):
            assert (after.faults[i] == IS_CONTRADICTORY) == (after.lie[i] != codes.UNKNOWN)
