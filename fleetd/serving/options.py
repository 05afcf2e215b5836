"""The command line of `serve`, and what is wrong with it."""

from __future__ import annotations

import argparse
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from fleetd.arguments import PORT_MAX, is_whole, own_port, parser_of, whole
from fleetd.core.health import SILENT_IDLE_S, SILENT_S

LOOPBACK = "127.0.0.1"
HTTP_PORT = 8080
#: As registered; `provision` tells a box the same.
MQTT_PORT, MQTTS_PORT = 1883, 8883
#: 30 days.
MINUTES_MAX = 43_200
_MINUTES = whole(1, MINUTES_MAX, "number of minutes")


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parser() -> argparse.ArgumentParser:
    found = parser_of(
        "-m fleetd serve",
        "Run the daemon: cars connect by MQTT, phones by HTTP.",
        "example:\n  python -m fleetd serve --db fleet.db\n"
        "  python -m fleetd serve --db fleet.db --broker mqtt.example.org:8883 --broker-ca ca.crt"
        " --broker-user fleetd --broker-password-file password\n\n"
        "Ctrl-C or SIGTERM ends it. Exit code 0: ended so; 1: cannot run now, and why; 2: wrong usage,\n"
        "or a file is missing or unfit: to start again would not help.",
    )
    found.add_argument("--db", required=True, type=Path, metavar="PATH", help="the database")
    found.add_argument(
        "--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)"
    )
    found.add_argument("--http-port", type=own_port, default=HTTP_PORT, metavar="PORT",
                       help="for phones; 0: any that is free (default: %(default)s)")  # fmt: skip
    found.add_argument("--mqtt-port", type=own_port, metavar="PORT",
                       help="for cars; 0: any that is free"
                       f" (default: {MQTTS_PORT}, without TLS {MQTT_PORT})")  # fmt: skip
    found.add_argument("--tls-cert", type=Path, metavar="FILE",
                       help="certificate with its chain, PEM; for both ports")  # fmt: skip
    found.add_argument("--tls-key", type=Path, metavar="FILE", help="the certificate's key, PEM")
    found.add_argument("--behind-proxy", action="store_true",
                       help="phones come by a proxy on this machine that ends TLS")  # fmt: skip
    _add_broker(found)
    _add_watching(found)
    found.add_argument("--clock", type=_place, metavar="HOST:PORT",
                       help="for the simulator only: take the time from it")  # fmt: skip
    found.add_argument("--json", action="store_true", help="tell the addresses in JSON")
    return found


def _add_broker(found: argparse.ArgumentParser) -> None:
    group = found.add_argument_group(
        "cars by an MQTT broker", "instead of the daemon's own port for cars"
    )
    group.add_argument("--broker", type=_place, metavar="HOST:PORT",
                       help="the broker; see fleetd/deploy/mosquitto.conf")  # fmt: skip
    group.add_argument("--broker-user", metavar="NAME", help="the daemon's user there")
    group.add_argument("--broker-password-file", type=Path, metavar="FILE",
                       help="a file that holds the user's password")  # fmt: skip
    group.add_argument("--broker-ca", type=Path, metavar="FILE",
                       help="TLS; certificates that vouch for the broker, PEM")  # fmt: skip
    group.add_argument("--broker-cert", type=Path, metavar="FILE",
                       help="the daemon's own certificate for it, PEM")  # fmt: skip
    group.add_argument("--broker-key", type=Path, metavar="FILE", help="that certificate's key")


def _add_watching(found: argparse.ArgumentParser) -> None:
    group = found.add_argument_group("what the operator watches", "see docs/deployment.md")
    group.add_argument("--metrics", type=_place, metavar="HOST:PORT",
                       help="figures for Prometheus, as 127.0.0.1:9109 (default: none)")  # fmt: skip
    group.add_argument("--silent-after", type=_MINUTES, default=SILENT_S // 60, metavar="MINUTES",
                       help="alarm for a car that is needed soon and not heard from"
                       " (default: %(default)s)")  # fmt: skip
    group.add_argument("--silent-idle-after", type=_MINUTES, default=SILENT_IDLE_S // 60,
                       metavar="MINUTES",
                       help="the same for other cars (default: %(default)s)")  # fmt: skip


def _place(text: str) -> Place:
    host, colon, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    if not (colon and host and is_whole(port, 1, PORT_MAX)):
        raise argparse.ArgumentTypeError(f"{text} is no HOST:PORT; write it as 127.0.0.1:8883")
    return Place(host, int(port))


def mqtt_port(arguments: argparse.Namespace) -> int:
    """Where cars come in; the choice, or the port that is registered for how they speak."""
    if arguments.mqtt_port is not None:
        return int(arguments.mqtt_port)
    return MQTT_PORT if arguments.tls_cert is None else MQTTS_PORT


def wrong_usage(arguments: argparse.Namespace) -> str:
    """What does not go together, in one sentence; empty when all does."""
    if (arguments.tls_cert is None) != (arguments.tls_key is None):
        return "--tls-cert and --tls-key: give both or none"
    is_own_line = arguments.broker is None or not arguments.behind_proxy
    if arguments.tls_cert is None and is_own_line and not is_loopback(arguments.host):
        return (
            f"--host {arguments.host}: passwords would cross the network in the clear;"
            " give --tls-cert and --tls-key"
        )
    if arguments.clock is not None and not is_loopback(arguments.clock.host):
        return (
            f"--clock {arguments.clock}: is for a simulator on this machine;"
            " give 127.0.0.1 and its port"
        )
    if arguments.metrics is not None and not is_loopback(arguments.metrics.host):
        return (
            f"--metrics {arguments.metrics}: everybody could read it there;"
            " give 127.0.0.1 and its port"
        )
    return _wrong_broker(arguments)


def http_host(arguments: argparse.Namespace) -> str:
    """Where phones come: behind a proxy from this machine alone."""
    return LOOPBACK if arguments.behind_proxy else str(arguments.host)


def _wrong_broker(arguments: argparse.Namespace) -> str:
    options = ("user", "password_file", "ca", "cert", "key")
    given = {name for name in options if getattr(arguments, f"broker_{name}") is not None}
    if arguments.broker is None:
        shown = ", ".join(f"--broker-{name.replace('_', '-')}" for name in sorted(given))
        return f"{shown}: give --broker, too" if given else ""
    if arguments.mqtt_port is not None:
        return "--broker and --mqtt-port: cars come by the one or the other; give one of them"
    if "password_file" in given and "user" not in given:
        return "--broker-password-file: give --broker-user, too"
    if ("cert" in given) != ("key" in given):
        return "--broker-cert and --broker-key: give both or none"
    if "cert" in given and "ca" not in given:
        return "--broker-cert: give --broker-ca, too"
    if "ca" not in given and not is_loopback(arguments.broker.host):
        return (
            f"--broker {arguments.broker}: the password would cross the network in the clear;"
            " give --broker-ca"
        )
    return ""


def is_loopback(host: str) -> bool:
    """Is this the machine itself, whatever its names are?"""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
