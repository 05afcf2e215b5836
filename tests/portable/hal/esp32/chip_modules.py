"""`machine`, `esp32`, `network` and `time` of a program on the simulated chip.

Importing this puts them in the place of the interpreter's; `hal_ports` gives `time` back.
"""

import sys

from tests.portable.hal.esp32 import chip as chips
from tests.portable.hal.esp32.calendar_2000 import parts_of, seconds_of
from tests.portable.hal.esp32.chip import the_chip
from tests.portable.hal.esp32.chip_sockets import FakeSocketModule, FakeTlsModule
from tests.portable.hal.esp32.chip_wires import ClockChip, Wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tests.portable.hal.esp32.chip_flash import RawFlash

#: Pins from here on have no output, on the plain ESP32.
_FIRST_NON_OUTPUT = 34
_EIO = 5


class Pin:
    IN = 1
    OUT = 3
    PULL_UP = 1
    PULL_DOWN = 2

    def __init__(
        self,
        number: int,
        mode: int = -1,
        pull: "int | None" = -1,
        *,
        value: "int | None" = None,
    ) -> None:
        self.number = number
        state = the_chip().pin(number)
        if mode == Pin.OUT and number >= _FIRST_NON_OUTPUT and not the_chip().is_s3:
            raise ValueError("pin can only be input")
        # The value comes before the direction, as in machine_pin.c.
        if value is not None:
            state.level = 1 if value else 0
        if mode == Pin.OUT and not state.is_output:
            state.is_output = True
            the_chip().note(chips.BECAME_OUTPUT, number, state.level)
        elif mode == Pin.IN:
            state.is_output = False
        if pull is None or pull != -1:
            state.pull = pull or 0

    def value(self, level: "int | bool | None" = None) -> int:
        chip = the_chip()
        if level is None:
            return chip.level_of(self.number)
        state = chip.pin(self.number)
        wanted = 1 if level else 0
        is_latch = False
        for chain in chip.chains:
            if chain.latch == self.number:
                is_latch = True
                chain.latch_level(wanted)
        if wanted != state.level:
            state.level = wanted
            if state.is_output and not is_latch:  # that one moves hundreds of times a second
                chip.note(chips.LEVEL, self.number, wanted)
        return 0


class UART:
    def __init__(self, number: int, **settings: "Any") -> None:
        chip = the_chip()
        if number not in chip.wires:
            chip.wires[number] = Wire()
        self._wire = chip.wires[number]
        self._wire.is_open = True
        self._wire.room = settings.get("rxbuf", 256)
        self._may_send = settings.get("tx", -1) != -1
        self.init(**settings)

    def init(self, baudrate: int = 0, **settings: "Any") -> None:
        if baudrate:
            self._wire.baud = baudrate
        self._wire.received = b""  # "discard any input from previous configuration"

    def any(self) -> int:
        return len(self._wire.received)

    def readinto(self, buffer: bytearray) -> "int | None":
        wire = self._wire
        count = min(len(buffer), len(wire.received))
        if not count:
            return None
        buffer[:count] = wire.received[:count]
        wire.received = wire.received[count:]
        return count

    def write(self, data: "bytes | bytearray | memoryview") -> int:
        if self._may_send:
            self._wire.sent.append((self._wire.baud, bytes(data)))
        return len(data)


class SPI:
    def __init__(self, number: int, **settings: "Any") -> None:
        # The chain gives its first bit before the first edge: it is to be sampled on that.
        self._samples_first = settings["polarity"] == 1 and settings["phase"] == 0
        assert settings["mosi"] is None, "None, or the chip's default pin would be driven"

    def readinto(self, buffer: bytearray, write: int = 0) -> None:
        for chain in the_chip().chains:
            found = chain.shift_out(len(buffer) + 1)
            whole = int.from_bytes(found, "big") >> (8 if self._samples_first else 7)
            for index in range(len(buffer)):
                buffer[index] = whole >> 8 * (len(buffer) - 1 - index) & 0xFF


class ADC:
    ATTN_11DB = 3

    def __init__(self, pin: Pin, atten: int = 0) -> None:
        self._number = pin.number
        self._full_uv = 3_100_000 if atten == ADC.ATTN_11DB else 950_000

    def read_uv(self) -> int:
        chip = the_chip()
        if chip.adc_is_broken:
            raise OSError(_EIO)
        noise_uv = 0
        if chip.adc_noise_uv:
            chip.entropy = (chip.entropy * 1103515245 + 12345) & 0x3FFFFFFF
            noise_uv = (chip.entropy >> 8) % (2 * chip.adc_noise_uv) - chip.adc_noise_uv
        return max(0, min(self._full_uv, chip.adc_uv.get(self._number, 0) + noise_uv))


class I2C:
    def __init__(self, number: int, **settings: "Any") -> None:
        pass

    def _chip_at(self, address: int) -> ClockChip:
        found: "ClockChip | None" = the_chip().i2c.get(address)
        if found is None:
            raise OSError(19)
        return found

    def readfrom_mem(self, address: int, register: int, count: int) -> bytes:
        return self._chip_at(address).read(register, count)

    def writeto_mem(self, address: int, register: int, data: bytes) -> None:
        self._chip_at(address).write(register, data)


class WDT:
    def __init__(self, timeout: int = 5000) -> None:
        the_chip().wdt_ms = timeout
        self.feed()

    def feed(self) -> None:
        the_chip().fed_ms = the_chip().ms


