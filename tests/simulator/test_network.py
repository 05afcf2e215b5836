"""The network: its modes, its streams, their order and their ends."""

from firmware.wire.network_codes import (
    CLOSED,
    NO_TROUBLE,
    OPEN,
    OPENING,
    TROUBLE_BROKEN,
    TROUBLE_ENDED,
    TROUBLE_UNREACHABLE,
)
from simulator.kernel import Kernel
from simulator.modem import NO_STREAM
from simulator.network import Network, Stream
from simulator.way import LATENCY_US, LOSSES_MAX, RETRANSMIT_US

ROOM = 1024
GAVE_UP_US = RETRANSMIT_US * ((1 << LOSSES_MAX) - 1)


class Scene:
    """The modem's box and a server: both keep what they hear, with its time."""

    def __init__(self, seed: int = 1) -> None:
        self.kernel = Kernel(seed)
        self.network = Network(self.kernel)
        self.network.server = self
        self.modem = self.network.modem
        self.modem.on_news = self.hear_in_car
        self.streams: list[Stream] = []
        self.greeting = b""
        self.at_server: list[tuple[int, bytes]] = []
        self.closed: list[int] = []
        self.in_car: list[tuple[int, bytes]] = []
        self.state, self.trouble = CLOSED, NO_TROUBLE

    def accept(self, stream: Stream) -> None:
        self.streams.append(stream)
        stream.on_bytes = lambda data: self.at_server.append((self.kernel.now_us, data))
        stream.on_close = lambda: self.closed.append(stream.number)
        stream.send(self.greeting)

    def hear_in_car(self) -> None:
        while True:
            told = self.modem.tell(ROOM)
            self.state, self.trouble = told.state, told.trouble
            if told.data:
                self.in_car.append((self.kernel.now_us, told.data))
            if not self.modem.has_more:
                return

    def later(self, seconds: float) -> None:
        self.kernel.run_until(self.kernel.now_us + round(seconds * 1_000_000))

    def connected(self, number: int = 1) -> Stream:
        self.modem.do(number, b"")
        self.later(1)
        assert self.state == OPEN
        return self.streams[-1]

    def said_to_server(self) -> bytes:
        return b"".join(data for _, data in self.at_server)

    def said_to_car(self) -> bytes:
        return b"".join(data for _, data in self.in_car)


def test_a_stream_opens_with_one_round_trip() -> None:
    scene = Scene()
    scene.greeting = b"hello"
    scene.modem.do(1, b"")
    assert scene.modem.tell(ROOM)[:3] == (1, OPENING, NO_TROUBLE)
    while scene.state != OPEN:
        assert scene.in_car == []
        scene.later(0.001)
    assert 2 * LATENCY_US[0] <= scene.kernel.now_us <= 2 * LATENCY_US[1] + 1000
    scene.later(1)
    assert scene.said_to_car() == b"hello"


def test_what_a_turn_wrote_is_one_segment_and_takes_its_time() -> None:
    scene = Scene()
    stream = scene.connected()
    scene.modem.do(1, b"a segment")
    scene.modem.do(1, b"")
    scene.later(1)
    stream.send(b"an answer")
    scene.later(1)
    ((up_us, up),) = scene.at_server
    ((down_us, down),) = scene.in_car
    assert (up, down) == (b"a segment", b"an answer")
    assert LATENCY_US[0] <= up_us - 1_000_000 <= LATENCY_US[1]
    assert LATENCY_US[0] <= down_us - 2_000_000 <= LATENCY_US[1]


def test_order_is_kept_in_a_direction_even_when_it_gets_faster() -> None:
    scene = Scene()
    stream = scene.connected()
    scene.network.slow(8_000_000)
    stream.send(b"first ")
    scene.modem.do(1, b"eins ")
    scene.network.up()
    for number in range(20):
        stream.send(bytes((number,)))
        scene.modem.do(1, bytes((number,)))
    scene.later(7.9)
    assert scene.at_server == scene.in_car == []
    scene.later(1)
    assert scene.said_to_car() == b"first " + bytes(range(20))
    assert scene.said_to_server() == b"eins " + bytes(range(20))


def test_slow_adds_to_both_directions() -> None:
    scene = Scene()
    scene.network.slow(8_000_000)
    scene.modem.do(1, b"")
    scene.later(16)
    assert scene.state != OPEN
    scene.later(0.3)
    assert scene.state == OPEN
    assert scene.network.is_up


