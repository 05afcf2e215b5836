"""What the ESP32's ports do beyond the common contract: faults, resets, what a pin does first."""

from firmware.ticks import MASK, ticks_add, ticks_diff
from firmware.wire.codes import NO, UNKNOWN, YES
from tests.portable.hal.esp32.chip import (
    BECAME_OUTPUT,
    LEVEL,
    PWRON_RESET,
    SOFT_RESET,
    WDT_RESET,
    power_on,
)
from tests.portable.hal.esp32.chip_flash import RawFlash
from tests.portable.hal.esp32.chip_wires import ClockChip, ShiftChain
from tests.portable.hal.esp32.hal_ports import (
    AbsentIn,
    Ds3231,
    KeptNumber,
    NoCounter,
    PartitionStorage,
    PcntCounter,
    PinIn,
    PinOut,
    RtcClock,
    ShiftInputs,
    UartLink,
    idle,
    open_spi,
)
from tests.portable.hal.esp32.test_contracts import MemoryNumber

WALL_S = 197_164_800


def raises(call: "object", kind: "type[Exception]") -> str:
    try:
        call()  # type: ignore[operator]
    except kind as error:
        return str(error)
    raise AssertionError("not raised")


# Lines.


def test_an_output_is_at_rest_before_it_is_an_output() -> None:
    """SAFE-3: nothing twitches at a start, whatever level rest is."""
    for active in (0, 1):
        chip = power_on()
        PinOut(25, active)
        assert [event[1:] for event in chip.events] == [(BECAME_OUTPUT, 25, 1 - active)]


def test_an_output_does_what_it_is_told_and_knows_it() -> None:
    chip = power_on()
    out = PinOut(25, 1)
    seen = []
    for level in (True, False):
        out.write(level)
        seen.append(out.is_on)
    assert seen == [True, False]
    assert [event[1:] for event in chip.events[1:]] == [(LEVEL, 25, 1), (LEVEL, 25, 0)]


def test_an_open_input_reads_its_resistor() -> None:
    power_on()
    assert PinIn(27, 0, 1).read() == NO
    assert PinIn(26, 1, 1).read() == YES
    assert PinIn(25, 1, 2).read() == NO
    assert AbsentIn().read() == UNKNOWN


# The chain of contacts.


def chain_of_15() -> "tuple[ShiftChain, ShiftInputs]":
    chip = power_on()
    chain = ShiftChain(5)
    chip.chains.append(chain)
    return chain, ShiftInputs(open_spi(14, 39), 5)


def test_every_contact_has_its_own_place() -> None:
    chain, inputs = chain_of_15()
    for index in range(15):
        chain.levels[:15] = bytes(15)
        chain.levels[index] = 1
        inputs.scan()
        assert [inputs.input(i, 1).read() for i in range(15)] == [
            int(i == index) for i in range(15)
        ]


def test_a_scan_tells_of_a_change_and_only_then() -> None:
    chain, inputs = chain_of_15()
    assert inputs.scan()
    assert not inputs.scan()
    chain.levels[3] = 1
    assert inputs.scan()
    assert not inputs.scan()


def test_safe_1_who_reads_a_contact_again_is_shown_what_it_is_now() -> None:
    """A second look in a turn; the others stand as of the scan until they are read again too."""
    chain, inputs = chain_of_15()
    engine, door = inputs.input(3, 1), inputs.input(4, 1)
    inputs.scan()
    assert (engine.read(), door.read()) == (NO, NO)
    chain.levels[3] = 1
    assert engine.read() == YES
    assert inputs.scan(), "news for the next turn all the same"
    assert not inputs.scan()
    chain.levels[3] = 0
    inputs.scan()
    chain.levels[3] = 1
    assert engine.read() == NO, "as of the scan"


def test_before_the_first_scan_nothing_is_told() -> None:
    _, inputs = chain_of_15()
    assert inputs.input(0, 1).read() == UNKNOWN


def test_a_broken_chain_cannot_tell() -> None:
    """BAD-1: neither all low nor all high passes for contacts."""
    for open_reads in (0x00, 0xFF):
        chain, inputs = chain_of_15()
        inputs.scan()
        chain.is_there = False
        chain.open_reads = open_reads
        assert inputs.scan()
        assert inputs.input(4, 1).read() == UNKNOWN
        assert inputs.broken == 1
        chain.is_there = True
        assert inputs.scan()
        assert inputs.input(4, 1).read() == NO


