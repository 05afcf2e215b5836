"""The ports of a Linux machine do what every implementation of a port must do."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory, MockPin

from firmware.ticks import MASK
from firmware.wire.codes import NO, YES
from hal.linux.analog import REFERENCE_MV, Mcp3008In, NoAnalogIn
from hal.linux.clock import EPOCH_2020_S, LinuxClock
from hal.linux.digital import PinIn, PinOut
from hal.linux.kept_total import KeptTotal
from hal.linux.pulse_counter import KEEP_EVERY_M, NoPulseCounter, PinPulseCounter
from tests.hal.linux.mock_pins import mock_pins
from tests.portable.hal.contracts import analog, clock, counting, digital

PIN = 17


@pytest.fixture(autouse=True)
def factory() -> Iterator[MockFactory]:
    with mock_pins() as made:
        yield made


class Machine:
    """A machine's clocks; its time passes when it is told to."""

    def __init__(self, folder: Path) -> None:
        self.ns = (MASK - 2000) * 1_000_000  # shortly before the ticks wrap
        self.unix_s = 1_000_000.0
        self.mark = folder / "mark"
        self.is_synchronised = False
        self.may_set = True

    def start(self, is_kept: bool = False) -> LinuxClock:
        return LinuxClock(
            is_kept,
            self.mark,
            lambda: self.is_synchronised,
            self.set,
            lambda: self.unix_s,
            lambda: self.ns,
        )

    def set(self, unix_s: int) -> None:
        if not self.may_set:
            raise PermissionError(1, "Operation not permitted")
        self.unix_s = unix_s

    def pass_ms(self, ms: int) -> None:
        self.ns += ms * 1_000_000
        self.unix_s += ms / 1000


