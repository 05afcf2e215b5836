"""A stranger's car and a stranger's centre change a key: section 5 of the page, one with the other."""

from __future__ import annotations

import struct

import pytest

from tests.protocol import stranger
from tests.protocol.stranger_car import Car
from tests.protocol.stranger_centre import IN_STEP, Centre
from tests.protocol.stranger_keys import unwrap, wrap

CAR = "02a1b2c3d4e5"
FIRST, SECOND, THIRD = bytes(range(32)), b"second key of it" * 2, b"third key of all" * 2


class Two:
    """Frames wait in lists until they are carried, or lost."""

    def __init__(self) -> None:
        self.up: list[bytes] = []
        self.down: list[bytes] = []
        self.now_s = 1790000000.0
        self.car = Car(CAR, FIRST, self.up.append, self.now)
        self.centre = Centre(CAR, FIRST, self.down.append, self.now)

    def now(self) -> float:
        return self.now_s

    def carry(self) -> None:
        for _ in range(20):
            up, down = self.up[:], self.down[:]
            self.up.clear()
            self.down.clear()
            for frame in up:
                self.centre.hear(frame)
            for frame in down:
                self.car.hear(frame)
            if not up and not down:
                return
        raise AssertionError("they never stop")

    def hello(self, after_s: int = 60) -> None:
        self.now_s += after_s
        self.car.hello()
        self.carry()

    def signed(self, after_s: int) -> bytes:
        """The key of a HELLO that nobody hears."""
        self.now_s += after_s
        self.car.hello()
        frame = self.up.pop()
        for key in (FIRST, SECOND):
            if stranger.unseal(stranger.direction_key(key, "up"), self.car.car, frame):
                return key
        raise AssertionError("of no key")


def test_a_key_is_changed_and_changed_again() -> None:
    two = Two()
    two.hello()
    for key in (SECOND, THIRD):
        two.centre.change_key(key)
        two.carry()
        assert two.centre.keys.spoken == key
        assert two.centre.standing == IN_STEP
        two.centre.change(3, b"a card!!" + b"\0\0\0\7")
        two.carry()
        assert two.car.rev == two.centre.rev


@pytest.mark.parametrize("lost", range(8))
def test_no_frame_of_a_change_that_is_lost_locks_the_car_out(lost: int) -> None:
    """F37: the frame with that number, up or down, never arrives; the car may restart there."""
    for restarts in (False, True):
        two = Two()
        two.hello()
        two.centre.change_key(SECOND)
        for number in range(8):
            queue = two.down if number % 2 == 0 else two.up
            if not queue:
                two.car.hello()
                queue = two.up if two.up else two.down
            frame = queue.pop(0)
            if number != lost:
                (two.car if queue is two.down else two.centre).hear(frame)
            elif restarts:
                two.car.restart()
        two.up.clear()
        two.down.clear()
        for _ in range(12):
            two.hello()
        assert (two.centre.keys.spoken, two.centre.standing) == (SECOND, IN_STEP)


def test_a_centre_that_never_knew_the_key_gets_the_car_back() -> None:
    """Its database is older than the key: SNAP under the first key brings the copy of its own."""
    two = Two()
    two.hello()
    two.centre.change_key(SECOND)
    two.carry()
    two.centre = Centre(CAR, FIRST, two.down.append, two.now)
    two.centre.change(3, b"a card!!" + b"\0\0\0\7")
    two.centre.gen = 7  # as a restore leaves it
    for _ in range(12):
        two.hello()
    assert two.centre.standing == IN_STEP
    assert not two.car.keys.is_changed


def test_the_first_key_is_tried_after_five_minutes_and_not_after_five_frames() -> None:
    two = Two()
    two.hello()
    two.centre.change_key(SECOND)
    two.carry()
    assert {two.signed(1) for _ in range(50)} == {SECOND}
    assert [two.signed(60) for _ in range(8)] == [SECOND] * 4 + [FIRST, SECOND] * 2


def test_recorded_frames_do_not_put_the_first_key_off() -> None:
    """An old TIME, a late DELTA and a late SNAP under the newest key are no answers."""
    two = Two()
    two.hello()
    two.centre.change_key(SECOND)
    two.carry()
    car, key = two.car, stranger.direction_key(SECOND, "down")
    time = struct.pack(">8sIII8s", bytes(8), 1, car.gen, car.rev, car.hash8)
    delta = struct.pack(">III8sB", car.gen, 0, 1, bytes(8), 1) + b"\x02" + bytes(4)
    snap = struct.pack(">II8sBBB", car.gen, car.rev, bytes(8), 0, 1, 0)
    kinds = {stranger.TIME: time, stranger.DELTA: delta, stranger.SNAP: snap}
    recorded = [stranger.seal(key, car.car, kind, body) for kind, body in kinds.items()]
    first = stranger.direction_key(FIRST, "up")
    for _ in range(6):
        two.signed(60)
        two.up.clear()
        assert [car.hear(frame) for frame in recorded] == list(kinds)
    assert any(stranger.unseal(first, car.car, frame) for frame in two.up)


def test_under_the_first_key_come_snap_and_delta_and_nothing_else() -> None:
    two = Two()
    two.hello()
    two.centre.change_key(SECOND)
    two.carry()
    kinds = (stranger.DELTA, stranger.SNAP, stranger.TIME, stranger.CMD, stranger.EACK)
    key = stranger.direction_key(FIRST, "down")
    frames = [stranger.seal(key, two.car.car, kind, b"") for kind in kinds]
    assert [two.car.keys.open(frame) for frame in frames] == [None] * 5
    for _ in range(5):
        two.signed(60)
    assert [two.car.keys.open(frame) for frame in frames[:2]] == [(kind, b"") for kind in kinds[:2]]
    assert [two.car.keys.open(frame) for frame in frames[2:]] == [None] * 3


def test_a_record_for_another_car_is_senseless() -> None:
    record = wrap(FIRST, bytes(6), 1, bytes(8), SECOND)
    assert unwrap(FIRST, bytes(6), record) == SECOND
    two = Two()
    two.hello()
    two.centre.change(9, record)
    two.carry()
    assert two.centre.nacks == [(stranger.DELTA, 2)]
    assert two.car.rev == 0
