"""Whoever reads what a program writes may leave at any time: no failure of the program's.

    python -m fleetd journal verify april.jsonl --key public.pem | head -3

What does its work and then tells of it works on for nobody, and its exit code says what it found
(`to_its_end`). What is all telling ends with its reader (`while_read`): NOBODY_READS then, which
is neither done nor a no.
"""

from __future__ import annotations

import io
import os
import select
import stat
import sys
from collections.abc import Callable
from typing import Any, TextIO

#: As a shell has it of a program that SIGPIPE ended: 128 and the signal's number.
NOBODY_READS = 141


def to_its_end(work: Callable[[], int]) -> int:
    """The exit code of `work`, whoever reads."""
    kept = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _dropping(sys.stdout), _dropping(sys.stderr)
    try:
        return work()
    finally:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        sys.stdout, sys.stderr = kept


def while_read(work: Callable[[], int]) -> int:
    """The exit code of `work`; NOBODY_READS when its reader left before its end."""
    try:
        try:
            code = work()
        except SystemExit:
            sys.stdout.flush()
            raise
        sys.stdout.flush()
    except BrokenPipeError:
        gone = [stream for stream in (sys.stdout, sys.stderr) if _is_unread(stream)]
        if not gone:  # another pipe than ours
            raise
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in gone:
            os.dup2(nowhere, stream.fileno())  # for what is left in it
        os.close(nowhere)
        return NOBODY_READS
    return code


class _Pipe(io.FileIO):
    """What is written after the reader has left is written for nobody."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            return len(data)


def _dropping(stream: Any) -> Any:
    """The same stream, if it is a pipe one that never breaks."""
    if not _is_pipe(stream):
        return stream
    stream.flush()
    raw = _Pipe(stream.fileno(), "wb", closefd=False)
    return io.TextIOWrapper(
        # Without a buffer each piece is written at once, as with python -u.
        raw if stream.write_through else io.BufferedWriter(raw),
        stream.encoding, stream.errors,
        line_buffering=stream.line_buffering, write_through=stream.write_through,
    )  # fmt: skip


def _is_pipe(stream: Any) -> bool:
    if not isinstance(stream, io.TextIOWrapper):
        return False
    try:
        mode = os.fstat(stream.fileno()).st_mode
    except OSError:  # of memory, or closed
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _is_unread(stream: TextIO) -> bool:
    if not _is_pipe(stream):
        return False
    poll = select.poll()
    poll.register(stream.fileno(), 0)
    return any(found & (select.POLLERR | select.POLLHUP) for _, found in poll.poll(0))
