"""The whole box on a simulated ESP32: from power-on to an unlocked door, and what may go wrong."""

from boards.box import run
from firmware.wire.codes import AUDIT_POWER_LOST, AUDIT_RESET, INPUTS, UNKNOWN
from tests.portable.boards.esp32.whole_box import Board, Car, SteadyBoard, config, contact_of
from tests.portable.firmware.loop_rig import CARD, NOW
from tests.portable.hal.esp32.chip import (
    BECAME_OUTPUT,
    PWRON_RESET,
    SOFT_RESET,
    WDT_RESET,
    ChipResetError,
    WatchdogBite,
)

PULSE_NAMES = ("unlock", "lock", "release", "block")
#: Two hours before anything: the reader is dark and only looks now and then.
QUIET_S = NOW - 7200
LEVEL_NAMES = ("red", "green", "yellow", "hazard", "buzzer", "voice")


def unlocks(is_s3: bool) -> Car:
    car = Car(is_s3)
    car.start()
    car.run_ms(2000)
    assert car.box.loop.state == "vacant"
    car.reader.idm = CARD
    car.reader.has_card = True
    car.run_ms(3000)
    return car


def test_a_card_unlocks_by_pulses_on_the_right_pins() -> None:
    """CARD-1 on the wire: from a PN532's bytes to two relays, of 400 and 200 ms."""
    for is_s3 in (False, True):
        car = unlocks(is_s3)
        for name, width_ms in (("unlock", 400), ("release", 200)):
            changes = car.changes(name)
            assert [level for _, level in changes] == [1, 0]
            assert width_ms <= changes[1][0] - changes[0][0] <= width_ms + 10
        assert car.changes("lock") == car.changes("block") == []
        assert car.box.loop.state in ("unlocked", "boarding")
        assert car.is_on("hazard") or car.changes("hazard")


def test_the_chip_tells_a_power_cut_from_a_reset() -> None:
    car = Car()
    for cause, was_lost in ((WDT_RESET, False), (PWRON_RESET, True), (SOFT_RESET, False)):
        car.chip.reset(cause)
        car.start()
        assert car.box.ports.power_was_lost == was_lost
        told = [event[0] for event in car.box.loop.committed]
        assert (AUDIT_POWER_LOST in told) == was_lost and AUDIT_RESET in told


def test_at_a_start_no_pulse_pin_is_driven_before_it_is_at_rest() -> None:
    """SAFE-3: whatever a pin did before, it becomes an output at rest, and stays so."""
    for is_s3 in (False, True):
        car = Car(is_s3)
        car.start()
        car.run_ms(3000)
        for name in PULSE_NAMES + LEVEL_NAMES:
            number = car.pin[name]
            first = next(event[1:] for event in car.chip.events if event[2] == number)
            assert first == (BECAME_OUTPUT, number, 0)
        for name in PULSE_NAMES:
            assert car.changes(name) == []


def test_outputs_are_at_rest_before_the_configuration_is_read() -> None:
    car = Car()
    Board(False, "/nowhere/")
    outputs = [event[2] for event in car.chip.events if event[1] == BECAME_OUTPUT]
    for name in PULSE_NAMES + LEVEL_NAMES + ("enable",):
        assert car.pin[name] in outputs
    assert car.chip.wdt_ms == 0


def test_the_enable_line_moves_at_each_turn_and_never_rests_long() -> None:
    """SAFE-6: an edge at least each 500 ms while the program runs, also when nothing is due."""
    car = Car(wall_s=QUIET_S)
    car.start()
    car.run_ms(6000)
    edges = car.changes("enable")
    assert len(edges) >= 12
    gaps = [edges[i + 1][0] - edges[i][0] for i in range(len(edges) - 1)]
    assert max(gaps) <= 510


def test_a_program_that_hangs_is_bitten() -> None:
    """And the pins float after it: the enable line lets go."""
    car = Car()
    car.start()
    car.run_ms(1000)
    before = len(car.changes("enable"))
    try:
        car.chip.pass_ms(31_000)
    except WatchdogBite:
        assert len(car.changes("enable")) == before
    else:
        raise AssertionError("it lives")


