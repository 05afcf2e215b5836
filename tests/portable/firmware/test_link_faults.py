"""The link when things go wrong: how it notices, how it ends, how long it waits."""

from firmware.link import CONNECTING, OFFLINE, ONLINE
from firmware.mqtt_session import (
    ANSWER_WITHIN_MS,
    CONNECT_WITHIN_MS,
    END_BUSY,
    END_LOGIN_REFUSED,
    END_NETWORK,
    END_PROTOCOL,
    END_SILENT,
    END_UNREAD,
)
from firmware.wire import packets
from firmware.wire.network_codes import (
    CLOSED,
    TROUBLE_BROKEN,
    TROUBLE_CERTIFICATE,
    TROUBLE_ENDED,
    TROUBLE_UNREACHABLE,
)
from firmware.wire.packets import pack_puback, pack_publish
from firmware.wire.packets_client import pack_pingreq
from firmware.wire.packets_endpoint import pack_connack, pack_pingresp, pack_suback, pack_unsuback
from tests.portable.firmware.link_rig import DOWN, PING_AFTER_MS, LinkRig

WINDOWS_MS = (10000, 2000, 4000, 8000, 16000, 32000, 64000, 128000, 256000, 300000, 300000)


def ended(rig: LinkRig, reason: int) -> bool:
    """Is it offline for this reason, its stream closed?"""
    link = rig.link
    closed = rig.network.state == CLOSED
    return link.state == OFFLINE and link.last_end == reason and closed and not link.is_online()


def test_waits_grow_while_nothing_answers() -> None:
    """One box stays within the windows; over many boxes the later waits are really long."""
    longest = [0] * len(WINDOWS_MS)
    for entropy in range(30):
        rig = LinkRig(entropy=entropy)
        rig.network.refuses_with = TROUBLE_UNREACHABLE
        rig.after(0)
        for number in range(len(WINDOWS_MS)):
            wait_ms = rig.wait_for_attempt()
            assert ended(rig, END_NETWORK)
            assert rig.link.network_trouble == TROUBLE_UNREACHABLE
            assert wait_ms <= WINDOWS_MS[number]
            longest[number] = max(longest[number], wait_ms)
    for number in range(len(WINDOWS_MS)):
        assert longest[number] > WINDOWS_MS[number] * 3 // 4


def test_an_untrusted_certificate_is_told() -> None:
    rig = LinkRig()
    rig.network.refuses_with = TROUBLE_CERTIFICATE
    rig.after(0)
    rig.wait_for_attempt()
    assert ended(rig, END_NETWORK)
    assert rig.link.network_trouble == TROUBLE_CERTIFICATE
    assert rig.network.take() == b""


def test_a_stream_that_never_opens_is_given_up() -> None:
    rig = LinkRig()
    rig.network.never_opens = True
    rig.after(0)
    rig.wait_for_attempt()
    assert rig.left_ms() == CONNECT_WITHIN_MS
    rig.after(CONNECT_WITHIN_MS - 1)
    assert rig.link.state == CONNECTING
    rig.after(1)
    assert ended(rig, END_SILENT)


def test_silence_before_connack_and_before_suback_is_given_up() -> None:
    for greeted in (False, True):
        rig = LinkRig()
        rig.after(0)
        rig.wait_for_attempt()
        if greeted:
            rig.after(1000)
            rig.say(pack_connack(0))
        left_ms = rig.left_ms()
        assert left_ms == CONNECT_WITHIN_MS - (1000 if greeted else 0)
        rig.after(left_ms - 1)
        assert rig.link.state == CONNECTING
        rig.after(1)
        assert ended(rig, END_SILENT)


def test_no_answer_to_a_ping_ends_it() -> None:
    rig = LinkRig()
    rig.go_online()
    rig.after(PING_AFTER_MS)
    assert rig.left_ms() == ANSWER_WITHIN_MS
    rig.after(ANSWER_WITHIN_MS - 1)
    assert rig.link.state == ONLINE
    rig.after(1)
    assert ended(rig, END_SILENT)


def test_no_acknowledgement_ends_it_although_pings_are_answered() -> None:
    rig = LinkRig()
    rig.go_online()
    rig.after(PING_AFTER_MS - 10000)
    rig.link.send(b"x")
    assert rig.left_ms() == 10000
    rig.after(10000)
    rig.say(pack_pingresp())
    rig.after(ANSWER_WITHIN_MS - 10001)
    assert rig.link.is_online()
    assert rig.left_ms() == 1
    rig.after(1)
    assert ended(rig, END_SILENT)


