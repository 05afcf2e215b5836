"""The link when all goes well: what it says, what it takes, and when it asks."""

from firmware.link import CONNECTING, OFFLINE, ONLINE, STOPPED
from firmware.mqtt_session import QUEUE_FRAMES_MAX, SEND_BYTES_MAX, UNACKNOWLEDGED_MAX
from firmware.ticks import FAR_MS
from firmware.wire import packets
from firmware.wire.packets import pack_puback, pack_publish
from firmware.wire.packets_endpoint import Connect, Subscribe, pack_connack, pack_pingresp
from tests.portable.firmware.link_rig import (
    CAR,
    DOWN,
    KEEP_ALIVE_S,
    PASSWORD,
    PING_AFTER_MS,
    PRESENCE,
    UP,
    LinkRig,
)


def kinds(rig: LinkRig) -> "list[int]":
    return [packet.kind for packet in rig.heard()]


def test_the_first_attempt_comes_within_10_s_and_differs_between_boxes() -> None:
    waits = []
    for entropy in range(40):
        rig = LinkRig(entropy=entropy)
        rig.after(0)
        assert rig.link.state == OFFLINE
        waits.append(rig.wait_for_attempt())
        assert rig.link.state == CONNECTING
    assert max(waits) <= 10000
    assert max(waits) - min(waits) > 7000
    assert len(set(waits)) > 35


def test_connect_says_who_the_car_is_and_leaves_a_will() -> None:
    rig = LinkRig(presence=b"here", will=b"gone")
    rig.after(0)
    rig.wait_for_attempt()
    assert rig.network.opened == [("centre.example", 8883)]
    connect = rig.heard()[0]
    assert isinstance(connect, Connect)
    assert (connect.client_id, connect.user, connect.password) == (CAR, CAR, PASSWORD)
    assert connect.clean_session
    assert connect.keep_alive_s == KEEP_ALIVE_S
    will = connect.will
    assert will is not None
    assert (will.topic, will.payload, will.retain) == (PRESENCE, b"gone", True)


def test_online_only_after_suback() -> None:
    rig = LinkRig()
    rig.greet()
    assert rig.link.state == CONNECTING
    assert not rig.link.is_online()
    assert not rig.link.send(b"early")
    heard = rig.heard()
    assert [packet.kind for packet in heard] == [packets.CONNECT, packets.SUBSCRIBE]
    subscribe = heard[1]
    assert isinstance(subscribe, Subscribe)
    assert subscribe.filters == [(DOWN, 1)]
    rig.say(b"\x90\x03" + bytes((0, subscribe.packet_id)) + b"\x01")
    assert rig.link.state == ONLINE
    assert rig.link.is_online()
    assert rig.link.sessions == 1
    assert rig.link.send(b"now")
    assert rig.link.unsent == 1


def test_a_subscription_granted_with_qos_0_will_do() -> None:
    rig = LinkRig()
    rig.greet()
    rig.grant(0)
    assert rig.link.is_online()


def test_a_stream_that_only_a_write_opens() -> None:
    """TLS on MicroPython tells nothing else."""
    rig = LinkRig()
    rig.network.opens_by_write = True
    rig.go_online()


def test_presence_is_retained_once_it_is_online() -> None:
    rig = LinkRig(presence=b"here")
    rig.go_online()
    published = rig.published()
    assert len(published) == 1
    assert (published[0].topic, published[0].payload) == (PRESENCE, b"here")
    assert published[0].retain


def test_without_presence_nothing_is_published() -> None:
    rig = LinkRig()
    rig.go_online()
    assert kinds(rig) == []


def test_frames_go_up_at_once_with_qos_1_in_order() -> None:
    rig = LinkRig()
    rig.go_online()
    frames = [b"one", bytes(1024), b"three"]
    for frame in frames:
        assert rig.link.send(frame)
    published = rig.published()
    assert [message.payload for message in published] == frames
    for message in published:
        assert message.topic == UP
        assert (message.qos, message.retain, message.dup) == (1, False, False)
    assert len({message.packet_id for message in published}) == 3


