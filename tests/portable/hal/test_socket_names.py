"""A stream that looks the name of its server up without waiting: open, told, closed in the middle."""

from firmware.wire.network_codes import (
    CLOSED,
    NO_TROUBLE,
    OPEN,
    OPENING,
    TROUBLE_NAME,
    TROUBLE_UNREACHABLE,
)
from tests.portable.hal.dns_answers import NO_SUCH_NAME, answer
from tests.portable.hal.esp32.hal_ports import SocketNetwork
from tests.portable.hal.name_world import Asker, give_back

HOST, PORT = "fleet.example", 8883


class Rig:
    """A network whose name server says what a test wants; its sockets fail whoever waits."""

    def __init__(self, server: str = "192.168.4.1") -> None:
        self.asker = Asker(server)
        self.world = self.asker.world
        self.network = SocketNetwork(None)
        self.network.names = self.asker.names
        self.now_ms = 0

    def open(self, host: str = HOST) -> int:
        """The state after it."""
        before = self.world.put()
        try:
            self.network.open(host, PORT)
        finally:
            give_back(before)
        return self.network.state

    def after(self, ms: int = 0) -> int:
        self.now_ms += ms
        before = self.world.put()
        try:
            self.network.poll(self.now_ms)
        finally:
            give_back(before)
        return self.network.state

    def hear(self) -> int:
        return self.network.readinto(bytearray(20))

    def say(self, *addresses: str, flags: int = 0x8180) -> None:
        self.world.say(answer(self.world.asked[-1][1], *addresses, flags=flags))

    def reach(self, *addresses: str) -> int:
        """Open by name, with this answer; the state in the end."""
        assert self.open() == OPENING
        assert self.after() == OPENING
        self.say(*addresses)
        self.after(20)
        return self.after()

    def told(self) -> "tuple[int, int, str]":
        return self.network.state, self.network.trouble, self.network.detail


def test_it_is_opening_while_the_name_is_looked_up_and_then_goes_on() -> None:
    rig = Rig()
    assert rig.open() == OPENING
    for _ in range(100):
        assert rig.after(20) == OPENING
        assert rig.hear() == rig.network.write(b"CONNECT") == 0
    assert rig.world.tried == []
    assert rig.network.next_due_at_ms == rig.now_ms + 20
    rig.say("192.0.2.1")
    assert rig.after(20) == OPENING
    assert rig.after() == OPEN
    assert rig.world.tried == ["192.0.2.1"]
    assert rig.hear() == 5
    assert len(rig.world.open) == 1, "only the stream's"


def test_a_name_that_is_not_found_is_a_trouble_with_words() -> None:
    rig = Rig()
    rig.open()
    rig.after()
    rig.say(flags=0x8180 | NO_SUCH_NAME)
    rig.after(20)
    words = "the name server 192.168.4.1 does not know fleet.example"
    assert rig.told() == (CLOSED, TROUBLE_NAME, words)
    assert not rig.world.open
    assert rig.after(20) == CLOSED
    assert rig.open() == OPENING
    assert rig.told() == (OPENING, NO_TROUBLE, "")


def test_a_name_server_that_does_not_answer_is_a_trouble_after_15_s() -> None:
    rig = Rig()
    rig.open()
    rig.after()
    for _ in range(749):
        assert rig.after(20) == OPENING
    rig.after(20)
    assert rig.told() == (CLOSED, TROUBLE_NAME, "no answer from 192.168.4.1 about fleet.example")
    assert len(rig.world.asked) == 4
    assert not rig.world.open


def test_nobody_to_ask_is_told_at_once() -> None:
    rig = Rig("")
    assert rig.open() == CLOSED
    assert rig.network.trouble == TROUBLE_NAME
    assert "no name server" in rig.network.detail
    assert rig.open("a" * 64 + ".example") == CLOSED
    assert rig.network.trouble == TROUBLE_NAME
    assert len(rig.network.detail) <= 120


def test_an_address_needs_no_question() -> None:
    rig = Rig("")
    assert rig.open("192.0.2.1") == OPENING
    assert rig.after() == OPEN
    assert rig.world.asked == []
    assert rig.world.tried == ["192.0.2.1"]


def test_closing_and_losing_the_network_in_the_middle_leave_no_socket() -> None:
    rig = Rig()
    rig.open()
    rig.after()
    assert len(rig.world.open) == 1
    rig.network.close()
    assert rig.told() == (CLOSED, NO_TROUBLE, "")
    assert not rig.world.open
    assert rig.after(5000) == CLOSED
    rig.open()
    rig.after()
    rig.network.lose_carrier()
    assert rig.told() == (CLOSED, TROUBLE_UNREACHABLE, "")
    assert not rig.world.open
    assert len(rig.world.asked) == 2


def test_opening_again_in_the_middle_asks_anew() -> None:
    """An answer to the question before counts no more."""
    rig = Rig()
    rig.open()
    rig.after()
    before = rig.world.asked[0][1]
    rig.open("other.example")
    rig.after()
    rig.world.say(answer(before, "192.0.2.66"))
    assert rig.after(20) == OPENING
    assert len(rig.world.open) == 1
    rig.say("192.0.2.1")
    rig.after(20)
    assert rig.after() == OPEN
    assert rig.world.tried == ["192.0.2.1"]
    assert b"\5other\7example\0" in rig.world.asked[1][1]


def test_the_address_that_answered_is_used_again_and_another_server_is_not() -> None:
    rig = Rig()
    assert rig.reach("192.0.2.1") == OPEN
    assert rig.hear() == 5
    for _ in range(3):
        rig.network.lose_carrier()
        rig.open()
        assert rig.after() == OPEN
        assert rig.hear() == 5
    assert len(rig.world.asked) == 1
    assert rig.open("other.example") == OPENING
    rig.after()
    assert len(rig.world.asked) == 2


def test_an_address_that_fails_is_asked_for_at_the_next_attempt() -> None:
    rig = Rig()
    assert rig.reach("192.0.2.1") == OPEN
    assert rig.hear() == 5
    rig.network.close()
    rig.world.listening = ["192.0.2.7"]
    rig.open()
    assert rig.after() == CLOSED
    assert rig.network.trouble == TROUBLE_UNREACHABLE
    assert rig.reach("192.0.2.7") == OPEN
    assert rig.world.tried == ["192.0.2.1", "192.0.2.1", "192.0.2.7"]
    assert len(rig.world.asked) == 2


def test_of_several_addresses_each_has_its_turn() -> None:
    rig = Rig()
    found = ("198.51.100.1", "198.51.100.2", "192.0.2.1")
    assert rig.reach(*found) == CLOSED
    assert rig.network.trouble == TROUBLE_UNREACHABLE
    assert rig.reach(*found) == CLOSED
    assert rig.reach(*found) == OPEN
    assert rig.world.tried == list(found)
