"""What the ports of this board are made of, as the options say."""

from boards.box import OFFLINE
from boards.box_config import BoxConfig
from boards.box_ports import BoxPorts
from boards.pi import pins
from boards.pi.options import OWN_LINK, PN532, RCS380, Options
from boards.pi.wiring import pull_of
from boards.pin_table import (
    HIGH,
    INPUT_NAMES,
    LEVEL_NAMES,
    NOT_WIRED,
    PULSE_NAMES,
    row_of,
)
from firmware.login import Login
from firmware.wire.codes import UNKNOWN
from hal.linux.analog import Mcp3008In, NoAnalogIn
from hal.linux.byte_link import SerialLink
from hal.linux.clock import LinuxClock
from hal.linux.digital import AbsentIn, PinIn, PinOut
from hal.linux.reader_nfcpy import NfcpyReader, command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from boards.pin_table import Rows
    from hal.api import AnalogIn, CardReader, CentreLink, DigitalIn, DigitalOut


class PiPorts(BoxPorts):
    """`BoxPorts` whose reader may be nfcpy's, and whose link may be paho's."""

    def __init__(
        self,
        config: BoxConfig,
        options: Options,
        clock: LinuxClock,
        ca_der: bytes,
        wakes: "Callable[[], None]",
    ) -> None:
        super().__init__()
        self.clock = clock
        self._config = config
        self._options = options
        self._ca_der = ca_der
        self._wakes = wakes
        self.serial_link: SerialLink | None = None
        self.nfcpy: NfcpyReader | None = None
        if options.reader == PN532:
            self.serial_link = SerialLink(
                options.reader_port, "reader (box.json: board.reader.port)", clock.now_ms
            )
            self.reader_link = self.serial_link

    def fit_reader(self, is_there: bool, reads_licences: bool, now_ms: int) -> None:
        super().fit_reader(is_there, reads_licences, now_ms)
        if self.nfcpy is not None and self.nfcpy is not self.reader:
            self.nfcpy.close()
            self.nfcpy = None

    def make_reader(self, reads_licences: bool, now_ms: int) -> "CardReader":
        options = self._options
        if options.reader == PN532:
            return super().make_reader(reads_licences, now_ms)
        if self.nfcpy is not None:
            self.nfcpy.close()  # two processes cannot have the one device
        kind = RCS380 if options.reader == RCS380 else PN532
        words = command(kind, options.reader_port, licences=reads_licences)
        self.nfcpy = NfcpyReader(words, now_ms)
        return self.nfcpy

    def make_centre(self, login: Login, entropy: int) -> "CentreLink":
        if self._options.link == OWN_LINK:
            return super().make_centre(login, entropy)
        from firmware.backoff import Backoff
        from hal.linux.centre_paho import PahoCentre
        from hal.linux.paho_session import PahoAccount

        config = self._config
        # The will differs from the presence in its first byte alone: `boards.box`.
        account = PahoAccount(
            config.host,
            config.port,
            config.car,
            config.password,
            login.presence,
            OFFLINE + login.presence[1:],
        )
        account.keep_alive_s = login.keep_alive_s
        account.ca_der = self._ca_der
        account.server_name = config.server_name
        return PahoCentre(account, Backoff(entropy), self._wakes)


def inputs_of(rows: "Rows", wakes: "Callable[[], None]") -> "tuple[DigitalIn, ...]":
    """In the order of the codes; what is not wired cannot be told."""
    found: list[DigitalIn] = []
    for name in INPUT_NAMES:
        row = row_of(rows, name)
        if row[2] == NOT_WIRED:
            found.append(AbsentIn(UNKNOWN))
        else:
            found.append(PinIn(row[2], row[3] == HIGH, pull_of(row), wakes))
    return tuple(found)


def outputs_of(rows: "Rows") -> "tuple[tuple[DigitalOut, ...], tuple[DigitalOut, ...]]":
    """Levels and pulses, all of them off."""
    return (
        tuple(_output(rows, name) for name in LEVEL_NAMES),
        tuple(_output(rows, name) for name in PULSE_NAMES),
    )


def enable_of(rows: "Rows") -> PinOut:
    return _output(rows, "enable")


def _output(rows: "Rows", name: str) -> PinOut:
    row = row_of(rows, name)
    return PinOut(row[2], row[3] == HIGH)


def battery_of(options: Options) -> "AnalogIn":
    if options.channel < 0:
        return NoAnalogIn()
    select_pin = dict(pins.CONVERTER_PINS)["converter_select"]
    return Mcp3008In(options.channel, options.divider_per_1000, select_pin)
