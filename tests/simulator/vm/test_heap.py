"""The heap that the simulated box has: a full car leaves room, days leave nothing behind."""

import pytest

from simulator.vm.choose import program_maker
from simulator.vm.micropython import DEFAULT_HEAP
from simulator.vm.storage_server import StorageServer
from tests import heap_days
from tests.simulator.stories import START_S, Story

#: Too small for 200 bookings, large enough to run.
SMALL_HEAP = "86wK"


def story_of(heap: str, monkeypatch: pytest.MonkeyPatch) -> Story:
    def make(vm: str, server: StorageServer, _: str) -> object:
        return program_maker(vm, server, heap)

    monkeypatch.setattr("simulator.car.program_maker", make)
    return Story("micropython")


def book_many(story: Story, bookings: int) -> None:
    for number in range(bookings):
        starts_s = START_S + 86400 + 600 * number
        story.car.centre.add_booking(f"N{number}", f"D{number % 40}", starts_s, starts_s + 1800)


@pytest.mark.micropython
def test_a_full_car_leaves_room_on_the_heap(monkeypatch: pytest.MonkeyPatch) -> None:
    """200 bookings, 8 staff cards, all at once, the journal open: more than a fifth of 96 wK is free."""
    story = story_of(DEFAULT_HEAP, monkeypatch)
    book_many(story, 199)
    for number in range(8):
        story.car.centre.add_staff(bytes((*bytes(7), number + 1)), f"staff {number}")
    story.later(60)
    assert story.car.centre.is_in_step
    story.car.box.reset()
    story.later(5)
    free, used = story.car.box.measure_heap()
    story.car.close()
    assert story.car.box.failures == []
    assert 100_000 < used < 151_000
    assert free >= 44_000


@pytest.mark.micropython
def test_a_heap_that_is_too_small_for_the_records_refuses_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What it has it keeps, and it runs on: a tap with the old booking still opens the car."""
    story = story_of(SMALL_HEAP, monkeypatch)
    book_many(story, 199)
    story.later(60)
    assert not story.car.centre.is_in_step
    story.start_by_card()
    assert story.car.state == "unlocked"
    story.car.close()
    assert story.car.box.failures == []


@pytest.mark.long
@pytest.mark.micropython
def test_hours_with_rental_and_whole_copies_leave_nothing_behind() -> None:
    """The short form; all seven days are part of `make prove-long`."""
    assert heap_days.main(["--days", "2", "--hours", "1"]) == 0
