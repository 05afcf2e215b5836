"""python -m simulator desk: a car's feed as a page for the browser, on this machine only."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from fleetd.arguments import Parser, own_port
from simulator.desk.feed import HOST
from simulator.live.watch import feed_address
from simulator.page.application import Page, make_application
from simulator.page.feed_line import FeedLine
from simulator.page.guard import Guard

DONE, FAILED = 0, 1
_CONNECTIONS_MAX = 128
_FAREWELL_S = 1


def parser() -> argparse.ArgumentParser:
    found = Parser(
        prog="python -m simulator desk",
        description="A simulated car in the browser, from its feed. Only this machine can open it.",
        epilog="example:\n  python -m simulator desk --feed 127.0.0.1:7070 --port 8070\n\n"
        "python -m simulator run starts it, too. A car that is not there yet, or goes away, is\n"
        "waited for. Exit code 0: it was ended; 1: the port cannot be had; 2: the arguments are\n"
        "wrong.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    found.add_argument("--feed", required=True, type=feed_address, metavar="HOST:PORT",
                       help="as python -m simulator run tells it")  # fmt: skip
    found.add_argument("--port", type=own_port, default=0, metavar="PORT",
                       help="of the page; 0: any that is free (0)")  # fmt: skip
    found.add_argument("--state", type=Path, metavar="DIR",
                       help="the desk's folder: the page then shows its demo driver")  # fmt: skip
    found.add_argument("--phones", default="", metavar="URL", help="the daemon's phone site")
    found.add_argument("--json", action="store_true",
                       help="print the address as JSON, and each wish to begin anew")  # fmt: skip
    return found


def main(argv: list[str]) -> int:
    """The exit code."""
    arguments = parser().parse_args(argv)
    try:
        listener = socket.create_server((HOST, arguments.port), backlog=_CONNECTIONS_MAX)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        print(f"--port {arguments.port}: cannot be had: {reason}", file=sys.stderr)
        return FAILED
    with listener:
        asyncio.run(_serve(arguments, listener))
    return DONE


class _Server(uvicorn.Server):
    """Signals are the command's own business."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _serve(arguments: argparse.Namespace, listener: socket.socket) -> None:
    stop = asyncio.Event()
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(one, stop.set)
    feed = FeedLine(*arguments.feed)
    page = Page(feed, _print if arguments.json else None, arguments.state, arguments.phones)
    number = int(listener.getsockname()[1])
    server = _Server(
        uvicorn.Config(
            Guard(make_application(page), number),
            loop="none", http="h11", ws="none", lifespan="off", interface="asgi3",
            log_config=None, access_log=False, proxy_headers=False, server_header=False,
            limit_concurrency=_CONNECTIONS_MAX, timeout_graceful_shutdown=_FAREWELL_S,
        )
    )  # fmt: skip
    hearing = asyncio.create_task(feed.run())
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    address = f"http://{HOST}:{number}"
    if arguments.json:
        _print({"page": address})
    else:
        print(f"The desk page, for this machine only: {address}", flush=True)
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({hearing, serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    feed.close()
    server.should_exit = True
    hearing.cancel()
    stopping.cancel()
    await serving


def _print(message: dict[str, Any]) -> None:
    print(json.dumps(message), flush=True)
