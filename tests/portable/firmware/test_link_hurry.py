"""Somebody waits for the link: it connects now, where that makes sense. START-3, START-12."""

from firmware.link import CONNECTING, OFFLINE, ONLINE, STUCK_AFTER_MS
from firmware.wire.packets_endpoint import pack_connack
from tests.portable.firmware.link_rig import LinkRig

BUSY = 3


def dropped() -> LinkRig:
    """Was online, lost it more than once, and waits for long now."""
    rig = LinkRig()
    rig.go_online()
    rig.network.refuses_with = 1
    rig.network.cut()
    rig.after(0)
    for _ in range(6):
        rig.wait_for_attempt()
        rig.after(0)
    assert rig.link.state == OFFLINE and rig.left_ms() > 5000
    return rig


def test_a_long_wait_is_cut_short() -> None:
    rig = dropped()
    rig.network.refuses_with = 0
    assert rig.link.may_connect()
    rig.link.hurry()
    assert rig.left_ms() == 0
    rig.after(0)
    rig.after(0)
    rig.say(pack_connack(0))
    rig.grant()
    assert rig.link.state == ONLINE and not rig.link.may_connect()


def test_so_is_the_first_wait_after_the_start() -> None:
    rig = LinkRig()
    rig.after(0)
    before = len(rig.network.opened)
    rig.link.hurry()
    rig.after(0)
    assert len(rig.network.opened) == before + 1


def test_without_a_network_nobody_can_hurry() -> None:
    rig = dropped()
    rig.network.lose_carrier()
    rig.after(0)
    before = len(rig.network.opened)
    assert not rig.link.may_connect()
    rig.link.hurry()
    rig.after(0)
    assert len(rig.network.opened) == before


def test_a_centre_that_turned_the_car_away_is_left_in_peace() -> None:
    rig = LinkRig()
    rig.greet(BUSY)
    assert rig.link.state == OFFLINE and not rig.link.may_connect()
    left_ms = rig.left_ms()
    rig.link.hurry()
    assert rig.left_ms() == left_ms > 0


def test_a_stream_that_does_not_open_is_given_up_for_a_fresh_one() -> None:
    rig = LinkRig()
    rig.network.never_opens = True
    rig.after(0)
    rig.wait_for_attempt()
    opened = len(rig.network.opened)
    rig.after(STUCK_AFTER_MS - 1)
    rig.link.hurry()
    rig.after(0)
    assert rig.link.state == CONNECTING and len(rig.network.opened) == opened, "still young"
    rig.after(1)
    rig.link.hurry()
    rig.after(0)
    assert rig.link.state == CONNECTING and len(rig.network.opened) == opened + 1


def test_a_stream_that_is_open_is_kept_however_slow_the_server() -> None:
    rig = LinkRig()
    rig.after(0)
    rig.wait_for_attempt()
    rig.after(0)
    opened = len(rig.network.opened)
    rig.after(STUCK_AFTER_MS + 1)
    rig.link.hurry()
    rig.after(0)
    assert len(rig.network.opened) == opened
    rig.say(pack_connack(0))
    rig.grant()
    assert rig.link.state == ONLINE


def test_online_and_stopped_links_do_not_hurry() -> None:
    rig = LinkRig()
    rig.go_online()
    rig.link.hurry()
    rig.after(0)
    assert rig.link.state == ONLINE
    rig.link.stop()
    assert not rig.link.may_connect()
    rig.link.hurry()
    rig.after(0)
    assert rig.link.state not in (CONNECTING, ONLINE)
