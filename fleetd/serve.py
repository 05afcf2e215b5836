"""The running daemon: cars on MQTT, phones on HTTP, a tick a second; one process, one thread.

The fleet commits before anything is acknowledged, so the process may be killed at any moment.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import signal
import socket
import sqlite3
import ssl
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager

import uvicorn

from fleetd import ledger_key
from fleetd.api.application import make_application
from fleetd.broker import Broker
from fleetd.clock import FIRST_WITHIN_S, Clock, Follower, MachineClock
from fleetd.core.rules import RulesError
from fleetd.exchange import Exchange
from fleetd.mqtt.broker_link import Account
from fleetd.mqtt.tls import server_context
from fleetd.mqtt_endpoint import Endpoint
from fleetd.serve_options import MQTT_PORT, Place, parser, wrong_usage
from fleetd.service import Fleet
from fleetd.store import lease
from fleetd.store.database import DatabaseError, open_existing

DONE, FAILED, USAGE = 0, 1, 2
#: Of the fleet's time; and the bounds of it on the machine's clock.
TICK_S = 1.0
TICK_REAL_S_MIN = 0.02
TICK_REAL_S_MAX = 1.0
HTTP_BACKLOG = 128
#: Connections of phones at the same time; more are told to come back.
HTTP_CONNECTIONS_MAX = 512
FAREWELL_S = 2

log = logging.getLogger(__name__)


class CannotServe(Exception):  # noqa: N818 - an answer to the operator
    """The text says what stands in the way and what to do."""


def main(argv: list[str]) -> int:
    """The exit code."""
    try:
        arguments = parser().parse_args(argv)
    except SystemExit as leaving:
        return DONE if leaving.code in (0, None) else USAGE
    refusal = wrong_usage(arguments)
    if refusal:
        print(refusal, file=sys.stderr)
        return USAGE
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )  # fmt: skip
    try:
        asyncio.run(_serve(arguments))
    except (CannotServe, DatabaseError, RulesError) as error:
        print(error, file=sys.stderr)
        return FAILED
    return DONE


async def _serve(arguments: argparse.Namespace) -> None:
    """Until a signal; whatever was opened is closed again."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    tls = _tls(arguments)
    with lease.held(arguments.db), closing(open_existing(arguments.db)) as store:
        async with _clock(arguments) as clock:
            exchange = Exchange()
            fleet = Fleet(store, exchange.send, clock.now_s)
            fleet.signer = ledger_key.provide(arguments.db, store)
            with _listen(arguments.host, arguments.http_port) as listener:
                async with _line(arguments, fleet, clock, exchange, tls) as cars:
                    _tell(arguments, fleet, listener.getsockname()[1], cars)
                    await _run(fleet, clock, listener, arguments, stop)


@asynccontextmanager
async def _line(
    arguments: argparse.Namespace,
    fleet: Fleet,
    clock: Clock,
    exchange: Exchange,
    tls: ssl.SSLContext | None,
) -> AsyncIterator[tuple[str, str]]:
    """(endpoint or broker, address): how the cars come."""
    line: Endpoint | Broker
    if arguments.broker is not None:
        s = "s" if arguments.broker_ca else ""
        address = f"mqtt{s}://{arguments.broker}"
        account = _account(arguments)
        line = exchange.broker(fleet, account, str(arguments.broker))
        line.start()
        mode = "broker"
    else:
        line = exchange.endpoint(fleet, clock)
        port = await _start(line, arguments, tls)
        s = "s" if tls else ""
        address = f"mqtt{s}://{Place(arguments.host, port)}"
        mode = "endpoint"
        fleet.note_line(f"our own port {address}", "")
    try:
        yield mode, address
    finally:
        await line.stop()


@asynccontextmanager
async def _clock(arguments: argparse.Namespace) -> AsyncIterator[Clock]:
    """The machine's time, or a simulator's."""
    if arguments.clock is None:
        yield MachineClock()
        return
    follower = Follower(arguments.clock.host, arguments.clock.port)
    try:
        try:
            clock = await follower.clock(FIRST_WITHIN_S)
        except TimeoutError:
            raise CannotServe(
                f"--clock {arguments.clock}: told no time for {FIRST_WITHIN_S:.0f} s;"
                " is the simulator running there?"
            ) from None
        yield clock
    finally:
        await follower.stop()


