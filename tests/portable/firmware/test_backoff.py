"""The waits: spread over their whole window, windows as told, and when they begin anew."""

from firmware.backoff import CAP_MS, FIRST_MAX_MS, SLOW_MIN_MS, Backoff

WINDOWS_MS = (10000, 2000, 4000, 8000, 16000, 32000, 64000, 128000, 256000, 300000, 300000, 300000)
BOXES = 400


def spread(waits: "list[int]", low_ms: int, high_ms: int) -> bool:
    """Are they inside, and in each fifth of the window about a fifth of them?"""
    if min(waits) < low_ms or max(waits) > high_ms:
        return False
    fifths = [0] * 5
    for wait in waits:
        fifths[min(4, (wait - low_ms) * 5 // (high_ms - low_ms))] += 1
    return min(fifths) > BOXES // 10


def test_each_wait_is_drawn_from_its_whole_window() -> None:
    boxes = [Backoff(entropy) for entropy in range(BOXES)]
    for window_ms in WINDOWS_MS:
        assert spread([box.next_ms() for box in boxes], 0, window_ms)


def test_no_wait_is_shorter_than_a_minute_where_the_car_was_turned_away() -> None:
    boxes = [Backoff(entropy) for entropy in range(BOXES)]
    for window_ms in (128000, 256000, 300000, 300000):
        assert spread([box.next_slow_ms() for box in boxes], SLOW_MIN_MS, window_ms)


def test_turned_away_late_keeps_the_longer_window() -> None:
    boxes = [Backoff(entropy) for entropy in range(BOXES)]
    for box in boxes:
        for _ in range(9):
            box.next_ms()
    assert spread([box.next_slow_ms() for box in boxes], SLOW_MIN_MS, CAP_MS)


def test_after_being_turned_away_no_quick_attempts_follow() -> None:
    boxes = [Backoff(entropy) for entropy in range(BOXES)]
    for box in boxes:
        box.next_slow_ms()
    assert spread([box.next_ms() for box in boxes], 0, 256000)


def test_a_healthy_session_makes_the_next_attempt_a_first_one() -> None:
    boxes = [Backoff(entropy) for entropy in range(BOXES)]
    for box in boxes:
        for _ in range(20):
            box.next_ms()
        box.reset()
    assert spread([box.next_ms() for box in boxes], 0, FIRST_MAX_MS)
    assert spread([box.next_ms() for box in boxes], 0, 2000)


def test_the_same_entropy_gives_the_same_waits_and_another_gives_others() -> None:
    first, again, other = Backoff(5), Backoff(5), Backoff(6)
    waits = [first.next_ms() for _ in range(10)]
    assert waits == [again.next_ms() for _ in range(10)]
    assert waits != [other.next_ms() for _ in range(10)]


def test_all_bits_of_the_entropy_count() -> None:
    waits = [Backoff(1 << bit).next_ms() for bit in range(32)]
    assert len(set(waits)) > 28
