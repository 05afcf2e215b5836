"""What the box is wired to, and what it is told of it in each turn."""

from __future__ import annotations

from typing import Protocol

from simulator.clocks import BoxClock
from simulator.modem import Told
from simulator.network import Network
from simulator.reader import Reader
from simulator.vm.wire import Request
from simulator.world.body import Body
from simulator.world.relays import Relays
from simulator.world.sensors import Sensors
from simulator.world.signals import Signals
from simulator.world.timeline import Timeline


class Surroundings(Protocol):
    """The car, seen from the box."""

    timeline: Timeline
    clock: BoxClock
    body: Body
    sensors: Sensors
    relays: Relays
    signals: Signals
    reader: Reader
    network: Network

    def hear_events(self, events: list[bytes]) -> None: ...
    def restore_storage(self) -> None: ...


def describe(
    around: Surroundings,
    kind: int,
    wants: int,
    now_ms: int,
    baud: int,
    received: bytes,
    stream: Told,
    config: bytes,
) -> Request:
    """The request of a turn at `now_ms` ticks."""
    journey = around.body.journey
    return Request(
        kind,
        wants,
        now_ms,
        around.clock.wall_s(),
        around.clock.is_trusted,
        around.clock.is_broken,
        around.sensors.values,
        around.body.battery_mv,
        journey.has_position,
        journey.latitude_udeg(),
        journey.longitude_udeg(),
        journey.odometer_m(),
        around.network.is_up,
        baud,
        received,
        stream,
        config,
        journey.antenna,
    )
