"""The program of the simulated box: request bytes in, one turn of the loop, response bytes out.

The same on CPython (called directly) and on MicroPython (behind a pipe, see `main`).
"""

import binascii
import json
import struct

from boards.sim import car_wire
from boards.sim.ports import SimPorts
from firmware.compat import unload
from firmware.identity import Identity
from firmware.loop import Loop
from firmware.wire.codes import INPUTS, OUTS, STATE_NAMES
from hal.fake.clock import FakeClock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from firmware.car_terms import Settings, Terms
    from hal.fake.storage_pipe import StorageChannel

_LEVELS = (1 << OUTS) - 1


class SimProgram:
    """A box from power-on to power-off. Its storage is at the other end of `channel`.

    `read_heap` gives (free, used) bytes after a collection. Exceptions of the firmware pass
    through: whoever holds the program restarts it, as a watchdog would.
    """

    if TYPE_CHECKING:
        _terms: Terms
        _settings: Settings

    def __init__(
        self, channel: "StorageChannel", read_heap: "Callable[[], tuple[int, int]] | None" = None
    ) -> None:
        self._channel = channel
        self._read_heap = read_heap
        self._request = car_wire.Request()
        self._clock = FakeClock()
        self._ports: "SimPorts | None" = None
        self._loop: "Loop | None" = None

    def boot(self, frame: bytes) -> bytes:
        """Power-on or reset: the first request, with the configuration behind it."""
        request = self._request
        request.parse(frame)
        self._set_clock(request)
        config: "dict[str, Any]" = json.loads(str(request.rest, "utf-8"))
        request.rest = b""
        from firmware.terms import load_settings, load_terms

        terms = load_terms(config["terms"])
        settings = load_settings(config["settings"], terms)
        del load_settings, load_terms
        unload("firmware.terms")
        unload("firmware.terms_fields")
        entropy = binascii.unhexlify(config["entropy"])
        identity = Identity(config["car"], binascii.unhexlify(config["key"]))
        ports = SimPorts(self._clock, self._channel, config, entropy)
        self._ports = ports
        self._take(ports)
        loop = Loop(ports, terms, settings, identity, entropy)
        self._loop = loop
        loop.start(bool(config.get("power_was_lost", False)))
        self._terms, self._settings = terms, settings
        ports.fit_reader(settings.has_reader, terms.reads_licences, request.now_ms)
        return self._respond(ports, loop, self._clock.now_ms())

    def turn(self, frame: bytes) -> bytes:
        """One turn."""
        ports, loop = self._ports, self._loop
        if ports is None or loop is None:
            raise ValueError("a turn before the boot")
        request = self._request
        request.parse(frame)
        self._set_clock(request)
        self._take(ports)
        due_ms = loop.turn()
        ports.fit_reader(self._settings.has_reader, self._terms.reads_licences, request.now_ms)
        return self._respond(ports, loop, due_ms)

    def handle(self, frame: bytes) -> bytes:
        """Whichever the request asks for."""
        return self.boot(frame) if frame[0] == car_wire.BOOT else self.turn(frame)

    def _set_clock(self, request: car_wire.Request) -> None:
        clock = request.clock
        self._clock.is_broken = clock & car_wire.CLOCK_IS_BROKEN != 0
        self._clock.set(request.now_ms, request.wall_s, clock & car_wire.CLOCK_IS_TRUSTED != 0)

    def _take(self, ports: SimPorts) -> None:
        """What the request says about the world, into the ports."""
        request = self._request
        for i in range(INPUTS):
            ports.values[i] = request.values[i]
        ports.battery.mv = request.battery_mv
        is_valid = request.position & car_wire.POSITION_IS_VALID != 0
        ports.position.set(is_valid, request.latitude_udeg, request.longitude_udeg)
        ports.position.antenna = request.position >> car_wire.ANTENNA_SHIFT
        ports.odometer.total_m = request.odometer_m
        if request.received:
            ports.link.put(request.received, request.baud)
        ports.network.is_reachable = request.carrier == 1
        ports.network.hear(
            request.stream, request.stream_state, request.stream_trouble, request.stream_bytes
        )
        ports.log.clear()
        ports.watchdog.was_fed = False

    def _respond(self, ports: SimPorts, loop: Loop, due_ms: int) -> bytes:
        sent = ports.link.take_parts()
        written = ports.network.take()
        committed = loop.committed
        wants = self._request.wants
        deadlines = loop.deadlines() if wants & car_wire.WANTS_DEADLINES else []
        flags = car_wire.WAS_FED if ports.watchdog.was_fed else 0
        if ports.reader is not None and ports.reader.is_healthy:
            flags |= car_wire.READER_IS_HEALTHY
        free = used = 0
        if wants & car_wire.WANTS_HEAP and self._read_heap is not None:
            free, used = self._read_heap()
        head = struct.pack(
            car_wire.RESPONSE,
            due_ms,
            self._clock.passed_us,
            ports.log.on & _LEVELS,
            ports.log.on >> OUTS,
            loop.lamp,
            STATE_NAMES.index(loop.state),
            flags,
            ports.log.count(),
            len(sent),
            len(committed),
            len(deadlines),
            free,
            used,
            self._clock.set_to_s,
            ports.network.stream(),
            ports.network.unread(),
            len(written),
        )
        if not (ports.log.changes or sent or written or committed or deadlines):
            return head
        parts = [head, bytes(ports.log.changes)]
        parts.extend(sent)
        parts.append(written)
        for event in committed:
            parts.append(bytes((len(event),)))
            parts.append(event)
        for name, left_ms in deadlines:
            parts.append(bytes((len(name),)) + name.encode() + struct.pack(">i", left_ms))
        return b"".join(parts)
