"""The stream in memory: states, order, bounds, and that each fault switch does what it says."""

from firmware.ticks import FAR_MS, ticks_diff
from firmware.wire.network_codes import (
    CLOSED,
    NO_TROUBLE,
    OPEN,
    OPENING,
    TROUBLE_BROKEN,
    TROUBLE_CERTIFICATE,
    TROUBLE_ENDED,
    TROUBLE_UNREACHABLE,
)
from hal.fake.network import BUFFER_BYTES_MAX, FakeNetwork


def opened() -> FakeNetwork:
    network = FakeNetwork()
    network.open("centre.example", 8883)
    assert network.state == OPENING
    network.poll(5)
    assert network.state == OPEN
    return network


def read(network: FakeNetwork, most: int = 100) -> bytes:
    buffer = bytearray(most)
    return bytes(buffer[: network.readinto(buffer)])


def test_both_directions_in_order() -> None:
    network = opened()
    assert network.opened == [("centre.example", 8883)]
    assert network.put(b"hello car") == 9
    assert read(network, 5) == b"hello"
    assert read(network) == b" car"
    assert read(network) == b""
    assert network.write(b"hello ") == 6
    assert network.write(memoryview(b"centre")) == 6
    assert network.take() == b"hello centre"
    assert network.take() == b""


def test_a_certificate_out_of_date_is_refused_where_dates_are_checked() -> None:
    network = FakeNetwork()
    network.is_out_of_date = True
    for checks_dates in (True, False):
        network.open("centre.example", 8883, checks_dates)
        network.poll(0)
        assert (network.state == OPEN) == (not checks_dates)
        assert network.trouble == (TROUBLE_CERTIFICATE if checks_dates else NO_TROUBLE)


def test_nothing_passes_before_it_is_open_or_after_it_closed() -> None:
    network = FakeNetwork()
    for _ in range(2):
        assert network.put(b"x") == 0
        assert network.write(b"x") == 0
        assert read(network) == b""
        network.open("centre.example", 1)
    network.poll(0)
    network.put(b"lost")
    network.close()
    assert network.state == CLOSED
    assert network.trouble == NO_TROUBLE
    assert read(network) == b""
    assert network.write(b"x") == 0
    network.open("centre.example", 1)
    network.poll(0)
    assert read(network) == b""


def test_both_buffers_are_bounded() -> None:
    network = opened()
    long = bytes(BUFFER_BYTES_MAX + 10)
    assert network.write(long) == BUFFER_BYTES_MAX
    assert network.write(long[:10]) == 0
    assert network.put(long) == BUFFER_BYTES_MAX
    assert network.put(b"x") == 0
    assert len(network.take()) == BUFFER_BYTES_MAX
    assert network.write(long[:10] + b"x") == 11


def test_what_was_refused_must_come_again() -> None:
    """As TLS has it."""
    network = opened()
    network.piece_bytes = 2
    assert network.write(b"abcd") == 2
    for wrong in (b"c", b"ab", b""):
        try:
            network.write(wrong)
        except ValueError:
            continue
        raise AssertionError(wrong)
    assert network.write(b"cde") == 2
    assert network.write(b"ef") == 2
    assert network.take() == b"abcdef"


def test_refused_with_a_trouble() -> None:
    network = FakeNetwork()
    network.refuses_with = TROUBLE_CERTIFICATE
    network.open("centre.example", 1)
    network.poll(0)
    assert network.state == CLOSED
    assert network.trouble == TROUBLE_CERTIFICATE


def test_never_opening() -> None:
    network = FakeNetwork()
    network.never_opens = True
    for by_write in (False, True):
        network.opens_by_write = by_write
        network.open("centre.example", 1)
        network.poll(0)
        assert network.write(b"x") == 0
        assert network.state == OPENING
        assert ticks_diff(network.next_due_at_ms, 0) == FAR_MS


def test_only_a_write_shows_that_it_is_open() -> None:
    network = FakeNetwork()
    network.opens_by_write = True
    network.open("centre.example", 1)
    network.poll(0)
    assert network.state == OPENING
    assert network.write(b"ab") == 2
    assert network.state == OPEN
    assert network.take() == b"ab"


def test_a_stalled_stream_passes_nothing_and_loses_nothing() -> None:
    network = opened()
    network.put(b"abc")
    network.stalls = True
    assert read(network) == b""
    assert network.write(b"x") == 0
    assert network.state == OPEN
    network.stalls = False
    assert read(network) == b"abc"


def test_pieces() -> None:
    network = opened()
    network.piece_bytes = 2
    network.put(b"abcde")
    assert [read(network), read(network), read(network)] == [b"ab", b"cd", b"e"]
    assert network.write(b"abcde") == 2


def test_breaking_in_the_middle_of_what_is_sent() -> None:
    network = opened()
    network.breaks_after_bytes = 5
    assert network.write(b"abc") == 3
    assert network.write(b"def") == 0
    assert network.state == CLOSED
    assert network.trouble == TROUBLE_BROKEN
    assert network.take() == b"abcde"
    network.open("centre.example", 1)
    network.poll(0)
    assert network.write(b"abcdefgh") == 8


def test_an_end_lets_through_what_was_sent_before_a_cut_does_not() -> None:
    network = opened()
    network.put(b"bye")
    network.end()
    assert network.put(b"more") == 0
    assert read(network) == b"bye"
    assert network.state == OPEN
    assert read(network) == b""
    assert network.state == CLOSED
    assert network.trouble == TROUBLE_ENDED
    network = opened()
    network.put(b"bye")
    network.cut()
    assert read(network) == b""
    assert network.trouble == TROUBLE_BROKEN


def test_it_says_when_it_has_something() -> None:
    network = FakeNetwork()
    network.poll(70)
    assert ticks_diff(network.next_due_at_ms, 70) == FAR_MS
    network.open("centre.example", 1)
    assert network.next_due_at_ms == 70
    network.poll(80)
    assert ticks_diff(network.next_due_at_ms, 80) == FAR_MS
    network.put(b"ab")
    assert network.next_due_at_ms == 80
    read(network)
    assert ticks_diff(network.next_due_at_ms, 80) == FAR_MS
    network.end()
    assert network.next_due_at_ms == 80
    network.stalls = True
    assert ticks_diff(network.next_due_at_ms, 80) == FAR_MS


def test_a_lost_carrier_breaks_the_stream_and_refuses_the_next() -> None:
    network = opened()
    assert network.is_reachable
    network.lose_carrier()
    assert (network.state, network.trouble, network.is_reachable) == (CLOSED, TROUBLE_BROKEN, False)
    network.open("centre.example", 1)
    assert (network.state, network.trouble) == (CLOSED, TROUBLE_UNREACHABLE)
    network.is_reachable = True
    network.open("centre.example", 1)
    assert network.state == OPENING
