"""What bounds the endpoint. Each bound has a counter in `fleetd.mqtt.counters`."""

from __future__ import annotations

from dataclasses import dataclass

from firmware.wire.frames import FRAME_BYTES_MAX


@dataclass(frozen=True)
class Limits:
    """Bounds for one endpoint; the defaults suit a fleet of 5,000 cars on one machine."""

    #: A whole MQTT packet: a frame, its topic (22 bytes) and the headers, with room to spare.
    packet_bytes_max: int = FRAME_BYTES_MAX + 64
    #: Connections at the same time, those that have not said CONNECT yet included.
    connections_max: int = 10_000
    #: Connections that have not said CONNECT yet, TLS handshakes included.
    strangers_max: int = 1_000
    #: Time for TLS handshake and CONNECT together.
    connect_within_s: float = 10.0
    #: CONNECTs judged a second, over all addresses; more are answered "server unavailable".
    connects_per_s: float = 500.0
    connects_burst: int = 1000
    #: CONNECTs of one car: two boxes with one identity take turns this slowly.
    car_connects_per_s: float = 1 / 15
    car_connects_burst: int = 5
    #: After a wrong password this address and identity wait: doubled each time, up to the maximum.
    wrong_password_wait_s: float = 1.0
    wrong_password_wait_max_s: float = 300.0
    #: Wrong passwords of one address, over all identities. Many cars share a provider's address.
    address_failures_per_s: float = 0.5
    address_failures_burst: int = 30
    #: Addresses and identities remembered for the three bounds above; the oldest go first.
    remembered_max: int = 20_000
    #: Packets of one connection; beyond it the endpoint reads on later, so nothing is lost.
    packets_per_s: float = 20.0
    packets_burst: int = 100
    #: Silence of 1.5 x keep alive ends a connection; no keep alive, or more, counts as this.
    keep_alive_max_s: int = 1_200
    #: But never a silence shorter than this on the machine's clock, when cars live faster.
    silence_least_s: float = 0.0
    #: Bytes that wait in the daemon for a car that does not read; at the bound it is cut off.
    send_queue_bytes_max: int = 64 * 1024
    #: The kernel's send buffer of each connection, on top.
    socket_send_bytes: int = 32 * 1024
    #: QoS 1 frames that a car has not acknowledged; at the bound it is cut off.
    unacknowledged_max: int = 64
    #: How often deadlines are looked at, and how long a refused or leaving peer may take to go.
    sweep_s: float = 0.5
    farewell_s: float = 2.0
