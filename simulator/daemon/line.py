"""One stream as the line of a dialogue: what a connection of the daemon is, without sockets."""

from __future__ import annotations

from firmware.wire.packets import MqttError
from firmware.wire.packets_endpoint import EndpointDecoder
from fleetd.mqtt.allowance import Allowance
from fleetd.mqtt.counters import Ending
from fleetd.mqtt.dialogue import Dialogue
from fleetd.mqtt_endpoint import Endpoint
from simulator.kernel import Event, Kernel
from simulator.network import Stream

#: All cars come from one provider's address.
ADDRESS = "192.0.2.1"
_SECOND_US = 1_000_000


def clock_s(kernel: Kernel) -> float:
    """The endpoint's monotonic clock."""
    return kernel.now_us / _SECOND_US


class StreamLine:
    """Bytes in, packets to the dialogue, bytes out; the daemon's bounds and deadlines hold."""

    def __init__(self, kernel: Kernel, endpoint: Endpoint, stream: Stream) -> None:
        self.ended: Ending | None = None
        self._kernel = kernel
        self._endpoint = endpoint
        self._limits = limits = endpoint.limits
        self._stream = stream
        self._decoder = EndpointDecoder(limits.packet_bytes_max)
        self._packets = Allowance(limits.packets_per_s, limits.packets_burst, clock_s(kernel))
        self._dialogue = Dialogue(self, endpoint, limits, endpoint.counters, ADDRESS)
        self._heard_us = kernel.now_us
        self._going_on: Event | None = None
        self._deadline = kernel.after(_us(limits.connect_within_s), self._look)
        endpoint.counters.connections += 1
        stream.on_bytes = self._hear
        stream.on_close = self._lose

    # From the dialogue.

    def write(self, data: bytes) -> bool:
        """False when the line has ended, or now does because the car does not read."""
        if self.ended is not None:
            return False
        most = self._limits.send_queue_bytes_max + self._limits.socket_send_bytes
        if self._stream.unread_bytes + len(data) > most:
            self.end("unread")
            return False
        self._endpoint.counters.bytes_out += len(data)
        self._stream.send(data)
        return True

    def end(self, reason: Ending) -> None:
        """Once; the first reason counts."""
        if self.ended is not None:
            return
        self.ended = reason
        self._endpoint.counters.ended[reason] += 1
        self._deadline.cancel()
        if self._going_on is not None:
            self._going_on.cancel()
        self._stream.close()
        self._dialogue.over()

    # From the network.

    def _hear(self, data: bytes) -> None:
        if self.ended is None:
            self._heard_us = self._kernel.now_us
            self._endpoint.counters.bytes_in += len(data)
            self._decoder.feed(data)
            if self._going_on is None:
                self._work()

    def _lose(self) -> None:
        self.end("lost")

    def _work(self) -> None:
        """Take packets while there are any and the car has not sent too many."""
        self._going_on = None
        try:
            while self.ended is None:
                now_s = clock_s(self._kernel)
                if not self._packets.has(now_s):
                    self._endpoint.counters.pauses += 1
                    self._going_on = self._kernel.after(_us(self._limits.sweep_s), self._go_on)
                    return
                packet = self._decoder.next()
                if packet is None:
                    return
                self._packets.spend(now_s)
                self._dialogue.take(packet)
        except MqttError as error:
            self._dialogue.garbled(error)

    def _go_on(self) -> None:
        self._heard_us = self._kernel.now_us  # the silence was ours
        self._work()

    def _look(self) -> None:
        """Has there been no CONNECT in time, or nothing at all for too long?"""
        if not self._dialogue.car:
            self.end("no_connect")
            return
        silent_at_us = self._heard_us + _us(1.5 * self._dialogue.keep_alive_s)
        if self._kernel.now_us >= silent_at_us:
            self.end("silent")
        else:
            self._deadline = self._kernel.at(silent_at_us, self._look)


def _us(seconds: float) -> int:
    return round(seconds * _SECOND_US)
