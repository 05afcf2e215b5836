"""POWER-1 to POWER-5: what is shed at which level, for whom it is not, and what wakes the radio."""

import struct

from firmware.battery_guard import CRITICAL, FULL, LOW, REST_AFTER_MS
from firmware.power import (
    ASLEEP,
    AWAKE_MS,
    CONTACT_EVERY_MS,
    CONTACT_MS,
    LAST_WORD_MS,
    OUT_FOR_MS,
    SPREAD_MS,
)
from firmware.reader_window import NEAR_S
from firmware.uplink import HELLO_EVERY_MS
from firmware.wire import codes, kb1, kb1_centre
from tests.portable.firmware.loop_rig import CARD, NOW
from tests.portable.firmware.power_rig import (
    FAULTS,
    HELD_MS,
    HOUR_S,
    STRANGER,
    Parked,
    asleep,
    faults,
)


def test_power_1_both_levels_are_faults_with_the_voltage_and_end_as_such() -> None:
    box = Parked(12_150)
    box.for_ms(HELD_MS + 10_000)
    assert box.level == LOW and box.loop.power.level == LOW
    assert faults(box) == [(codes.AUDIT_FAULT, codes.FAULT_BATTERY_LOW, 121)]
    box.battery.mv = 11_990  # type: ignore[attr-defined]
    box.for_ms(1_800_000 + HELD_MS)
    box.battery.mv = 12_800  # type: ignore[attr-defined]
    box.for_ms(3_600_000)
    assert box.level == FULL and box.loop.power.level == FULL
    assert faults(box)[1:] == [
        (codes.AUDIT_FAULT, codes.FAULT_BATTERY_CRITICAL, 119),
        (codes.AUDIT_FAULT_CLEARED, codes.FAULT_BATTERY_LOW, 128),
        (codes.AUDIT_FAULT_CLEARED, codes.FAULT_BATTERY_CRITICAL, 128),
    ]


def test_power_1_a_level_is_in_the_journal_within_seconds() -> None:
    """A car that nothing else wakes."""
    box = Parked(11_500, online=False)
    while box.level != CRITICAL:
        box.loop._watch._looked_at_ms = box.now_ms  # it does not look in that turn
        box.step(5000)
    assert faults(box) == [] and 0 < box.due_ms <= 10_000
    box.step()
    assert len(faults(box)) == 2


def test_power_1_a_charger_ends_the_silence_when_the_level_ends() -> None:
    box = asleep()
    box.battery.mv = 13_200  # type: ignore[attr-defined]
    while box.level == CRITICAL:
        box.step()
    assert box.level == FULL and not box.rests()
    box.for_ms(OUT_FOR_MS)
    assert not box.rests()


def test_power_2_low_hello_goes_a_third_as_often_and_the_radio_stays_on() -> None:
    box = Parked(12_150)
    box.for_ms(HELD_MS + 60_000)
    box.centre.take()
    passed_ms = 0
    while not box.taken(kb1.HELLO):
        passed_ms += box.step()
    assert 3 * HELLO_EVERY_MS - 60_000 <= passed_ms <= 3_600_000, (
        "the daemon misses it after 60 min"
    )
    box.for_ms(OUT_FOR_MS)
    assert not box.rests()


def test_power_3_critical_a_last_word_then_silence() -> None:
    box = Parked(11_500)
    box.for_ms(REST_AFTER_MS + 1000)
    box.centre.take()
    box.until_critical()
    assert not box.rests()
    passed_ms = 0
    told, events = [], b""
    while not box.rests():
        passed_ms += box.step()
        for frame in box.centre.take():
            if frame[1] == kb1.TELEMETRY:
                told.append(kb1_centre.unpack_telemetry(frame[4:-16])[1])
            elif frame[1] == kb1.EVENTS:
                events += frame
    assert passed_ms == LAST_WORD_MS
    assert told == [11_500]
    assert bytes((codes.FAULT_BATTERY_CRITICAL, 115)) in events
    assert box.loop.power.level == ASLEEP


def test_power_3_out_of_reach_the_last_word_is_tried_at_once_and_as_long() -> None:
    box = Parked(11_500, online=False)
    box.until_critical()
    assert box.centre.hurried == 1
    assert box.until_rest(True) <= LAST_WORD_MS


def test_power_3_contacts_are_short_and_seldom_but_no_car_is_missed() -> None:
    box = asleep()
    for _ in range(2):
        rested_ms = box.until_rest(False)
        assert CONTACT_EVERY_MS <= rested_ms <= CONTACT_EVERY_MS + SPREAD_MS
        box.for_ms(1000)
        assert len(box.taken(kb1.HELLO)) == 1
        assert box.until_rest(True) == CONTACT_MS - 1000
        assert rested_ms + CONTACT_MS < 3_600_000 - 60_000


def test_power_4_a_touch_wakes_the_radio_in_that_turn_and_it_stays_for_minutes() -> None:
    box = asleep()
    box.reader.card = STRANGER
    box.after(100)
    assert not box.rests() and box.loop.power.level == LOW
    box.for_ms(5000)
    assert box.loop.state == "vacant", "asked, and refused"
    assert AWAKE_MS - 5000 <= box.until_rest(True) <= AWAKE_MS


def test_power_4_a_touch_that_would_be_refused_asks_the_centre() -> None:
    """START-12: the booking may have been made while the radio was off."""
    box = asleep()
    box.centre.online = False
    box.put_delta([(codes.OP_PUT_CARD, CARD + struct.pack(">I", 7))])
    box.centre.rests = False
    box.after(10)
    box.centre.rests = True
    hurried = box.centre.hurried
    box.reader.card = CARD
    box.after(100)
    assert box.loop.state == "authorising"
    assert not box.rests() and box.centre.hurried == hurried + 1


