"""The daemon's HTTP ports: one for phones, and if wanted one for metrics; in its own event loop."""

from __future__ import annotations

import argparse
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import uvicorn

from fleetd.api.application import make_application
from fleetd.api.proxies import TRUSTED, by_tls_only
from fleetd.service import Fleet
from fleetd.serving import metrics

BACKLOG = 128
#: Connections of phones at the same time; more are told to come back.
CONNECTIONS_MAX = 512
SCRAPES_MAX = 8
FAREWELL_S = 2


class Server(uvicorn.Server):
    """Signals are the daemon's own business."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def for_phones(fleet: Fleet, arguments: argparse.Namespace) -> Server:
    """The proxy's headers are believed behind a proxy alone, and then only that machine's own."""
    if not arguments.behind_proxy:
        return _server(
            make_application(fleet), CONNECTIONS_MAX, proxy_headers=False,
            ssl_certfile=arguments.tls_cert, ssl_keyfile=arguments.tls_key,
        )  # fmt: skip
    return _server(
        by_tls_only(make_application(fleet)), CONNECTIONS_MAX, proxy_headers=True,
        forwarded_allow_ips=TRUSTED,
    )  # fmt: skip


def for_metrics(fleet: Fleet, line: Callable[[], Mapping[str, int]]) -> Server:
    return _server(metrics.make_application(fleet, line), SCRAPES_MAX, proxy_headers=False)


def _server(application: Any, connections_max: int, **more: Any) -> Server:
    return Server(
        uvicorn.Config(
            application,
            loop="none", http="h11", ws="none", lifespan="off", interface="asgi3",
            log_config=None, access_log=False, server_header=False,
            limit_concurrency=connections_max, backlog=BACKLOG,
            timeout_graceful_shutdown=FAREWELL_S, **more,
        )
    )  # fmt: skip


def listen(host: str, port: int) -> socket.socket:
    """OSError when the port is in use or the address is not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)
