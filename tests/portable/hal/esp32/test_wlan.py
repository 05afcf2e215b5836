"""The Wi-Fi machine: late, wrong, lost, flapping, raising; and what a stream over it is told."""

from firmware.ticks import ticks_diff
from firmware.wire.network_codes import (
    CLOSED,
    NO_TROUBLE,
    OPENING,
    TROUBLE_NO_SUCH_NETWORK,
    TROUBLE_NOT_JOINED,
    TROUBLE_PASSPHRASE,
    TROUBLE_RADIO,
    TROUBLE_UNREACHABLE,
)
from tests.portable.hal.esp32.chip import Chip, power_on
from tests.portable.hal.esp32.chip_radio import Air
from tests.portable.hal.esp32.hal_ports import SocketNetwork, Wlan, wlan


class Rig:
    def __init__(self, ssid: str = "depot", key: str = "passphrase") -> None:
        self.chip: Chip = power_on()
        self.air = self.chip.air = Air("depot", "passphrase")
        self.network = SocketNetwork(None)
        self.wlan = Wlan(ssid, key, self.network, self.chip.ticks_ms())

    def state(self) -> int:
        return self.wlan.state

    def is_reachable(self) -> bool:
        return self.network.is_reachable

    def pass_s(self, seconds: int) -> None:
        for _ in range(seconds * 20):
            self.chip.pass_ms(50)
            self.wlan.poll(self.chip.ticks_ms())


def test_it_comes_up_and_says_so() -> None:
    rig = Rig()
    assert not rig.is_reachable()
    assert rig.wlan.may_sleep()
    rig.pass_s(2)
    assert rig.state() == wlan.JOINING
    assert not rig.wlan.may_sleep()
    assert not rig.is_reachable()
    rig.pass_s(2)
    assert rig.state() == wlan.UP
    assert rig.is_reachable()
    assert (rig.wlan.joins, rig.air.connects) == (1, 1)
    assert rig.air.settings == ["pm"]


