"""Frames to and from the centre. `make()` gives (a `CentreLink`, the `Centre`), the centre there, nobody met it.

ALL are for every link, DATED for those that judge certificates, CARRIED where somebody can tell that
there is no network, TURNED_AWAY for a car that the centre does not take.
"""

from firmware.ticks import ticks_add, ticks_diff
from firmware.wire.frames import FRAME_BYTES_MAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from hal.api import CentreLink

    class Centre(Protocol):
        """The centre, and the line to it."""

        def take_turn(self) -> None:
            """The link was polled: wait a moment for what may come."""

        def say(self, frame: bytes) -> None:
            """To the car, if it is there."""

        def hear(self) -> bytes:
            """The next frame of the car; waits for it."""

        def news(self) -> bytes:
            """HERE or GONE, the next that the centre is told of the car; waits for it."""

        def cut(self) -> None:
            """The connection is lost; the centre is still there."""

        def set_carrier(self, is_there: bool) -> None:
            """The network below."""

    Make = Callable[[], tuple[CentreLink, Centre]]

#: What the car says of itself when it is there, and what its will says.
HERE, GONE = b"here", b"gone"
_START_MS = 2**30 - 10_000
#: What is waited for takes a few turns; each may take a moment.
_TURNS_MAX = 60_000
_HOUR_MS = 3_600_000
#: A stream that opens is looked at so often.
_LOOK_MS = 20
_LAST = b"\xfe"


class _Car:
    """The board: a turn whenever there is reason for one. Time stands still unless it is passed."""

    def __init__(self, make: "Make") -> None:
        self.link, self.centre = make()
        self.now_ms = _START_MS
        self.knows_date = True
        self.turn()

    def turn(self) -> None:
        self.link.poll(self.now_ms, self.knows_date)
        assert ticks_diff(self.link.next_due_at_ms, self.now_ms) >= 0
        self.centre.take_turn()

    def pass_to_due(self, ms_max: int) -> int:
        """Time passes until the link is due; how much that was, `ms_max` at most."""
        wait_ms = min(ticks_diff(self.link.next_due_at_ms, self.now_ms), ms_max)
        self.now_ms = ticks_add(self.now_ms, wait_ms)
        self.turn()
        return wait_ms

    def until_online(self, is_online: bool) -> None:
        for _ in range(_TURNS_MAX):
            if self.link.is_online() == is_online:
                return
            self.turn()
        raise AssertionError("online: %s" % self.link.is_online())

    def go_online(self) -> None:
        self.link.hurry()
        self.until_online(True)
        assert self.centre.news() == HERE

    def go_online_by_itself(self) -> None:
        """Within the longest wait. What a connection needs of time is the centre's."""
        passed_ms = 0
        for _ in range(_TURNS_MAX):
            if self.link.is_online():
                assert self.centre.news() == HERE
                return
            if ticks_diff(self.link.next_due_at_ms, self.now_ms) <= _LOOK_MS:
                self.turn()
            elif passed_ms < _HOUR_MS:
                passed_ms += self.pass_to_due(_HOUR_MS)
            else:
                self.turn()
        raise AssertionError("not online after %d ms" % passed_ms)

    def receive(self) -> bytes:
        for _ in range(_TURNS_MAX):
            frame = self.link.receive()
            if frame is not None:
                return frame
            self.turn()
        raise AssertionError("nothing came")


def check_offline_at_first(make: "Make") -> None:
    car = _Car(make)
    assert not car.link.is_online()
    assert car.link.may_connect()
    assert car.link.receive() is None
    assert not car.link.send(b"too early")


def check_it_connects_when_its_wait_is_over(make: "Make") -> None:
    car = _Car(make)
    car.go_online_by_itself()
    assert not car.link.may_connect()


def check_who_hurries_waits_for_no_time(make: "Make") -> None:
    car = _Car(make)
    car.go_online()
    car.link.hurry()
    car.turn()
    assert car.link.is_online()
    assert not car.link.may_connect()


