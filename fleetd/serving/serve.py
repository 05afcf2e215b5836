"""The running daemon: cars on MQTT, phones on HTTP, a tick a second; one process, one thread.

The fleet commits before anything is acknowledged, so the process may be killed at any moment.
"""

from __future__ import annotations

import argparse
import asyncio
import errno
import json
import logging
import os
import signal
import socket
import sqlite3
import ssl
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager

from fleetd.arguments import DONE, USAGE, run
from fleetd.broker import Broker
from fleetd.core.health import Limits
from fleetd.core.rules import RulesError
from fleetd.host.failures import failure
from fleetd.ledger import key as ledger_key
from fleetd.ledger.findings import counted
from fleetd.mqtt_endpoint import Endpoint
from fleetd.service import Fleet
from fleetd.serving import http_servers, secret_files
from fleetd.serving.clock import FIRST_WITHIN_S, Clock, Follower, MachineClock
from fleetd.serving.exchange import Exchange
from fleetd.serving.http_servers import Server
from fleetd.serving.keys import CannotServe, broker_account, server_tls
from fleetd.serving.options import Place, http_host, mqtt_port, parser, wrong_usage
from fleetd.store import lease
from fleetd.store.database import DatabaseError, open_existing

FAILED = 1
#: Of the fleet's time; and the bounds of it on the machine's clock.
TICK_S = 1.0
TICK_REAL_S_MIN = 0.02
TICK_REAL_S_MAX = 1.0
#: How often `status`, which is another process, learns what was counted.
COUNTS_EVERY_S = 60
#: Why a port cannot be had, whenever one tries.
_NEVER = (errno.EACCES, errno.EPERM, errno.EAFNOSUPPORT)

log = logging.getLogger(__name__)


def main(argv: list[str]) -> int:
    """The exit code."""
    return run(parser(), argv, _carry_out)


def _carry_out(arguments: argparse.Namespace) -> int:
    refusal = wrong_usage(arguments) or secret_files.refuse(arguments)
    if refusal:
        print(refusal, file=sys.stderr)
        return USAGE
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )  # fmt: skip
    try:
        asyncio.run(_serve(arguments))
    except CannotServe as error:
        text, may_pass = str(error), error.may_pass
    except (DatabaseError, RulesError, sqlite3.DatabaseError) as error:
        found = failure(error, arguments.db)
        text, may_pass = found.text, found.may_pass
    else:
        return DONE
    print(text, file=sys.stderr)
    # The unit starts it again after FAILED, never after USAGE.
    return FAILED if may_pass else USAGE