def test_nothing_is_sent_twice_without_an_acknowledgement() -> None:
    """Durability is kb/1's own."""
    rig = LinkRig()
    rig.go_online()
    rig.link.send(b"once")
    assert len(rig.published()) == 1
    rig.after(29999)
    assert rig.published() == []
    rig.network.cut()
    rig.after(0)
    rig.wait_for_attempt()
    rig.say(pack_connack(0))
    rig.grant()
    assert rig.link.sessions == 2
    assert rig.published() == []


def test_a_frame_that_is_too_long_is_a_bug() -> None:
    rig = LinkRig()
    rig.go_online()
    try:
        rig.link.send(bytes(1025))
    except ValueError:
        return
    raise AssertionError("1025 bytes were taken")


def test_only_so_many_frames_without_acknowledgement() -> None:
    rig = LinkRig()
    rig.go_online()
    for _ in range(UNACKNOWLEDGED_MAX):
        assert rig.link.send(b"x")
    assert not rig.link.send(b"y")
    assert rig.link.unsent == 1
    first = rig.published()[0]
    rig.say(pack_puback(first.packet_id))
    assert rig.link.send(b"z")
    assert not rig.link.send(b"y")


def test_a_stream_that_takes_nothing_makes_the_buffer_full_and_a_frame_is_lost_whole() -> None:
    rig = LinkRig()
    rig.go_online()
    rig.network.stalls = True
    sent = 0
    while rig.link.send(bytes((sent,)) * 500):
        sent += 1
    assert sent == SEND_BYTES_MAX // 530
    for _ in range(100):
        assert not rig.link.send(bytes(500))
    rig.network.stalls = False
    rig.network.piece_bytes = 7
    for _ in range(400):
        rig.after(1)
    published = rig.published()
    assert [message.payload for message in published] == [bytes((n,)) * 500 for n in range(sent)]
    assert rig.link.send(b"the refused ones took no identifier")


def test_many_frames_of_a_long_session_find_identifiers() -> None:
    """The number after 65,535 is 1; libraries exist that stop there for ever."""
    rig = LinkRig()
    rig.go_online()
    last = rig.link._session._ids._last = 65500
    for _ in range(100):
        assert rig.link.send(b"x")
        data = rig.network.take()
        # A fixed header of 2 bytes, then the topic behind its length.
        packet_id = data[4 + len(UP)] << 8 | data[5 + len(UP)]
        assert packet_id == last % 65535 + 1
        last = packet_id
        rig.network.put(b"\x40\x02" + bytes((packet_id >> 8, packet_id & 255)))
        rig.after(0)
    assert rig.link.is_online()


def test_messages_come_down_and_are_acknowledged() -> None:
    rig = LinkRig()
    rig.go_online()
    rig.deliver(b"one", 1, 300)
    rig.deliver(b"two", 0)
    assert rig.messages() == [b"one", b"two"]
    acks = rig.heard()
    assert len(acks) == 1
    assert acks[0].kind == packets.PUBACK
    assert isinstance(acks[0], packets.Ack)
    assert acks[0].packet_id == 300


def test_a_message_between_suback_and_the_next_turn_is_not_lost() -> None:
    rig = LinkRig()
    rig.greet()
    rig.heard()
    rig.say(b"\x90\x03\x00\x01\x01" + pack_publish(DOWN, b"quick", 1, False, 9))
    assert rig.messages() == [b"quick"]


def test_a_frame_in_pieces_of_one_byte() -> None:
    rig = LinkRig()
    rig.go_online()
    rig.network.piece_bytes = 1
    frame = bytes(range(256)) * 4
    rig.deliver(frame)
    polls = 0
    while rig.left_ms() == 0 and polls < 1000:
        rig.after(0)
        polls += 1
    assert rig.messages() == [frame]


