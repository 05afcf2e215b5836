"""A car with everything: what a story does to it and what it sees."""

import pytest

from firmware.login import KEEP_ALIVE_S
from firmware.wire import codes
from tests.simulator.stories import DRIVER, IDM, OTHER, SECOND_US, START_S, STRANGER, Story


def test_a_start_by_card() -> None:
    """START-3: flash twice, unlock, release."""
    story = Story()
    story.until(959)
    lamps = [story.car.lamp]
    story.until(961)
    lamps.append(story.car.lamp)
    assert lamps == ["dark", "red-blink"]
    assert (story.car.state, story.car.doors, story.car.engine) == ("vacant", "locked", "blocked")
    story.start_by_card()
    assert (story.car.state, story.car.doors, story.car.engine) == ("unlocked", "unlocked", "free")
    assert story.seen.hazard_flashes == 2
    assert story.car.hazards == "off"
    assert story.seen.events == ["start_requested", "unlocked", "engine_released"]
    assert story.refusal == []
    assert story.car.centre.bookings[0].status == "in_use"


def test_an_end_by_card_after_a_drive() -> None:
    """END-3, END-4."""
    story = Story()
    story.start_by_card()
    story.board()
    story.car.body.start_engine()
    story.car.body.drive(3500, 600 * SECOND_US)
    story.later(600)
    story.return_key()
    assert story.car.state == "key_returned"
    assert story.car.lamp == "red-blink"
    story.mark()
    story.car.tap(IDM)
    story.later(5)
    assert (story.car.state, story.car.doors, story.car.engine) == ("ended", "locked", "blocked")
    assert story.seen.hazard_flashes == 1
    assert story.seen.mails == ["end_accepted"]
    assert story.seen.events[-1] == "ended"
    story.mark()
    assert (story.seen.hazard_flashes, story.seen.mails, story.seen.events) == (0, [], [])


def test_a_refused_end_sounds_and_tells_every_reason() -> None:
    """END-5."""
    story = Story()
    story.start_by_card()
    story.board()
    story.car.body.set_brake(False)
    story.car.body.open_door("trunk")
    story.later(1)
    story.mark()
    story.car.centre.operate("end")
    story.later(2)
    assert story.car.site == "refused"
    assert story.refusal == ["key_not_in_box", "brake_off", "door_open"]
    assert (story.seen.buzzer, story.seen.voice, story.car.sounding) == (1, 0, "yes")
    assert story.car.hazards == "flashing"
    story.later(6)
    assert (story.car.sounding, story.car.hazards) == ("no", "off")
    assert story.car.state == "in_use"


def test_an_end_by_phone_tells_its_warnings() -> None:
    """END-2."""
    story = Story()
    story.start_by_card()
    story.board()
    story.car.body.set_lights(True)
    story.car.body.set_window(True)
    story.return_key()
    story.car.centre.operate("end")
    story.later(5)
    assert story.car.site == "accepted"
    assert sorted(story.car.warnings) == ["lights_on", "window_open"]


def test_a_strange_card_is_refused_on_the_reader() -> None:
    """START-9."""
    story = Story()
    story.until(1020)
    story.mark()
    story.car.tap(STRANGER)
    lamps = set()
    for _ in range(100):
        story.later(0.05)
        lamps.add(story.car.lamp)
    assert "refused" in lamps
    assert story.refusal == ["unknown_card"]
    assert story.seen.events == ["card_refused"]
    assert story.car.doors == "locked"


def test_a_dead_reader_hears_nothing_and_lives_again() -> None:
    story = Story()
    story.until(1000)
    story.car.reader.set_broken(True)
    story.start_by_card()
    assert story.car.state == "vacant"
    story.later(30)
    assert "fault" in [event.name for event in story.car.events]
    story.car.reader.set_broken(False)
    story.later(10)
    assert "fault_cleared" in [event.name for event in story.car.events]
    story.car.tap(IDM)
    story.later(5)
    assert story.car.state == "unlocked"


