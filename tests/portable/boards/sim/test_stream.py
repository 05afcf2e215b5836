"""The stream whose other end is request and response."""

from boards.sim.car_wire import STREAM_BYTES_MAX
from boards.sim.stream import PipedNetwork
from firmware.ticks import FAR_MS, MASK, ticks_diff
from firmware.wire.network_codes import (
    CLOSED,
    NO_TROUBLE,
    OPEN,
    OPENING,
    TROUBLE_BROKEN,
    TROUBLE_ENDED,
    TROUBLE_UNREACHABLE,
)


def opened() -> PipedNetwork:
    network = PipedNetwork()
    network.is_reachable = True
    network.open("centre.example", 8883)
    network.hear(1, OPEN, NO_TROUBLE, b"")
    network.poll(5)
    assert network.state == OPEN
    return network


def read(network: PipedNetwork, most: int = 100) -> bytes:
    buffer = bytearray(most)
    return bytes(buffer[: network.readinto(buffer)])


def left_ms(network: PipedNetwork) -> int:
    return ticks_diff(network.next_due_at_ms, 5)


def test_opening_takes_until_the_world_says_so() -> None:
    network = PipedNetwork()
    network.is_reachable = True
    assert (network.state, network.stream()) == (CLOSED, 0)
    network.open("centre.example", 8883)
    assert (network.state, network.stream()) == (OPENING, 1)
    assert network.write(b"early") == 0
    network.hear(1, OPENING, NO_TROUBLE, b"")
    network.poll(5)
    assert (network.state, left_ms(network)) == (OPENING, FAR_MS)
    network.hear(1, OPEN, NO_TROUBLE, b"")
    assert (network.state, left_ms(network)) == (OPENING, 0)
    network.poll(5)
    assert (network.state, left_ms(network)) == (OPEN, FAR_MS)
    assert network.take() == b""


def test_without_a_carrier_opening_fails_at_once() -> None:
    network = PipedNetwork()
    network.open("centre.example", 8883)
    assert (network.state, network.trouble) == (CLOSED, TROUBLE_UNREACHABLE)
    assert network.stream() == 0


def test_refused() -> None:
    network = PipedNetwork()
    network.is_reachable = True
    network.open("centre.example", 8883)
    network.hear(1, CLOSED, TROUBLE_UNREACHABLE, b"")
    assert network.state == OPENING
    network.poll(5)
    assert (network.state, network.trouble) == (CLOSED, TROUBLE_UNREACHABLE)


def test_bytes_both_ways() -> None:
    network = opened()
    network.hear(1, OPEN, NO_TROUBLE, b"hello ")
    network.hear(1, OPEN, NO_TROUBLE, b"car")
    assert (network.unread(), left_ms(network)) == (9, 0)
    assert read(network, 5) == b"hello"
    assert (network.unread(), left_ms(network)) == (4, 0)
    assert read(network) == b" car"
    assert read(network) == b""
    assert (network.unread(), left_ms(network)) == (0, FAR_MS)
    assert network.write(b"hello ") == 6
    assert network.write(memoryview(b"centre")) == 6
    assert left_ms(network) == FAR_MS
    assert network.take() == b"hello centre"
    assert network.take() == b""


def test_a_response_holds_so_many_bytes_and_the_rest_wants_another_turn() -> None:
    network = opened()
    assert network.write(bytes(STREAM_BYTES_MAX - 1)) == STREAM_BYTES_MAX - 1
    assert left_ms(network) == FAR_MS
    assert network.write(b"abc") == 1
    assert left_ms(network) == 0
    assert network.write(b"bc") == 0
    assert network.take() == bytes(STREAM_BYTES_MAX - 1) + b"a"
    network.poll(5)
    assert left_ms(network) == FAR_MS
    assert network.write(b"bc") == 2
    assert network.take() == b"bc"


def test_what_came_before_the_end_is_read_first() -> None:
    network = opened()
    network.hear(1, CLOSED, TROUBLE_ENDED, b"last words")
    network.poll(5)
    assert (network.state, left_ms(network)) == (OPEN, 0)
    assert read(network, 5) == b"last "
    assert read(network) == b"words"
    assert (network.state, left_ms(network)) == (OPEN, 0)
    assert read(network) == b""
    assert (network.state, network.trouble) == (CLOSED, TROUBLE_ENDED)
    assert left_ms(network) == FAR_MS


def test_opened_and_ended_between_two_turns() -> None:
    network = PipedNetwork()
    network.is_reachable = True
    network.open("centre.example", 8883)
    network.hear(1, CLOSED, TROUBLE_ENDED, b"no")
    network.poll(5)
    assert network.state == OPEN
    assert read(network) == b"no"
    assert read(network) == b""
    assert (network.state, network.trouble) == (CLOSED, TROUBLE_ENDED)


def test_what_broke_is_lost_with_all_that_came() -> None:
    network = opened()
    network.hear(1, CLOSED, TROUBLE_BROKEN, b"half")
    assert network.state == OPEN
    network.poll(5)
    assert (network.state, network.trouble) == (CLOSED, TROUBLE_BROKEN)
    assert (network.unread(), read(network), network.write(b"x")) == (0, b"", 0)


def test_closing_and_opening_in_one_turn_begins_another_stream() -> None:
    network = opened()
    network.hear(1, OPEN, NO_TROUBLE, b"old")
    network.write(b"of the old one")
    network.close()
    assert (network.state, network.trouble, network.stream()) == (CLOSED, NO_TROUBLE, 0)
    network.open("centre.example", 8883)
    assert network.stream() == 2
    assert (network.take(), network.unread()) == (b"", 0)
    network.hear(1, OPEN, NO_TROUBLE, b"stale")
    network.poll(5)
    assert (network.state, network.unread()) == (OPENING, 0)
    network.hear(1, CLOSED, TROUBLE_BROKEN, b"")
    network.poll(5)
    assert network.state == OPENING
    network.hear(2, OPEN, NO_TROUBLE, b"new")
    network.poll(5)
    assert read(network) == b"new"


def test_the_last_bytes_of_one_that_was_closed_still_go() -> None:
    """The farewell."""
    network = opened()
    network.write(b"farewell")
    network.close()
    assert network.stream() == 0
    assert network.take() == b"farewell"


def test_a_closed_stream_hears_nothing() -> None:
    network = opened()
    network.close()
    network.hear(1, CLOSED, TROUBLE_BROKEN, b"late")
    network.poll(5)
    assert (network.state, network.trouble, network.unread()) == (CLOSED, NO_TROUBLE, 0)


def test_numbers_go_round_without_0() -> None:
    network = opened()
    network._number = 65534
    numbers = []
    for _ in range(3):
        network.open("centre.example", 8883)
        numbers.append(network.stream())
    assert numbers == [65535, 1, 2]


def test_nothing_is_due_around_the_wrap_of_the_clock() -> None:
    network = opened()
    network.poll(MASK)
    assert ticks_diff(network.next_due_at_ms, MASK) == FAR_MS
