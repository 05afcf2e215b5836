"""The stream on a machine with threads: names are looked up elsewhere, descriptors are waited on."""

import select
import socket
import threading
from collections.abc import Iterator

import pytest

from firmware.ticks import FAR_MS, ticks_diff
from firmware.wire.network_codes import CLOSED, OPEN, OPENING, TROUBLE_NAME
from hal.linux.network import Address, LinuxNetwork, look_up

WITHIN_S = 10


class NameServer:
    """Answers when it is let."""

    def __init__(self, addresses: list[Address]) -> None:
        self.addresses = addresses
        self.asked = 0
        self.may_answer = threading.Event()
        self.has_woken = threading.Event()
        self.network = LinuxNetwork(None, self.has_woken.set, self.ask)

    def ask(self, host: str, port: int) -> list[Address]:
        self.asked += 1
        assert self.may_answer.wait(WITHIN_S)
        if not self.addresses:
            raise OSError(-3, "Temporary failure in name resolution")
        return self.addresses

    def answer(self) -> None:
        self.may_answer.set()
        assert self.has_woken.wait(WITHIN_S)


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def polled(network: LinuxNetwork, state: int, now_ms: int = 0) -> None:
    """Until it is in that state: connecting to one's own machine takes a few polls."""
    for _ in range(1_000_000):
        network.poll(now_ms)
        if network.state == state:
            return
    raise AssertionError(f"state {network.state}, trouble {network.trouble}")


def test_a_name_server_that_hangs_holds_nobody_up(server: socket.socket) -> None:
    names = NameServer([(socket.AF_INET, server.getsockname())])
    network = names.network
    network.open("centre.example", 1)
    for now_ms in range(1000):
        network.poll(now_ms)
    assert network.state == OPENING
    assert network.write(b"x") == 0
    assert network.readinto(bytearray(1)) == 0
    assert ticks_diff(network.next_due_at_ms, 999) == FAR_MS  # the answer wakes
    names.answer()
    polled(network, OPEN)
    network.close()


def test_one_question_at_a_time(server: socket.socket) -> None:
    """Attempts that give up and begin anew leave no pile of threads behind."""
    names = NameServer([(socket.AF_INET, server.getsockname())])
    for _ in range(20):
        names.network.open("centre.example", 1)
        names.network.poll(0)
        names.network.close()
        assert names.network.state == CLOSED
    assert names.asked == 1
    names.network.open("centre.example", 1)
    names.answer()
    polled(names.network, OPEN)
    names.network.close()


def test_an_answer_to_who_has_closed_opens_nothing(server: socket.socket) -> None:
    names = NameServer([(socket.AF_INET, server.getsockname())])
    names.network.open("centre.example", 1)
    names.network.close()
    names.answer()
    names.network.poll(0)
    assert names.network.state == CLOSED


def test_a_name_that_does_not_exist_is_a_trouble() -> None:
    names = NameServer([])
    names.network.open("centre.example", 1)
    names.answer()
    names.network.poll(0)
    assert (names.network.state, names.network.trouble) == (CLOSED, TROUBLE_NAME)
    assert "name resolution" in names.network.detail


def test_an_address_needs_no_thread(server: socket.socket) -> None:
    names = NameServer([])
    names.network.open("127.0.0.1", server.getsockname()[1])
    polled(names.network, OPEN)
    assert names.asked == 0
    names.network.close()


def test_an_open_stream_wakes_by_its_descriptor(server: socket.socket) -> None:
    network = LinuxNetwork(None)
    assert network.fileno() == -1
    network.open("127.0.0.1", server.getsockname()[1])
    polled(network, OPEN)
    assert ticks_diff(network.next_due_at_ms, 0) == FAR_MS
    line, _ = server.accept()
    poller = select.poll()
    poller.register(network.fileno(), select.POLLIN)
    line.sendall(b"news")
    assert poller.poll(WITHIN_S * 1000)
    buffer = bytearray(10)
    assert network.readinto(buffer) == 4
    line.close()
    network.close()
    assert network.fileno() == -1


def test_what_was_refused_is_offered_again_soon(server: socket.socket) -> None:
    network = LinuxNetwork(None)
    network.open("127.0.0.1", server.getsockname()[1])
    polled(network, OPEN)
    line, _ = server.accept()
    data = b"z" * 65536
    while network.write(data) == len(data):
        pass
    while network.write(data):
        pass
    assert ticks_diff(network.next_due_at_ms, 0) <= 20
    line.close()
    network.close()


def test_the_real_look_up_knows_this_machine() -> None:
    assert (socket.AF_INET, ("127.0.0.1", 80)) in look_up("localhost", 80)