def test_power_4_a_door_the_key_and_a_running_engine_wake_it() -> None:
    for index, value in (
        (codes.IN_DOOR_DRIVER, codes.YES),
        (codes.IN_KEY, codes.NO),
        (codes.IN_ENGINE, codes.YES),
        (codes.IN_MOVING, codes.YES),
    ):
        box = asleep()
        box.inputs[index].value = value
        box.after(10)
        box.after(60)
        assert not box.rests(), index


def test_power_4_an_input_that_cannot_be_told_wakes_nobody() -> None:
    box = asleep()
    box.inputs[codes.IN_WINDOW].value = codes.UNKNOWN
    box.inputs[codes.IN_MOVING].value = codes.UNKNOWN
    box.after(10)
    box.after(60)
    assert box.rests()


def test_power_4_from_before_a_bookings_window_to_its_end_the_radio_is_on() -> None:
    box = Parked(11_500)
    starts_s = NOW + 2 * HOUR_S
    box.book_at(starts_s, starts_s + 3600)
    box.for_ms(HELD_MS + LAST_WORD_MS)
    assert box.rests()
    near_s = starts_s - 840 - NEAR_S
    box.for_ms((near_s - box.wall_s) * 1000 - 1000)
    if not box.rests():
        box.until_rest(True)
    while box.wall_s < near_s:
        box.for_ms(1000)
    while box.wall_s < starts_s + 3600:
        assert not box.rests() and box.loop.power.level == LOW
        assert box.reader.is_eager == (starts_s - 840 <= box.wall_s < starts_s - 840 + 2700)
        box.for_ms(60_000)
    assert box.until_rest(True) <= LAST_WORD_MS + 60_000, "nobody came"


def test_power_4_the_lease_and_the_date_decide_what_is_known_of_bookings() -> None:
    """A phone starts past the lease; without the date no booking is near."""
    box = Parked(11_500)
    box.book_at(NOW + 600, NOW + 24 * HOUR_S)
    window = box.loop._controller.window

    def seen() -> "tuple[bool, bool]":
        return window.is_near, window.is_open

    assert seen() == (True, True)
    box.loop._cache.lease_from_s = NOW - 73 * 3600
    box.after(10)
    assert seen() == (True, False)
    box.trusted = False
    box.after(10)
    assert seen() == (False, False)


def test_power_5_during_a_session_nothing_rests_whatever_the_battery() -> None:
    """START-2, END-1: the phone's end needs the radio."""
    box = Parked(11_500)
    box.book()
    box.reader.card = CARD
    box.after(10)
    for index, value in ((codes.IN_LOCKED, codes.NO), (codes.IN_BLOCKED, codes.NO)):
        box.inputs[index].value = value
    box.for_ms(5000)
    assert box.loop.state == "unlocked"
    for number in range(8):
        box.inputs[codes.IN_DOOR_DRIVER].value = codes.YES if number == 1 else codes.NO
        box.inputs[codes.IN_KNOB_AT_RETURN].value = codes.NO if number > 1 else codes.YES
        box.for_ms(20_000 if number < 3 else 300_000)
        assert not box.rests() and box.loop.state != "vacant"
    assert box.level == CRITICAL and box.loop.power.level == LOW


def story(mv: int) -> "tuple[list[bytes], list[str], list[int], int]":
    """A rental by card, offline; what was journaled without battery and time, states, pulses, levels."""
    box = Parked(mv, online=False)
    box.book_at(NOW + 1800, NOW + 9000)
    states = []
    for wait_ms, inputs, is_touched in (
        (1_200_000, (), True),
        (5_000, ((codes.IN_LOCKED, 0), (codes.IN_BLOCKED, 0), (codes.IN_DOOR_DRIVER, 1)), False),
        (5_000, ((codes.IN_DOOR_DRIVER, 0), (codes.IN_KNOB_AT_RETURN, 0)), False),
        (900_000, ((codes.IN_KNOB_AT_RETURN, 1),), False),
        (5_000, (), True),
        (300, ((codes.IN_LOCKED, 1), (codes.IN_BLOCKED, 1)), False),
        (5_000, (), False),
        (900_000, (), False),
    ):
        box.for_ms(wait_ms)
        for index, value in inputs:
            box.inputs[index].value = value
        if is_touched:
            box.reader.card = CARD
        box.after(10)
        box.after(60)
        states.append(box.loop.state)
    events = box.loop._journal.read_unacked(4000)[1]
    told = [event[:1] + event[6:] for event in events if event[0] not in FAULTS]
    return told, states, [line.rises for line in box.pulses], box.level


def test_power_5_what_the_car_decides_does_not_depend_on_the_battery() -> None:
    """SAFE-1 to SAFE-4: neither table nor deadlines nor journal know of it."""
    full, flat = story(12_600), story(11_600)
    assert full[:3] == flat[:3]
    assert full[1][0] == "unlocked" and "ended" in full[1] and full[1][-1] == "vacant"
    assert (full[3], flat[3]) == (FULL, CRITICAL)


def test_power_1_a_reset_begins_with_the_radio_on_and_all_times_anew() -> None:
    box = asleep()
    box.centre.rests = False  # a new program has a new link
    box.restart()
    assert box.level == FULL
    box.for_ms(REST_AFTER_MS + 179_000 - 60)
    assert not box.rests() and box.level == FULL
    box.for_ms(2000 + LAST_WORD_MS)
    assert box.rests()