class Timer:
    """One; it fires when a test calls what it was given: the prompt is nobody's turn."""

    PERIODIC = 1
    started = 0
    running: "dict[str, Any]" = {}

    def __init__(self, number: int) -> None:
        pass

    def init(self, **settings: "Any") -> None:
        Timer.started += 1
        Timer.running = settings

    def deinit(self) -> None:
        Timer.running = {}


class RTC:
    def datetime(self, parts: "tuple[int, ...]") -> None:
        year, month, day, _, hour, minute, second, _ = parts
        the_chip().rtc_s = seconds_of((year, month, day, hour, minute, second, 0, 0))

    def memory(self, data: "bytes | None" = None) -> bytes:
        if data is not None:
            the_chip().rtc_memory = bytes(data)
        return the_chip().rtc_memory


def _light_sleep(ms: int) -> None:
    the_chip().pass_ms(ms, is_asleep=True)


def _reset() -> None:
    the_chip().reset(chips.HARD_RESET)
    raise chips.ChipResetError


class FakeMachine:
    Pin = Pin
    UART = UART
    SPI = SPI
    ADC = ADC
    I2C = I2C
    WDT = WDT
    RTC = RTC
    Timer = Timer
    PWRON_RESET = chips.PWRON_RESET
    HARD_RESET = chips.HARD_RESET
    WDT_RESET = chips.WDT_RESET
    SOFT_RESET = chips.SOFT_RESET
    lightsleep = staticmethod(_light_sleep)
    reset = staticmethod(_reset)

    @staticmethod
    def reset_cause() -> int:
        return the_chip().cause


class Partition:
    TYPE_APP = 0
    TYPE_DATA = 1

    def __init__(self, label: str) -> None:
        self._flash: "RawFlash" = the_chip().flash[label]

    @staticmethod
    def find(kind: int, label: str = "") -> "list[Partition]":
        return [Partition(label)] if label in the_chip().flash and kind == 1 else []

    @staticmethod
    def mark_app_valid_cancel_rollback() -> None:
        if not the_chip().has_two_slots:
            raise OSError(-261)  # ESP_ERR_NOT_FOUND: there is no otadata
        the_chip().marked_valid += 1

    def ioctl(self, command: int, argument: int) -> int:
        flash = self._flash
        if command == 4:
            return flash.sectors
        if command == 5:
            return flash.sector_bytes
        assert command == 6
        if argument >= flash.sectors:
            raise OSError(-258)  # ESP_ERR_INVALID_ARG
        flash.erase(argument)
        return 0

    def readblocks(self, block: int, buffer: "bytearray | memoryview", offset: int = 0) -> None:
        self._flash.read(block * self._flash.sector_bytes + offset, buffer)

    def writeblocks(
        self, block: int, data: "bytes | bytearray | memoryview", offset: "int | None" = None
    ) -> None:
        if offset is None:
            self._flash.erase(block)
            self._flash.silent_erases += 1
        self._flash.program(block * self._flash.sector_bytes + (offset or 0), data)


class PCNT:
    INCREMENT = 1
    IGNORE = 0

    def __init__(self, unit: int, pin: Pin, min: int, max: int, **settings: "Any") -> None:  # noqa: A002
        assert min == 0 and 0 < max <= 32767
        self._number = pin.number
        self._max = max
        self._from = the_chip().pulses.get(pin.number, 0)

    def start(self) -> None:
        self._from = the_chip().pulses.get(self._number, 0)

    def value(self) -> int:
        return (the_chip().pulses.get(self._number, 0) - self._from) % self._max


class FakeEsp32:
    Partition = Partition
    PCNT = PCNT


class WLAN:
    PM_POWERSAVE = 1

    def __init__(self, interface: int) -> None:
        assert interface == 0

    def _air(self) -> "Any":
        air = the_chip().air
        assert air is not None
        air.fault()
        return air

    def active(self, is_on: bool) -> None:
        self._air().switch(is_on)

    def config(self, **settings: "Any") -> None:
        self._air().settings.extend(settings)

    def connect(self, ssid: str, key: str) -> None:
        self._air().connect(ssid, key)

    def isconnected(self) -> bool:
        return bool(self._air().is_joined)

    def ifconfig(self) -> "tuple[str, str, str, str]":
        air = self._air()
        if not air.is_joined:
            return ("0.0.0.0",) * 4
        return ("192.168.4.2", "255.255.255.0", "192.168.4.1", air.name_server)

    def status(self) -> int:
        return int(self._air().status())


class FakeNetworkModule:
    STA_IF = 0
    WLAN = WLAN


class FakeTime:
    gmtime = staticmethod(parts_of)
    mktime = staticmethod(seconds_of)

    @staticmethod
    def ticks_ms() -> int:
        return the_chip().ticks_ms()

    @staticmethod
    def time() -> int:
        return the_chip().rtc_s

    @staticmethod
    def sleep_ms(ms: int) -> None:
        the_chip().pass_ms(ms)


MODULES: "dict[str, Any]" = {
    "machine": FakeMachine,
    "esp32": FakeEsp32,
    "network": FakeNetworkModule,
    "time": FakeTime,
}


def install() -> "dict[str, Any]":
    """Put them in place; what was there before."""
    modules: "dict[str, Any]" = sys.modules
    try:
        __import__("socket")
    except ImportError:
        modules["socket"] = FakeSocketModule
        modules["tls"] = FakeTlsModule
    before = {name: modules.get(name) for name in MODULES}
    for name, module in MODULES.items():
        modules[name] = module
    return before


def give_back(before: "dict[str, Any]") -> None:
    """What is imported from now on has the interpreter's own again."""
    modules: "dict[str, Any]" = sys.modules
    for name in MODULES:
        if before[name] is None:
            del modules[name]
        else:
            modules[name] = before[name]