def test_nobody_answers() -> None:
    scene = Scene()
    scene.network.server = None
    scene.modem.do(1, b"")
    assert scene.modem.tell(ROOM).state == OPENING
    scene.later(1)
    assert (scene.state, scene.trouble) == (CLOSED, TROUBLE_UNREACHABLE)


def test_down_breaks_the_stream_in_the_car_and_the_server_hears_nothing() -> None:
    scene = Scene()
    stream = scene.connected()
    stream.send(b"under way")
    scene.modem.do(1, b"under way too")
    scene.network.down()
    assert (scene.state, scene.trouble) == (CLOSED, TROUBLE_BROKEN)
    stream.send(b"sent")
    scene.network.up()
    stream.send(b"sent after")
    scene.modem.do(0, b"")
    scene.later(60)
    assert scene.at_server == scene.in_car == []
    assert (scene.closed, stream.is_open) == ([], True)
    assert scene.modem.tell(ROOM) == NO_STREAM
    assert stream.unread_bytes == len(b"under waysentsent after")
    scene.connected(2)
    assert len(scene.streams) == 2


def test_what_waits_in_the_modem_is_lost_when_the_stream_breaks() -> None:
    scene = Scene()
    stream = scene.connected()
    scene.modem.on_news = lambda: None
    stream.send(b"half")
    scene.later(1)
    assert scene.modem.has_more
    scene.network.down()
    assert scene.modem.tell(ROOM) == (1, CLOSED, TROUBLE_BROKEN, b"")


def test_without_a_carrier_connecting_is_refused() -> None:
    scene = Scene()
    changes: list[bool] = []
    scene.network.on_change = lambda: changes.append(scene.network.is_up)
    scene.network.down()
    scene.network.down()
    scene.modem.do(1, b"")
    assert (scene.state, scene.trouble) == (CLOSED, TROUBLE_UNREACHABLE)
    scene.network.up()
    scene.later(10)
    assert scene.streams == []
    assert changes == [False, True]


def test_the_carrier_goes_while_a_stream_opens() -> None:
    scene = Scene()
    scene.modem.do(1, b"")
    scene.network.down()
    assert (scene.state, scene.trouble) == (CLOSED, TROUBLE_UNREACHABLE)
    scene.network.up()
    scene.later(5)
    assert scene.streams == []


def test_lossy_delays_and_loses_nothing_and_keeps_the_order() -> None:
    scene = Scene()
    stream = scene.connected()
    scene.network.lossy(30)
    sent = b""
    for number in range(300):
        data = number.to_bytes(2, "big")
        sent += data
        stream.send(data)
        scene.modem.do(1, data)
        scene.later(0.5)
    scene.later(15)
    assert scene.said_to_server() == scene.said_to_car() == sent
    # 30 % of the 600, and again 30 % of those, and so on.
    assert 200 <= scene.network.quality.losses <= 320
    scene.network.up()
    losses = scene.network.quality.losses
    stream.send(b"whole")
    scene.later(LATENCY_US[1] / 1_000_000)
    assert scene.in_car[-1][1] == b"whole"
    assert scene.network.quality.losses == losses


def test_each_loss_waits_twice_as_long() -> None:
    """The least that a segment can take with so many losses; nothing comes in between."""
    seen = set()
    for seed in range(60):
        scene = Scene(seed)
        stream = scene.connected()
        scene.network.lossy(50)
        stream.send(b"x")
        losses = scene.network.quality.losses
        scene.later(20)
        if losses < LOSSES_MAX:
            late_us = scene.in_car[0][0] - 1_000_000 - RETRANSMIT_US * (2**losses - 1)
            assert LATENCY_US[0] <= late_us <= LATENCY_US[1]
        seen.add(losses)
    assert seen >= {0, 1, 2, 3, 4}


def test_too_many_losses_break_the_stream_for_the_car_that_sends() -> None:
    scene = Scene()
    stream = scene.connected()
    scene.network.lossy(100)
    scene.modem.do(1, b"never")
    scene.network.up()
    scene.modem.do(1, b"behind the hole")
    scene.kernel.run_until(1_000_000 + GAVE_UP_US - 1)
    assert scene.state == OPEN
    scene.later(0.000_001)
    assert (scene.state, scene.trouble) == (CLOSED, TROUBLE_BROKEN)
    scene.modem.do(0, b"")
    scene.later(5)
    assert scene.at_server == []
    assert (scene.closed, stream.is_open) == ([], True)
    assert scene.network.quality.losses == LOSSES_MAX