def check_frames_go_both_ways_unchanged_and_in_order(make: "Make") -> None:
    car = _Car(make)
    car.go_online()
    frames = [b"\0", bytes(range(256)) * (FRAME_BYTES_MAX // 256), b"kb/1", b"\xff" * 7]
    for frame in frames:
        assert car.link.send(frame)
        car.turn()
    assert [car.centre.hear() for _ in frames] == frames
    for frame in frames:
        car.centre.say(frame)
    assert [car.receive() for _ in frames] == frames
    assert car.link.receive() is None


def check_what_is_longer_than_a_frame_is_a_bug(make: "Make") -> None:
    car = _Car(make)
    car.go_online()
    try:
        car.link.send(bytes(FRAME_BYTES_MAX + 1))
    except ValueError:
        pass
    else:
        raise AssertionError("taken")
    assert car.link.send(b"after it")
    assert car.centre.hear() == b"after it"


def check_lost_frames_are_simply_lost(make: "Make") -> None:
    """More than anybody holds: of those that come none comes twice, or before an older one."""
    car = _Car(make)
    car.go_online()
    for number in range(60):
        car.centre.say(bytes([number]))
    found: "list[bytes]" = []
    for number in range(_TURNS_MAX):
        car.turn()
        # Nobody takes them at first; a last one comes when there is room.
        frame = car.link.receive() if number >= 50 else None
        if frame is not None:
            found.append(frame)
        elif number % 50 == 0:
            car.centre.say(_LAST)
        if frame == _LAST:
            break
    assert found == sorted(set(found))
    assert found[0] == b"\0"
    assert len(found) > 3
    assert found[-1] == _LAST
    assert car.link.is_online()


def check_a_lost_connection(make: "Make") -> None:
    """What was said meanwhile does not come later; the next connection is like the first."""
    car = _Car(make)
    car.go_online()
    car.centre.cut()
    car.until_online(False)
    assert not car.link.send(b"to nobody")
    car.centre.say(b"to nobody")
    car.link.hurry()
    car.until_online(True)
    while car.centre.news() != HERE:
        pass
    car.centre.say(b"new")
    assert car.receive() == b"new"
    assert car.link.send(b"new as well")
    assert car.centre.hear() == b"new as well"


def check_rest(make: "Make") -> None:
    """The connection ends, the centre is told once, and nothing is tried whoever hurries."""
    car = _Car(make)
    car.go_online()
    car.link.rest(True)
    assert not car.link.is_online()
    assert not car.link.send(b"resting")
    assert car.centre.news() == GONE
    for _ in range(20):
        car.link.hurry()
        car.link.rest(True)
        car.pass_to_due(_HOUR_MS)
        assert not car.link.is_online()
    car.link.rest(False)
    car.go_online_by_itself()  # and the first news is that it is here
    assert car.link.send(b"awake")
    assert car.centre.hear() == b"awake"


def check_rest_before_it_was_online(make: "Make") -> None:
    car = _Car(make)
    car.link.hurry()
    car.turn()
    car.link.rest(True)
    for _ in range(20):
        car.pass_to_due(_HOUR_MS)
        assert not car.link.is_online()
    car.link.rest(False)
    car.link.hurry()
    for _ in range(_TURNS_MAX):
        car.turn()
        if car.link.is_online():
            break
        if car.link.may_connect():
            car.link.hurry()
    assert car.link.is_online()


def check_an_undated_connection_ends_when_the_date_is_known(make: "Make") -> None:
    """Its certificate's dates were not judged."""
    car = _Car(make)
    car.knows_date = False
    car.go_online()
    car.turn()
    assert car.link.is_online()
    car.knows_date = True
    car.until_online(False)
    for _ in range(_TURNS_MAX):
        car.link.hurry()
        car.turn()
        if car.link.is_online():
            break
    for _ in range(20):
        car.turn()
    assert car.link.is_online()
    assert car.link.send(b"dated")
    assert car.centre.hear() == b"dated"


def check_who_is_turned_away_could_not_connect_soon(make: "Make") -> None:
    """A touch must not wait for it, and a hurry does not make it try."""
    car = _Car(make)
    car.link.hurry()
    for _ in range(_TURNS_MAX):
        if not car.link.may_connect():
            break
        car.turn()
    assert not car.link.may_connect()
    assert not car.link.is_online()
    car.link.hurry()
    assert ticks_diff(car.link.next_due_at_ms, car.now_ms) >= 60_000


def check_without_a_network_it_could_not_connect(make: "Make") -> None:
    car = _Car(make)
    car.centre.set_carrier(False)
    car.turn()
    assert not car.link.may_connect()
    car.link.hurry()
    for _ in range(20):
        car.pass_to_due(_HOUR_MS)
    assert not car.link.is_online()
    car.centre.set_carrier(True)
    car.turn()
    assert car.link.may_connect()
    car.go_online()


ALL = (
    check_offline_at_first,
    check_it_connects_when_its_wait_is_over,
    check_who_hurries_waits_for_no_time,
    check_frames_go_both_ways_unchanged_and_in_order,
    check_what_is_longer_than_a_frame_is_a_bug,
    check_lost_frames_are_simply_lost,
    check_a_lost_connection,
    check_rest,
    check_rest_before_it_was_online,
)
DATED = (check_an_undated_connection_ends_when_the_date_is_known,)
TURNED_AWAY = (check_who_is_turned_away_could_not_connect_soon,)
CARRIED = (check_without_a_network_it_could_not_connect,)
