"""The program behind its pipe on MicroPython does the same, to the byte, as on CPython."""

from collections.abc import Iterator

import pytest

from hal.fake.flash import Flash, PowerCut
from simulator.car import CACHE_SECTORS, JOURNAL_SECTORS, Car
from simulator.vm.choose import program_maker
from simulator.vm.image import build_image
from simulator.vm.in_process import InProcessProgram
from simulator.vm.micropython import DEFAULT_HEAP, MicroPythonProgram, image_command
from simulator.vm.program import Program, ProgramError
from simulator.vm.storage_server import StorageServer
from tests.simulator.stories import Story


class Recorder:
    """A program whose requests and responses are kept, with the plan of its power cut."""

    def __init__(self, inner: Program, flash: Flash, kept: "list[list[Exchange]]") -> None:
        self._inner = inner
        self._flash = flash
        self._life: list[Exchange] = []
        kept.append(self._life)

    def handle(self, frame: bytes) -> bytes:
        cut_after = self._flash.cut_after
        try:
            answer = self._inner.handle(frame)
        except PowerCut:
            self._life.append((frame, None, cut_after))
            raise
        self._life.append((frame, answer, cut_after))
        return answer

    def close(self) -> None:
        self._inner.close()


#: A request, its response (None: the power went), the operations until the power cut (None: no cut).
Exchange = tuple[bytes, bytes | None, int | None]


def recorded(story: Story) -> list[list[Exchange]]:
    """All exchanges of a rental day, a list for each life of the program."""
    car = story.car
    lives: list[list[Exchange]] = []
    car.box._make_program = lambda: Recorder(
        InProcessProgram(car.storage), car.journal_flash, lives
    )
    car.box.reset()
    story.rental_day()
    return lives


def storage_of(car: Car) -> StorageServer:
    """The same flash as the car's, as it is now."""
    copies = []
    for flash in car.storage.storages:
        copy = Flash(flash.sectors)
        copy.contents[:] = flash.contents
        copy._random = flash._random
        copies.append(copy)
    return StorageServer(*copies)


@pytest.fixture
def server() -> StorageServer:
    return StorageServer(Flash(JOURNAL_SECTORS), Flash(CACHE_SECTORS))


@pytest.fixture
def program(server: StorageServer) -> Iterator[MicroPythonProgram]:
    running = MicroPythonProgram(server, image_command(build_image(), DEFAULT_HEAP))
    yield running
    running.close()


@pytest.mark.micropython
def test_a_whole_day_gives_the_same_bytes() -> None:
    story = Story()
    storage = storage_of(story.car)
    lives = recorded(story)
    assert len(lives) == 3
    assert sum(map(len, lives)) > 3000
    assert [life[-1][1] is None for life in lives] == [False, True, False]
    make = program_maker("micropython", storage)
    for life in lives:
        for flash in storage.storages:
            flash.restore_power()
        running = make()
        try:
            for frame, answer, cut_after in life:
                storage.storages[0].cut_after = cut_after
                if answer is None:
                    with pytest.raises(PowerCut):
                        running.handle(frame)
                else:
                    assert running.handle(frame) == answer
        finally:
            running.close()
    for ours, theirs in zip(storage.storages, story.car.storage.storages, strict=True):
        assert ours.contents == theirs.contents


@pytest.mark.micropython
def test_a_whole_day_gives_the_same_timeline() -> None:
    timelines = []
    for vm in ("cpython", "micropython"):
        story = Story(vm, seed=3)
        story.rental_day()
        assert story.car.box.failures == []
        story.car.close()
        timelines.append(story.timeline)
    assert timelines[0] == timelines[1]
    assert any("event ended" in what for _, what in timelines[0])


def test_the_same_seed_gives_the_same_timeline_and_another_does_not() -> None:
    timelines = []
    for seed in (3, 3, 4):
        story = Story(seed=seed)
        story.rental_day()
        timelines.append(story.timeline)
    assert timelines[0] == timelines[1]
    assert timelines[0] != timelines[2]


@pytest.mark.micropython
def test_an_exception_of_the_program_comes_through(
    program: MicroPythonProgram, server: StorageServer
) -> None:
    frame = b"\2" + bytes(100)
    with pytest.raises(ProgramError, match=r"^ValueError: a turn before the boot$"):
        InProcessProgram(server).handle(frame)
    with pytest.raises(ProgramError, match=r"^ValueError: a turn before the boot$"):
        program.handle(frame)


@pytest.mark.micropython
def test_a_heap_that_is_too_small_is_an_error(server: StorageServer) -> None:
    program = MicroPythonProgram(server, image_command(build_image(), "16wK"))
    with pytest.raises(ProgramError, match="MemoryError"):
        program.handle(b"\2" + bytes(100))
    program.close()


@pytest.mark.micropython
def test_a_program_whose_process_ends_is_an_error(program: MicroPythonProgram) -> None:
    program._process.kill()
    program._process.wait()
    with pytest.raises(ProgramError):
        program.handle(b"\2" + bytes(100))


@pytest.mark.micropython
def test_a_closed_program_does_nothing(program: MicroPythonProgram, server: StorageServer) -> None:
    program.close()
    program.close()
    here = InProcessProgram(server)
    here.close()
    for closed in (program, here):
        with pytest.raises(ProgramError, match="was closed"):
            closed.handle(b"\2" + bytes(100))


def test_cpython_tells_no_heap_figures() -> None:
    assert Story().car.box.measure_heap() == (0, 0)


def test_a_vm_that_is_none_is_an_error(server: StorageServer) -> None:
    with pytest.raises(ValueError, match="cpython, micropython"):
        program_maker("pypy", server)
