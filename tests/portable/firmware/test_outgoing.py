"""What waits to be sent, and the identifiers of packets."""

from firmware.outgoing import PACKET_ID_MAX, PacketIds, SendBuffer
from hal.fake.network import FakeNetwork


def open_network() -> FakeNetwork:
    network = FakeNetwork()
    network.open("centre.example", 1883)
    network.poll(0)
    return network


def test_packets_leave_whole_and_in_order_whatever_pieces_the_stream_takes() -> None:
    for piece_bytes in (1, 2, 3, 7, 100):
        network = open_network()
        network.piece_bytes = piece_bytes
        buffer = SendBuffer(10)
        sent = b""
        for number in range(40):
            packet = bytes([number]) * (number % 5 + 1)
            while not buffer.put(packet):
                assert buffer.flush(network) > 0
            sent += packet
        while not buffer.is_empty():
            buffer.flush(network)
        assert network.take() == sent


def test_a_packet_without_room_is_not_kept_in_part() -> None:
    network = open_network()
    buffer = SendBuffer(10)
    assert buffer.put(b"123456")
    assert not buffer.put(b"12345")
    assert buffer.put(b"7890")
    assert not buffer.put(b"x")
    assert buffer.flush(network) == 10
    assert buffer.flush(network) == 0
    assert network.take() == b"1234567890"


def test_what_was_cleared_is_not_sent() -> None:
    network = open_network()
    buffer = SendBuffer(10)
    buffer.put(b"old")
    buffer.clear()
    assert buffer.is_empty()
    buffer.put(b"new")
    buffer.flush(network)
    assert network.take() == b"new"


def test_identifiers_count_to_65535_and_begin_again_at_1() -> None:
    ids = PacketIds(4)
    for expected in range(1, PACKET_ID_MAX + 1):
        assert ids.take() == expected
        assert ids.give_back(expected)
    assert ids.take() == 1


def test_an_identifier_in_use_is_passed_over_after_the_wrap() -> None:
    ids = PacketIds(4)
    assert [ids.take(), ids.take(), ids.take()] == [1, 2, 3]
    assert ids.give_back(2)
    for expected in range(4, PACKET_ID_MAX + 1):
        assert ids.take() == expected
        assert ids.give_back(expected)
    assert ids.take() == 2
    assert ids.take() == 4
    assert ids.count == 4


def test_no_more_identifiers_than_allowed() -> None:
    ids = PacketIds(2)
    assert [ids.take(), ids.take(), ids.take()] == [1, 2, 0]
    assert not ids.give_back(3)
    assert ids.give_back(1)
    assert not ids.give_back(1)
    assert ids.take() == 3


def test_forgotten_identifiers_are_free_and_the_numbers_go_on() -> None:
    ids = PacketIds(2)
    ids.take()
    ids.take()
    ids.clear()
    assert ids.count == 0
    assert not ids.give_back(1)
    assert ids.take() == 3
