"""TOUCH-1: one touch is heard once."""

from firmware.ticks import MASK, ticks_add
from firmware.touch import Touch
from firmware.wire import codes
from tests.portable.firmware.loop_rig import CARD as DRIVERS
from tests.portable.firmware.loop_rig import Box

CARD = b"12345678"
OTHER = b"87654321"


def heard(readings: "list[int]", card: bytes = CARD) -> int:
    """How many of the readings (ms apart) count as touches."""
    touch = Touch()
    now = MASK - 300
    count = 0
    for wait in readings:
        now = ticks_add(now, wait)
        touch.forget_old(now)
        count += touch.is_new(card, now)
    return count


def test_touch_1_a_held_card_is_one_touch() -> None:
    assert heard([0] + [250] * 100) == 1


def test_touch_1_away_for_a_second_and_three_seconds_after_the_answer() -> None:
    assert heard([0, 250, 2750]) == 2
    assert heard([0, 250, 2749]) == 1


def test_touch_1_away_for_less_than_a_second_is_the_same_touch() -> None:
    assert heard([0] + [250] * 20 + [999]) == 1
    assert heard([0] + [250] * 20 + [1000]) == 2


def test_touch_1_another_card_is_heard_at_once() -> None:
    touch = Touch()
    assert touch.is_new(CARD, 100)
    assert touch.is_new(OTHER, 350)
    assert touch.is_new(CARD, 600)


def test_a_very_old_touch_does_not_come_back_with_the_wrapped_clock() -> None:
    touch = Touch()
    assert touch.is_new(CARD, 5)
    touch.forget_old(10_000)
    assert touch.is_new(CARD, 6)


def count_after_early(last_ms: int, again_ms: int) -> "tuple[int, int]":
    """A card is told early every 250 ms until last_ms, then once more: (early ones, touches)."""
    touch = Touch()
    start_ms = MASK - 300
    early = sum(
        [touch.is_new(CARD, ticks_add(start_ms, ms), False) for ms in range(0, last_ms + 1, 250)]
    )
    now = ticks_add(start_ms, again_ms)
    touch.forget_old(now)
    return early, int(touch.is_new(CARD, now))


def test_a_card_that_lies_there_through_a_reset_is_no_new_touch_safe_3() -> None:
    """It is told as early once. Taken away for a second and held again, it counts."""
    assert count_after_early(20_000, 20_250) == (1, 0)
    assert count_after_early(20_000, 20_999) == (1, 0)
    assert count_after_early(20_000, 21_000) == (1, 1)
    assert count_after_early(0, 5_000) == (1, 1)


def test_where_none_was_early_the_first_touch_counts_touch_1() -> None:
    assert Touch().is_new(CARD, 0)


def test_after_an_early_one_every_card_may_be_the_one_that_lies_there_safe_3() -> None:
    touch = Touch()
    assert touch.is_new(CARD, MASK, False)
    assert not touch.is_new(CARD, ticks_add(MASK, 500))
    assert not touch.is_new(OTHER, ticks_add(MASK, 1499))
    assert not touch.is_new(CARD, ticks_add(MASK, 2498))
    assert touch.is_new(OTHER, ticks_add(MASK, 3498))
    assert touch.is_new(CARD, ticks_add(MASK, 3748)), "from now on as ever"


def test_a_card_that_was_answered_is_early_again_after_a_silence_touch_1() -> None:
    touch = Touch()
    assert touch.is_new(CARD, 0)
    assert touch.is_new(CARD, 250, False)
    assert not touch.is_new(CARD, 1000)


def turns(box: Box, count: int) -> None:
    for _ in range(count):
        box.after(250)


def held(card: bytes = DRIVERS) -> Box:
    """A car with a booking that runs, and a card on its reader that was answered with a refusal."""
    box = Box()
    box.reader.hold(card)
    turns(box, 12)
    box.book()
    box.put_delta([(codes.OP_PUT_STAFF, OTHER + bytes((0, 0, 0, 1)))])
    turns(box, 12)
    assert box.loop.state == "vacant" and box.pulses[codes.PULSE_UNLOCK].rises == 0
    return box


def test_a_card_that_was_refused_and_lies_there_opens_nothing_after_a_reset_safe_3() -> None:
    for card in (DRIVERS, OTHER):
        box = held(card)
        box.restart()
        turns(box, 1)
        assert box.loop.lamp == codes.LAMP_REFUSED, "START-9: not silence"
        turns(box, 40)
        assert box.pulses[codes.PULSE_UNLOCK].rises == 0
        box.reader.hold(None)
        turns(box, 4)
        box.reader.card = card
        box.after(10)
        assert box.pulses[codes.PULSE_UNLOCK].rises == 1


def test_nor_when_a_silent_reader_answers_again_touch_1() -> None:
    box = held()
    box.reader.is_healthy = False
    turns(box, 20)
    box.reader.is_healthy = True
    turns(box, 40)
    assert box.pulses[codes.PULSE_UNLOCK].rises == 0
    box.reader.hold(None)
    turns(box, 4)
    box.reader.card = DRIVERS
    box.after(10)
    assert box.loop.state == "unlocked"
