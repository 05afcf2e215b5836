"""The kernel: order, time, chance."""

from hypothesis import given
from hypothesis import strategies as st

from simulator.kernel import Kernel


def test_events_happen_in_the_order_of_their_time() -> None:
    kernel = Kernel()
    seen: list[tuple[str, int]] = []
    kernel.at(30, lambda: seen.append(("c", kernel.now_us)))
    kernel.at(10, lambda: seen.append(("a", kernel.now_us)))
    kernel.after(20, lambda: seen.append(("b", kernel.now_us)))
    kernel.run_until(29)
    assert seen == [("a", 10), ("b", 20)]
    assert kernel.now_us == 29
    kernel.run_until(30)
    assert seen[2:] == [("c", 30)]


@given(st.lists(st.integers(0, 5), max_size=40))
def test_events_of_one_time_happen_in_the_order_of_asking(times: list[int]) -> None:
    kernel = Kernel()
    seen: list[tuple[int, int]] = []
    for number, at_us in enumerate(times):
        kernel.at(at_us, lambda at_us=at_us, number=number: seen.append((at_us, number)))  # type: ignore[misc]
    kernel.run_until(10)
    assert seen == sorted(seen)
    assert len(seen) == len(times)


def test_an_event_may_ask_for_another_at_once() -> None:
    kernel = Kernel()
    seen: list[int] = []

    def again() -> None:
        seen.append(kernel.now_us)
        if len(seen) < 3:
            kernel.after(0, again)

    kernel.at(5, again)
    kernel.at(5, lambda: seen.append(-1))
    kernel.run_until(5)
    assert seen == [5, -1, 5]


def test_the_past_is_now() -> None:
    kernel = Kernel()
    kernel.run_until(100)
    seen: list[int] = []
    event = kernel.at(50, lambda: seen.append(kernel.now_us))
    assert event.at_us == 100
    kernel.run_until(100)
    assert seen == [100]
    kernel.run_until(60)
    assert kernel.now_us == 100


def test_a_cancelled_event_does_not_happen() -> None:
    kernel = Kernel()
    seen: list[str] = []
    first = kernel.at(1, lambda: seen.append("first"))
    kernel.at(2, lambda: seen.append("second"))
    assert kernel.next_at_us == 1
    first.cancel()
    assert not first.is_pending
    assert kernel.next_at_us == 2
    kernel.run_until(3)
    assert seen == ["second"]
    assert kernel.next_at_us is None


def test_an_event_that_happened_is_not_pending() -> None:
    kernel = Kernel()
    event = kernel.at(1, lambda: None)
    pending = [event.is_pending]
    kernel.run_until(1)
    pending.append(event.is_pending)
    assert pending == [True, False]
    event.cancel()


def test_chance_is_the_seeds_and_the_purposes() -> None:
    def draws(seed: int, purpose: str) -> list[int]:
        random = Kernel(seed).random(purpose)
        return [random.getrandbits(32) for _ in range(4)]

    assert draws(1, "a") == draws(1, "a")
    assert draws(1, "a") != draws(1, "b")
    assert draws(1, "a") != draws(2, "a")
