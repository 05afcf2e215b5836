"""A board with MicroPython at a serial port, through mpremote: what it is, what is on it, new files.

All paths are relative: a board stands in its root.
"""

from __future__ import annotations

import ast
import binascii
import contextlib
import hashlib
import io
import re
import time
from collections.abc import Iterator
from typing import NamedTuple

import serial
import serial.tools.list_ports
from mpremote.transport import TransportError
from mpremote.transport_serial import SerialTransport

#: Bytes of a file in one line; sent in base64, which is half of what `repr` would take.
CHUNK_BYTES = 1536

#: A board that is asleep or in the midst of its start hears only a later try.
PROMPT_TRIES = 6
PROMPT_WAIT_S = 1.5

#: Where journal and copy are, each a partition of its own (hal/esp32/storage.py).
PARTITIONS = ("journal", "copy")

#: A board that stops in the midst of an answer would be waited for without end.
ANSWER_WAIT_S = 10

#: What the box's console answers in JSON where it does not do what it was asked.
_REFUSAL = re.compile(rb'"ok": ?false, ?"error": ?"([^"]*)"')

#: The program's watchdog runs on when the program is stopped, and can be prolonged alone.
_CALM_WATCHDOG = """
try:
    import machine
    machine.WDT(timeout=900000)
except (ImportError, AttributeError, ValueError, OSError):
    pass
"""

_WHO = """
import sys, os, gc
gc.collect()
try:
    import esp32
    largest = max([heap[0] for heap in esp32.idf_heap_info(esp32.HEAP_DATA)])
except (ImportError, AttributeError):
    largest = -1
absent = []
try:
    from esp32 import Partition
    for label in PARTITIONS:
        if not Partition.find(Partition.TYPE_DATA, label=label):
            absent.append(label)
except ImportError:
    pass
machine = getattr(sys.implementation, '_machine', '')
mpy = getattr(sys.implementation, '_mpy', 0)
space = os.statvfs('/')
print(repr((sys.version, mpy, machine, largest, absent, space[0], space[3])))
""".replace("PARTITIONS", repr(PARTITIONS))

_TOOLS = """
import os, hashlib, binascii
_a = binascii.a2b_base64
def _hash(path):
    got = hashlib.sha256()
    buffer = bytearray(512)
    with open(path, 'rb') as file:
        while True:
            count = file.readinto(buffer)
            if not count:
                return binascii.hexlify(got.digest()).decode()
            got.update(memoryview(buffer)[:count])
def _list(folder):
    try:
        found = list(os.ilistdir(folder))
    except OSError:
        return
    print(repr((folder, '')))
    for entry in found:
        path = folder + '/' + entry[0]
        if entry[1] & 0x4000:
            _list(path)
        else:
            print(repr((path, _hash(path))))
def _one(path):
    try:
        print(repr((path, _hash(path))))
    except OSError:
        pass
"""


class BoardError(Exception):
    """What is wrong with the board or its port, and what to do."""


class Who(NamedTuple):
    """What answers at the port."""

    version: str
    #: Version of .mpy files that it loads, as (6, 3).
    mpy: tuple[int, int]
    machine: str
    #: Bytes of the largest region of memory; -1 when it cannot tell.
    memory: int
    #: Those of `PARTITIONS` that it has not.
    absent: list[str]
    block_bytes: int
    free_bytes: int


