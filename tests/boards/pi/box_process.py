"""A box of the Raspberry Pi as a process on mock pins, its configuration, and its copy."""

import json
import os
import select
import socket
import struct
import subprocess
import sys
import time
from binascii import crc32
from collections.abc import Callable
from pathlib import Path
from typing import Any

from boards.pi.board import CACHE_SECTORS
from firmware.cache import Cache
from firmware.wire import codes
from firmware.wire.chain import EMPTY_HASH, next_hash
from firmware.wire.journal_format import EPOCH_2020_S
from firmware.wire.records import BOOKING, CARD
from hal.linux.storage import FileStorage
from simulator.desk.ports import free_port
from tests.hal.linux.chip_thread import ChipThread
from tests.whole.flash import Kept, read_journal
from tools import tree

CAR = "4b4700000001"
IDENT = bytes.fromhex("0101060112AB34CD")
DRIVER = 7
#: Nothing that is waited for takes this long.
WITHIN_S = 60
#: A card is held so long, and taken away for more than the second after which it counts anew (TOUCH-1).
HELD_S = 2.0
AWAY_S = 1.5


def values(**changes: Any) -> dict[str, Any]:
    """Of a good `box.json`: a centre out of reach, a clock that is right."""
    profile = tree.ROOT / "firmware" / "profiles" / "top24-2023.json"
    raw: dict[str, Any] = {
        "format": 1,
        "car": CAR,
        "key": "07" * 32,
        "password": "hardly guessed",
        "host": "127.0.0.1",
        "port": free_port(),
        "tls": False,
        "network": "system",
        "terms": json.loads(profile.read_text(encoding="utf-8")),
        "board": {"clock": "machine"},
    }
    raw.update(changes)
    return raw


def fill_copy(path: Path) -> None:
    """What a centre has sent before: a booking of now, and its driver's card."""
    now_s = int(time.time())
    ops = [
        (codes.OP_PUT_BOOKING, struct.pack(BOOKING, 100, DRIVER, now_s - 600, now_s + 7200)),
        (codes.OP_PUT_CARD, struct.pack(CARD, IDENT, DRIVER)),
    ]
    hash8 = EMPTY_HASH
    for op, record in ops:
        hash8 = next_hash(hash8, op, record)
    storage = FileStorage(path, CACHE_SECTORS)
    cache = Cache(storage, crc32(bytes.fromhex(CAR)))
    cache.open()
    cache.apply(0, 0, len(ops), hash8, ops, now_s - EPOCH_2020_S)
    cache.confirm(now_s - EPOCH_2020_S)
    storage.close()


class BoxProcess:
    """`outputs` is what each line was told last, `told` all of it; `start` again after `kill`."""

    def __init__(self, folder: Path, raw: dict[str, Any] | None = None, **board: Any) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.state.mkdir()
        self.config = folder / "box.json"
        raw = raw or values()
        raw["board"].update(board)
        self.config.write_text(json.dumps(raw), encoding="utf-8")
        self.outputs: dict[str, int] = {}
        self.told: list[str] = []
        self.notified: list[bytes] = []
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notify.bind(str(folder / "notify"))
        self._notify.setblocking(False)
        self._pending = b""
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Back when systemd would take it for started."""
        self.told.clear()
        self.notified.clear()
        self._pending = b""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.boards.pi.mock_box", "--config", self.config,
             "--state", self.state],
            cwd=tree.ROOT,
            env={**os.environ, "NOTIFY_SOCKET": str(self.folder / "notify")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )  # fmt: skip
        self.until(lambda: any(b"READY=1" in said for said in self.notified))

    def touch(self, chip: ChipThread, ident: bytes, is_heard: Callable[[], bool]) -> None:
        """A card is held to the reader; again, if that was before the reader listened (SAFE-3)."""
        until_s = time.monotonic() + WITHIN_S
        while not is_heard():
            assert time.monotonic() < until_s, f"nobody heard the card; told {self.told[-40:]}"
            chip.present(ident)
            self._hear_for(HELD_S, is_heard)
            if not is_heard():
                chip.remove()
                self._hear_for(AWAY_S, is_heard)

    def _hear_for(self, wait_s: float, is_enough: Callable[[], bool]) -> None:
        until_s = time.monotonic() + wait_s
        while time.monotonic() < until_s and not is_enough():
            self.hear(0.05)

    def put(self, name: str, is_yes: bool) -> None:
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.write(f"{name} {int(is_yes)}\n".encode())

    def until(self, is_done: Callable[[], bool]) -> None:
        until_s = time.monotonic() + WITHIN_S
        while not is_done():
            assert time.monotonic() < until_s, f"it does not come; told {self.told[-40:]}"
            self.hear(0.05)

    def hear(self, wait_s: float) -> None:
        """Take what it said so far."""
        assert self.process is not None
        assert self.process.stdout is not None
        out = self.process.stdout.fileno()
        ready, _, _ = select.select([out, self._notify.fileno()], [], [], wait_s)
        if self._notify.fileno() in ready:
            self.notified.append(self._notify.recv(200))
        if out in ready:
            data = os.read(out, 65536)
            assert data, "the box has ended"
            self._take(data)

    def _take(self, data: bytes) -> None:
        *lines, self._pending = (self._pending + data).split(b"\n")
        for line in lines:
            name, level = line.decode().split()
            self.outputs[name] = int(level)
            self.told.append(line.decode())

    def end(self) -> int:
        """Its exit code, once it ends by itself; with the last that it said."""
        assert self.process is not None
        assert self.process.stdout is not None
        while data := os.read(self.process.stdout.fileno(), 65536):
            self._take(data)
        return self.process.wait(WITHIN_S)

    def until_kept(self, state: str) -> None:
        """Until the journal on the disk says that the rental is there."""
        self.until(lambda: self.kept().state == state)

    def kept(self) -> Kept:
        return read_journal((self.state / "journal.nor").read_bytes())

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()
        self.process = None

    def close(self) -> None:
        if self.process is not None:
            self.kill()
        self._notify.close()
