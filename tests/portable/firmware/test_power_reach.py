"""POWER-6: a car that is out of reach for long tries seldom, and at once when that makes sense."""

from firmware.battery_guard import FULL, LOW
from firmware.power import (
    ASLEEP,
    OUT_FOR_LOW_MS,
    OUT_FOR_MS,
    REST_LOW_MS,
    REST_MS,
    SPREAD_MS,
    TRY_MS,
)
from firmware.reader_window import NEAR_S
from tests.portable.firmware.loop_rig import NOW
from tests.portable.firmware.power_rig import HELD_MS, HOUR_S, STRANGER, Parked


def rest_of_boot(number: int) -> int:
    box = Parked(online=False)
    for _ in range(number):
        box.restart()
    box.until_rest(True)
    return box.until_rest(False)


def test_power_6_boxes_that_lost_their_network_together_do_not_come_back_together() -> None:
    assert rest_of_boot(0) + 1000 < rest_of_boot(1) < rest_of_boot(2) - 1000


def test_power_6_out_of_reach_the_radio_rests_after_hours_and_tries_now_and_then() -> None:
    box = Parked(online=False)
    box.for_ms(OUT_FOR_MS - 1000)
    assert not box.rests()
    box.for_ms(1000)
    assert box.rests() and box.loop.power.level == ASLEEP
    for _ in range(2):
        rested_ms = box.until_rest(False)
        assert REST_MS <= rested_ms <= REST_MS + SPREAD_MS
        assert box.until_rest(True) == TRY_MS


def test_power_6_a_try_that_succeeds_ends_it() -> None:
    box = Parked(online=False)
    box.for_ms(OUT_FOR_MS)
    box.until_rest(False)
    box.centre.online = True
    box.for_ms(OUT_FOR_MS + 60_000)
    assert not box.rests() and box.loop.power.level == FULL
    box.centre.online = False
    box.for_ms(OUT_FOR_MS - 1000)
    assert not box.rests(), "and all times begin anew"


def test_power_6_a_modem_that_tells_of_its_network_ends_it_at_once() -> None:
    box = Parked(online=False)
    box.for_ms(OUT_FOR_MS)
    assert box.rests()
    box.centre.reachable = True
    box.after(1000)
    assert not box.rests()


def test_power_6_a_network_that_leads_nowhere_does_not_end_it() -> None:
    """A daemon that is away, a certificate that is over."""
    box = Parked(online=False)
    box.centre.reachable = True
    assert box.until_rest(True) >= OUT_FOR_MS - 1000
    assert box.until_rest(False) >= REST_MS


def test_power_6_with_a_low_battery_it_rests_sooner_and_longer() -> None:
    box = Parked(12_150, online=False)
    box.for_ms(max(OUT_FOR_LOW_MS, HELD_MS))
    assert box.rests() and box.level == LOW
    assert box.until_rest(False) >= REST_LOW_MS


def test_power_6_somebody_or_a_booking_ends_it_at_once() -> None:
    box = Parked(online=False)
    starts_s = NOW + 6 * HOUR_S
    box.book_at(starts_s, starts_s + 7200)
    box.for_ms(OUT_FOR_MS)
    assert box.rests()
    box.reader.card = STRANGER
    box.after(100)
    assert not box.rests()
    box.for_ms(OUT_FOR_MS)
    assert box.rests()
    near_s = starts_s - 840 - NEAR_S
    box.for_ms((near_s - box.wall_s) * 1000 - 1000)
    while box.wall_s < near_s:
        box.for_ms(1000)
    assert not box.rests()
    box.for_ms(OUT_FOR_MS - 2000)
    assert not box.rests(), "the whole time anew, not one try"
