"""The box's own client of the centre over the simulated network, with a server that is scripted."""

from simulator.car import Car, CarPlan
from simulator.kernel import Kernel
from tests.simulator.mqtt_server import MqttServer, Session
from tests.simulator.stories import SECOND_US, START_S, terms

#: The longest first wait, and the round trips until the car is online.
ONLINE_WITHIN_S = 11.5
#: Likewise after the network came back.
BACK_WITHIN_S = 3.5

PUBACK_BYTES = 4


class Scene:
    def __init__(self, seed: int = 1) -> None:
        self.kernel = Kernel(seed)
        self.car = Car(self.kernel, CarPlan(START_S, terms()))
        self.network = self.car.network
        self.server = self.network.server = MqttServer()

    def later(self, seconds: float) -> None:
        self.kernel.run_until(self.kernel.now_us + round(seconds * SECOND_US))

    def online(self) -> Session:
        """Run until the car's newest session is ready and it has said all that it says at once."""
        while not (self.server.sessions and self.server.last.is_ready):
            self.later(0.1)
            assert self.kernel.now_us < 1200 * SECOND_US
        self.later(2)
        return self.server.last


def test_the_car_connects_subscribes_and_reports() -> None:
    scene = Scene()
    scene.later(ONLINE_WITHIN_S)
    session = scene.server.last
    assert session.is_ready
    scene.later(1)
    assert session.connect is not None
    assert session.connect.will is not None
    assert session.topics()[:2] == ["s", "u"]
    presence = session.heard[0]
    assert presence.payload[:1] == b"\1"
    assert session.connect.will.payload == b"\0" + presence.payload[1:]
    assert scene.car.box.failures == []


def test_cars_of_other_seeds_connect_at_other_times() -> None:
    times = set()
    for seed in range(5):
        scene = Scene(seed)
        while not scene.server.sessions:
            scene.later(0.1)
        times.add(scene.kernel.now_us)
    assert len(times) > 3


def test_slow() -> None:
    """Opening, CONNECT and SUBSCRIBE: three round trips of 4 s are within the link's patience."""
    scene = Scene()
    scene.network.slow(2 * SECOND_US)
    scene.later(ONLINE_WITHIN_S)
    assert not (scene.server.sessions and scene.server.last.is_ready)
    session = scene.online()
    scene.later(5)
    assert session.topics()[:2] == ["s", "u"]
    session.push(b"senseless")
    scene.later(4)
    assert session.acked == []
    scene.later(0.5)
    assert session.acked == [1]


def test_lossy_all_arrives_once_and_in_order() -> None:
    scene = Scene()
    session = scene.online()
    scene.network.lossy(30)
    for _ in range(20):
        session.push(b"senseless")
        session.push(b"senseless", b"senseless")
        scene.later(5)
    scene.later(15)
    assert session.acked == [1, 1, 2] * 20
    assert scene.network.quality.losses > 20
    assert len(scene.server.sessions) == 1


def test_a_segment_of_3_kb_is_taken_in_order() -> None:
    scene = Scene()
    session = scene.online()
    session.push(*[bytes((number,)) * 500 for number in range(7)])
    sent_bytes = session.stream.unread_bytes
    assert sent_bytes > 3500
    while session.stream.unread_bytes >= sent_bytes:
        scene.later(0.001)
    scene.later(0.005)
    assert session.stream.unread_bytes <= PUBACK_BYTES  # of what the car said meanwhile
    scene.later(1)
    assert session.acked == list(range(1, 8))


def test_the_car_comes_back_soon_after_the_network_and_the_server_heard_nothing() -> None:
    scene = Scene()
    first = scene.online()
    scene.network.down()
    turns = scene.car.box.turns
    scene.later(3600)
    assert len(scene.server.sessions) == 1
    # Its link has nothing to do meanwhile; the reader alone looks once a second.
    assert scene.car.box.turns - turns < 3 * 3600
    scene.network.up()
    scene.later(BACK_WITHIN_S)
    assert scene.server.last.is_ready
    assert scene.server.last.stream.number == first.stream.number + 1
    assert (first.has_ended, first.stream.is_open) == (False, True)


def test_a_start_without_a_network_waits_for_it() -> None:
    scene = Scene()
    scene.network.down()
    scene.later(600)
    assert scene.server.sessions == []
    scene.network.up()
    scene.later(ONLINE_WITHIN_S)
    assert scene.server.last.is_ready


def test_a_server_that_closes_is_called_again() -> None:
    scene = Scene()
    first = scene.online()
    first.stream.close()
    scene.later(ONLINE_WITHIN_S)
    assert len(scene.server.sessions) == 2
    assert scene.server.last.is_ready
    assert not first.has_ended


def test_nobody_at_the_centres_address() -> None:
    scene = Scene()
    scene.network.server = None
    scene.later(60)
    assert scene.server.sessions == []
    scene.network.server = scene.server
    scene.online()


def test_a_mute_server_is_left() -> None:
    scene = Scene()
    first = scene.online()
    first.is_mute = True
    scene.later(250 + 40)
    assert first.has_ended
    assert len(scene.server.sessions) > 1


def test_a_power_cut_leaves_the_stream_without_a_word() -> None:
    """What is under way to the car is for nobody, also when the next program has a stream 1."""
    scene = Scene()
    first = scene.online()
    first.push(b"for nobody")
    scene.car.box.power_cut()
    scene.later(60)
    assert (first.has_ended, first.acked) == (False, [])
    scene.car.box.power_on()
    scene.later(ONLINE_WITHIN_S)
    second = scene.server.last
    assert second.stream.number == first.stream.number == 1
    assert second.is_ready
    first.push(b"stale")
    second.push(b"fresh", b"fresher")
    scene.later(1)
    assert (first.acked, second.acked) == ([], [1, 2])
    assert first.connect is not None
    assert second.connect is not None
    assert first.connect.will != second.connect.will


def test_what_comes_while_the_program_hangs_waits_until_it_is_reset() -> None:
    scene = Scene()
    first = scene.online()
    scene.car.box.hang()
    first.push(b"waits")
    scene.later(5)
    assert first.acked == []
    assert first.stream.unread_bytes > 0
    scene.later(5 + ONLINE_WITHIN_S)
    assert (first.acked, first.has_ended) == ([], False)
    assert scene.server.last.is_ready
    assert scene.server.last is not first


def test_the_same_seed_gives_the_same_sessions() -> None:
    def heard(seed: int) -> list[bytes]:
        scene = Scene(seed)
        scene.network.lossy(20)
        return [message.payload for message in scene.online().heard]

    assert heard(3) == heard(3)
    assert heard(3) != heard(4)
