"""TOUCH-1: one touch is heard once."""

from firmware.ticks import MASK, ticks_add
from firmware.touch import Touch

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


def test_a_card_that_lies_there_through_a_reset_is_no_new_touch_safe_3() -> None:
    """Nor does a held card count later; taken away and held again, it does."""
    touch = Touch()
    touch.wake(CARD, MASK)
    now = ticks_add(MASK, 400)
    for _ in range(20):
        touch.forget_old(now)
        assert not touch.is_new(CARD, now)
        now = ticks_add(now, 250)
    now = ticks_add(now, 1000)
    assert touch.is_new(CARD, now)


def test_after_a_reset_other_cards_are_heard_at_once_and_the_last_one_after_a_second() -> None:
    touch = Touch()
    touch.wake(CARD, MASK)
    assert touch.is_new(OTHER, ticks_add(MASK, 100))
    touch.wake(CARD, MASK)
    assert touch.is_new(CARD, ticks_add(MASK, 1000))