def test_each_acknowledgement_gives_the_rest_more_time() -> None:
    rig = LinkRig()
    rig.go_online()
    rig.link.send(b"x")
    rig.link.send(b"y")
    first, second = rig.published()
    rig.after(20000)
    rig.say(pack_puback(first.packet_id))
    rig.after(ANSWER_WITHIN_MS - 1)
    assert rig.link.is_online()
    rig.say(pack_puback(second.packet_id))
    rig.after(ANSWER_WITHIN_MS)
    assert rig.link.is_online()


def test_an_acknowledgement_of_nothing_is_ignored() -> None:
    rig = LinkRig()
    rig.go_online()
    rig.say(pack_puback(999))
    assert rig.link.is_online()


def test_a_busy_centre_is_left_alone_for_a_minute() -> None:
    for entropy in range(20):
        rig = LinkRig(entropy=entropy)
        rig.greet(packets.SERVER_UNAVAILABLE)
        assert ended(rig, END_BUSY)
        assert not rig.link.login_refused
        assert 60000 <= rig.left_ms() <= 128000


def test_refused_credentials_are_a_fault_until_the_centre_takes_them() -> None:
    for code in (1, 2, 4, 5):
        rig = LinkRig(entropy=code)
        rig.greet(code)
        assert ended(rig, END_LOGIN_REFUSED)
        assert rig.link.login_refused
        assert 60000 <= rig.left_ms() <= 128000
        rig.wait_for_attempt()
        rig.say(pack_connack(0))
        assert rig.link.login_refused
        rig.grant()
        assert not rig.link.login_refused


def test_a_refused_topic_is_a_fault_likewise() -> None:
    rig = LinkRig()
    rig.greet()
    rig.grant(0x80)
    assert ended(rig, END_LOGIN_REFUSED)
    assert rig.link.login_refused
    assert 60000 <= rig.left_ms() <= 128000


def test_against_the_protocol_before_connack() -> None:
    wrong = (
        pack_pingresp(),
        pack_suback(1, b"\x01"),
        pack_publish(DOWN, b"x"),
        pack_connack(0, True),
        b"\x20\x02\x00\x06",
        pack_pingreq(),
        b"\x00\x00",
        b"\xf0\x00",
        b"HTTP/1.1 400 Bad Request\r\n",
    )
    for data in wrong:
        rig = LinkRig()
        rig.after(0)
        rig.wait_for_attempt()
        rig.say(data)
        assert ended(rig, END_PROTOCOL)
        assert not rig.link.login_refused


def test_against_the_protocol_before_suback() -> None:
    wrong = (
        pack_connack(0),
        pack_suback(2, b"\x01"),
        pack_suback(1, b"\x01\x01"),
        pack_suback(1, b"\x02"),
        pack_puback(1),
        pack_unsuback(1),
    )
    for data in wrong:
        rig = LinkRig()
        rig.greet()
        rig.say(data)
        assert ended(rig, END_PROTOCOL)


def test_against_the_protocol_when_online() -> None:
    wrong = (
        pack_connack(0),
        pack_suback(1, b"\x01"),
        pack_unsuback(1),
        b"\x34\x04\x00\x01a\x00",  # QoS 2
        b"\x30\xff\xff\xff\x7f",  # 256 MiB follow
        b"\x30\x03\x00\x01\xff",  # a topic that is not UTF-8
    )
    for data in wrong:
        rig = LinkRig()
        rig.go_online()
        rig.say(data)
        assert ended(rig, END_PROTOCOL)
        assert not rig.link.send(b"x")


def test_what_stood_before_the_error_is_taken_what_stands_behind_is_not() -> None:
    rig = LinkRig()
    rig.go_online()
    good = pack_publish(DOWN, b"good", 0)
    rig.say(good + pack_connack(0) + good)
    assert ended(rig, END_PROTOCOL)
    assert rig.messages() == [b"good"]


def test_a_new_connection_knows_nothing_of_half_a_packet_of_the_old_one() -> None:
    rig = LinkRig()
    rig.go_online()
    rig.say(pack_publish(DOWN, bytes(100), 0)[:50])
    rig.network.cut()
    rig.after(0)
    assert ended(rig, END_NETWORK)
    assert rig.link.network_trouble == TROUBLE_BROKEN
    rig.wait_for_attempt()
    rig.say(pack_connack(0))
    rig.grant()
    rig.deliver(b"whole")
    assert rig.messages() == [b"whole"]


