"""The ports of a box on an ESP32, from its pin table and `box.json`."""

import os
import sys
import time

import machine
from esp32 import Partition

from boards.box_ports import BoxPorts
from boards.esp32 import chips, pins
from boards.esp32.options import options_of, plain_options_of
from boards.pin_table import (
    INPUT_NAMES,
    LEVEL_NAMES,
    PULSE_NAMES,
    BoardError,
    check,
    row_of,
)
from firmware.console_door import SILENT_MS
from firmware.ticks import ticks_diff
from firmware.wire.codes import IN_ENGINE, IN_MOVING, NO
from hal.enable_line import EDGE_EVERY_MS, EnableLine, SuppliedOut
from hal.esp32 import idle
from hal.esp32.analog import AdcIn
from hal.esp32.byte_link import UartLink, open_console
from hal.esp32.clock import RtcClock
from hal.esp32.digital import PinOut
from hal.esp32.motion import Motion
from hal.esp32.reason import KeptReason
from hal.esp32.shift_inputs import ShiftInputs, open_spi
from hal.esp32.storage import PartitionStorage
from hal.esp32.watchdog import ChipWatchdog
from hal.esp32.wlan import Wlan
from hal.name_lookup import NameLookup
from hal.pn532 import EAGER_TIMEOUT_MS
from hal.socket_network import SocketNetwork
from hal.socket_trust import Trust

TYPE_CHECKING = False
if TYPE_CHECKING:
    from boards.box_config import BoxConfig
    from boards.esp32.options import Options
    from boards.own_settings import OwnSettings
    from boards.pin_table import Rows
    from hal.esp32.ds3231 import Ds3231

#: A new image that has turned this long is kept; one that has not is given up by the boot loader.
PROVEN_AFTER_MS = 60_000
#: Before a reset, so that a box that cannot start does not wear its flash with reasons.
RESET_AFTER_MS = 2_000

#: A break on the console's line (250 ms of low) is seen in light sleep, a byte is not: it is awake
#: for so long then, and as long as the console is open once a byte has come.
BREAK_AWAKE_MS = 10_000

_READER_UART = 2
_POSITION_UART = 1
_CLOCK_HZ = 100_000


