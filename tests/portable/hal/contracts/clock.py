"""Clocks. `make()` gives (a `Clock` after power-on, `pass_ms(ms)`, `reset() -> Clock`).

`pass_ms` lets time pass; `reset` gives the clock of the program's next start, without power-off.
"""

from firmware.ticks import MASK, ticks_diff

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hal.api import Clock

    Make = Callable[[], tuple[Clock, Callable[[int], None], Callable[[], Clock]]]

#: 2026-04-01.
WALL_S = 197_164_800


def check_ticks(make: "Make") -> None:
    clock, pass_ms, _ = make()
    for span_ms in (0, 1, 49, 5000):
        before_ms = clock.now_ms()
        pass_ms(span_ms)
        assert 0 <= clock.now_ms() <= MASK
        assert span_ms <= ticks_diff(clock.now_ms(), before_ms) <= span_ms + 20


def check_wall_time_goes_on_once_it_is_set(make: "Make") -> None:
    """SAFE-4: trusted only when somebody said what time it is."""
    clock, pass_ms, _ = make()
    if not clock.set_wall(WALL_S):
        return
    assert clock.is_trusted()
    assert 0 <= clock.wall_s() - WALL_S <= 1
    pass_ms(3000)
    assert 3 <= clock.wall_s() - WALL_S <= 4


def check_a_reset_keeps_what_was_set(make: "Make") -> None:
    clock, pass_ms, reset = make()
    if not clock.set_wall(WALL_S):
        return
    pass_ms(1000)
    again = reset()
    assert again.is_trusted()
    assert 1 <= again.wall_s() - WALL_S <= 3


def check_wall_time_is_an_int(make: "Make") -> None:
    """Floats of the box step by a minute."""
    clock, _, _ = make()
    assert isinstance(clock.wall_s(), int)
    assert isinstance(clock.now_ms(), int)


ALL = (
    check_ticks,
    check_wall_time_goes_on_once_it_is_set,
    check_a_reset_keeps_what_was_set,
    check_wall_time_is_an_int,
)
