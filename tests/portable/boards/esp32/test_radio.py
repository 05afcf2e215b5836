"""POWER-3, POWER-4 through the whole box: the Wi-Fi goes off with the battery, and a card wakes it."""

from firmware.battery_guard import CRITICAL
from firmware.power import ASLEEP, LAST_WORD_MS
from tests.portable.boards.esp32.whole_box import Car
from tests.portable.firmware.loop_rig import CARD, NOW

QUIET_S = NOW - 7200
LEVEL_NAMES = ("red", "green", "yellow", "hazard", "buzzer", "voice")
#: 12.0 V at rest, as the divider's foot reads it.
CRITICAL_UV = 12_000_000 // 6556 * 1000


def pass_s(car: Car, seconds: int) -> None:
    """Turns for a second, then none for 19, and so on: what is due late comes late."""
    until_ms = car.chip.ms + 1000 * seconds
    while car.chip.ms < until_ms:
        car.run_ms(min(1000, until_ms - car.chip.ms))
        assert not shown(car)
        car.chip.events.clear()  # or they would fill MicroPython's heap
        if until_ms - car.chip.ms > 19_000:
            car.chip.pass_ms(19_000)


def shown(car: Car) -> bool:
    """Whether any lamp or the buzzer was ever on."""
    return any([car.changes(name) for name in LEVEL_NAMES])


def is_radio_on(car: Car) -> bool:
    return car.chip.air is not None and car.chip.air.is_on


def empty_car() -> Car:
    """Its battery is critical, its last word said; the depot's Wi-Fi is there, nobody at the car."""
    car = Car(is_near=True, wall_s=QUIET_S)
    air = car.chip.air
    assert air is not None
    car.start(board={"light_sleep": True})
    car.run_ms(4_000)
    assert air.is_joined
    car.chip.adc_uv[car.pin["battery"]] = CRITICAL_UV
    pass_s(car, 300)  # before that it is no rest voltage
    assert car.box.loop.power.battery.level < CRITICAL
    assert air.is_joined
    while car.box.loop.power.battery.level < CRITICAL:
        pass_s(car, 20)
        assert car.chip.ms < 600_000
    assert air.is_joined, "for the last word"
    pass_s(car, LAST_WORD_MS // 1000)
    assert car.box.loop.power.level == ASLEEP
    return car


def test_power_3_and_4_the_radio_goes_off_and_a_card_wakes_it() -> None:
    car = empty_car()
    assert car.chip.air is not None
    assert not car.chip.air.is_on
    assert not car.box.ports.network.is_reachable
    sleeps(car)
    wakes_for_a_card(car)


def sleeps(car: Car) -> None:
    """And SAFE-6: the enable line goes on moving while the chip does."""
    slept_ms, edges, began_ms = car.chip.light_slept_ms, len(car.changes("enable")), car.chip.ms
    car.run_ms(10_000)
    passed_ms = car.chip.ms - began_ms
    assert car.chip.light_slept_ms - slept_ms > passed_ms * 9 // 10
    assert len(car.changes("enable")) - edges >= passed_ms // 510


def wakes_for_a_card(car: Car) -> None:
    """START-12: meanwhile the copy decides; nobody waits for the Wi-Fi to join."""
    air = car.chip.air
    assert air is not None
    connects = air.connects
    car.reader.idm = CARD
    car.reader.has_card = True
    began_ms = car.chip.ms
    while not air.is_on or not shown(car):
        car.run_ms(10)
        assert car.chip.ms < began_ms + 1000
    car.run_ms(4000)
    assert air.connects == connects + 1
    assert air.is_joined
    assert car.box.ports.network.is_reachable
    assert car.changes("unlock") == [], "hours before the booking"


def test_a_card_ends_the_wait_of_a_wifi_that_was_out_of_reach() -> None:
    """With a full battery: between two joins in vain the radio is off, too."""
    car = Car(is_near=False, wall_s=QUIET_S)
    air = car.chip.air
    assert air is not None
    car.start(board={"light_sleep": True})
    car.run_ms(47_000)  # joins for 20 s, rests 5, joins for 20, rests 10
    assert not is_radio_on(car)
    air.is_near = True
    car.reader.idm = CARD
    car.reader.has_card = True
    car.run_ms(1_500)
    assert is_radio_on(car)
    car.run_ms(3_000)
    assert air.is_joined
