"""The centre pushes operations until the car has them all, and answers who asks at once."""

from firmware.wire import centre_messages, messages
from simulator.centre_sync import OPS_A_MESSAGE, Sync
from simulator.clocks import TrueClock
from simulator.kernel import Kernel

SECOND_US = 1_000_000


class Scene:
    def __init__(self) -> None:
        self.kernel = Kernel()
        self.sent: list[tuple[int, bytes]] = []
        self.sync = Sync(self.kernel, TrueClock(self.kernel, 1_000_000), self.send)

    def send(self, message: bytes) -> bool:
        self.sent.append((self.kernel.now_us, message))
        return True

    def later(self, seconds: int) -> None:
        self.kernel.run_until(self.kernel.now_us + seconds * SECOND_US)

    def deltas(self) -> list[tuple[int, int]]:
        return [messages.unpack_delta(m)[:2] for _, m in self.sent if m[0] == messages.DELTA]


def test_nothing_is_pushed_before_the_car_was_heard() -> None:
    scene = Scene()
    scene.sync.append(1, b"one")
    scene.later(100)
    assert scene.sent == []
    scene.sync.hear_hello(False, 0)
    scene.later(1)
    assert scene.deltas() == [(0, 1)]


def test_a_delta_holds_what_the_car_lacks() -> None:
    scene = Scene()
    for number in range(3):
        scene.sync.append(number, bytes((number,)))
    scene.sync.hear_hello(False, 1)
    scene.later(0)
    assert messages.unpack_delta(scene.sent[0][1]) == (1, 3, [(1, b"\1"), (2, b"\2")])
    in_step = [scene.sync.is_in_step]
    scene.sync.hear_hello(False, 3)
    in_step.append(scene.sync.is_in_step)
    assert in_step == [False, True]
    scene.later(100)
    assert len(scene.sent) == 1


def test_an_unanswered_push_is_repeated_ever_more_slowly() -> None:
    scene = Scene()
    scene.sync.append(1, b"one")
    scene.sync.hear_hello(False, 0)
    scene.later(300)
    times_s = [at_us // SECOND_US for at_us, _ in scene.sent]
    assert times_s == [0, 2, 6, 14, 30, 62, 122, 182, 242]


def test_pushes_are_a_second_apart() -> None:
    scene = Scene()
    scene.sync.hear_hello(False, 0)
    for number in range(5):
        scene.sync.append(1, bytes((number,)))
    scene.later(0)
    scene.sync.hear_hello(False, 1)
    scene.sync.append(1, b"x")
    scene.later(0)
    assert len(scene.sent) == 1
    scene.later(1)
    assert scene.deltas() == [(0, 5), (1, 6)]


def test_who_asks_is_answered_at_once_whatever_was_sent_before() -> None:
    """Protocol, 11: outside the limits of 5."""
    scene = Scene()
    scene.sync.hear_hello(False, 0)
    scene.sync.append(1, b"one")
    scene.later(0)
    scene.sync.hear_hello(True, 0)
    assert scene.deltas() == [(0, 1), (0, 1)]
    scene.sync.hear_hello(True, 1)
    assert scene.sent[-1][1] == centre_messages.pack_time(1_000_000, 1)


def test_who_does_not_ask_and_has_all_gets_nothing() -> None:
    scene = Scene()
    scene.sync.hear_hello(False, 0)
    scene.later(10)
    assert scene.sent == []


def test_many_operations_go_in_messages_that_fit() -> None:
    scene = Scene()
    for _ in range(2 * OPS_A_MESSAGE + 1):
        scene.sync.append(1, bytes(20))
    rev = 0
    while not scene.sync.is_in_step:
        scene.sync.hear_hello(False, rev)
        scene.later(1)
        if scene.sent:
            rev = messages.unpack_delta(scene.sent[-1][1])[1]
    assert scene.deltas() == [(0, 40), (40, 80), (80, 81)]
    assert max(len(message) for _, message in scene.sent) <= 1024
