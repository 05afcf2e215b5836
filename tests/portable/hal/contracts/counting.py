"""Pulse counters: `make(again)` gives (a `PulseCounter` at 1,000 pulses a kilometre, `pulse(n)`).

Watchdogs: `make()` gives (a `Watchdog` of a second, `pass_ms(ms)`, `has_bitten() -> bool`).
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hal.api import PulseCounter, Watchdog

    MakeCounter = Callable[[bool], tuple[PulseCounter, Callable[[int], None]]]
    MakeWatchdog = Callable[[], tuple[Watchdog, Callable[[int], None], Callable[[], bool]]]


def check_pulses_are_metres(make: "MakeCounter") -> None:
    counter, pulse = make(False)
    before_m = counter.metres()
    assert before_m >= 0
    pulse(7)
    assert counter.metres() == before_m + 7
    pulse(70_000)  # more than the 16 bits of a counter in hardware
    assert counter.metres() == before_m + 70_007


def check_it_never_goes_back(make: "MakeCounter") -> None:
    counter, pulse = make(False)
    pulse(3000)
    seen_m = counter.metres()
    again, pulse = make(True)
    # What came since it was last kept is lost with the power, and no more.
    assert seen_m - 1000 <= again.metres() <= seen_m
    pulse(5)
    assert again.metres() <= seen_m + 5


def check_a_fed_watchdog_does_not_bite(make: "MakeWatchdog") -> None:
    watchdog, pass_ms, has_bitten = make()
    for _ in range(10):
        watchdog.feed()
        pass_ms(300)
    assert not has_bitten()


def check_a_starved_watchdog_bites(make: "MakeWatchdog") -> None:
    watchdog, pass_ms, has_bitten = make()
    watchdog.feed()
    pass_ms(2500)
    assert has_bitten()


COUNTERS = (check_pulses_are_metres, check_it_never_goes_back)
WATCHDOGS = (check_a_fed_watchdog_does_not_bite, check_a_starved_watchdog_bites)
