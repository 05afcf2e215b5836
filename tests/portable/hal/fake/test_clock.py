"""The box's time in tests: set, advanced, wrapped."""

from hal.fake.clock import START_MS, FakeClock


def test_it_starts_five_seconds_before_the_wrap() -> None:
    clock = FakeClock()
    assert clock.now_ms() == 2**30 - 5000
    clock.advance_us(4_999_999)
    assert clock.now_ms() == 2**30 - 1
    clock.advance_us(1)
    assert clock.now_ms() == 0


def test_time_passes_within_a_turn_and_setting_begins_anew() -> None:
    clock = FakeClock()
    clock.set(100, 7, True)
    clock.advance_us(500)
    assert (clock.now_ms(), clock.passed_ms(), clock.passed_us) == (100, 0, 500)
    clock.advance_us(45_000)
    assert (clock.now_ms(), clock.passed_ms(), clock.wall_s()) == (145, 45, 7)
    clock.advance_us(954_500)
    assert clock.wall_s() == 8
    clock.set(300, 9, False)
    assert (clock.now_ms(), clock.wall_s(), clock.passed_us) == (300, 9, 0)


def test_trust_is_what_it_was_told() -> None:
    clock = FakeClock(START_MS)
    assert not clock.is_trusted()
    clock.set(0, 0, True)
    assert clock.is_trusted()


def test_setting_it_makes_it_trusted() -> None:
    clock = FakeClock()
    clock.set(100, 7, False)
    clock.advance_us(2_500_000)
    assert clock.set_to_s == 0
    assert clock.set_wall(1000)
    assert (clock.wall_s(), clock.is_trusted(), clock.now_ms()) == (1000, True, 2600)
    assert clock.set_to_s == 998
    clock.advance_us(500_000)
    assert clock.wall_s() == 1001
    clock.set(3100, 1001, True)
    assert clock.set_to_s == 0


def test_a_broken_one_cannot_be_set() -> None:
    clock = FakeClock()
    clock.set(100, 7, False)
    clock.is_broken = True
    assert not clock.set_wall(1000)
    assert (clock.wall_s(), clock.is_trusted(), clock.set_to_s) == (7, False, 0)
    clock.set(200, 8, False)
    assert not clock.set_wall(1000)