def test_a_phone_without_a_network_is_unreachable() -> None:
    """START-2: once the centre has noticed that the car says nothing any more."""
    story = Story()
    story.until(1020)
    story.car.network.down()
    story.later(1.5 * KEEP_ALIVE_S)
    story.car.centre.operate("start")
    sites = []
    for pause_s in (29, 2):
        story.later(pause_s)
        sites.append(story.car.site)
    assert sites == ["pending", "refused"]
    assert story.refusal == ["unreachable"]
    story.car.network.up()
    story.later(60)
    assert story.car.state == "vacant"


def test_what_went_out_to_a_car_out_of_reach_is_unknown() -> None:
    """START-2: nobody can tell, and it is not sent again when the car is back."""
    story = Story()
    story.until(1020)
    story.car.network.down()
    story.car.centre.operate("start")
    story.later(31)
    assert story.car.site == "unknown"
    story.car.network.up()
    story.later(60)
    assert (story.car.site, story.car.state) == ("unknown", "vacant")


def test_events_of_a_time_without_network_come_later_each_once() -> None:
    """SAFE-5."""
    story = Story()
    story.until(1000)
    story.car.network.down()
    story.start_by_card()
    story.board()
    story.later(100)
    before = len(story.car.centre.events)
    story.car.network.lossy(30)
    story.later(300)
    told = [event.name for event in story.car.centre.events]
    assert before < len(told)
    assert told == [event.name for event in story.car.events][-len(told) :]


def test_an_untrusted_clock_forbids_the_card_and_not_the_phone() -> None:
    """SAFE-4."""
    story = Story()
    story.until(1000)
    story.car.distrust_clock()
    story.start_by_card()
    assert story.refusal == ["clock_untrusted"]
    story.car.centre.operate("start")
    story.later(5)
    assert (story.car.site, story.car.state) == ("accepted", "unlocked")


def test_a_jump_of_the_clock_moves_the_window_and_no_deadline() -> None:
    """SAFE-4."""
    story = Story()
    story.start_by_card()
    story.car.jump_clock(-3600)
    story.later(50)
    assert story.car.state == "unlocked"
    story.later(10)
    assert story.car.state == "relocked"


def test_an_extension_reaches_the_car() -> None:
    """USE-4."""
    story = Story()
    story.start_by_card()
    story.board()
    story.mark()
    story.car.centre.extend(900)
    story.later(5)
    assert story.car.site == "accepted"
    assert story.seen.events == ["extended"]
    assert story.seen.mails == ["booking_extended"]


@pytest.mark.parametrize("by_card", [False, True])
def test_the_next_driver_is_refused_while_the_car_is_held(by_card: bool) -> None:
    """START-10."""
    story = Story()
    card = bytes.fromhex("0101060155555555")
    story.car.centre.add_card(card, OTHER)
    story.car.centre.add_booking("B2", OTHER, START_S + 9000, START_S + 12600)
    story.start_by_card()
    story.board()
    story.until(8500)
    story.mark()
    if by_card:
        story.car.tap(card)
    else:
        story.car.centre.operate("start", OTHER)
    story.later(5)
    assert story.refusal == ["not_returned"]
    assert story.seen.mails == ["delay_warning"]
    assert story.car.state == "in_use"


def test_the_position_is_reported_on_request() -> None:
    """POS-1."""
    story = Story()
    command = story.car.centre.ask_position("accident")
    story.later(2)
    assert command.status == "accepted"
    assert story.seen.events[-1] == "position_reported"
    assert story.car.site == ""


def test_sensors_that_are_not_there_cannot_tell() -> None:
    story = Story(gear_sensor=False, key_box="connector", reader=False)
    values = story.car.sensors.values
    assert values[codes.IN_GEAR_P] == codes.UNKNOWN
    assert values[codes.IN_KNOB_AT_RETURN] == codes.UNKNOWN
    story.until(1020)
    assert story.car.lamp == "dark"
    story.car.centre.operate("start", DRIVER)
    story.later(5)
    assert story.car.state == "unlocked"


def test_the_lights_always_fit_the_pattern() -> None:
    story = Story()
    story.rental_day()
    assert [what for what in story.notes() if "do not fit" in what] == []