@pytest.mark.parametrize("check", clock.ALL)
def test_clock(check: Callable[[Any], None], tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    check(lambda: (machine.start(), machine.pass_ms, machine.start))


def test_a_clock_that_nobody_has_set_is_not_trusted_safe_4(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    assert not machine.start().is_trusted()
    machine.is_synchronised = True
    assert machine.start().is_trusted()
    # Once it was, it stays so, whatever the kernel says after hours without a server.
    machine.is_synchronised = False
    assert machine.start().is_trusted()


def test_without_the_right_it_cannot_be_set_and_says_so(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.may_set = False
    port = machine.start()
    assert not port.set_wall(1000)
    assert not port.is_trusted()
    assert port.wall_s() == 1_000_000 - EPOCH_2020_S


def test_a_clock_that_others_keep_is_trusted_and_never_set(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    port = machine.start(is_kept=True)
    assert port.is_trusted()
    assert not port.set_wall(1000)
    assert machine.unix_s == 1_000_000


def test_the_real_clocks_answer() -> None:
    """The calls of the kernel, without a word that would set anything."""
    port = LinuxClock()
    assert 0 <= port.now_ms() <= MASK
    assert port.wall_s() > 0
    assert port.is_trusted() in (True, False)


def drives(factory: MockFactory) -> Callable[[bool], None]:
    pin = factory.pin(PIN)
    return lambda level: pin.drive_high() if level else pin.drive_low()


@pytest.mark.parametrize("check", digital.INPUTS)
@pytest.mark.parametrize("pull", [True, False, None])
def test_inputs(check: Callable[[Any], None], pull: bool | None, factory: MockFactory) -> None:
    def make(active_is_low: bool) -> tuple[PinIn, Callable[[bool], None]]:
        factory.reset()
        return PinIn(PIN, not active_is_low, pull), drives(factory)

    check(make)


@pytest.mark.parametrize("check", digital.OUTPUTS)
def test_outputs(check: Callable[[Any], None], factory: MockFactory) -> None:
    def make(active_is_low: bool) -> tuple[PinOut, Callable[[], bool]]:
        factory.reset()
        return PinOut(PIN, not active_is_low), lambda: bool(factory.pin(PIN).state)

    check(make)


@pytest.mark.parametrize(("pull", "is_low_yes"), [(True, False), (False, True)])
def test_a_wire_that_came_off_reads_as_at_rest(pull: bool, is_low_yes: bool) -> None:
    assert PinIn(PIN, is_low_yes, pull).read() == (YES if pull == is_low_yes else NO)


def test_each_edge_of_an_input_wakes(factory: MockFactory) -> None:
    woken: list[int] = []
    port = PinIn(PIN, False, True, lambda: woken.append(port.read()))
    pin = factory.pin(PIN)
    pin.drive_low()
    pin.drive_high()
    pin.drive_low()
    assert woken == [YES, NO, YES]


def test_an_output_becomes_one_with_its_resting_level_safe_3() -> None:
    """No pulse from the moment on that the pin drives."""
    begun: list[tuple[str, bool]] = []

    class RecordingPin(MockPin):  # type: ignore[misc]
        def output_with_state(self, state: bool) -> None:
            begun.append((self.info.name, state))
            super().output_with_state(state)

    gpiozero.Device.pin_factory = MockFactory(pin_class=RecordingPin)
    PinOut(PIN, is_high_active=False)
    PinOut(PIN + 1, is_high_active=True)
    assert begun == [(f"GPIO{PIN}", True), (f"GPIO{PIN + 1}", False)]


class Converter:
    """What gpiozero's MCP3008 is to the port."""

    def __init__(self) -> None:
        self.raw_value = 0
        self.is_broken = False

    def __getattribute__(self, name: str) -> Any:
        if name == "raw_value" and object.__getattribute__(self, "is_broken"):
            raise OSError(5, "Input/output error")
        return object.__getattribute__(self, name)


@pytest.mark.parametrize("check", analog.ON_A_WIRE)
def test_analog(check: Callable[[Any], None]) -> None:
    divider_per_1000 = 5700
    step_mv = REFERENCE_MV * divider_per_1000 // 1000 // 1023 + 1

    def make() -> tuple[Any, ...]:
        converter = Converter()

        def put_mv(mv: int) -> None:
            converter.raw_value = mv * 1000 * 1023 // (divider_per_1000 * REFERENCE_MV)

        def break_it() -> None:
            converter.is_broken = True

        port = Mcp3008In(0, divider_per_1000, device=converter)
        return port, put_mv, step_mv, break_it

    check(make)


def test_without_a_converter_nobody_can_tell() -> None:
    assert NoAnalogIn().read_mv() == -1
    assert NoPulseCounter().metres() == -1


@pytest.mark.parametrize("check", counting.COUNTERS)
def test_pulse_counter(check: Callable[[Any], None], factory: MockFactory, tmp_path: Path) -> None:
    def make(_again: bool) -> tuple[PinPulseCounter, Callable[[int], None]]:
        factory.reset()
        counter = PinPulseCounter(PIN, True, 1000, tmp_path / "pulses.txt")
        pin = factory.pin(PIN)

        def pulse(count: int) -> None:
            for _ in range(min(count, 100)):
                pin.drive_low()
                pin.drive_high()
            # A mock pin takes 20 us for an edge: the rest goes in where gpiozero would call.
            for _ in range(count - 100):
                counter._count()
            counter.poll()

        return counter, pulse

    check(make)


def test_a_total_is_kept_whole_and_at_its_steps(tmp_path: Path) -> None:
    path = tmp_path / "total.txt"
    total = KeptTotal(path, KEEP_EVERY_M)
    total.offer(KEEP_EVERY_M - 1)
    assert not path.exists()
    total.offer(KEEP_EVERY_M)
    assert KeptTotal(path, 1).kept == KEEP_EVERY_M
    # Half of a write, as a power cut leaves it beside the file, is not read.
    (tmp_path / "total.txt.part").write_text("9")
    assert KeptTotal(path, 1).kept == KEEP_EVERY_M


@pytest.mark.parametrize("found", [b"-5", b"", b"\0" * 4096, b"\xff12", b"9" * 19])
def test_a_total_that_is_none_is_put_aside_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], found: bytes
) -> None:
    """A card that lost a page must not keep a car from opening."""
    path = tmp_path / "total.txt"
    path.write_bytes(found)
    total = KeptTotal(path, 1)
    assert total.kept == 0
    assert f"{path}: holds b" in capsys.readouterr().err
    assert (tmp_path / "total.txt.bad").read_bytes() == found
    total.offer(7)
    assert KeptTotal(path, 1).kept == 7


def test_a_full_disk_does_not_stop_the_counting(tmp_path: Path) -> None:
    total = KeptTotal(tmp_path / "total.txt", 1)
    tmp_path.joinpath("total.txt.part").mkdir()  # nothing can be written there
    total.offer(5)
    assert total.kept == 0
