"""One life of the program: uptime across the wrap, nonces of this boot alone."""

from firmware.boot import Boot
from firmware.ticks import FAR_MS, MASK, ticks_add

ENTROPY = bytes(range(16))
START_MS = MASK - 1500


def test_uptime_counts_whole_seconds_across_the_wrap_and_for_years() -> None:
    boot = Boot(ENTROPY, START_MS)
    boot.advance(ticks_add(START_MS, 999))
    assert boot.uptime_s == 0
    boot.advance(ticks_add(START_MS, 2999))
    assert boot.uptime_s == 2
    now_ms = ticks_add(START_MS, 2999)
    for _ in range(200):
        now_ms = ticks_add(now_ms, 5 * 86_400_000)
        boot.advance(now_ms)
    assert boot.uptime_s == 2 + 200 * 5 * 86_400
    boot.advance(ticks_add(now_ms, 1))
    assert boot.uptime_s == 3 + 200 * 5 * 86_400, "milliseconds are not lost on the way"


def test_a_nonce_is_known_again_with_its_age() -> None:
    boot = Boot(ENTROPY, START_MS)
    first = boot.next_nonce(START_MS)
    second = boot.next_nonce(ticks_add(START_MS, 700))
    assert first != second and len(first) == 8
    assert (boot.number_of(first), boot.number_of(second)) == (1, 2)
    now_ms = ticks_add(START_MS, 5000)
    assert (boot.age_ms(1, now_ms), boot.age_ms(2, now_ms)) == (5000, 4300)


def test_safe_4_the_age_of_a_question_never_begins_anew() -> None:
    """The ticks do, after 2**30 ms; in between they call it younger than nothing."""
    far_s = FAR_MS // 1000
    boot = Boot(ENTROPY, START_MS)
    for number in range(1, 5):  # a minute between them: each has its own age
        boot.next_nonce(ticks_add(START_MS, number * 60_000))
        boot.advance(ticks_add(START_MS, (number + 1) * 60_000))
    now_ms = ticks_add(START_MS, 5 * 60_000)
    assert [boot.age_ms(number, now_ms) for number in range(1, 5)] == [
        240_000,
        180_000,
        120_000,
        60_000,
    ]
    waited_ms = 5 * 60_000
    while waited_ms < 4 << 30:
        step_ms = 1000 * far_s // 8
        waited_ms += step_ms
        now_ms = ticks_add(now_ms, step_ms)
        boot.advance(now_ms)
        for number in range(1, 5):
            age_ms = waited_ms - number * 60_000
            assert boot.age_ms(number, now_ms) == min(age_ms, FAR_MS), (number, waited_ms)


def test_safe_4_an_age_is_far_from_that_second_on() -> None:
    far_s = FAR_MS // 1000
    boot = Boot(ENTROPY, START_MS)
    boot.next_nonce(START_MS)
    for age_ms, told_ms in (
        (far_s * 1000 - 1, far_s * 1000 - 1),
        (far_s * 1000, FAR_MS),
        (FAR_MS, FAR_MS),
    ):
        now_ms = ticks_add(START_MS, age_ms)
        boot.advance(now_ms)
        assert boot.age_ms(1, now_ms) == told_ms


def test_only_the_last_four_of_this_boot_are_known() -> None:
    boot = Boot(ENTROPY, START_MS)
    nonces = [boot.next_nonce(START_MS) for _ in range(5)]
    assert [boot.number_of(nonce) for nonce in nonces] == [0, 2, 3, 4, 5]
    assert boot.number_of(bytes(8)) == 0
    assert boot.number_of(ENTROPY[:4] + b"\0\0\0\0") == 0
    assert boot.number_of(ENTROPY[:4] + b"\0\0\0\6") == 0, "not asked yet"
    assert Boot(bytes(16), START_MS).number_of(nonces[4]) == 0
    fresh = Boot(ENTROPY, START_MS)
    fresh.next_nonce(START_MS)
    assert fresh.number_of(ENTROPY[:4] + b"\0\0\0\0") == 0


def test_entropy_of_another_length_is_refused() -> None:
    for length in (0, 8, 15, 17):
        try:
            Boot(bytes(length), 0)
        except ValueError as error:
            assert str(length) in str(error)
        else:
            raise AssertionError("taken")