class Board:
    """Open from `open_board` to `close`."""

    def __init__(self, transport: SerialTransport) -> None:
        self._transport = transport

    def who(self) -> Who:
        """Asked anew each time: the free space changes."""
        answer = self.run(_WHO).decode().strip().splitlines()[-1]
        version, mpy, machine, memory, absent, block, free = ast.literal_eval(answer)
        load = (mpy & 0xFF, mpy >> 8 & 3)
        return Who(version, load, machine, memory, absent, block, free * block)

    def calm_watchdog(self) -> None:
        """A quarter of an hour for the work; the reset at the end sets it back."""
        self.run(_CALM_WATCHDOG)

    def list(self, folders: tuple[str, ...], files: tuple[str, ...]) -> dict[str, str]:
        """Path -> SHA-256, read back on the board; "" for a folder."""
        calls = [f"_list({one!r})" for one in folders] + [f"_one({one!r})" for one in files]
        said = self.run(_TOOLS + "\n".join(calls)).decode()
        return dict(ast.literal_eval(line) for line in said.splitlines() if line.strip())

    def make_folder(self, path: str) -> None:
        self.run(f"import os\nos.mkdir({path!r})")

    def remove(self, path: str) -> None:
        self.run(f"import os\nos.remove({path!r})")

    def remove_folder(self, path: str) -> None:
        """An empty one."""
        self.run(f"import os\nos.rmdir({path!r})")

    def write(self, path: str, content: bytes) -> None:
        """A whole file; half of it is there when this is interrupted."""
        encoded = [
            binascii.b2a_base64(content[at : at + CHUNK_BYTES], newline=False)
            for at in range(0, len(content), CHUNK_BYTES)
        ]
        lines = [f"_f.write(_a({part!r}))" for part in encoded] or [""]
        lines[0] = f"import binascii\n_a=binascii.a2b_base64\n_f=open({path!r},'wb')\n{lines[0]}"
        lines[-1] += "\n_f.close()"
        for line in lines:
            self.run(line)

    def replace(self, path: str, content: bytes) -> None:
        """The old file or the new one is there, whenever this is interrupted."""
        self.write(path + ".new", content)
        digest = hashlib.sha256(content).hexdigest()
        if self.list((), (path + ".new",)) != {path + ".new": digest}:
            raise BoardError(f"{path} reads back other than it was written; flash it again")
        self.run(f"import os\nos.rename({path + '.new'!r}, {path!r})")

    def restart(self) -> None:
        """As after power-on; the board is gone from here then."""
        with contextlib.suppress(TransportError, serial.SerialException, OSError):
            self._transport.exec_raw_no_follow("import machine\nmachine.reset()")

    def close(self) -> None:
        with contextlib.suppress(serial.SerialException, OSError):
            self._transport.close()

    def run(self, program: str, wait_s: float = ANSWER_WAIT_S) -> bytes:
        """What a few lines print there; they may be silent for `wait_s`."""
        try:
            said, error_text = self._transport.exec_raw(program, timeout=wait_s)
        except (TransportError, serial.SerialException, OSError) as error:
            text = f"the board does not answer any more ({error}); flash it again, that mends it"
            raise BoardError(text) from None
        if error_text:
            reason = error_text.decode("utf-8", "replace").strip().splitlines()[-1]
            raise BoardError(f"the board says: {reason}")
        return bytes(said)


@contextlib.contextmanager
def open_board(port: str) -> Iterator[Board]:
    """The board at the port, its program stopped; BoardError when there is none."""
    try:
        transport = SerialTransport(port, timeout=ANSWER_WAIT_S)
    except TransportError:
        raise BoardError(
            f"port {port} cannot be opened; another program has it (a terminal, mpremote, "
            "ModemManager), or it is no serial port"
        ) from None
    board = Board(transport)
    try:
        _stop_program(transport, port)
        yield board
    finally:
        board.close()


def port_trouble(port: str) -> str:
    """Why there is no such port, "" when there is one; addresses are not looked at."""
    import os
    from pathlib import Path

    if "://" in port:
        return ""
    if not Path(port).exists():
        there = sorted(one.device for one in serial.tools.list_ports.comports())
        known = f"there are {', '.join(there)}" if there else "there is no serial port at all"
        return f"port {port} does not exist; {known}; is the board plugged in?"
    if not os.access(port, os.R_OK | os.W_OK):
        return f"port {port} is not yours to use; type: sudo adduser $USER dialout, and log in anew"
    return ""


def _stop_program(transport: SerialTransport, port: str) -> None:
    """To the raw prompt of MicroPython, whatever the board does now."""
    for attempt in range(PROMPT_TRIES):
        try:
            _enter(transport)
            if attempt:
                # Answers to the tries before would be taken for those to what is sent next.
                time.sleep(PROMPT_WAIT_S)
                transport.serial.reset_input_buffer()
                _enter(transport)
            return
        except (TransportError, serial.SerialException, OSError):
            _ask_console(transport, port)
    raise BoardError(
        f"port {port}: no prompt of MicroPython; is stock MicroPython 1.29 on the board "
        "(boards/README.md)? press its reset button and flash it again"
    )


def _ask_console(transport: SerialTransport, port: str) -> None:
    """A box takes Ctrl-C for what it is: its console opens the prompt, of a bare box to anybody.

    BoardError with what it says where it does not; whatever else is at the port may do as it likes.
    """
    said = b""
    try:
        transport.serial.timeout = PROMPT_WAIT_S
        transport.serial.reset_input_buffer()
        transport.serial.write(b"\x03\rprompt --json\r")
        said = transport.serial.read_until(b"}", 1000)
    except (serial.SerialException, OSError):
        return
    found = _REFUSAL.search(said)
    if found is None:
        return
    text = found.group(1).decode("ascii", "replace")
    raise BoardError(
        f"port {port}: a box in service is there, and says: {text}. Type unlock 3 and prompt at its "
        "console (docs/technician.md), then flash it again; or start it with its boot pin held "
        "(boards/esp32/README.md)"
    )


def _enter(transport: SerialTransport) -> None:
    # mpremote prints what it got instead of a prompt.
    transport.serial.timeout = PROMPT_WAIT_S
    with contextlib.redirect_stdout(io.StringIO()):
        transport.enter_raw_repl(soft_reset=False, timeout_overall=PROMPT_WAIT_S)
    transport.serial.timeout = ANSWER_WAIT_S
