"""Frames on two binary streams: how the program and its world talk when a pipe is between them.

    kind u8 | length u16 | payload

The world sends REQUEST, the program answers RESPONSE. In between the program may ask for its
storage, STORAGE, as often as it likes; each gets an ANSWER. ERROR ends it: the program failed.
"""

import struct

from hal.fake.storage_pipe import ANSWER, ANSWER_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

REQUEST = 1
RESPONSE = 2
STORAGE = 3
ANSWER_KIND = 4
ERROR = 5

HEAD = ">BH"
HEAD_BYTES = 3


class PipeClosedError(Exception):
    """The other end is gone."""


class ProgramPipe:
    """The program's end; also the channel of its storages."""

    def __init__(self, reader: "Any", writer: "Any") -> None:
        self._reader = reader
        self._writer = writer
        self._head = bytearray(HEAD_BYTES)
        self._answer = bytearray(ANSWER_BYTES)
        self.busy_us = 0

    def read_request(self) -> bytes:
        """Wait for the next request."""
        length = self._read_head(REQUEST)
        data: bytes = self._reader.read(length)
        if len(data) != length:
            raise PipeClosedError
        return data

    def write(self, kind: int, payload: bytes) -> None:
        self._writer.write(struct.pack(HEAD, kind, len(payload)) + payload)

    def ask(self, request: bytes, into: "bytearray | memoryview | None") -> int:
        """A `StorageChannel`."""
        self.write(STORAGE, request)
        length = self._read_head(ANSWER_KIND) - ANSWER_BYTES
        self._fill(self._answer)
        status, self.busy_us = struct.unpack(ANSWER, self._answer)
        if length:
            if into is None or len(into) != length:
                raise PipeClosedError
            self._fill(into)
        return int(status)

    def _read_head(self, expected: int) -> int:
        self._fill(self._head)
        if self._head[0] != expected:
            raise PipeClosedError
        return self._head[1] << 8 | self._head[2]

    def _fill(self, buffer: "bytearray | memoryview") -> None:
        if self._reader.readinto(buffer) != len(buffer):
            raise PipeClosedError