def test_too_many_losses_break_the_stream_for_the_server_that_sends() -> None:
    """The car learns of it when it sends: it is reset."""
    scene = Scene()
    stream = scene.connected()
    scene.network.lossy(100)
    stream.send(b"never")
    scene.later(GAVE_UP_US / 1_000_000)
    assert (scene.closed, stream.is_open) == ([1], False)
    scene.network.up()
    assert scene.state == OPEN


def test_a_way_where_all_is_lost_is_unreachable() -> None:
    scene = Scene()
    scene.network.lossy(100)
    scene.modem.do(1, b"")
    scene.later(20)
    assert (scene.state, scene.trouble) == (CLOSED, TROUBLE_UNREACHABLE)


def test_the_car_closes_and_what_it_wrote_arrives_before() -> None:
    scene = Scene()
    stream = scene.connected()
    stream.send(b"not read any more")
    scene.modem.do(0, b"farewell")
    assert scene.closed == []
    scene.later(1)
    assert scene.said_to_server() == b"farewell"
    assert (scene.closed, stream.is_open) == ([1], False)
    assert scene.in_car == []


def test_the_server_closes_and_what_it_sent_arrives_before() -> None:
    scene = Scene()
    stream = scene.connected()
    for _ in range(4):
        stream.send(bytes(500))
    stream.close()
    stream.send(b"too late")
    scene.modem.do(1, b"crossing")
    scene.later(1)
    assert scene.said_to_car() == bytes(2000)
    assert (scene.state, scene.trouble) == (CLOSED, TROUBLE_ENDED)
    assert scene.at_server == []
    scene.modem.do(0, b"")
    scene.later(1)
    assert scene.closed == []


def test_a_box_that_takes_nothing_hears_of_the_end_after_all_bytes() -> None:
    scene = Scene()
    stream = scene.connected()
    scene.modem.on_news = lambda: None
    stream.send(bytes(1500))
    stream.close()
    scene.later(1)
    assert stream.unread_bytes == 1500
    first = scene.modem.tell(ROOM)
    assert (first.state, first.trouble, len(first.data)) == (OPEN, NO_TROUBLE, ROOM)
    last = scene.modem.tell(ROOM)
    assert (last.state, last.trouble, len(last.data)) == (CLOSED, TROUBLE_ENDED, 1500 - ROOM)
    assert stream.unread_bytes == 0


def test_who_writes_to_a_stream_that_the_server_left_is_reset() -> None:
    scene = Scene()
    stream = scene.connected()
    stream.is_open = False  # as after a restart of the server's machine
    scene.modem.do(1, b"hello?")
    scene.later(1)
    assert (scene.state, scene.trouble) == (CLOSED, TROUBLE_BROKEN)
    assert scene.at_server == []


def test_a_program_that_is_gone_leaves_its_stream_without_a_word() -> None:
    scene = Scene()
    stream = scene.connected()
    scene.modem.do(1, b"last")
    stream.send(b"for nobody")
    scene.modem.forget()
    scene.state = OPENING  # until there is news
    scene.later(60)
    assert scene.state == OPENING
    assert scene.said_to_server() == b"last"
    assert (scene.closed, stream.is_open) == ([], True)
    assert scene.modem.tell(ROOM) == NO_STREAM
    fresh = scene.connected(1)
    fresh.send(b"for the next")
    scene.later(1)
    assert scene.said_to_car() == b"for the next"


def test_another_number_is_another_stream() -> None:
    scene = Scene()
    old = scene.connected(1)
    old.send(b"stale")
    scene.modem.do(2, b"not of the old one")
    scene.later(1)
    assert scene.closed == [1]
    assert scene.at_server == []
    assert [stream.number for stream in scene.streams] == [1, 2]
    assert scene.in_car == []
    assert scene.modem.tell(ROOM)[:2] == (2, OPEN)


def test_it_is_the_seeds() -> None:
    def run(seed: int) -> list[tuple[int, bytes]]:
        scene = Scene(seed)
        scene.connected()
        scene.network.lossy(50)
        for number in range(10):
            scene.modem.do(1, bytes((number,)))
        scene.later(30)
        return scene.at_server

    assert run(1) == run(1)
    assert run(1) != run(2)
