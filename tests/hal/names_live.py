"""A name server, a centre and a car's stream on real sockets in one thread, on either interpreter.

Functions named `test_*`, without pytest: `test_names_live.py` runs them on both. The car's clock is
the test's; what was sent on the loopback is waited for, by a server, or looked for again and again.
"""

import os
import socket

from firmware.wire.network_codes import CLOSED, OPEN, OPENING, TROUBLE_NAME, TROUBLE_UNREACHABLE
from hal.name_lookup import NameLookup
from hal.socket_network import SocketNetwork
from tests.portable.hal.dns_answers import NO_SUCH_NAME, TC, answer, not_it

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

HOME = "127.0.0.1"
NAME = "fleet.example"
PATIENCE_S = 60
#: Looks in a row that find nothing new; far more than the loopback needs.
LOOKS = 300
#: And when something must come.
LOOKS_MAX = 300_000
sockets: "Any" = socket


def sockaddr(host: str, port: int) -> "Any":
    return sockets.getaddrinfo(host, port)[0][4]


def bound(kind: int) -> "tuple[Any, int]":
    """A socket and its port: MicroPython cannot tell which one the system took."""
    while True:
        drawn = os.urandom(2)
        port = 20000 + (drawn[0] << 8 | drawn[1]) % 12000
        made = sockets.socket(socket.AF_INET, kind)
        made.settimeout(PATIENCE_S)
        try:
            made.bind(sockaddr(HOME, port))
        except OSError:
            made.close()
        else:
            return made, port


class Scene:
    """`with Scene() as scene`: everything is closed in the end."""

    def __init__(self) -> None:
        self.server, self.server_port = bound(socket.SOCK_DGRAM)
        self.stranger, _ = bound(socket.SOCK_DGRAM)
        self.centre, self.centre_port = bound(socket.SOCK_STREAM)
        self.centre.listen(20)
        self.network = SocketNetwork(None)
        self.network.names = NameLookup(lambda: HOME, lambda: os.urandom(4), self.server_port)
        self.now_ms = 0
        self.asker: Any = None

    def __enter__(self) -> "Scene":  # noqa: PYI034 - there is no typing.Self
        return self

    def __exit__(self, *_: object) -> None:
        for one in (self.server, self.stranger, self.centre, self.network):
            one.close()

    def open(self) -> bytes:
        """Begin; the first question."""
        self.network.open(NAME, self.centre_port)
        assert self.network.state == OPENING
        self.network.poll(self.now_ms)
        return self.hear()

    def hear(self) -> bytes:
        question, self.asker = self.server.recvfrom(600)
        return bytes(question)

    def say(self, data: bytes) -> None:
        self.server.sendto(data, self.asker)

    def look(self) -> None:
        """It finds nothing that ends the look-up."""
        for _ in range(LOOKS):
            self.network.poll(self.now_ms)
            assert self.network.state == OPENING

    def end(self) -> int:
        """The state when it is no more opening."""
        for _ in range(LOOKS_MAX):
            self.network.poll(self.now_ms)
            if self.network.state != OPENING:
                return self.network.state
        raise AssertionError("nothing came")

    def again(self, answers: bytes) -> int:
        """A second later: the same question, answered so."""
        self.now_ms += 1000
        self.network.poll(self.now_ms)
        self.hear()
        self.say(answers)
        return self.end()

    def told(self) -> "tuple[int, str]":
        return self.network.trouble, self.network.detail


def test_a_name_is_asked_for_and_the_stream_opens() -> None:
    with Scene() as scene:
        question = scene.open()
        scene.look()
        scene.say(answer(question, HOME))
        assert scene.end() == OPEN
        accepted, _ = scene.centre.accept()
        accepted.close()


def test_an_answer_that_comes_late_is_good() -> None:
    with Scene() as scene:
        question = scene.open()
        for later_ms in (1000, 2000, 4000):
            scene.now_ms += later_ms
            scene.look()
            assert scene.hear() == question
        scene.now_ms += 7999
        scene.look()
        scene.say(answer(question, HOME))
        assert scene.end() == OPEN


def test_a_server_that_never_answers_is_given_up() -> None:
    with Scene() as scene:
        scene.open()
        for _ in range(15):
            scene.look()
            scene.now_ms += 1000
        assert scene.end() == CLOSED
        assert scene.told() == (TROUBLE_NAME, "no answer from 127.0.0.1 about fleet.example")


def test_nobody_at_the_port_of_the_server_is_no_answer_either() -> None:
    with Scene() as scene:
        scene.server.close()
        scene.network.open(NAME, scene.centre_port)
        for _ in range(15):
            scene.look()
            scene.now_ms += 1000
        assert scene.end() == CLOSED
        assert scene.told() == (TROUBLE_NAME, "no answer from 127.0.0.1 about fleet.example")


def test_what_is_no_answer_is_overheard() -> None:
    """Another number, another question, a question, cut, nonsense, an empty datagram."""
    with Scene() as scene:
        for number in range(len(not_it(bytes(40))) + 1):
            question = scene.open()
            bad = not_it(question)
            bad.append(b"")
            scene.say(bad[number])
            scene.look()
            assert scene.again(answer(question, HOME)) == OPEN, number
            scene.network.close()  # nobody answered there, so the name is asked for again


def test_an_answer_from_another_port_is_overheard() -> None:
    """Off the path: whoever knows number and port, and not how to come from the server."""
    with Scene() as scene:
        question = scene.open()
        scene.stranger.sendto(answer(question, "127.0.0.9"), scene.asker)
        scene.look()
        assert scene.again(answer(question, HOME)) == OPEN


def test_what_the_server_refuses_is_told_in_words() -> None:
    for flags, words in (
        (0x8180 | NO_SUCH_NAME, "the name server 127.0.0.1 does not know fleet.example"),
        (0x8182, "the name server 127.0.0.1 cannot tell fleet.example: error 2"),
        (0x8180 | TC, "the name server 127.0.0.1 says too much about fleet.example"),
        (0x8180, "the name server 127.0.0.1 has no IPv4 address of fleet.example"),
    ):
        with Scene() as scene:
            question = scene.open()
            scene.say(answer(question, flags=flags))
            assert scene.end() == CLOSED
            assert scene.told() == (TROUBLE_NAME, words)


def test_each_address_has_its_turn() -> None:
    with Scene() as scene:
        question = scene.open()
        scene.say(answer(question, "127.0.0.3", HOME))
        assert scene.end() == CLOSED
        assert scene.network.trouble == TROUBLE_UNREACHABLE
        question = scene.open()
        scene.say(answer(question, "127.0.0.3", HOME))
        assert scene.end() == OPEN


def test_closed_in_the_middle_nothing_comes_of_the_answer() -> None:
    with Scene() as scene:
        question = scene.open()
        scene.network.close()
        scene.say(answer(question, HOME))
        for _ in range(LOOKS):
            scene.network.poll(scene.now_ms)
            assert scene.network.state == CLOSED
        other = scene.open()
        assert other != question
        scene.say(answer(question, HOME))
        scene.look()
        assert scene.again(answer(other, HOME)) == OPEN
