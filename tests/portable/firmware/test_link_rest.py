"""POWER-3, POWER-6: a link that rests keeps off the network, and is back soon."""

from firmware.link import OFFLINE, ONLINE
from firmware.wire.packets_endpoint import pack_connack
from hal.fake.network import FakeNetwork
from tests.portable.firmware.link_rig import LinkRig

BUSY = 3
HOUR_MS = 3_600_000


def attempts(network: FakeNetwork) -> int:
    return len(network.opened)


def test_a_link_that_rests_is_gone_without_a_leave_and_tries_nothing() -> None:
    """Without DISCONNECT, so that a broker publishes the will and the centre knows."""
    rig = LinkRig()
    rig.go_online()
    rig.answer()
    before = attempts(rig.network)
    rig.link.rest(True)
    assert not rig.link.is_online() and rig.link.state == OFFLINE
    assert rig.network.take() == b"", "no DISCONNECT"
    for _ in range(50):
        rig.after(HOUR_MS)
    assert attempts(rig.network) == before
    assert rig.left_ms() > HOUR_MS, "and asks for no turn"


def test_its_frames_are_lost_at_once() -> None:
    rig = LinkRig()
    rig.go_online()
    rig.link.rest(True)
    assert not rig.link.send(b"x")


def test_it_is_back_within_two_seconds_and_spread_over_them() -> None:
    waits = set()
    for entropy in range(20):
        rig = LinkRig(entropy=entropy)
        rig.go_online()
        rig.link.rest(True)
        rig.after(HOUR_MS)
        rig.link.rest(False)
        waits.add(rig.wait_for_attempt())
        rig.say(pack_connack(0))
        rig.grant()
        assert rig.link.state == ONLINE
    assert max(waits) <= 2000 and len(waits) > 10


def test_so_is_one_that_had_not_begun() -> None:
    rig = LinkRig()
    rig.link.rest(True)
    rig.after(HOUR_MS)
    assert attempts(rig.network) == 0
    rig.link.rest(False)
    assert rig.wait_for_attempt() <= 2000


def test_somebody_may_hurry_it_as_it_wakes() -> None:
    rig = LinkRig()
    rig.go_online()
    rig.link.rest(True)
    rig.after(HOUR_MS)
    assert rig.link.may_connect(), "a touch may ask the centre"
    rig.link.rest(False)
    rig.link.hurry()
    assert rig.left_ms() == 0


def test_where_there_is_no_network_yet_it_waits_for_that() -> None:
    rig = LinkRig()
    rig.go_online()
    rig.network.lose_carrier()
    rig.after(0)
    rig.link.rest(True)
    rig.after(HOUR_MS)
    before = attempts(rig.network)
    rig.link.rest(False)
    rig.after(5000)
    assert attempts(rig.network) == before
    rig.network.is_reachable = True
    rig.after(0)
    assert rig.wait_for_attempt() <= 2000


def test_a_centre_that_turned_it_away_is_left_in_peace() -> None:
    rig = LinkRig()
    rig.greet(BUSY)
    left_ms = rig.left_ms()
    rig.link.rest(True)
    rig.link.rest(False)
    assert rig.left_ms() == left_ms > 0


def test_saying_it_twice_changes_nothing() -> None:
    rig = LinkRig()
    rig.go_online()
    rig.link.rest(False)
    assert rig.link.is_online()
    rig.link.rest(True)
    rig.after(1000)
    rig.link.rest(False)
    left_ms = rig.left_ms()
    rig.link.rest(False)
    assert rig.left_ms() == left_ms


def test_a_link_that_was_stopped_does_not_come_back() -> None:
    rig = LinkRig()
    rig.go_online()
    rig.link.stop()
    rig.link.rest(True)
    rig.link.rest(False)
    before = attempts(rig.network)
    rig.after(HOUR_MS)
    assert attempts(rig.network) == before
