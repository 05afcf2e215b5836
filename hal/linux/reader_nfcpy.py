"""The reader through nfcpy: an RC-S380 or a PN532, in a process that is watched and replaced.

nfcpy waits for ever on an RC-S380 that hangs, and no thread can be ended from outside. So it lives
in `nfcpy_child`, which says every second that it lives; silent for longer, it is killed and another
one started. The pipes between are the bounded queues; nothing here waits.
"""

import os
import subprocess
import sys

from firmware.ticks import ticks_add, ticks_diff
from hal.linux.nfcpy_records import CALM, CARD, EAGER, LISTENING, READY, RECORD_BYTES, TROUBLE

#: It pauses for a second at most, and an open takes longer: a Raspberry Pi's USB 1.5 s (nfcpy).
SILENT_AFTER_MS = 4000
#: A small Raspberry Pi takes seconds to load nfcpy.
STARTS_WITHIN_MS = 20000
RESTART_MS_MIN = 250
RESTART_MS_MAX = 8000
#: A process that was killed is gone in milliseconds, or held in a call of a USB driver for long.
_GONE_WITHIN_S = 0.2
_READ_BYTES = 64 * RECORD_BYTES


def command(kind: str, path: str, system_code: int = 0xFFFF, licences: bool = False) -> list[str]:
    """The process for a reader of this kind, "pn532" or "rcs380"."""
    words = [sys.executable, "-m", "hal.linux.nfcpy_child", kind, path, f"{system_code:04x}"]
    return [*words, "licences"] if licences else words


class NfcpyReader:
    """A `CardReader`. `is_healthy` is True until it has failed, and again once it is ready.

    `is_listening` is what the child says: after a few eager looks that found nothing.
    """

    def __init__(self, words: list[str], now_ms: int) -> None:
        self.is_healthy = True
        self.is_listening = False
        self.next_due_at_ms = now_ms
        #: Processes started, and those that were killed for their silence.
        self.starts = 0
        self.kills = 0
        self._words = words
        self._process: subprocess.Popen[bytes] | None = None
        self._is_eager = False
        self._told: bytes = b""
        self._pending = b""
        self._found: bytes | None = None
        self._has_said = False
        self._is_dying = False
        self._now_ms = now_ms
        self._heard_at_ms = now_ms
        self._restart_ms = RESTART_MS_MIN
        self._start_at_ms = now_ms

    @property
    def pid(self) -> int:
        """Of the present process; 0 when there is none."""
        return 0 if self._process is None else self._process.pid

    def fileno(self) -> int:
        """To wait on; -1 while there is no process, or one that is to go and is not read any more."""
        out = None if self._process is None or self._is_dying else self._process.stdout
        return -1 if out is None else out.fileno()

    def set_eager(self, eager: bool) -> None:
        self._is_eager = eager
        self._tell()

    def poll(self, now_ms: int) -> bytes | None:
        self._now_ms = now_ms
        if self._process is None:
            if ticks_diff(now_ms, self._start_at_ms) >= 0:
                self._start()
        elif self._is_dying:
            self._bury()
        else:
            self._read()
            self._judge()
            self._tell()
        self._set_due()
        found, self._found = self._found, None
        return found

    def close(self) -> None:
        """For the end of the program, another reader, and tests. It may be called within a turn.

        One that the kernel does not let go is left to it: it is dead but for that call.
        """
        process = self._process
        if process is None:
            return
        process.kill()
        try:
            process.wait(_GONE_WITHIN_S)
        except subprocess.TimeoutExpired:
            print(f"reader: process {process.pid} is killed and not gone yet", file=sys.stderr)
        self._forget()

    def _start(self) -> None:
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own words
                self._words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
            )
        except OSError as error:
            print(f"reader: {self._words[0]} cannot be started: {error}", file=sys.stderr)
            self._put_off()
            return
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
        self.starts += 1
        self._told = b""
        self._pending = b""
        self._has_said = False
        self._heard_at_ms = self._now_ms
        self._tell()

    def _tell(self) -> None:
        """What it was not told yet; a pipe that is full is told later."""
        word = EAGER if self._is_eager else CALM
        process = self._process
        if word == self._told or process is None or process.stdin is None or self._is_dying:
            return
        try:
            os.write(process.stdin.fileno(), word)
        except OSError:
            return
        self._told = word

    def _read(self) -> None:
        try:
            data = os.read(self.fileno(), _READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._end()
            return
        self._heard_at_ms = self._now_ms
        self._has_said = True
        self._pending += data
        while len(self._pending) >= RECORD_BYTES:
            self._take(self._pending[:RECORD_BYTES])
            self._pending = self._pending[RECORD_BYTES:]

    def _take(self, record: bytes) -> None:
        kind = record[:1]
        if kind == CARD:
            self._found = record[1:]
        elif kind == READY:
            self.is_healthy = True
            self._restart_ms = RESTART_MS_MIN
        elif kind == LISTENING:
            self.is_listening = True
            self._found = None  # it was there before, and has gone
        elif kind == TROUBLE:
            self.is_healthy = self.is_listening = False

    def _judge(self) -> None:
        if self._is_dying:
            return
        limit_ms = SILENT_AFTER_MS if self._has_said else STARTS_WITHIN_MS
        if ticks_diff(self._now_ms, self._heard_at_ms) >= limit_ms:
            self.kills += 1
            self._end()

    def _end(self) -> None:
        """Kill it and see later that it is gone: in a call of the kernel it may take its time."""
        self.is_healthy = self.is_listening = False
        self._is_dying = True
        if self._process is not None:
            self._process.kill()
        self._bury()

    def _bury(self) -> None:
        if self._process is not None and self._process.poll() is not None:
            self._forget()
            self._put_off()

    def _forget(self) -> None:
        process, self._process = self._process, None
        self._is_dying = False
        if process is not None:
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    def _put_off(self) -> None:
        self._start_at_ms = ticks_add(self._now_ms, self._restart_ms)
        self._restart_ms = min(self._restart_ms * 2, RESTART_MS_MAX)

    def _set_due(self) -> None:
        if self._process is None:
            self.next_due_at_ms = self._start_at_ms
        elif self._is_dying:
            self.next_due_at_ms = ticks_add(self._now_ms, RESTART_MS_MIN)
        else:
            limit_ms = SILENT_AFTER_MS if self._has_said else STARTS_WITHIN_MS
            self.next_due_at_ms = ticks_add(self._heard_at_ms, limit_ms)
