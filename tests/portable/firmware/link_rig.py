"""A link, its network in memory, and a server that a test speaks for."""

from firmware.link import ONLINE, Link
from firmware.login import Login
from firmware.ticks import ticks_add, ticks_diff
from firmware.wire.packet_decoder import Decoder
from firmware.wire.packets import ACCEPTED, Packet, Publish, pack_puback, pack_publish
from firmware.wire.packets_endpoint import (
    EndpointDecoder,
    Subscribe,
    pack_connack,
    pack_pingresp,
    pack_suback,
)
from hal.fake.clock import START_MS
from hal.fake.network import FakeNetwork

CAR = "a1b2c3d4e5f6"
DOWN = "kb/1/d/18/a1b2c3d4e5f6"
UP = "kb/1/u/18/a1b2c3d4e5f6"
PRESENCE = "kb/1/s/18/a1b2c3d4e5f6"
PASSWORD = bytes(range(32))
KEEP_ALIVE_S = 100
PING_AFTER_MS = 75000


class LinkRig:
    """Time passes in `after`; what the car sends is read by `heard`."""

    def __init__(self, presence: bytes = b"", will: bytes = b"", entropy: int = 1) -> None:
        self.network = FakeNetwork()
        login = Login("centre.example", 8883, CAR, PASSWORD, presence, will, KEEP_ALIVE_S)
        self.link = Link(self.network, login, entropy)
        self.now_ms = START_MS
        self.knows_date = True
        self._decoder: Decoder = EndpointDecoder(1200)
        self._opened = 0

    def after(self, passed_ms: int) -> None:
        """So much time passes, then the link is polled."""
        self.now_ms = ticks_add(self.now_ms, passed_ms)
        self.link.poll(self.now_ms, self.knows_date)

    def left_ms(self) -> int:
        """Time until the link wants to be polled."""
        return ticks_diff(self.link.next_due_at_ms, self.now_ms)

    def wait_for_attempt(self) -> int:
        """Let the wait pass exactly; how long it was."""
        wait_ms = self.left_ms()
        assert wait_ms >= 0
        before = len(self.network.opened)
        if wait_ms > 0:
            self.after(wait_ms - 1)
            assert len(self.network.opened) == before
            self.after(1)
        else:
            self.after(0)
        assert len(self.network.opened) == before + 1
        return wait_ms

    def heard(self) -> "list[Packet]":
        """What the car sent since the last call; a new stream begins anew."""
        if len(self.network.opened) != self._opened:
            self._opened = len(self.network.opened)
            self._decoder = EndpointDecoder(1200)
        self._decoder.feed(self.network.take())
        found: "list[Packet]" = []
        while True:
            packet = self._decoder.next()
            if packet is None:
                return found
            found.append(packet)

    def published(self) -> "list[Publish]":
        """The messages among what the car sent."""
        return [packet for packet in self.heard() if isinstance(packet, Publish)]

    def say(self, data: bytes) -> None:
        """The server sends this, and the link is polled."""
        assert self.network.put(data) == len(data)
        self.after(0)

    def greet(self, code: int = ACCEPTED) -> None:
        """First attempt, CONNECT, CONNACK."""
        self.after(0)
        self.wait_for_attempt()
        self.say(pack_connack(code))

    def grant(self, code: int = 1) -> None:
        """SUBACK for what the car asked."""
        asked = [packet for packet in self.heard() if isinstance(packet, Subscribe)]
        assert len(asked) == 1
        self.say(pack_suback(asked[0].packet_id, bytes((code,))))

    def go_online(self) -> None:
        """The whole way there."""
        self.greet()
        self.grant()
        assert self.link.state == ONLINE
        assert self.link.is_online()

    def answer(self) -> None:
        """Acknowledge and answer all that waits, as a server in order does."""
        for packet in self.heard():
            if isinstance(packet, Publish):
                self.say(pack_puback(packet.packet_id))
            elif packet.kind == 12:
                self.say(pack_pingresp())

    def deliver(self, payload: bytes, qos: int = 1, packet_id: int = 7) -> None:
        """A message on the car's down topic."""
        self.say(pack_publish(DOWN, payload, qos, False, packet_id if qos else 0))

    def messages(self) -> "list[bytes]":
        """All that the program can receive now."""
        found: "list[bytes]" = []
        while True:
            message = self.link.receive()
            if message is None:
                return found
            found.append(message)
