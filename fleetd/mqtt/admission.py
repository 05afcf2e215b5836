"""Who may connect: the judgement of a CONNECT, without any I/O.

The order matters. Whoever has to wait is turned away first and costs nothing, so a box with a wrong
password cannot use up what the others need. The password is judged before anything is said about
the car, and one that is unknown costs the same work as one that is known: `check_login` is asked
once, whatever the names are.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from firmware.wire import frames
from fleetd.mqtt.allowance import Allowance, Allowances, WaitingList
from fleetd.mqtt.counters import Refusal
from fleetd.mqtt.limits import Limits

CheckLogin = Callable[[str, bytes], bool]

#: The return code of CONNACK (MQTT 3.1.1, table 3.1) that goes with a refusal.
CONNACK_CODES: dict[Refusal, int] = {
    "version": 1,
    "identifier": 2,
    "too_soon": 3,
    "rate": 3,
    "password": 5,
    "car_rate": 3,
    "will": 5,
}


class Admission:
    """Judges CONNECTs. Instants are seconds of one monotonic clock."""

    def __init__(self, check_login: CheckLogin, limits: Limits, now: float) -> None:
        self._check_login = check_login
        self._connects = Allowance(limits.connects_per_s, limits.connects_burst, now)
        self._car_connects = Allowances(
            limits.car_connects_per_s, limits.car_connects_burst, limits.remembered_max
        )
        self._failures = Allowances(
            limits.address_failures_per_s, limits.address_failures_burst, limits.remembered_max
        )
        self._waiting = WaitingList(
            limits.wrong_password_wait_s, limits.wrong_password_wait_max_s, limits.remembered_max
        )

    def judge(
        self, address: str, client: str, user: str, password: bytes, now: float
    ) -> Refusal | None:
        """None: this is the car `client`."""
        if not is_car(client):
            return "identifier"
        place = network_of(address)
        pair = (place, client)
        if self._waiting.waits(pair, now) or not self._failures.has(place, now):
            return "too_soon"
        if not self._connects.spend(now):
            return "rate"
        genuine = self._check_login(client, password)
        if not genuine or user != client:
            self._waiting.failed(pair, now)
            self._failures.spend(place, now)
            return "password"
        self._waiting.forget(pair)
        if not self._car_connects.spend(client, now):
            self._waiting.hold(pair, now + self._car_connects.wait_s(client, now))
            return "car_rate"
        return None


def is_car(name: str) -> bool:
    """Is this the identity of a car, as topics and log-ins write it?"""
    try:
        frames.car_from_hex(name)
    except ValueError:
        return False
    return True


def network_of(address: str) -> str:
    """What one subscriber of a provider has: an IPv4 address, or a /64 of IPv6."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ipaddress.IPv6Network((ip, 64), strict=False).network_address) + "/64"
