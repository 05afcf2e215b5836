"""A bare Raspberry Pi: its console on a serial port, until it has its `box.json`."""

import os
import select
import sys
import time
from pathlib import Path

from boards import bare
from boards.box_config import BoxConfig
from boards.pi.board import judge
from firmware.version import VERSION
from hal.linux.byte_link import ConsoleLink
from hal.linux.clock import LinuxClock
from hal.linux.watchdog import SystemdWatchdog

BOARD = "pi"


def be_bare(folder: Path, port: str, why: str) -> None:
    """Back once it is provisioned. No pin is touched: outputs are at rest."""
    # The file is a secret.
    os.umask(0o077)
    print(
        f"the box is bare, with its console at {port}: at the cable's other end type "
        "python -m fleetd provision, or correct the file and start the service anew",
        file=sys.stderr,
        flush=True,
    )
    link = ConsoleLink(port, LinuxClock().now_ms)
    watchdog = SystemdWatchdog()

    def wait(wait_ms: int) -> None:
        watchdog.feed()
        if link.fileno() < 0:
            time.sleep(wait_ms / 1000)
            return
        poller = select.poll()
        poller.register(link.fileno(), select.POLLIN)
        poller.poll(wait_ms)

    def check(config: BoxConfig) -> None:
        judge(config, folder, port)

    bare.run(link, f"{folder}/", BOARD, VERSION, why, wait, judge=check)
    link.close()