def test_no_network_rests_longer_each_time() -> None:
    rig = Rig()
    rig.air.is_near = False
    rests = []
    for _ in range(1400):
        before = rig.state()
        rig.pass_s(1)
        if rig.state() == wlan.RESTING and before != wlan.RESTING:
            rests.append(ticks_diff(rig.wlan.next_due_at_ms, rig.chip.ticks_ms()) // 1000 + 1)
            assert not rig.air.is_on
    assert rests[0] in (4, 5)
    assert [rests[i + 1] > rests[i] for i in range(5)] == [True] * 5
    assert max(rests) <= 300
    assert len(rests) >= 8


def test_a_wrong_passphrase_is_told_and_does_not_keep_the_radio_on() -> None:
    rig = Rig(key="another one")
    rig.pass_s(21)
    assert rig.state() == wlan.RESTING
    assert rig.network.trouble == TROUBLE_PASSPHRASE
    assert not rig.air.is_on
    assert not rig.is_reachable()


def test_a_lost_network_ends_the_stream_at_once() -> None:
    rig = Rig()
    rig.pass_s(4)
    rig.network.open("127.0.0.1", 1)
    assert rig.network.state == OPENING
    rig.air.leave()
    rig.pass_s(1)
    assert not rig.is_reachable()
    assert (rig.network.state, rig.network.trouble) == (CLOSED, TROUBLE_UNREACHABLE)
    assert (rig.state(), rig.wlan.losses) == (wlan.JOINING, 1)
    rig.air.is_near = True
    rig.pass_s(4)
    assert rig.is_reachable()
    assert rig.wlan.joins == 2


def test_why_it_is_not_up_is_told_while_it_is_not() -> None:
    """The driver's word as far as it has one; a stream's own trouble is heard first."""
    rig = Rig()
    rig.air.is_near = False
    rig.pass_s(1)
    assert rig.network.trouble == TROUBLE_NO_SUCH_NETWORK, "before the join is given up"
    rig.pass_s(20)
    assert (rig.state(), rig.network.trouble) == (wlan.RESTING, TROUBLE_NO_SUCH_NETWORK)
    rig.air.is_near = True
    rig.pass_s(10)
    assert (rig.state(), rig.network.trouble) == (wlan.UP, NO_TROUBLE)
    rig.network.open("127.0.0.1", 1)
    rig.air.leave()
    rig.pass_s(1)
    assert rig.network.trouble == TROUBLE_UNREACHABLE
    rig.network.close()  # as whoever had it does then
    rig.pass_s(1)
    assert rig.network.trouble == TROUBLE_NO_SUCH_NETWORK


def test_a_network_that_says_nothing_and_a_driver_that_fails_are_told_too() -> None:
    rig = Rig()
    rig.air.join_ms = 60_000
    rig.pass_s(19)
    assert rig.network.trouble == NO_TROUBLE
    rig.pass_s(2)
    assert rig.network.trouble == TROUBLE_NOT_JOINED
    rig = Rig()
    rig.air.raises = 2
    rig.pass_s(1)
    assert rig.network.trouble == TROUBLE_RADIO


def test_a_network_that_comes_and_goes_for_an_hour() -> None:
    rig = Rig()
    for _ in range(60):
        rig.pass_s(7)
        rig.air.leave()
        rig.pass_s(3)
        rig.air.is_near = True
    rig.pass_s(330)
    assert rig.state() == wlan.UP
    assert rig.is_reachable()
    assert rig.wlan.joins == rig.wlan.losses + 1


def test_a_driver_that_raises_is_tried_again() -> None:
    rig = Rig()
    rig.air.raises = 3
    rig.pass_s(1)
    assert rig.state() == wlan.RESTING
    assert rig.wlan.errors == 2  # and the radio could not be switched off either
    rig.pass_s(40)
    assert rig.state() == wlan.UP


def test_somebody_who_waits_ends_a_rest() -> None:
    rig = Rig()
    rig.air.is_near = False
    rig.pass_s(21)
    assert rig.state() == wlan.RESTING
    rig.air.is_near = True
    rig.network.hurry()
    rig.pass_s(4)
    assert rig.state() == wlan.UP


def goes_off(rig: Rig) -> None:
    """Within one look, and it stays off."""
    connects = rig.air.connects
    rig.network.rest(True)
    rig.wlan.poll(rig.chip.ticks_ms())
    assert (rig.state(), rig.air.is_on, rig.wlan.may_sleep()) == (wlan.OFF, False, True)
    assert not rig.is_reachable()
    rig.pass_s(600)
    assert (rig.state(), rig.air.is_on, rig.air.connects) == (wlan.OFF, False, connects)


def comes_back(rig: Rig) -> None:
    rig.air.is_near = True
    rig.network.rest(False)
    rig.wlan.poll(rig.chip.ticks_ms())
    assert (rig.state(), rig.air.is_on) == (wlan.JOINING, True)
    rig.pass_s(4)
    assert rig.state() == wlan.UP
    assert rig.is_reachable()


def test_power_3_a_rest_switches_it_off_whatever_it_does_and_its_end_on() -> None:
    """Before its first join, joining, up, between two joins; as each of them has just been looked at."""
    for passed_s, state in ((0, wlan.OFF), (1, wlan.JOINING), (4, wlan.UP), (22, wlan.RESTING)):
        rig = Rig()
        rig.air.is_near = passed_s < 20
        rig.pass_s(passed_s)
        assert rig.state() == state
        goes_off(rig)
        comes_back(rig)


def test_a_rest_ends_the_stream() -> None:
    rig = Rig()
    rig.pass_s(4)
    rig.network.open("127.0.0.1", 1)
    rig.network.rest(True)
    rig.wlan.poll(rig.chip.ticks_ms())
    assert (rig.network.state, rig.network.trouble) == (CLOSED, TROUBLE_UNREACHABLE)


def test_a_rest_forgets_how_often_it_was_in_vain() -> None:
    rig = Rig()
    rig.air.is_near = False
    rig.pass_s(600)
    rig.network.rest(True)
    rig.pass_s(1)
    rig.network.rest(False)
    rig.pass_s(22)
    assert rig.state() == wlan.RESTING
    rig.pass_s(5)
    assert rig.state() == wlan.JOINING


def test_a_driver_that_does_not_switch_off_is_asked_again() -> None:
    rig = Rig()
    rig.pass_s(4)
    rig.air.raises = 2
    rig.network.rest(True)
    rig.pass_s(1)
    assert (rig.state(), rig.air.is_on, rig.wlan.errors) == (wlan.OFF, False, 2)
    comes_back(rig)


def test_haste_does_not_count_while_it_rests() -> None:
    rig = Rig()
    rig.network.rest(True)
    rig.network.hurry()
    rig.pass_s(60)
    assert rig.air.connects == 0


def test_haste_without_end_does_not_try_a_driver_that_raises_without_end() -> None:
    """It ends a wait 10 s after the last try; else each is over after the first wait, of 5 s."""
    rig = Rig()
    rig.air.raises = 1000
    begun = []
    left = rig.air.raises
    for tenth in range(600):
        rig.network.hurry()
        rig.chip.pass_ms(100)
        rig.wlan.poll(rig.chip.ticks_ms())
        if rig.air.raises < left:
            left = rig.air.raises
            begun.append(tenth)
    gaps = [begun[i + 1] - begun[i] for i in range(len(begun) - 1)]
    assert len(gaps) >= 6
    assert set(gaps) == {50, 100}


def test_the_name_server_is_the_one_that_the_network_names_now() -> None:
    rig = Rig()
    assert rig.wlan.name_server() == "", "before it joined"
    rig.pass_s(4)
    assert rig.wlan.name_server() == "192.168.4.1"
    rig.air.name_server = "192.168.4.53"
    assert rig.wlan.name_server() == "192.168.4.53"
    rig.air.name_server = "0.0.0.0"
    assert rig.wlan.name_server() == "", "DHCP named none"
    rig.air.raises = 1
    assert rig.wlan.name_server() == ""