async def _serve(arguments: argparse.Namespace) -> None:
    """Until a signal; whatever was opened is closed again."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    tls = server_tls(arguments)
    with lease.held(arguments.db), closing(open_existing(arguments.db)) as store:
        async with _clock(arguments) as clock:
            exchange = Exchange()
            fleet = Fleet(store, exchange.send, clock.now_s)
            fleet.signer = ledger_key.provide(arguments.db, store)
            fleet.limits = Limits(arguments.silent_after * 60, arguments.silent_idle_after * 60)
            with _http(arguments, fleet, exchange.counters) as servers:
                async with _line(arguments, fleet, clock, exchange, tls) as cars:
                    _tell(arguments, fleet, servers[0][1].getsockname()[1], cars)
                    await _run(fleet, clock, servers, exchange.counters, stop)


@contextmanager
def _http(
    arguments: argparse.Namespace, fleet: Fleet, counters: Callable[[], Mapping[str, int]]
) -> Iterator[list[tuple[Server, socket.socket]]]:
    """The port for phones first, then that for metrics if there is one."""
    with ExitStack() as opened:
        phones = http_host(arguments)
        listener = opened.enter_context(_listen(phones, arguments.http_port, "--http-port"))
        found = [(http_servers.for_phones(fleet, arguments), listener)]
        if arguments.metrics is not None:
            place = arguments.metrics
            listener = opened.enter_context(_listen(place.host, place.port, "--metrics"))
            found.append((http_servers.for_metrics(fleet, counters), listener))
        yield found


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
        account = broker_account(arguments)
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
                " is the simulator running there?",
                may_pass=True,
            ) from None
        yield clock
    finally:
        await follower.stop()


async def _run(
    fleet: Fleet,
    clock: Clock,
    servers: Sequence[tuple[Server, socket.socket]],
    counters: Callable[[], Mapping[str, int]],
    stop: asyncio.Event,
) -> None:
    """HTTP and the tick, until a signal; a part that fails ends the whole."""
    serving = [
        asyncio.create_task(server.serve(sockets=[listener])) for server, listener in servers
    ]
    ticking = asyncio.create_task(_tick_for_ever(fleet, clock, counters))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({*serving, ticking, stopping}, return_when=asyncio.FIRST_COMPLETED)
    for server, _ in servers:
        server.should_exit = True
    ticking.cancel()
    stopping.cancel()
    for task in serving:
        await task
    if ticking.done() and not ticking.cancelled():
        ticking.result()


async def _tick_for_ever(
    fleet: Fleet, clock: Clock, counters: Callable[[], Mapping[str, int]]
) -> None:
    noted_s = -float(COUNTS_EVERY_S)
    while True:
        try:
            fleet.tick()
            if fleet.trouble or time.monotonic() - noted_s >= COUNTS_EVERY_S:
                noted_s = time.monotonic()
                fleet.note_counts(counters())
        except sqlite3.Error as error:
            # A full disk or a busy file: nothing is committed, the next tick tries again.
            fleet.note_trouble(error)
        except Exception as error:  # noqa: BLE001 - phones and cars are served all the same
            fleet.note_bug(error)
        await asyncio.sleep(tick_real_s(clock.rate))


def tick_real_s(rate: float) -> float:
    """A tick a second of the fleet's time, as far as the machine can follow."""
    return (
        TICK_REAL_S_MAX if rate <= 0 else min(max(TICK_S / rate, TICK_REAL_S_MIN), TICK_REAL_S_MAX)
    )


def _listen(host: str, port: int, option: str) -> socket.socket:
    try:
        return http_servers.listen(host, port)
    except OSError as error:
        raise _no_port(host, port, option, error) from None


async def _start(
    endpoint: Endpoint, arguments: argparse.Namespace, tls: ssl.SSLContext | None
) -> int:
    port = mqtt_port(arguments)
    try:
        return await endpoint.start(arguments.host, port, tls)
    except OSError as error:
        raise _no_port(arguments.host, port, "--mqtt-port", error) from None


def _no_port(host: str, port: int, option: str, error: OSError) -> CannotServe:
    # Errors of looking a name up have numbers of their own, below zero.
    is_system = error.errno is not None and error.errno > 0
    reason = os.strerror(error.errno) if is_system and error.errno else error.strerror
    text = f"{host} port {port}: {reason}; choose another with --host or {option}"
    # A port is let go by another, an address comes with the network; a right does not come.
    return CannotServe(text, may_pass=error.errno not in _NEVER)


def _tell(
    arguments: argparse.Namespace, fleet: Fleet, http_port: int, cars: tuple[str, str]
) -> None:
    s = "s" if arguments.tls_cert and not arguments.behind_proxy else ""
    http = f"http{s}://{Place(http_host(arguments), http_port)}"
    mode, mqtt = cars
    scraped = f"http://{arguments.metrics}/metrics" if arguments.metrics else None
    if arguments.json:
        told = {"db": str(arguments.db), "http": http, "mode": mode, "mqtt": mqtt}
        if scraped is not None:
            told["metrics"] = scraped
        print(json.dumps(told), flush=True)
        return
    cars_text = counted(len(fleet.cars()), "car")
    print(f"{arguments.db}: {cars_text} on the terms of {fleet.profile}")
    print(f"phones: {http}  (calls: {http}/openapi.json)")
    if scraped is not None:
        print(f"metrics: {scraped}")
    print(f"cars:   {mqtt}  ({mode})", flush=True)