def test_a_break_at_every_byte_of_the_greeting() -> None:
    rig = LinkRig()
    rig.after(0)
    rig.wait_for_attempt()
    greeting_bytes = len(rig.network.take())
    rig.say(pack_connack(0))
    greeting_bytes += len(rig.network.take())
    for breaks_after in range(greeting_bytes + 2):
        rig = LinkRig()
        rig.network.breaks_after_bytes = breaks_after
        rig.after(0)
        for _ in range(3):
            if rig.link.state == OFFLINE:
                rig.wait_for_attempt()
            if rig.link.state == CONNECTING and rig.network.put(pack_connack(0)):
                rig.after(0)
            if rig.link.state == CONNECTING:
                rig.grant()
        assert rig.link.state == ONLINE
        assert len(rig.network.opened) == (1 if breaks_after > greeting_bytes else 2)


def test_the_servers_last_words_are_heard() -> None:
    """CONNACK and the end of the stream come together."""
    rig = LinkRig()
    rig.after(0)
    rig.wait_for_attempt()
    rig.network.put(pack_connack(5))
    rig.network.end()
    rig.after(0)
    assert ended(rig, END_LOGIN_REFUSED)


def test_the_servers_end_is_noticed() -> None:
    rig = LinkRig()
    rig.go_online()
    rig.network.end()
    assert rig.left_ms() == 0
    rig.after(0)
    assert ended(rig, END_NETWORK)
    assert rig.link.network_trouble == TROUBLE_ENDED


def test_a_break_found_while_sending_is_due_at_once() -> None:
    rig = LinkRig()
    rig.go_online()
    rig.network.breaks_after_bytes = 10
    rig.link.send(b"x" * 50)
    assert rig.left_ms() == 0
    rig.after(0)
    assert ended(rig, END_NETWORK)


def attempts_after(session_ms: int) -> "list[int]":
    """The longest of many boxes' next two waits after some failures and then such a session."""
    longest = [0, 0]
    for entropy in range(40):
        rig = LinkRig(entropy=entropy)
        rig.network.refuses_with = TROUBLE_UNREACHABLE
        rig.after(0)
        for _ in range(6):
            rig.wait_for_attempt()
        rig.network.refuses_with = 0
        rig.go_online()
        rig.after(session_ms)
        rig.network.refuses_with = TROUBLE_UNREACHABLE
        rig.network.cut()
        rig.after(0)
        for number in range(2):
            longest[number] = max(longest[number], rig.wait_for_attempt())
    return longest


def test_a_short_session_does_not_set_the_waits_back() -> None:
    first, second = attempts_after(59999)
    assert 80000 < first <= 128000
    assert 128000 < second <= 256000


def test_a_minute_online_sets_the_waits_back() -> None:
    first, second = attempts_after(60000)
    assert 5000 < first <= 10000
    assert 1000 < second <= 2000


def test_health_of_one_session_is_not_that_of_the_next() -> None:
    rig = LinkRig()
    rig.go_online()
    rig.after(60000)
    longest = 0
    for _ in range(12):
        rig.network.cut()
        rig.after(0)
        longest = max(longest, rig.wait_for_attempt())
        rig.say(pack_connack(0))
        rig.grant()
    assert longest > 60000


def test_a_server_that_sends_without_reading_is_left() -> None:
    rig = LinkRig()
    rig.go_online()
    rig.network.take()
    for _ in range(400):
        if rig.link.is_online():
            rig.network.put(pack_publish(DOWN, b"", 1, False, 5) * 20)
            rig.after(0)
            rig.messages()
    assert ended(rig, END_UNREAD)


def test_one_poll_reads_only_so_much_and_asks_for_the_next_at_once() -> None:
    rig = LinkRig()
    rig.go_online()
    rig.network.piece_bytes = 10
    rig.network.put(pack_publish(DOWN, bytes(200), 0))
    rig.after(0)
    assert rig.messages() == []
    rig.network.stalls = True  # so that only the link's own wish counts
    assert rig.left_ms() == 0
    rig.network.stalls = False
    rig.after(0)
    rig.after(0)
    assert rig.messages() == [bytes(200)]
    assert rig.left_ms() > 0
