"""A stream of the simulated network goes on as TCP, and what comes back goes into the stream."""

import socket
from collections.abc import Callable, Iterator

import pytest

from firmware.wire.network_codes import CLOSED, OPEN
from simulator.desk.tunnel import BUSY_S, UNSENT_BYTES_MAX, Tunnel
from simulator.kernel import Kernel
from simulator.network import Network, Stream

LOOKS_MAX = 50_000


class Rig:
    """A car's network whose server is a socket of the test."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.now_s = 100.0
        self.tunnel = Tunnel("127.0.0.1", self.listener.getsockname()[1], lambda: self.now_s)
        self.kernel = Kernel()
        self.network = Network(self.kernel)
        self.network.server = self.tunnel

    def connect(self) -> Stream:
        stream = self.network.connect(1)
        self.until(lambda: self.tunnel.readers() and stream.state == OPEN)
        return stream

    def until(self, found: Callable[[], object]) -> None:
        for _ in range(LOOKS_MAX):
            self.kernel.run_until(self.kernel.now_us + 10_000)
            self.tunnel.pump()
            if found():
                return
        raise AssertionError("it did not come")


@pytest.fixture
def rig() -> Iterator[Rig]:
    found = Rig()
    yield found
    found.tunnel.close()
    found.listener.close()


def test_bytes_go_both_ways(rig: Rig) -> None:
    stream = rig.connect()
    line, _ = rig.listener.accept()
    with line:
        stream.write(b"CONNECT")
        rig.kernel.run_until(rig.kernel.now_us + 1_000_000)
        assert line.recv(100) == b"CONNECT"
        line.sendall(b"CONNACK")
        rig.until(lambda: len(stream.arrived) == 7)
        assert stream.take(100) == b"CONNACK"


def test_what_the_car_says_before_the_connection_stands_waits_for_it(rig: Rig) -> None:
    stream = rig.network.connect(1)
    rig.kernel.run_until(rig.kernel.now_us + 1_000_000)
    stream.write(b"early")
    rig.kernel.run_until(rig.kernel.now_us + 1_000_000)
    line, _ = rig.listener.accept()
    with line:
        rig.until(lambda: not rig.tunnel.writers())
        assert line.recv(100) == b"early"


def test_a_server_that_goes_ends_the_stream(rig: Rig) -> None:
    stream = rig.connect()
    line, _ = rig.listener.accept()
    line.close()
    rig.until(lambda: stream.state == CLOSED)
    assert rig.tunnel.readers() == []


def test_a_car_that_goes_ends_the_connection(rig: Rig) -> None:
    stream = rig.connect()
    line, _ = rig.listener.accept()
    with line:
        stream.leave()
        rig.until(lambda: not rig.tunnel.readers())
        assert line.recv(100) == b""


def test_nobody_there_is_a_refused_stream(rig: Rig) -> None:
    rig.listener.close()
    stream = rig.network.connect(1)
    rig.until(lambda: stream.state == CLOSED)
    assert rig.tunnel.writers() == []


def test_a_server_that_does_not_read_is_left(rig: Rig) -> None:
    stream = rig.connect()
    line, _ = rig.listener.accept()
    with line:
        written = 0
        while stream.state == OPEN and written < 64 * UNSENT_BYTES_MAX:
            stream.write(bytes(UNSENT_BYTES_MAX // 4))
            written += UNSENT_BYTES_MAX // 4
            rig.kernel.run_until(rig.kernel.now_us + 1_000_000)
        assert stream.state == CLOSED


def test_it_is_busy_for_a_moment_after_each_byte(rig: Rig) -> None:
    """The clock is told before a byte leaves, so that the daemon answers in the right time."""
    told: list[float] = []
    stream = rig.connect()
    line, _ = rig.listener.accept()
    with line:
        rig.now_s += BUSY_S
        assert not is_busy(rig)
        rig.tunnel.on_busy = lambda: told.append(len(line_bytes(line)))
        stream.write(b"PINGREQ")
        rig.kernel.run_until(rig.kernel.now_us + 1_000_000)
        assert told[0] == 0
        assert is_busy(rig)
        rig.now_s += BUSY_S - 0.001
        assert is_busy(rig)
        rig.now_s += 0.001
        assert not is_busy(rig)
        line.sendall(b"x")
        rig.until(lambda: is_busy(rig))


def is_busy(rig: Rig) -> bool:
    return rig.tunnel.is_busy


def line_bytes(line: socket.socket) -> bytes:
    """What has arrived, and stays there."""
    try:
        return line.recv(100, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return b""


def test_bytes_wait_while_the_server_hears_of_something_else_first(rig: Rig) -> None:
    stream = rig.connect()
    line, _ = rig.listener.accept()
    with line:
        line.setblocking(False)
        rig.tunnel.on_busy = lambda: rig.tunnel.hold(1.0) if rig.now_s == 100.0 else None
        stream.write(b"what time is it?")
        rig.kernel.run_until(rig.kernel.now_us + 1_000_000)
        rig.tunnel.pump()
        assert rig.tunnel.writers() == []
        with pytest.raises(BlockingIOError):
            line.recv(100)
        rig.now_s += 0.9
        assert rig.tunnel.is_busy
        rig.tunnel.release()
        assert len(rig.tunnel.writers()) == 1
        rig.tunnel.pump()
        line.settimeout(30)
        assert line.recv(100) == b"what time is it?"