def test_a_bug_in_a_turn_leaves_outputs_at_rest_and_resets() -> None:
    car = Car()

    class Broken(SteadyBoard):
        def wait(self, due_ms: int) -> None:
            self._levels[3].write(True)
            self._pulses[0].write(True)
            raise ValueError("a bug")

    board = Broken(False, "/nowhere/")
    began_ms = car.chip.ms
    try:
        run(board, config())
    except ChipResetError:
        pass
    else:
        raise AssertionError("it lives")
    assert [level for _, level in car.changes("unlock")] == [1, 0]
    assert [level for _, level in car.changes("hazard")] == [1, 0]
    assert car.changes("release") == car.changes("block") == []
    assert car.chip.ms - began_ms >= 2000  # no faster, for the sake of the flash


def shown(car: Car) -> "list[str]":
    """Levels that were ever on."""
    return [name for name in LEVEL_NAMES if car.changes(name)]


def test_a_box_out_of_reach_sleeps_and_still_hears_a_card() -> None:
    """Between two looks of the reader the chip sleeps; no byte is lost."""
    car = Car(wall_s=QUIET_S)
    car.start(board={"light_sleep": True})
    car.run_ms(56_000)  # joins for 20 s, rests 5, joins for 20, rests 10
    assert car.chip.air is not None
    assert not car.chip.air.is_joined
    assert 13_000 < car.chip.light_slept_ms <= 15_500
    assert shown(car) == []
    car.reader.idm = CARD
    car.reader.has_card = True
    car.run_ms(2500)
    assert shown(car) != []  # too early, and it says so
    assert car.changes("unlock") == []
    assert car.chip.wires[2].lost == 0


def test_it_does_not_sleep_with_the_radio_on() -> None:
    car = Car(is_near=True, wall_s=QUIET_S)
    car.start(board={"light_sleep": True})
    car.run_ms(10_000)
    assert car.chip.air is not None
    assert car.chip.air.is_joined
    assert car.chip.light_slept_ms == 0


def test_it_does_not_sleep_with_the_engine_running_or_when_told_so() -> None:
    car = Car(wall_s=QUIET_S)
    car.chain.levels[contact_of("engine")] = 0
    car.start(board={"light_sleep": True})
    car.run_ms(24_000)
    assert car.chip.light_slept_ms == 0
    car = Car(wall_s=QUIET_S)
    car.start(board={"light_sleep": False})
    car.run_ms(24_000)
    assert car.chip.light_slept_ms == 0


def test_asleep_a_clock_without_a_chip_goes_wrong_so_it_stays_awake_safe_4() -> None:
    """Unless it is told to sleep all the same; an S3 with a clock chip sleeps by itself."""
    for is_s3, board, sleeps in ((False, {}, False), (True, {}, False),
                                 (True, {"clock_chip": True}, True)):  # fmt: skip
        car = Car(is_s3, wall_s=QUIET_S)
        car.start(board=board)
        car.run_ms(24_000)
        assert (car.chip.light_slept_ms > 0) == sleeps


def test_an_image_is_kept_after_a_minute_of_turns() -> None:
    """The boot loader goes back to the one before when that never comes."""
    for has_two_slots in (True, False):
        car = Car(wall_s=QUIET_S)
        car.chip.has_two_slots = has_two_slots
        car.start()
        car.chip.wdt_ms = 0
        car.chip.pass_ms(59_000)
        car.run_ms(500)
        assert car.chip.marked_valid == 0
        car.run_ms(1_000)
        assert car.chip.marked_valid == int(has_two_slots)


def test_a_broken_chain_of_contacts_cannot_tell_anything() -> None:
    car = Car()
    car.start()
    car.run_ms(1000)
    inputs = car.box.ports.inputs
    assert UNKNOWN not in [port.read() for port in inputs]
    car.chain.is_there = False
    car.run_ms(1000)
    assert [port.read() for port in inputs] == [UNKNOWN] * INPUTS
