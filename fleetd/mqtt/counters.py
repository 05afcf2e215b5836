"""What the endpoint counts, for `status` and metrics."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Literal, get_args

#: Why a CONNECT was not accepted.
Refusal = Literal[
    "version",  # not MQTT 3.1.1
    "identifier",  # the client identifier is no car
    "too_soon",  # this address has to wait after wrong passwords
    "rate",  # too many CONNECTs a second, over all
    "password",  # user name is not the identifier, or the password is wrong
    "car_rate",  # too many CONNECTs of this car: two boxes with one identity?
    "will",  # a will on a topic that the car may not write
]

#: Why a connection came to its end.
Ending = Literal[
    "left",  # DISCONNECT
    "lost",  # the peer closed, or the network did
    "refused",  # see Refusal
    "full",  # too many connections
    "tls",  # no TLS, or the client refused our certificate
    "no_connect",  # no CONNECT in time
    "malformed",  # not MQTT 3.1.1 as far as it is spoken here, or too large a packet
    "out_of_order",  # a packet that is senseless now, as a second CONNECT
    "topic",  # a message to a topic that the car may not write
    "retained",  # a retained message that is no presence
    "too_large",  # more than a frame
    "silent",  # nothing for 1.5 x keep alive
    "shut_out",  # somebody has blocked the car
    "taken_over",  # the same car connected anew
    "unread",  # the car does not read what is sent
    "unacknowledged",  # the car reads but does not acknowledge
    "failed",  # the daemon could not take the message: not acknowledged, so it comes again
    "stopped",  # the daemon stops
]


def _refusals() -> dict[Refusal, int]:
    return dict.fromkeys(get_args(Refusal), 0)


def _endings() -> dict[Ending, int]:
    return dict.fromkeys(get_args(Ending), 0)


@dataclass
class Counters:
    """Counts since the start; they only grow."""

    connections: int = 0  # accepted by the network, whoever it is
    connects: int = 0  # CONNECTs accepted
    frames_in: int = 0
    frames_out: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    unsent: int = 0  # frames for a car that is not there or has not subscribed
    subscriptions_refused: int = 0
    pauses: int = 0  # times that a connection was read later because it sends too much
    failures: int = 0  # exceptions from the daemon's own callbacks
    refused: dict[Refusal, int] = field(default_factory=_refusals)
    ended: dict[Ending, int] = field(default_factory=_endings)

    def as_dict(self) -> dict[str, int]:
        """Flat, one number a name, as metrics want it: `refused_password`, `ended_silent`."""
        flat: dict[str, int] = {}
        for name, value in asdict(self).items():
            if isinstance(value, dict):
                flat.update({f"{name}_{reason}": count for reason, count in value.items()})
            else:
                flat[name] = value
        return flat
