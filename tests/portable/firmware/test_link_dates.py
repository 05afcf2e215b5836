"""A car that does not know the date: it connects without a certificate's dates, then with them."""

from firmware.link import OFFLINE, ONLINE
from firmware.mqtt_session import END_NETWORK, END_UNDATED, NOT_ENDED
from firmware.wire.network_codes import CLOSED, NO_TROUBLE, OPEN, TROUBLE_CERTIFICATE
from firmware.wire.packets import DISCONNECT
from firmware.wire.packets_endpoint import pack_connack
from tests.portable.firmware.link_rig import LinkRig
from tests.portable.firmware.loop_rig import Box
from tests.portable.firmware.test_inbox import nonce


def lost() -> LinkRig:
    """Does not know the date."""
    rig = LinkRig()
    rig.knows_date = False
    return rig


def again(rig: LinkRig) -> None:
    rig.wait_for_attempt()
    rig.after(0)


def test_dates_are_checked_unless_the_clock_is_lost() -> None:
    for knows_date in (True, False):
        rig = LinkRig()
        rig.knows_date = knows_date
        rig.network.is_out_of_date = True
        rig.after(0)
        again(rig)
        assert rig.network.checks_dates == knows_date
        assert rig.network.state == (CLOSED if knows_date else OPEN)


def test_once_the_date_is_known_the_connection_is_made_anew_with_dates() -> None:
    """Nothing that had come is lost, and the centre is told that the car goes."""
    rig = lost()
    rig.go_online()
    rig.heard()
    rig.deliver(b"came before")
    rig.knows_date = True
    rig.after(0)
    assert rig.link.state == OFFLINE and rig.network.state == CLOSED
    assert (rig.link.last_end, rig.link.network_trouble) == (END_UNDATED, NO_TROUBLE)
    assert [packet.kind for packet in rig.heard()][-1] == DISCONNECT
    assert rig.link.may_connect() and rig.left_ms() <= 2000
    again(rig)
    assert rig.network.checks_dates
    rig.say(pack_connack(0))
    rig.grant()
    assert rig.link.state == ONLINE and rig.messages() == [b"came before"]
    rig.after(1000)
    assert rig.link.state == ONLINE and rig.link.sessions == 2


def test_a_certificate_that_is_out_of_date_is_not_taken_any_more_then() -> None:
    rig = lost()
    rig.network.is_out_of_date = True
    rig.go_online()
    rig.knows_date = True
    rig.after(0)
    for _ in range(5):
        again(rig)
        assert (rig.link.last_end, rig.link.network_trouble) == (END_NETWORK, TROUBLE_CERTIFICATE)
        assert rig.heard() == []


def test_an_attempt_under_way_ends_too() -> None:
    rig = lost()
    rig.greet()
    rig.knows_date = True
    rig.after(0)
    assert (rig.link.state, rig.link.last_end) == (OFFLINE, END_UNDATED)


def test_a_clock_that_is_lost_later_ends_nothing() -> None:
    rig = LinkRig()
    rig.go_online()
    for knows_date in (False, True, False):
        rig.knows_date = knows_date
        rig.after(10)
        assert (rig.link.state, rig.link.last_end) == (ONLINE, NOT_ENDED)
    rig.network.cut()
    rig.after(0)
    again(rig)
    assert not rig.network.checks_dates


def test_safe_4_the_link_hears_whether_the_clock_is_trusted_and_time_restores_it() -> None:
    box = Box()
    box.book()
    box.centre.online = True
    box.trusted = False
    box.after(2000)
    box.after(2000)
    assert not box.centre.knows_date
    box.put_time(nonce(box))
    box.loop.turn()
    assert not box.centre.knows_date
    box.loop.turn()
    assert box.centre.knows_date


def test_safe_4_a_time_that_cannot_be_is_no_date() -> None:
    """Or a box whose clock says 2054 could connect no more, and so never be set right."""
    box = Box()
    box.after(10)
    assert box.centre.knows_date
    box.wall_s = 1 << 30
    box.after(10)
    assert not box.centre.knows_date
