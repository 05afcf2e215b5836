"""POWER-2 to POWER-6: what is shed at which level, for whom it is not, and what wakes the radio."""

import struct

from firmware.battery_guard import CRITICAL, FULL, LOW, REST_AFTER_MS
from firmware.power import (
    ASLEEP,
    AWAKE_MS,
    CONTACT_EVERY_MS,
    CONTACT_MS,
    LAST_WORD_MS,
    OUT_FOR_LOW_MS,
    OUT_FOR_MS,
    REST_LOW_MS,
    REST_MS,
    SPREAD_MS,
    TRY_MS,
)
from firmware.reader_window import NEAR_S
from firmware.uplink import HELLO_EVERY_MS
from firmware.wire import codes, kb1, kb1_centre
from firmware.wire.journal_format import EPOCH_2020_S
from firmware.wire.records import BOOKING
from tests.portable.firmware.loop_rig import CARD, NOW, Box

HELD_MS = REST_AFTER_MS + 240_000
HOUR_S = 3600
FAULTS = (codes.AUDIT_FAULT, codes.AUDIT_FAULT_CLEARED)
STRANGER = b"\2\2\6\1\x12\xab\x34\xcd"


class Battery:
    def __init__(self, mv: int) -> None:
        self.mv = mv

    def read_mv(self) -> int:
        return self.mv


class Parked(Box):
    """A box whose battery is given; the link is there or not."""

    def __init__(self, mv: int = 12_600, online: bool = True) -> None:
        super().__init__()
        self.battery = Battery(mv)  # type: ignore[assignment]
        self.centre.online = self.centre.reachable = online

    def step(self, most_ms: int = 60_000) -> int:
        """One turn when it is due, and the wall clock with it; how much later that was."""
        step_ms = min(most_ms, max(self.due_ms, 1))
        self.wall_ms = getattr(self, "wall_ms", 0) + step_ms
        self.wall_s = NOW + self.wall_ms // 1000
        self.after(step_ms)
        return step_ms

    def for_ms(self, ms: int) -> None:
        """Turns when they are due, for so long."""
        while ms > 0:
            ms -= self.step(ms)

    def until_rest(self, is_resting: bool) -> int:
        """How long it took."""
        passed_ms = 0
        while self.centre.rests != is_resting:
            assert passed_ms < 8_000_000, "it did not come to that"
            passed_ms += self.step()
        return passed_ms

    def until_critical(self) -> None:
        for _ in range(1000):
            if self.level == CRITICAL:
                return
            self.step()
        raise AssertionError("it was never critical")

    def rests(self) -> bool:
        """Whether the radio does."""
        return self.centre.rests

    @property
    def level(self) -> int:
        return self.loop.power.battery.level

    def book_at(self, starts_s: int, ends_s: int) -> None:
        """Booking 100 of driver 7, and the driver's card."""
        record = struct.pack(BOOKING, 100, 7, starts_s + EPOCH_2020_S, ends_s + EPOCH_2020_S)
        card = CARD + struct.pack(">I", 7)
        self.put_delta([(codes.OP_PUT_BOOKING, record), (codes.OP_PUT_CARD, card)])
        self.after(10)


def asleep() -> Parked:
    """Critical, its last word said."""
    box = Parked(11_500)
    box.for_ms(HELD_MS)
    assert box.level == CRITICAL
    box.until_rest(True)
    box.centre.take()
    return box


def faults(box: Box) -> "list[tuple[int, int, int]]":
    """(code, fault, argument) of the battery's events in the journal."""
    events = box.loop._journal.read_unacked(4000)[1]
    return [(event[0], event[10], event[11]) for event in events if event[0] in FAULTS]


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


def rest_of_boot(number: int) -> int:
    box = Parked(online=False)
    for _ in range(number):
        box.restart()
    box.until_rest(True)
    return box.until_rest(False)


def test_power_6_boxes_that_lost_their_network_together_do_not_come_back_together() -> None:
    assert rest_of_boot(0) + 1000 < rest_of_boot(1) < rest_of_boot(2) - 1000


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
    box.until_rest(True)


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


def test_power_1_a_reset_begins_with_the_radio_on_and_all_times_anew() -> None:
    box = asleep()
    box.centre.rests = False  # a new program has a new link
    box.restart()
    assert box.level == FULL
    box.for_ms(REST_AFTER_MS + 179_000 - 60)
    assert not box.rests() and box.level == FULL
    box.for_ms(2000 + LAST_WORD_MS)
    assert box.rests()