def test_a_contact_that_the_chain_has_not() -> None:
    _, inputs = chain_of_15()
    assert raises(lambda: inputs.input(15, 1), ValueError) == "input 15; the chain has 0 to 14"


# Serial lines.


def test_a_full_buffer_loses_what_comes_on_top() -> None:
    chip = power_on()
    link = UartLink(2, 4, 35)
    chip.wires[2].put(bytes(600))
    assert link.any() == 512
    assert chip.wires[2].lost == 88


def test_a_device_that_only_talks_is_sent_nothing() -> None:
    chip = power_on()
    link = UartLink(1, None, 15)
    link.write(b"hello")
    assert chip.wires[1].sent == []


def test_a_write_never_takes_more_than_the_driver_holds() -> None:
    power_on()
    assert UartLink(2, 4, 35).write(bytes(1000)) == 256


def test_another_rate_is_garbage() -> None:
    chip = power_on()
    link = UartLink(2, 4, 35)
    link.set_baud(921600)
    chip.wires[2].put(b"\0\0\xff", 115200)
    buffer = bytearray(3)
    assert link.readinto(buffer) == 3
    assert bytes(buffer) != b"\0\0\xff"


# Flash.


def test_a_program_never_erases() -> None:
    chip = power_on()
    flash = chip.flash["journal"] = RawFlash(8)
    storage = PartitionStorage("journal")
    storage.program(0, b"a frame")
    storage.program(4096 + 256, b"another")
    assert flash.silent_erases == 0
    assert sum(flash.erases) == 0


def test_a_flash_that_fails_says_so() -> None:
    chip = power_on()
    flash = chip.flash["journal"] = RawFlash(8)
    storage = PartitionStorage("journal")
    flash.fail_next(2)
    raises(lambda: storage.program(0, b"x"), OSError)
    raises(lambda: storage.erase(0), OSError)
    storage.program(0, b"x")


def test_a_partition_that_is_missing_says_what_to_do() -> None:
    power_on()
    assert raises(lambda: PartitionStorage("journal"), ValueError) == (
        "no partition is called journal; flash the partition table of boards/esp32"
    )


# Clock.


def test_after_power_on_nobody_knows_the_time() -> None:
    """SAFE-4."""
    power_on()
    assert not RtcClock().is_trusted()


def test_the_time_outlives_every_reset_but_power_off() -> None:
    """SAFE-4: the RTC goes on; what is in its memory by chance is no proof."""
    for cause in (SOFT_RESET, WDT_RESET):
        chip = power_on()
        RtcClock().set_wall(WALL_S)
        chip.pass_ms(5000)
        chip.reset(cause)
        clock = RtcClock()
        assert clock.is_trusted()
        assert clock.wall_s() == WALL_S + 5
    chip.reset(PWRON_RESET)  # a brown-out too: what the counter did meanwhile nobody knows
    assert not RtcClock().is_trusted()


def test_a_counter_that_began_anew_is_not_trusted() -> None:
    """A reset of the RTC's own domain clears the counter, and may leave the memory."""
    chip = power_on()
    RtcClock().set_wall(WALL_S)
    chip.reset(WDT_RESET)
    chip.rtc_s = 12
    assert not RtcClock().is_trusted()


def test_a_flipped_bit_in_rtc_memory_is_not_trusted() -> None:
    chip = power_on()
    RtcClock().set_wall(WALL_S)
    whole = chip.rtc_memory
    for at in range(len(whole)):
        flipped = bytearray(whole)
        flipped[at] ^= 4
        chip.rtc_memory = bytes(flipped)
        chip.cause = WDT_RESET
        assert not RtcClock().is_trusted()
    for count in range(len(whole)):
        chip.rtc_memory = whole[:count]
        assert not RtcClock().is_trusted()


def test_a_clock_with_a_battery_knows_the_time_after_power_on() -> None:
    chip = power_on()
    clock_chip = chip.i2c[0x68] = ClockChip()
    clock = bus_clock()
    assert not clock.is_trusted()
    clock.set_wall(WALL_S)
    after = power_on()
    after.i2c[0x68] = clock_chip
    clock = bus_clock()
    assert clock.is_trusted()
    assert clock.wall_s() == WALL_S
    clock_chip.registers[0x0F] |= 0x80  # its battery was empty
    power_on().i2c[0x68] = clock_chip
    assert not bus_clock().is_trusted()


