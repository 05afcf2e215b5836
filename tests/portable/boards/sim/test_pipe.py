"""Frames between program and world."""

import struct

from boards.sim import pipe
from boards.sim.pipe import PipeClosedError, ProgramPipe


class Stream:
    """Bytes to read, and what was written."""

    def __init__(self, data: bytes = b"") -> None:
        self.data = data
        self.written = b""

    def read(self, count: int) -> bytes:
        taken = self.data[:count]
        self.data = self.data[count:]
        return taken

    def readinto(self, buffer: "bytearray | memoryview") -> int:
        taken = self.read(len(buffer))
        for index in range(len(taken)):
            buffer[index] = taken[index]
        return len(taken)

    def write(self, data: bytes) -> None:
        self.written += data


def frame(kind: int, payload: bytes) -> bytes:
    return struct.pack(pipe.HEAD, kind, len(payload)) + payload


def ends(stream: Stream) -> bool:
    """Whether reading a request says that the other end is gone."""
    try:
        ProgramPipe(stream, stream).read_request()
    except PipeClosedError:
        return True
    return False


def test_requests_and_responses() -> None:
    stream = Stream(frame(pipe.REQUEST, b"one") + frame(pipe.REQUEST, b"x" * 700))
    world = ProgramPipe(stream, stream)
    assert world.read_request() == b"one"
    assert world.read_request() == b"x" * 700
    world.write(pipe.RESPONSE, b"done")
    assert stream.written == frame(pipe.RESPONSE, b"done")


def test_a_closed_or_broken_stream_ends_it() -> None:
    whole = frame(pipe.REQUEST, b"request")
    assert ends(Stream(b""))
    assert ends(Stream(whole[:2]))
    assert ends(Stream(whole[:-1]))
    assert ends(Stream(frame(pipe.RESPONSE, b"request")))
    assert not ends(Stream(whole))


def test_storage_is_asked_for_and_answered() -> None:
    answer = struct.pack(">BI", 0, 45000)
    stream = Stream(frame(pipe.ANSWER_KIND, answer + b"abc") + frame(pipe.ANSWER_KIND, answer))
    world = ProgramPipe(stream, stream)
    buffer = bytearray(3)
    assert world.ask(b"read", buffer) == 0
    assert bytes(buffer) == b"abc"
    assert world.busy_us == 45000
    assert world.ask(b"erase", None) == 0
    assert stream.written == frame(pipe.STORAGE, b"read") + frame(pipe.STORAGE, b"erase")


def test_an_errno_comes_through() -> None:
    stream = Stream(frame(pipe.ANSWER_KIND, struct.pack(">BI", 5, 500)))
    assert ProgramPipe(stream, stream).ask(b"program", None) == 5


def test_data_of_another_length_than_asked_for_ends_it() -> None:
    stream = Stream(frame(pipe.ANSWER_KIND, struct.pack(">BI", 0, 0) + b"abcd"))
    try:
        ProgramPipe(stream, stream).ask(b"read", bytearray(3))
    except PipeClosedError:
        return
    raise AssertionError("taken")
