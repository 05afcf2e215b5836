"""How long the link waits: for an answer, and before it tries again."""

from firmware.link import OFFLINE
from firmware.mqtt_session import ANSWER_WITHIN_MS, END_SILENT
from firmware.wire.packets_endpoint import pack_connack
from tests.portable.firmware.link_rig import PING_AFTER_MS, LinkRig


def test_each_healthy_session_sets_the_waits_back() -> None:
    rig = LinkRig()
    longest = 0
    for _ in range(12):
        rig.after(0)
        longest = max(longest, rig.wait_for_attempt())
        rig.say(pack_connack(0))
        rig.grant()
        rig.after(60000)
        rig.network.cut()
        rig.after(0)
    assert longest <= 10000


def test_sending_more_gives_the_first_no_more_time() -> None:
    rig = LinkRig()
    rig.go_online()
    rig.link.send(b"x")
    rig.after(20000)
    rig.link.send(b"y")
    assert rig.left_ms() == ANSWER_WITHIN_MS - 20000
    rig.after(ANSWER_WITHIN_MS - 20000)
    assert rig.link.last_end == END_SILENT and rig.link.state == OFFLINE


def test_a_ping_of_the_last_connection_is_not_waited_for_in_the_next() -> None:
    rig = LinkRig()
    rig.go_online()
    rig.after(PING_AFTER_MS)
    rig.after(ANSWER_WITHIN_MS)
    assert rig.link.last_end == END_SILENT and rig.link.state == OFFLINE
    rig.wait_for_attempt()
    rig.say(pack_connack(0))
    rig.grant()
    assert rig.left_ms() == PING_AFTER_MS
    rig.after(PING_AFTER_MS - 1)
    assert rig.link.is_online()