def test_more_than_the_program_takes_the_oldest_stay_and_the_rest_is_counted() -> None:
    rig = LinkRig()
    rig.go_online()
    for number in range(QUEUE_FRAMES_MAX + 3):
        rig.deliver(bytes((number,)), 1, number + 1)
    assert rig.link.dropped == 3
    assert rig.messages() == [bytes((number,)) for number in range(QUEUE_FRAMES_MAX)]
    assert len(rig.heard()) == QUEUE_FRAMES_MAX + 3
    rig.deliver(b"again")
    assert rig.messages() == [b"again"]


def test_what_is_not_for_this_car_is_counted_and_not_taken() -> None:
    """A retained command must never open a door."""
    rig = LinkRig()
    rig.go_online()
    rig.say(pack_publish(DOWN, b"retained", 1, True, 1))
    rig.say(pack_publish("kb/1/d/18/a1b2c3d4e5f7", b"foreign", 1, False, 2))
    rig.say(pack_publish(DOWN, bytes(1025), 1, False, 3))
    assert rig.link.strange == 3
    assert rig.messages() == []
    assert kinds(rig) == [packets.PUBACK] * 3
    assert rig.link.is_online()
    rig.say(pack_publish(DOWN, bytes(1024), 1, False, 4))
    assert rig.messages() == [bytes(1024)]


def test_a_ping_when_nothing_was_sent_or_heard_for_three_quarters_of_the_keep_alive() -> None:
    rig = LinkRig()
    rig.go_online()
    assert rig.left_ms() == PING_AFTER_MS
    rig.after(PING_AFTER_MS - 1)
    assert kinds(rig) == []
    rig.after(1)
    assert kinds(rig) == [packets.PINGREQ]
    rig.after(1)
    assert kinds(rig) == []
    rig.say(pack_pingresp())
    assert rig.left_ms() == PING_AFTER_MS - 1
    rig.after(PING_AFTER_MS - 1)
    assert kinds(rig) == [packets.PINGREQ]


def test_hearing_alone_does_not_spare_the_ping_that_the_server_waits_for() -> None:
    rig = LinkRig()
    rig.go_online()
    rig.after(PING_AFTER_MS - 1000)
    rig.deliver(b"news", 0)
    assert rig.left_ms() == 1000
    rig.after(1000)
    assert kinds(rig) == [packets.PINGREQ]


def test_speaking_alone_does_not_spare_the_ping_that_shows_that_the_server_lives() -> None:
    rig = LinkRig()
    rig.go_online()
    rig.after(PING_AFTER_MS - 1000)
    rig.link.send(b"news")
    assert rig.left_ms() == 1000
    rig.after(1000)
    assert kinds(rig) == [packets.PUBLISH, packets.PINGREQ]


def test_a_week_online() -> None:
    """Longer than two instants on the wrapping clock may lie apart."""
    rig = LinkRig()
    rig.go_online()
    pings = 0
    for _ in range(7 * 24 * 3600 * 1000 // PING_AFTER_MS):
        rig.after(rig.left_ms())
        pings += kinds(rig).count(packets.PINGREQ)
        rig.say(pack_pingresp())
    assert pings > 8000
    assert rig.link.is_online()
    assert rig.link.sessions == 1


def test_stopping_takes_leave_and_stays() -> None:
    rig = LinkRig()
    rig.go_online()
    rig.link.stop()
    assert kinds(rig) == [packets.DISCONNECT]
    assert rig.link.state == STOPPED
    assert not rig.link.send(b"x")
    rig.after(1000000)
    assert rig.left_ms() == FAR_MS
    assert len(rig.network.opened) == 1


def test_frames_that_came_can_be_received_after_the_connection_is_gone() -> None:
    rig = LinkRig()
    rig.go_online()
    rig.deliver(b"last words")
    rig.network.cut()
    rig.after(0)
    assert not rig.link.is_online()
    assert rig.messages() == [b"last words"]
