"""A car on paper that speaks kb/1 over MQTT through the simulated network, and its centre."""

from __future__ import annotations

from typing import cast

from firmware.wire.frames import down_topic, up_topic
from firmware.wire.network_codes import CLOSED, OPEN
from firmware.wire.packets import Publish, pack_puback, pack_publish
from firmware.wire.packets_client import (
    ClientDecoder,
    Connack,
    Suback,
    pack_connect,
    pack_subscribe,
)
from simulator.centre import CarIdentity
from simulator.clocks import TrueClock
from simulator.daemon.centre import FleetCentre
from simulator.kernel import Kernel
from simulator.network import Network, Stream
from simulator.world.timeline import Timeline
from tests.fleetd.rig import Clock, ScriptedCar

#: Ten o'clock in Tokyo on the first of April 2026, on the grid of bookings.
TEN_S = 1_775_005_200
DRIVER, OTHER = "XXY00001001", "XXY00002001"
SECOND_US = 1_000_000
KEEP_ALIVE_S = 60


class _Now:
    """The rig's clock, but it is simulated."""

    def __init__(self, clock: TrueClock) -> None:
        self._clock = clock

    @property
    def now_s(self) -> float:
        return self._clock.unix_s()


class PaperCar:
    """MQTT by the shortest way: CONNECT, SUBSCRIBE, HELLO, then frames at QoS 1."""

    def __init__(self, network: Network, identity: CarIdentity, clock: TrueClock) -> None:
        self._network = network
        self._identity = identity
        self.password = identity.password.encode()
        self.script = ScriptedCar(identity.car, identity.key, self.say, cast(Clock, _Now(clock)))
        self.stream: Stream | None = None
        self.codes: list[int] = []
        self._decoder = ClientDecoder(2000)
        self._number = 0
        self._packet_id = 0
        self._greets = False

    def connect(self) -> None:
        """Open a stream; the rest comes by itself."""
        self.open()
        self._greets = True

    def open(self) -> Stream:
        """A stream on which nothing is said."""
        self._number += 1
        self._greets = False
        self._decoder = ClientDecoder(2000)
        self.stream = self._network.connect(self._number)
        self.stream.on_news = self._hear
        return self.stream

    @property
    def is_cut_off(self) -> bool:
        return self.stream is None or self.stream.state == CLOSED

    def say(self, frame: bytes) -> None:
        """A frame on the up topic; lost when there is no stream."""
        if self.stream is not None:
            self._packet_id = self._packet_id % 65535 + 1
            topic = up_topic(self._identity.car)
            self.stream.write(pack_publish(topic, frame, 1, packet_id=self._packet_id))

    def _hear(self) -> None:
        stream = self.stream
        assert stream is not None
        if self._greets and stream.state == OPEN:
            self._greets = False
            car = self._identity.car
            stream.write(pack_connect(car, KEEP_ALIVE_S, car, self.password))
        self._decoder.feed(stream.take(len(stream.arrived)))
        while (packet := self._decoder.next()) is not None:
            if isinstance(packet, Connack):
                self.codes.append(packet.code)
                topic = down_topic(self._identity.car)
                stream.write(pack_subscribe(1, [(topic, 1)]))
            elif isinstance(packet, Suback):
                self.script.hello()
            elif isinstance(packet, Publish):
                if packet.qos:
                    stream.write(pack_puback(packet.packet_id))
                self.script.hear(packet.payload)


class Scene:
    """A centre with one booked driver, from ten to twelve, and its car; nothing is connected."""

    def __init__(self, now_s: int = TEN_S, profile: str = "top24-2023", seed: int = 1) -> None:
        self.kernel = Kernel(seed)
        self.timeline = Timeline(self.kernel)
        self.notes: list[str] = []
        self.timeline.observers.append(lambda _at_us, what: self.notes.append(what))
        self.clock = TrueClock(self.kernel, now_s)
        self.network = Network(self.kernel)
        self.centre = FleetCentre(self.kernel, self.timeline, self.clock, profile)
        self.network.server = self.centre
        self.refusals: list[list[str]] = []
        self.centre.on_refusal = lambda reasons: self.refusals.append([r.code for r in reasons])
        self.car = PaperCar(self.network, self.centre.identity, self.clock)
        self.centre.add_booking("B1", DRIVER, TEN_S, TEN_S + 7200)

    @property
    def script(self) -> ScriptedCar:
        return self.car.script

    def is_in_step(self) -> bool:
        return self.centre.is_in_step

    def later(self, seconds: float) -> None:
        self.kernel.run_until(self.kernel.now_us + round(seconds * SECOND_US))

    def connect(self) -> None:
        self.car.connect()
        self.later(5)

    def happen(self, code: int, name: str = "B1", detail: bytes = b"") -> None:
        """The car journals an event about a booking, and tells it."""
        number = self.centre.number_of(name)
        self.script.happen(code, number, detail)
        self.script.tell()
        self.later(1)

    def status_of(self, name: str = "B1") -> str:
        return next(one.status for one in self.centre.bookings if one.name == name)