def bus_clock() -> "RtcClock":
    from tests.portable.hal.esp32.chip_modules import I2C

    return RtcClock(Ds3231(I2C(0)))


def test_the_clock_chip_is_asked_every_ten_minutes_as_sleep_makes_the_counter_wrong_safe_4() -> (
    None
):
    from tests.portable.hal.esp32.chip_modules import I2C

    chip = power_on()
    clock_chip = chip.i2c[0x68] = ClockChip()
    clock = bus_clock()
    clock.set_wall(WALL_S)
    chip.pass_ms(599_999)
    Ds3231(I2C(0)).set_s(WALL_S + 652)  # by its own battery; asleep, the counter has lost 52 s
    assert clock.wall_s() == WALL_S + 599
    chip.pass_ms(1)
    assert clock.wall_s() == WALL_S + 652
    clock_chip.is_there = False
    chip.pass_ms(1_200_000)
    assert clock.wall_s() == WALL_S + 1852  # without it the counter goes on
    assert clock.is_trusted()


def test_a_clock_chip_that_shows_nonsense_or_is_away() -> None:
    chip = power_on()
    clock_chip = chip.i2c[0x68] = ClockChip()
    bus_clock().set_wall(WALL_S)
    good = bytes(clock_chip.registers)
    for register, value in (
        (0, 0x5A),
        (0, 0x60),
        (1, 0x99),
        (2, 0x24),
        (4, 0),
        (5, 0x13),
        (5, 0x84),
    ):
        clock_chip.registers[:] = good
        clock_chip.registers[register] = value
        chip.rtc_memory = b""
        assert not bus_clock().is_trusted()
    clock_chip.is_there = False
    clock = bus_clock()
    assert not clock.is_trusted()
    assert clock.set_wall(WALL_S)


# Odometer.


def test_the_total_is_written_once_a_kilometre_and_kept() -> None:
    chip = power_on()
    kept = MemoryNumber()
    counter = PcntCounter(36, 4000, kept)  # type: ignore[arg-type]
    for _ in range(90):
        chip.pulse(36, 200)
        counter.poll()
    assert counter.metres() == 4500
    assert (kept.number, kept.saves) == (4000, 4)
    kept.is_full = True
    chip.pulse(36, 8000)
    counter.poll()
    assert (counter.metres(), kept.number) == (6500, 4000)
    kept.is_full = False
    counter.poll()
    assert kept.number == 6500
    assert NoCounter().metres() == -1


def test_fractions_of_a_metre_are_not_lost() -> None:
    chip = power_on()
    counter = PcntCounter(36, 637, MemoryNumber())  # type: ignore[arg-type]
    for _ in range(637):
        chip.pulse(36, 1)
        counter.metres()
    assert counter.metres() == 1000


def test_a_number_that_makes_no_sense() -> None:
    power_on()
    said = raises(lambda: PcntCounter(36, 0, MemoryNumber()), ValueError)  # type: ignore[arg-type]
    assert said == "pulses_per_km: 0; give 1 to 100000"


def test_no_file_is_zero() -> None:
    assert KeptNumber("/nowhere/odometer").load() == 0
    assert not KeptNumber("/nowhere/odometer").save(5)


# Waiting.


def test_it_waits_until_something_is_due() -> None:
    chip = power_on(MASK - 100)
    due_ms = ticks_add(chip.ticks_ms(), 333)
    idle.wait_until(due_ms, lambda: False, False)
    assert chip.ms == 333
    assert chip.light_slept_ms == 0
    idle.wait_until(due_ms, lambda: False, False)
    assert chip.ms == 333


def test_it_is_back_soon_after_news() -> None:
    chip = power_on()
    due_ms = ticks_add(chip.ticks_ms(), 5000)
    idle.wait_until(due_ms, lambda: chip.ms >= 42, False)
    assert 42 <= chip.ms < 42 + 5


def test_light_sleep_ends_in_time_and_looks_often() -> None:
    chip = power_on()
    looks = []

    def has_news() -> bool:
        looks.append(chip.ms)
        return False

    idle.wait_until(ticks_add(chip.ticks_ms(), 333), has_news, True)
    assert chip.ms == chip.light_slept_ms == 333
    assert looks == [0, 50, 100, 150, 200, 250, 300, 333]


def test_earlier() -> None:
    assert idle.earlier(ticks_add(MASK, 700), 500, MASK) == ticks_add(MASK, 500)
    assert ticks_diff(idle.earlier(ticks_add(MASK, 300), 500, MASK), MASK) == 300