class Board:
    """A `Board` of `boards.box`. Made before anything else is read, so that outputs are at rest."""

    file = "boards/esp32/board.py"
    has_prompt = True

    def __init__(self, is_s3: bool, folder: str = "/") -> None:
        rows = pins.ESP32_S3 if is_s3 else pins.ESP32
        refuses = chips.refuses_esp32_s3 if is_s3 else chips.refuses_esp32
        check(rows, pins.NEEDED, pins.FILE, refuses)
        check(pins.CONTACTS, INPUT_NAMES, pins.FILE, chips.refuses_place)
        self._rows = rows
        self._folder = folder
        self._enable = _output(rows, "enable")
        self._pulses = tuple([_output(rows, name) for name in PULSE_NAMES])
        self._levels = tuple([_output(rows, name) for name in LEVEL_NAMES])
        #: As `fleetd provision` calls it.
        self.kind = "esp32s3" if is_s3 else "esp32"
        self.console = open_console()
        self._heard = 0
        self._spoken_at_ms = self._spoken_for_ms = 0
        # Without a mode it stays the UART's.
        self._cable = machine.Pin(chips.CONSOLE_RX_S3 if is_s3 else chips.CONSOLE_RX)
        self._was_low = True
        self._reason = KeptReason(folder + "reason.txt")
        self._is_proven = False
        self._options: "Options | None" = None
        self._trust: "Trust | None" = None

    def check(self, config: "BoxConfig") -> "Options":
        """ConfigError or BoardError for what this board cannot do, before anything runs."""
        options = (plain_options_of if self._rows is pins.ESP32 else options_of)(config)
        self._trust = self._read_trust(config)
        self._options = options
        return options

    def build(self, config: "BoxConfig") -> BoxPorts:
        """ConfigError or BoardError as `check`, which may have been called before."""
        options = self._options
        if options is None:
            options = self.check(config)
        ports = BoxPorts()
        # A brown-out counts as one (MicroPython: ports/esp32/modmachine.c), and so does the EN pin.
        ports.power_was_lost = machine.reset_cause() == machine.PWRON_RESET
        ports.clock = self._clock = RtcClock(self._clock_chip(options))
        now_ms = ports.clock.now_ms()
        self._began_at_ms = now_ms
        chain = ShiftInputs(
            open_spi(self._pin("chain_clock"), self._pin("chain_data")), self._pin("chain_latch")
        )
        chain.scan()
        self._chain = chain
        ports.inputs = self._inputs = tuple(
            [chain.input(row[2], row[3] ^ (row[0] in options.inverted)) for row in _contacts()]
        )
        ports.levels = self._levels
        ports.pulses = tuple([SuppliedOut(line, self._enable) for line in self._pulses])
        ports.pulse_ms = pins.PULSE_MS
        ports.battery = AdcIn(self._pin("battery"), options.battery_times_1000)
        ports.battery_offset_mv = options.battery_offset_mv
        self._motion = self._fit_motion(options)
        ports.position = self._motion.position
        ports.odometer = self._motion.odometer
        ports.reader_link = self._reader_link = UartLink(
            _READER_UART, self._pin("reader_tx"), self._pin("reader_rx")
        )
        ports.console = self.console
        network = SocketNetwork(self._trust)
        ports.network = network
        self._wlan = Wlan(config.ssid, config.passphrase, network, now_ms)
        network.names = NameLookup(self._wlan.name_server, self.entropy, second=options.name_server)
        ports.journal_storage = PartitionStorage("journal")
        ports.cache_storage = PartitionStorage("copy")
        ports.watchdog = EnableLine(self._enable, ChipWatchdog())
        self._may_sleep = options.light_sleep
        self._quiet_since = -1
        return ports

    def own_settings(self) -> "OwnSettings":
        from boards.esp32.own import own_settings  # a technician's, and rare

        return own_settings(self._folder)

    def entropy(self) -> bytes:
        return os.urandom(16)

    def wait(self, due_ms: int) -> None:
        now_ms = self._clock.now_ms()
        self._wlan.poll(now_ms)
        self._motion.poll(now_ms)
        if not self._is_proven and ticks_diff(now_ms, self._began_at_ms) >= PROVEN_AFTER_MS:
            self._is_proven = True
            self._keep_image()
        # SAFE-6: an edge of the enable line belongs to each turn, so turns must not be rare.
        until_ms = idle.earlier(due_ms, EDGE_EVERY_MS, now_ms)
        may_doze = not self._is_spoken_to(now_ms) and self._may_doze(ticks_diff(due_ms, now_ms))
        idle.wait_until(until_ms, self._has_news, may_doze)

    def make_safe(self) -> None:
        for line in self._pulses + self._levels:
            line.write(False)
        self._enable.write(False)

    def keep_reason(self, error: Exception) -> None:
        self._reason.keep(error)

    def last_reason(self) -> str:
        """Why the program before this one ended; empty when nobody knows."""
        return self._reason.read()

    def reset(self) -> None:
        time.sleep_ms(RESET_AFTER_MS)
        machine.reset()

    def restart(self, reason: str) -> None:
        if reason == "prompt":
            # The watchdog must not stop who works there.
            from hal.esp32.watchdog_timer import feed_by_timer

            feed_by_timer()
            return
        if reason == "bare":
            from boards.bare_file import lay_bare

            lay_bare(self._folder)
        machine.reset()

    def _keep_image(self) -> None:
        try:
            Partition.mark_app_valid_cancel_rollback()
        except OSError:
            pass  # MicroPython's own image has no second slot, and so nothing to go back to

    def _has_news(self) -> bool:
        if self._chain.scan() or self._reader_link.any() > 0 or self.console.any() > 0:
            return True
        was_low, self._was_low = self._was_low, not self._cable.value()
        if was_low or not self._was_low:
            return False
        self._spoken_at_ms = self._clock.now_ms()
        self._spoken_for_ms = max(self._spoken_for_ms, BREAK_AWAKE_MS)
        return True

    def _is_spoken_to(self, now_ms: int) -> bool:
        """Whether somebody is at the cable, or asks to be heard there."""
        if self._heard != self.console.reads:
            self._heard = self.console.reads
            self._spoken_at_ms = now_ms
            self._spoken_for_ms = SILENT_MS
        elif ticks_diff(now_ms, self._spoken_at_ms) >= self._spoken_for_ms:
            self._spoken_for_ms = 0
        return self._spoken_for_ms > 0

    def _may_doze(self, due_in_ms: int) -> bool:
        """Light sleep stops radio, serial lines and counters: see `hal.esp32.idle`."""
        # An answer of the reader has its deadline within this time; and who says nothing gets none.
        if due_in_ms > EAGER_TIMEOUT_MS:
            self._quiet_since = self._reader_link.writes
        elif self._quiet_since != self._reader_link.writes:
            return False
        if not self._may_sleep or not self._wlan.may_sleep():
            return False
        if self._inputs[IN_ENGINE].read() != NO or self._inputs[IN_MOVING].read() != NO:
            return False
        for line in self._pulses:
            if line.is_on:
                return False
        for line in self._levels:
            if line.is_on:
                return False
        return True

    def _pin(self, name: str) -> int:
        return row_of(self._rows, name)[2]

    def _clock_chip(self, options: "Options") -> "Ds3231 | None":
        if not options.clock_chip:
            return None
        from hal.esp32.ds3231 import Ds3231

        scl, sda = machine.Pin(self._pin("clock_scl")), machine.Pin(self._pin("clock_sda"))
        return Ds3231(machine.I2C(0, scl=scl, sda=sda, freq=_CLOCK_HZ))

    def _fit_motion(self, options: "Options") -> Motion:
        link = None
        if options.position:
            link = UartLink(_POSITION_UART, None, self._pin("position_rx"), options.position_baud)
        return Motion(
            link,
            options.tells_antenna,
            self._pin("odometer"),
            options.pulses_per_km,
            self._folder,
        )

    def _read_trust(self, config: "BoxConfig") -> "Trust | None":
        if not config.tls:
            return None
        try:
            with open(self._folder + config.ca, "rb") as file:
                der = file.read()
        except OSError:
            raise BoardError(
                "box.json: ca: there is no file %s beside it; copy the centre's CA there"
                % config.ca
            ) from None
        try:
            return Trust(der, config.server_name)
        except ValueError as error:
            raise BoardError(
                "box.json: ca: %s: %s; boards/README.md says how it is made" % (config.ca, error)
            ) from None


def is_s3() -> bool:
    """Which of the two chips runs this."""
    return "S3" in getattr(sys.implementation, "_machine", "")


def _contacts() -> "Rows":
    return tuple([row_of(pins.CONTACTS, name) for name in INPUT_NAMES])


def _output(rows: "Rows", name: str) -> PinOut:
    row = row_of(rows, name)
    return PinOut(row[2], row[3])
