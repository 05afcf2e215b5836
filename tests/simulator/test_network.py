"""The network: its modes, its order, its losses."""

from simulator.kernel import Kernel
from simulator.network import LATENCY_US, Network


class Scene:
    def __init__(self, seed: int = 1) -> None:
        self.kernel = Kernel(seed)
        self.network = Network(self.kernel)
        self.arrived: list[tuple[int, bytes]] = []
        self.network.to_car.receive = lambda m: self.arrived.append((self.kernel.now_us, m))
        self.network.to_centre.receive = lambda m: self.arrived.append((self.kernel.now_us, m))

    def later(self, seconds: int) -> None:
        self.kernel.run_until(self.kernel.now_us + seconds * 1_000_000)


def test_messages_take_their_time() -> None:
    scene = Scene()
    assert scene.network.send_to_car(b"a")
    scene.later(1)
    scene.network.send_to_centre(b"b")
    scene.later(1)
    (first_us, first), (second_us, second) = scene.arrived
    assert (first, second) == (b"a", b"b")
    assert LATENCY_US[0] <= first_us <= LATENCY_US[1]
    assert LATENCY_US[0] <= second_us - 1_000_000 <= LATENCY_US[1]


def test_order_is_kept_in_a_direction_even_when_it_gets_faster() -> None:
    scene = Scene()
    scene.network.slow(8_000_000)
    scene.network.send_to_car(b"first")
    scene.network.up()
    for number in range(20):
        scene.network.send_to_car(bytes((number,)))
    scene.later(9)
    assert [message for _, message in scene.arrived] == [
        b"first",
        *(bytes((i,)) for i in range(20)),
    ]


def test_slow_adds_to_both_directions() -> None:
    scene = Scene()
    scene.network.slow(8_000_000)
    scene.network.send_to_car(b"a")
    scene.network.send_to_centre(b"b")
    scene.later(8)
    assert scene.arrived == []
    scene.later(1)
    assert len(scene.arrived) == 2


def test_down_loses_what_is_under_way_and_what_is_sent() -> None:
    scene = Scene()
    changes: list[bool] = []
    scene.network.on_change = lambda: changes.append(scene.network.is_up)
    scene.network.send_to_car(b"under way")
    scene.network.down()
    assert not scene.network.send_to_car(b"sent")
    scene.network.send_to_centre(b"sent")
    scene.network.down()
    scene.later(5)
    scene.network.up()
    scene.later(5)
    assert scene.arrived == []
    assert changes == [False, True]
    assert scene.network.to_car.lost == 1
    scene.network.send_to_car(b"now")
    scene.later(1)
    assert len(scene.arrived) == 1


def test_lossy_loses_about_so_many_and_never_doubles() -> None:
    scene = Scene()
    scene.network.lossy(30)
    for number in range(1000):
        scene.network.send_to_car(number.to_bytes(2, "big"))
    scene.later(2)
    assert 620 <= len(scene.arrived) <= 780
    assert len({message for _, message in scene.arrived}) == len(scene.arrived)
    assert scene.network.to_car.lost == 1000 - len(scene.arrived)
    scene.network.up()
    scene.network.send_to_car(b"whole")
    scene.later(1)
    assert scene.arrived[-1][1] == b"whole"


def test_it_is_the_seeds() -> None:
    def run(seed: int) -> list[tuple[int, bytes]]:
        scene = Scene(seed)
        scene.network.lossy(50)
        for number in range(50):
            scene.network.send_to_centre(bytes((number,)))
        scene.later(1)
        return scene.arrived

    assert run(1) == run(1)
    assert run(1) != run(2)