class _Server(uvicorn.Server):
    """Signals are the daemon's own business."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _run(
    fleet: Fleet,
    clock: Clock,
    listener: socket.socket,
    arguments: argparse.Namespace,
    stop: asyncio.Event,
) -> None:
    """HTTP and the tick, until a signal; a part that fails ends the whole."""
    server = _Server(
        uvicorn.Config(
            make_application(fleet),
            loop="none", http="h11", ws="none", lifespan="off", interface="asgi3",
            log_config=None, access_log=False, proxy_headers=False, server_header=False,
            limit_concurrency=HTTP_CONNECTIONS_MAX, backlog=HTTP_BACKLOG,
            timeout_graceful_shutdown=FAREWELL_S,
            ssl_certfile=arguments.tls_cert, ssl_keyfile=arguments.tls_key,
        )
    )  # fmt: skip
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    ticking = asyncio.create_task(_tick_for_ever(fleet, clock))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, ticking, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    ticking.cancel()
    stopping.cancel()
    await serving
    if ticking.done() and not ticking.cancelled():
        ticking.result()


async def _tick_for_ever(fleet: Fleet, clock: Clock) -> None:
    while True:
        try:
            fleet.tick()
        except sqlite3.Error as error:
            # A full disk or a busy file: nothing is committed, the next tick tries again.
            log.error("tick: the database failed: %s", error)  # noqa: TRY400 - no trace needed
        await asyncio.sleep(tick_real_s(clock.rate))


def tick_real_s(rate: float) -> float:
    """A tick a second of the fleet's time, as far as the machine can follow."""
    return (
        TICK_REAL_S_MAX if rate <= 0 else min(max(TICK_S / rate, TICK_REAL_S_MIN), TICK_REAL_S_MAX)
    )


def _tls(arguments: argparse.Namespace) -> ssl.SSLContext | None:
    if arguments.tls_cert is None:
        return None
    try:
        return server_context(arguments.tls_cert, arguments.tls_key)
    except OSError as error:  # ssl.SSLError is one
        reason = getattr(error, "reason", None) or error.strerror
        raise CannotServe(
            f"--tls-cert {arguments.tls_cert}, --tls-key {arguments.tls_key}:"
            f" cannot be used ({reason}); give PEM files that belong together"
        ) from None


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=HTTP_BACKLOG)
    except OSError as error:
        raise _no_port(host, port, "--http-port", error) from None


async def _start(
    endpoint: Endpoint, arguments: argparse.Namespace, tls: ssl.SSLContext | None
) -> int:
    port = MQTT_PORT if arguments.mqtt_port is None else arguments.mqtt_port
    try:
        return await endpoint.start(arguments.host, port, tls)
    except OSError as error:
        raise _no_port(arguments.host, port, "--mqtt-port", error) from None


def _account(arguments: argparse.Namespace) -> Account:
    place, password = arguments.broker, ""
    if arguments.broker_password_file is not None:
        try:
            text = arguments.broker_password_file.read_text(encoding="utf-8")
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or "no text"
            raise CannotServe(
                f"--broker-password-file {arguments.broker_password_file}: {reason}"
            ) from None
        password = text.removesuffix("\n").removesuffix("\r")
    return Account(
        place.host, place.port, arguments.broker_user or "", password, _broker_tls(arguments)
    )


def _broker_tls(arguments: argparse.Namespace) -> ssl.SSLContext | None:
    if arguments.broker_ca is None:
        return None
    try:
        context = ssl.create_default_context(cafile=arguments.broker_ca)
        if arguments.broker_cert is not None:
            context.load_cert_chain(arguments.broker_cert, arguments.broker_key)
    except OSError as error:  # ssl.SSLError is one
        reason = getattr(error, "reason", None) or error.strerror
        raise CannotServe(
            f"--broker-ca, --broker-cert, --broker-key: cannot be used ({reason}); give PEM files"
        ) from None
    return context


def _no_port(host: str, port: int, option: str, error: OSError) -> CannotServe:
    # Errors of looking a name up have numbers of their own, below zero.
    is_system = error.errno is not None and error.errno > 0
    reason = os.strerror(error.errno) if is_system and error.errno else error.strerror
    return CannotServe(f"{host} port {port}: {reason}; choose another with --host or {option}")


def _tell(
    arguments: argparse.Namespace, fleet: Fleet, http_port: int, cars: tuple[str, str]
) -> None:
    s = "s" if arguments.tls_cert else ""
    http = f"http{s}://{Place(arguments.host, http_port)}"
    mode, mqtt = cars
    if arguments.json:
        told = {"db": str(arguments.db), "http": http, "mode": mode, "mqtt": mqtt}
        print(json.dumps(told), flush=True)
        return
    print(f"{arguments.db}: {len(fleet.cars())} cars on the terms of {fleet.profile}")
    print(f"phones: {http}  (calls: {http}/openapi.json)")
    print(f"cars:   {mqtt}  ({mode})", flush=True)
