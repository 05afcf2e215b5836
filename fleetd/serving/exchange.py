"""Joins fleet and cars' line, each of which needs the other."""

from __future__ import annotations

import time

from fleetd.broker import Broker
from fleetd.mqtt.broker_link import Account
from fleetd.mqtt_endpoint import Endpoint, Limits
from fleetd.service import Fleet
from fleetd.serving.clock import Clock, MachineClock

#: A machine that is slow for a moment must not end the connections of cars that live fast.
SILENCE_LEAST_S = 10.0


class Exchange:
    """Joins fleet and endpoint, each of which needs the other."""

    def __init__(self) -> None:
        self._line: Endpoint | Broker | None = None
        self._online: set[str] = set()

    def endpoint(self, fleet: Fleet, clock: Clock) -> Endpoint:
        def presence(car: str, online: bool, _payload: bytes) -> None:
            """Messages about presence come while a car is there, too; only a change is news."""
            if online and car not in self._online:
                self._online.add(car)
                fleet.connected(car)
            elif not online:
                self._online.discard(car)
                fleet.disconnected(car)

        least_s = 0.0 if isinstance(clock, MachineClock) else SILENCE_LEAST_S
        endpoint = self._line = Endpoint(
            fleet.check_car_login, fleet.receive_all, presence,
            Limits(silence_least_s=least_s), clock.passed_s, time.monotonic,
        )  # fmt: skip
        fleet.cut = endpoint.shut_out  # type: ignore[method-assign]
        return endpoint

    def broker(self, fleet: Fleet, account: Account, name: str) -> Broker:
        """Instead of an endpoint."""
        broker = self._line = Broker(fleet, account, name)
        return broker

    def counters(self) -> dict[str, int]:
        """What our own port for cars has counted; a broker counts for itself."""
        if not isinstance(self._line, Endpoint):
            return {}
        return {f"mqtt_{name}": count for name, count in self._line.counters.as_dict().items()}

    def send(self, car: str, frame: bytes) -> None:
        """Best effort, as the fleet expects it."""
        if self._line is not None:
            self._line.send(car, frame)
