"""Whoever reads what a program writes may leave at any time: no failure of the program's.

    python -m fleetd journal verify april.jsonl --key public.pem | head -3

What does its work and then tells of it works on for nobody, and its exit code says what it found
(`to_its_end`). What is all telling ends with its reader (`while_read`): NOBODY_READS then, which
is neither done nor a no. Nor is NOT_WRITTEN: the disk is full where the answer should go.
"""

from __future__ import annotations

import errno
import io
import os
import select
import stat
import sys
from collections.abc import Callable, Iterable
from typing import Any, TextIO

#: As a shell has it of a program that SIGPIPE ended: 128 and the signal's number.
NOBODY_READS = 141
#: As sysexits.h has an output that fails.
NOT_WRITTEN = 74
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def to_its_end(work: Callable[[], int]) -> int:
    """The exit code of `work`, whoever reads."""
    kept = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _dropping(sys.stdout), _dropping(sys.stderr)
    try:
        code = work()
        _flush()
    except OSError as error:
        if not is_unwritten(error):
            raise
        code = _not_written(error)
    finally:
        sys.stdout, sys.stderr = kept
    return code


def while_read(work: Callable[[], int]) -> int:
    """The exit code of `work`; NOBODY_READS when its reader left before its end."""
    try:
        try:
            code = work()
        except SystemExit:
            _flush()
            raise
        _flush()
    except BrokenPipeError:
        gone = [stream for stream in (sys.stdout, sys.stderr) if _is_unread(stream)]
        if not gone:  # another pipe than ours
            raise
        _forget(gone)
        return NOBODY_READS
    except OSError as error:
        if not is_unwritten(error):
            raise
        return _not_written(error)
    return code


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def is_unwritten(error: OSError) -> bool:
    """Is it the answer that has no room? What else is written has a name."""
    return error.errno in _FULL and error.filename is None


def _not_written(error: OSError) -> int:
    _forget([sys.stdout])
    text = f"the answer cannot be written: {error.strerror}; make room and ask again"
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:  # it goes to the same place
        _forget([sys.stderr])
    return NOT_WRITTEN


def _forget(streams: Iterable[TextIO]) -> None:
    """What is left in them, and what is still told, goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


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
