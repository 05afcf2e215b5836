"""A turn that could not be journaled shows no success, and what only its source knew is told again."""

import struct

from firmware.alerts import FLASH_MS
from firmware.loop import RETRY_MS
from firmware.ticks import FAR_MS
from firmware.wire import codes
from firmware.wire.journal_format import HEAD_BYTES
from tests.portable.firmware.car_rig import Car
from tests.portable.firmware.loop_rig import CARD, NOW
from tests.portable.firmware.test_loop_take_back import break_journal, mend_journal

HAZARD, BUZZER = codes.OUT_HAZARD, codes.OUT_BUZZER
#: START-4: the window of `book` began with the booking's arrival.
WINDOW_S = 45 * 60


def shown(car: Car, duration_ms: int) -> "tuple[int, int]":
    """Flashes and sounds."""
    before = [car.levels[out].rises for out in (HAZARD, BUZZER)]
    car.run(duration_ms)
    return car.levels[HAZARD].rises - before[0], car.levels[BUZZER].rises - before[1]


def fail_touch(car: Car) -> "tuple[int, int]":
    """A touch whose turn cannot be journaled; what lamps and sounder show of it."""
    break_journal(car)
    car.reader.card = CARD
    found = shown(car, 7000)
    mend_journal(car)
    return found


def test_start_3_a_start_that_cannot_be_journaled_does_not_flash_fault_1() -> None:
    car = Car()
    car.book()
    break_journal(car)
    car.reader.card = CARD
    lamps = []
    for _ in range(40):
        car.after(50)
        assert not car.levels[HAZARD].level and not car.levels[BUZZER].level
        lamps.append(car.loop.lamp)
    assert codes.LAMP_REFUSED in lamps, "the reader refuses"
    assert car.loop.state == "vacant"


def test_end_4_an_end_that_cannot_be_journaled_shows_the_alarm_of_end_5() -> None:
    car = Car()
    car.return_key()
    assert fail_touch(car) == (5000 // FLASH_MS + 1, 1)
    assert car.loop.state == "key_returned"
    car.touch()
    assert car.loop.state == "ended"


def test_reopen_3_so_does_a_lock_after_a_reopen() -> None:
    car = Car()
    car.return_key()
    car.touch()
    car.run(2000)
    car.touch()
    assert car.loop.state == "reopened"
    car.put_input(codes.IN_DOOR_DRIVER, codes.YES)
    car.put_input(codes.IN_DOOR_DRIVER, codes.NO)
    car.run(2000)
    assert fail_touch(car) == (5000 // FLASH_MS + 1, 1)
    assert car.loop.state == "reopened"


def test_what_flashes_since_an_earlier_turn_goes_on() -> None:
    """The start is durable; only what follows is not."""
    car = Car()
    car.book()
    car.reader.card = CARD
    car.after(50)
    assert car.levels[HAZARD].level
    break_journal(car)
    car.inputs[codes.IN_DOOR_DRIVER].value = codes.YES
    assert shown(car, 3000) == (1, 0), "the second one"


def faults(car: Car) -> "list[tuple[int, int]]":
    """Code and fault of what was journaled in this turn."""
    return [(event[0], event[HEAD_BYTES]) for event in car.loop.committed]


def test_safe_5_a_reader_that_falls_silent_meanwhile_is_told() -> None:
    car = Car()
    break_journal(car)
    car.reader.is_healthy = False
    car.after(10)
    mend_journal(car)
    car.after(RETRY_MS)
    assert faults(car) == [(codes.AUDIT_FAULT, codes.FAULT_READER_SILENT)]
    car.after(RETRY_MS)
    assert faults(car) == [], "once"


def test_safe_5_a_reader_that_comes_and_goes_fills_no_memory() -> None:
    car = Car()
    break_journal(car)
    for i in range(41):
        car.reader.is_healthy = i % 2 == 1
        car.after(RETRY_MS)
    mend_journal(car)
    car.after(RETRY_MS)
    told = faults(car)
    assert len(told) == 7 and told[-1] == (codes.AUDIT_FAULT, codes.FAULT_READER_SILENT)


def test_safe_5_a_clock_that_is_set_meanwhile_is_told() -> None:
    car = Car()
    car.centre.online = True
    car.after(10)
    nonce = car.hello().nonce
    break_journal(car)
    car.put_time(nonce, 86400)
    car.after(10)
    car.wall_s += 86400
    mend_journal(car)
    car.after(RETRY_MS)
    told = [(event[0], event[HEAD_BYTES:]) for event in car.loop.committed]
    assert told == [(codes.AUDIT_CLOCK_SET, struct.pack(">i", 86400))]


def test_safe_5_a_window_that_lapses_meanwhile_is_told_once_start_4() -> None:
    car = Car()
    car.book()
    car.wall_s = NOW + WINDOW_S - 1
    car.after(1000)
    break_journal(car)
    car.wall_s += 2
    car.after(1000)
    assert car.loop.committed == []
    mend_journal(car)
    car.run(2 * RETRY_MS)
    assert car.told == [codes.AUDIT_WINDOW_LAPSED]
    break_journal(car)
    car.put_input(codes.IN_DOOR_DRIVER, codes.YES)
    mend_journal(car)
    car.run(2 * RETRY_MS)
    assert car.told == [codes.AUDIT_WINDOW_LAPSED, codes.AUDIT_DOOR_OPENED]


def test_safe_3_a_turn_that_fails_after_quiet_days_is_no_reset() -> None:
    """Doors left open, a lock that is owed for longer than the ticks can tell, and then they close."""
    car = Car()
    car.return_key()
    car.touch()
    car.run(2000)
    car.touch()
    assert car.loop.state == "reopened"
    car.put_input(codes.IN_DOOR_DRIVER, codes.YES)
    car.after(600_000)
    assert car.loop.state == "vacant"
    for _ in range(9):
        car.after(FAR_MS // 4)
    assert car.read_back()[0] == codes.NO
    break_journal(car)
    car.inputs[codes.IN_DOOR_DRIVER].value = codes.NO
    car.after(10)
    car.after(60)
    mend_journal(car)
    car.run(2 * RETRY_MS)
    assert car.read_back()[0] == codes.YES


def test_end_7_a_command_that_joins_an_end_in_such_a_turn_is_refused_safe_5() -> None:
    """The journal does not have it, so it was not received; the end goes on."""
    car = Car()
    car.return_key()
    car.centre.online = True
    car.run(1000)
    car.reader.card = CARD
    car.after(10)
    car.put_time(car.hello().nonce)
    car.after(10)
    assert car.loop.state == "ending"
    car.centre.take()
    break_journal(car)
    car.send(b"ENDENDEN", codes.VERB_END)
    car.after(10)
    mend_journal(car)
    car.run(3000)
    assert car.loop.state == "ended"
    refused = [(codes.JOURNAL_FULL, 0)]
    assert [one[:3] for one in car.results()] == [(b"ENDENDEN", False, refused)]
    assert codes.AUDIT_COMMAND_RECEIVED not in car.told
