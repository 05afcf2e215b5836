"""Rates and waits, on a clock that the test moves."""

from fleetd.mqtt.allowance import Allowance, Allowances, WaitingList


def test_a_burst_then_a_rate() -> None:
    allowance = Allowance(per_s=2.0, burst=3, now=0.0)
    assert [allowance.spend(0.0) for _ in range(4)] == [True, True, True, False]
    assert allowance.wait_s(0.0) == 0.5
    assert not allowance.spend(0.49)
    assert allowance.spend(0.5)
    assert not allowance.spend(0.5)


def test_it_fills_up_to_the_burst_and_no_further() -> None:
    allowance = Allowance(per_s=2.0, burst=3, now=0.0)
    assert [allowance.spend(1000.0) for _ in range(4)] == [True, True, True, False]


def test_a_clock_that_goes_back_gives_nothing() -> None:
    allowance = Allowance(per_s=1.0, burst=1, now=100.0)
    assert allowance.spend(100.0)
    assert not allowance.spend(50.0)
    assert allowance.spend(51.0)


def test_each_key_has_its_own() -> None:
    allowances = Allowances(per_s=1.0, burst=1, keys_max=10)
    assert allowances.has("a", 0.0)
    assert allowances.spend("a", 0.0)
    assert not allowances.has("a", 0.0)
    assert allowances.spend("b", 0.0)
    assert allowances.wait_s("a", 0.25) == 0.75
    assert allowances.wait_s("nobody", 0.0) == 0.0


def test_keys_are_bounded_and_the_oldest_goes() -> None:
    allowances = Allowances(per_s=0.001, burst=1, keys_max=2)
    for key in ("a", "b", "a", "c"):
        allowances.spend(key, 0.0)
    assert len(allowances) == 2
    assert not allowances.has("a", 0.0)
    assert allowances.has("b", 0.0), "b was asked for longest ago and is forgotten"


def test_waits_double_up_to_the_most() -> None:
    waiting = WaitingList(first_s=1.0, most_s=5.0, keys_max=10)
    now = 0.0
    for wait_s in (1.0, 2.0, 4.0, 5.0, 5.0):
        waiting.failed("a", now)
        assert waiting.waits("a", now + wait_s - 0.001)
        now += wait_s
        assert not waiting.waits("a", now)
    assert not waiting.waits("b", 0.0)


def test_a_quiet_time_makes_the_next_failure_the_first() -> None:
    waiting = WaitingList(first_s=1.0, most_s=5.0, keys_max=10)
    waiting.failed("a", 0.0)
    waiting.failed("a", 1.0)
    waiting.failed("a", 13.0)
    assert waiting.waits("a", 16.9), "10 s after the wait are no quiet time yet"
    waiting.failed("a", 27.1)
    assert waiting.waits("a", 28.0)
    assert not waiting.waits("a", 28.1)


def test_forgetting_and_holding() -> None:
    waiting = WaitingList(first_s=1.0, most_s=5.0, keys_max=2)
    waiting.failed("a", 0.0)
    waiting.forget("a")
    assert not waiting.waits("a", 0.0)
    waiting.hold("a", 7.0)
    assert waiting.waits("a", 6.9)
    assert not waiting.waits("a", 7.0)
    waiting.failed("a", 7.0)
    assert not waiting.waits("a", 8.0), "a hold is no failure: the first one waits shortest"
    for key in "bcd":
        waiting.failed(key, 7.0)
    assert len(waiting) == 2
