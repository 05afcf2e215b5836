"""One network connection: bytes in, packets to the dialogue, bytes out within a bound, one end.

TLS begins after the connection was accepted and counted, so that handshakes are bounded like
everything else. Deadlines are looked at by the endpoint's sweep, not by a timer a connection.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Protocol

from firmware.wire.packets import MqttError
from firmware.wire.packets_endpoint import EndpointDecoder
from fleetd.mqtt.allowance import Allowance
from fleetd.mqtt.counters import Counters, Ending
from fleetd.mqtt.dialogue import Dialogue, House
from fleetd.mqtt.limits import Limits

#: Bytes read at a time; all connections share one buffer, since each piece is used up at once.
READ_BYTES = 2048
#: What may arrive between the end of the TLS handshake and our hearing of it.
EARLY_BYTES_MAX = 16 * 1024

#: Endings after which what is queued is still sent; after the others it would be of no use.
POLITE: frozenset[Ending] = frozenset({"left", "refused", "stopped"})


class Inn(House, Protocol):
    """What a connection needs from the endpoint, beside what its dialogue needs."""

    limits: Limits
    counters: Counters
    clock: Callable[[], float]
    own_clock: Callable[[], float]
    tls: ssl.SSLContext | None
    read_buffer: memoryview

    def arrived(self, connection: Connection) -> bool:
        """A peer connected; False when there is no room."""

    def gone(self, connection: Connection) -> None:
        """The connection holds no resources any more."""

    def failed(self, error: BaseException) -> None:
        """The daemon's own code raised this."""


class Connection(asyncio.BufferedProtocol):
    """The line of one dialogue."""

    def __init__(self, inn: Inn) -> None:
        now = inn.clock()
        self._inn = inn
        self._limits = inn.limits
        self._decoder = EndpointDecoder(inn.limits.packet_bytes_max)
        self._packets = Allowance(inn.limits.packets_per_s, inn.limits.packets_burst, now)
        self._raw: asyncio.Transport | None = None
        self._transport: asyncio.Transport | None = None  # None until TLS is there
        self._securing: asyncio.Task[None] | None = None
        self._early = b""
        self._paused = False
        self._opened_at = self._heard_at = now
        self._own_opened_at = self._own_heard_at = inn.own_clock()
        self._leaves_by: float | None = None
        self.ended: Ending | None = None
        self.dialogue: Dialogue | None = None

    # --- from the network

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._raw = transport
        if not self._inn.arrived(self):
            self.end("full")
            return
        peer = transport.get_extra_info("peername")
        address = str(peer[0]) if isinstance(peer, tuple) else ""
        self.dialogue = Dialogue(self, self._inn, self._limits, self._inn.counters, address)
        transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_SNDBUF, self._limits.socket_send_bytes
        )
        if self._inn.tls is None:
            self._transport = transport
        else:
            transport.pause_reading()
            self._securing = asyncio.get_running_loop().create_task(self._secure(transport))

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - asyncio's
        return self._inn.read_buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self.ended is not None:
            return
        self._note_heard()
        self._inn.counters.bytes_in += nbytes
        data = bytes(self._inn.read_buffer[:nbytes])
        if self._transport is not None:
            self._decoder.feed(data)
            self._work()
            return
        self._early += data
        if len(self._early) > EARLY_BYTES_MAX:
            self.end("malformed")

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's
        self.end("lost")
        self._inn.gone(self)

    # --- from the dialogue and the endpoint

    def write(self, data: bytes) -> bool:
        """Queue bytes for the peer; False when it does not read and is therefore cut off."""
        if self.ended is not None or self._transport is None:
            return False
        if self._queued_bytes() + len(data) > self._limits.send_queue_bytes_max:
            self.end("unread")
            return False
        self._inn.counters.bytes_out += len(data)
        self._transport.write(data)
        return True

    def end(self, reason: Ending) -> None:
        """End it, once; the first reason counts."""
        if self.ended is not None:
            return
        self.ended = reason
        self._inn.counters.ended[reason] += 1
        self._leaves_by = self._inn.own_clock() + self._limits.farewell_s
        transport = self._transport or self._raw
        if transport is not None and reason in POLITE:
            transport.close()
        elif transport is not None:
            transport.abort()
        if self.dialogue is not None:
            try:
                self.dialogue.over()
            except Exception as error:  # noqa: BLE001 - the daemon's own trouble ends one connection only
                self._inn.failed(error)

    def cut(self) -> None:
        """Let go at once of a connection that ended and still waits for its peer."""
        transport = self._transport or self._raw
        if transport is not None:
            transport.abort()

    def sweep(self, now: float, own_now: float) -> None:
        """Do what is due by now; `own_now` is the machine's time."""
        dialogue = self.dialogue
        if self._leaves_by is not None:
            if own_now >= self._leaves_by:
                self.cut()
        elif self._paused:
            self._work()
        elif dialogue is None or not dialogue.car:
            # Neither a car whose time stands still is late, nor a machine that is slower than it.
            waited_s = min(now - self._opened_at, own_now - self._own_opened_at)
            if waited_s >= self._limits.connect_within_s:
                self.end("no_connect")
        elif (
            now - self._heard_at >= 1.5 * dialogue.keep_alive_s
            and own_now - self._own_heard_at >= self._limits.silence_least_s
        ):
            self.end("silent")

    # --- inside

    def _work(self) -> None:
        """Take packets while there are any and the peer has not sent too many."""
        dialogue = self.dialogue
        assert dialogue is not None
        try:
            while self.ended is None:
                now = self._inn.clock()
                if not self._packets.has(now):
                    self._pause()
                    return
                packet = self._decoder.next()
                if packet is None:
                    self._resume()
                    return
                self._packets.spend(now)
                dialogue.take(packet)
        except MqttError as error:
            dialogue.garbled(error)
        except Exception as error:  # noqa: BLE001 - the daemon's own trouble ends one connection only
            self._inn.failed(error)
            self.end("failed")

    def _note_heard(self) -> None:
        self._heard_at = self._inn.clock()
        self._own_heard_at = self._inn.own_clock()

    def _pause(self) -> None:
        if not self._paused and self._transport is not None:
            self._paused = True
            self._inn.counters.pauses += 1
            self._transport.pause_reading()

    def _resume(self) -> None:
        if self._paused and self._transport is not None:
            self._paused = False
            self._note_heard()  # the silence was ours
            self._transport.resume_reading()

    def _queued_bytes(self) -> int:
        queued = 0
        if self._transport is not None:
            queued += self._transport.get_write_buffer_size()
        if self._raw is not None and self._raw is not self._transport:
            queued += self._raw.get_write_buffer_size()
        return queued

    async def _secure(self, raw: asyncio.Transport) -> None:
        assert self._inn.tls is not None
        secured: asyncio.Transport | None = None
        if self.ended is not None:
            return
        try:
            secured = await asyncio.get_running_loop().start_tls(
                raw,
                self,
                self._inn.tls,
                server_side=True,
                ssl_handshake_timeout=self._limits.connect_within_s,
                ssl_shutdown_timeout=self._limits.farewell_s,
            )
        except OSError:
            pass  # no TLS, a refused certificate, or gone in the middle: counted below
        finally:
            self._secured(raw, secured)

    def _secured(self, raw: asyncio.Transport, secured: asyncio.Transport | None) -> None:
        self._securing = None
        if secured is None:
            self.end("tls")
            raw.abort()
            self._inn.gone(self)
        else:
            self._transport = secured
            self._decoder.feed(self._early)
            self._early = b""
            self._work()
