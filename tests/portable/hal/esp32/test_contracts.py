"""The ports of the ESP32 keep the contracts of all ports."""

from firmware.ticks import ticks_diff
from hal.pn532 import Pn532
from tests.portable.hal.contracts import (
    analog,
    byte_link,
    card_reader,
    clock,
    counting,
    digital,
    position,
    storage,
)
from tests.portable.hal.esp32.chip import WDT_RESET, power_on
from tests.portable.hal.esp32.chip_flash import RawFlash
from tests.portable.hal.esp32.chip_reader import ReaderChip
from tests.portable.hal.esp32.chip_wires import ShiftChain, Wire
from tests.portable.hal.esp32.hal_ports import (
    AdcIn,
    ChipWatchdog,
    ConsoleLink,
    PartitionStorage,
    PcntCounter,
    PinIn,
    PinOut,
    RtcClock,
    ShiftInputs,
    UartLink,
    open_spi,
)
from tests.portable.hal.nmea_receiver import NmeaReceiver

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hal.api import (
        AnalogIn,
        ByteLink,
        Clock,
        DigitalIn,
        DigitalOut,
        Position,
        PulseCounter,
        Storage,
        Watchdog,
    )


class MemoryNumber:
    """In the place of the file that keeps a number."""

    def __init__(self) -> None:
        self.number = 0
        self.saves = 0
        self.is_full = False

    def load(self) -> int:
        return self.number

    def save(self, number: int) -> bool:
        if self.is_full:
            return False
        self.number = number
        self.saves += 1
        return True


class CardsAtTheUart:
    """A PN532 at the chip's UART, and the board, which looks each millisecond."""

    def __init__(self) -> None:
        self._chip = power_on()
        self.now_ms = self._chip.ticks_ms
        wire = self._chip.wires[2] = Wire()
        self._far = ReaderChip(wire)
        self._chip.world = self._far.pass_ms
        self._link = UartLink(2, 4, 35)
        self.reader = Pn532(self._link, self.now_ms())
        self.reader.set_eager(True)

    @property
    def looks(self) -> int:
        return len(self._far.commands)

    def turn(self) -> "bytes | None":
        self._chip.pass_ms(1)
        while not self._link.any() and ticks_diff(self.reader.next_due_at_ms, self.now_ms()) > 0:
            self._chip.pass_ms(1)
        return self.reader.poll(self.now_ms())

    def put(self, ident: bytes) -> None:
        self._far.idm = ident
        self._far.has_card = True

    def put_licence(self, pupi: bytes, changes: bool) -> None:
        raise AssertionError("this chip knows no type B")

    def take_away(self) -> None:
        self._far.has_card = False

    def fail(self) -> None:
        self._far.is_dead = True

    def mend(self) -> None:
        self._far.is_dead = False


def test_card_reader_over_the_uart() -> None:
    def make() -> "tuple[Pn532, CardsAtTheUart]":
        cards = CardsAtTheUart()
        return cards.reader, cards

    for check in card_reader.ALL + card_reader.TIMED + card_reader.PACED:
        check(make)


def test_storage() -> None:
    chip = power_on()

    def make(again: bool) -> "Storage":
        if not again:
            chip.flash["journal"] = RawFlash(8)
        return PartitionStorage("journal")

    for check in storage.ALL:
        check(make)


def test_lines() -> None:
    def make_in(active_is_low: bool) -> "tuple[DigitalIn, Callable[[bool], None]]":
        chip = power_on()

        def drive(level: bool) -> None:
            chip.pin(27).driven = 1 if level else 0

        return PinIn(27, 0 if active_is_low else 1, 0), drive

    def make_out(active_is_low: bool) -> "tuple[DigitalOut, Callable[[], bool]]":
        chip = power_on()
        return PinOut(25, 0 if active_is_low else 1), lambda: chip.level_of(25) == 1

    for check in digital.INPUTS:
        check(make_in)
    for check_out in digital.OUTPUTS:
        check_out(make_out)


def test_contacts_on_the_chain() -> None:
    """They keep the contract with a scan before each reading, which is what the board does."""

    def make(active_is_low: bool) -> "tuple[DigitalIn, Callable[[bool], None]]":
        chip = power_on()
        chain = ShiftChain(5)
        chip.chains.append(chain)
        inputs = ShiftInputs(open_spi(14, 39), 5)

        def drive(level: bool) -> None:
            chain.levels[14] = 1 if level else 0
            inputs.scan()

        return inputs.input(14, 0 if active_is_low else 1), drive

    for check in digital.INPUTS:
        check(make)


def test_analog() -> None:
    def make() -> "tuple[AnalogIn, Callable[[int], None], int, Callable[[], None]]":
        chip = power_on()
        chip.adc_noise_uv = 20_000

        def put_mv(mv: int) -> None:
            chip.adc_uv[34] = mv * 1000 * 1000 // 6556

        def break_it() -> None:
            chip.adc_is_broken = True

        # 20 mV of noise behind a divider by 6.556, and the last millivolt of the pin.
        return AdcIn(34, 6556), put_mv, 20 * 6556 // 1000 + 7, break_it

    for check in analog.ON_A_WIRE:
        check(make)


def test_byte_link() -> None:
    def make() -> "tuple[ByteLink, Callable[[bytes], None], Callable[[], bytes]]":
        chip = power_on()
        link = UartLink(2, 4, 35)
        wire = chip.wires[2]
        return link, wire.put, wire.take

    for check in byte_link.ALL:
        check(make)


def test_position_over_the_uart() -> None:
    def make() -> "tuple[Position, Callable[[bool, int, int], None], Callable[[int], None]]":
        chip = power_on()
        receiver = NmeaReceiver(UartLink(1, None, 15), chip.wires[1].put)
        return receiver.port, receiver.say, receiver.say_antenna

    for check in position.ALL:
        check(make)


def test_the_consoles_link() -> None:
    def make() -> "tuple[ByteLink, Callable[[bytes], None], Callable[[], bytes]]":
        cable = power_on().console
        return ConsoleLink(cable, cable, cable), cable.put, cable.take

    for check in byte_link.ALL:
        check(make)


def test_clock() -> None:
    def make() -> "tuple[Clock, Callable[[int], None], Callable[[], Clock]]":
        chip = power_on()

        def reset() -> "Clock":
            chip.reset(WDT_RESET)
            return RtcClock()

        return RtcClock(), chip.pass_ms, reset

    for check in clock.ALL:
        check(make)


def test_counter() -> None:
    kept: "list[MemoryNumber]" = []

    def make(again: bool) -> "tuple[PulseCounter, Callable[[int], None]]":
        chip = power_on()
        if not again:
            kept.append(MemoryNumber())
        counter = PcntCounter(36, 1000, kept[-1])  # type: ignore[arg-type]

        def pulse(count: int) -> None:
            # The board polls long before the counter in hardware has gone round.
            while count > 0:
                chip.pulse(36, min(count, 20_000))
                counter.poll()
                count -= 20_000

        return counter, pulse

    for check in counting.COUNTERS:
        check(make)


def test_watchdog() -> None:
    def make() -> "tuple[Watchdog, Callable[[int], None], Callable[[], bool]]":
        chip = power_on()
        return ChipWatchdog(1000), chip.pass_ms, lambda: chip.has_bitten

    for check in counting.WATCHDOGS:
        check(make)
