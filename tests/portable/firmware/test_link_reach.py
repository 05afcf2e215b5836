"""The link and a network that knows when it is out of reach."""

from firmware.link import CONNECTING, OFFLINE
from firmware.mqtt_session import END_BUSY, END_NETWORK
from firmware.ticks import FAR_MS, MASK
from firmware.wire.network_codes import TROUBLE_BROKEN, TROUBLE_UNREACHABLE
from firmware.wire.packets import SERVER_UNAVAILABLE
from tests.portable.firmware.link_rig import LinkRig

#: A wait as long as this is no first step.
LONG_MS = 20000


def out_of_reach_after_a_long_wait(entropy: int = 1) -> LinkRig:
    """Nobody answered for so long that the next attempt lies far ahead; then the network went."""
    rig = LinkRig(entropy=entropy)
    rig.network.refuses_with = TROUBLE_UNREACHABLE
    rig.after(0)
    while len(rig.network.opened) < 9 or rig.left_ms() < LONG_MS:
        rig.wait_for_attempt()
        rig.after(0)
    rig.network.refuses_with = 0
    rig.network.lose_carrier()
    rig.after(0)
    return rig


def wait_after_return(rig: LinkRig) -> int:
    rig.network.is_reachable = True
    rig.after(0)
    return rig.wait_for_attempt()


def test_the_car_connects_within_2_s_when_the_network_is_back_and_cars_differ() -> None:
    waits = []
    for entropy in range(40):
        rig = out_of_reach_after_a_long_wait(entropy)
        rig.after(5000)
        waits.append(wait_after_return(rig))
        assert rig.link.state == CONNECTING
    assert max(waits) <= 2000
    assert max(waits) - min(waits) > 1400
    assert len(set(waits)) > 35


def test_out_of_reach_nothing_is_tried_and_no_wait_grows() -> None:
    rig = out_of_reach_after_a_long_wait()
    attempts = len(rig.network.opened)
    for _ in range(1000):
        rig.after(3600000)
        assert rig.left_ms() == FAR_MS
    assert rig.link.state == OFFLINE
    assert len(rig.network.opened) == attempts
    assert wait_after_return(rig) <= 2000


def test_the_waits_begin_anew_after_the_return() -> None:
    waits = []
    for entropy in range(40):
        rig = out_of_reach_after_a_long_wait(entropy)
        rig.network.refuses_with = TROUBLE_UNREACHABLE
        wait_after_return(rig)
        waits.append(rig.wait_for_attempt())
    assert 2000 < max(waits) <= 4000


def test_one_that_stays_in_reach_finishes_its_wait() -> None:
    rig = LinkRig()
    rig.network.refuses_with = TROUBLE_UNREACHABLE
    rig.after(0)
    while len(rig.network.opened) < 9 or rig.left_ms() < LONG_MS:
        rig.wait_for_attempt()
        rig.after(0)
    left_ms = rig.left_ms()
    rig.after(LONG_MS // 2)
    assert rig.left_ms() == left_ms - LONG_MS // 2


def test_the_first_attempt_is_spread_over_10_s_from_when_it_is_in_reach() -> None:
    waits = []
    for entropy in range(40):
        rig = LinkRig(entropy=entropy)
        rig.network.is_reachable = False
        for _ in range(3):
            rig.after(20000)
        assert rig.network.opened == []
        waits.append(wait_after_return(rig))
    assert max(waits) > 7000


def test_a_session_ends_with_the_network_and_the_next_follows_soon_after_it() -> None:
    """Though no turn fell between, the loss was seen when the session ended."""
    rig = LinkRig()
    rig.go_online()
    for _ in range(8):
        rig.network.lose_carrier()
        rig.after(0)
        assert not rig.link.is_online()
        assert (rig.link.last_end, rig.link.network_trouble) == (END_NETWORK, TROUBLE_BROKEN)
        assert rig.left_ms() == FAR_MS
        assert wait_after_return(rig) <= 2000
        rig.say(b"\x20\x02\x00\x00")
        rig.grant()
        assert rig.link.is_online()


def turned_away(entropy: int = 1) -> LinkRig:
    rig = LinkRig(entropy=entropy)
    rig.greet(SERVER_UNAVAILABLE)
    assert rig.link.last_end == END_BUSY
    assert rig.left_ms() >= 60000
    return rig


def test_a_centre_that_is_busy_is_not_asked_sooner_because_the_network_was_away() -> None:
    rig = turned_away()
    left_ms = rig.left_ms()
    rig.network.lose_carrier()
    rig.after(10000)
    rig.network.is_reachable = True
    rig.after(10000)
    assert rig.left_ms() == left_ms - 20000


def test_a_wait_that_passed_out_of_reach_is_over_for_the_busy_centre_too() -> None:
    """Even where the clock wraps meanwhile; and cars do not come at once."""
    waits = []
    for entropy in range(20):
        rig = turned_away(entropy)
        rig.network.lose_carrier()
        for _ in range(8):
            rig.after(MASK // 8)
        waits.append(wait_after_return(rig))
    assert 1000 < max(waits) <= 2000
