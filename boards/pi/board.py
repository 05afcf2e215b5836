"""The board: builds the ports, sleeps until the next turn, and is what a bug ends with."""

import os
import select
import ssl
import sys
from pathlib import Path

from boards.bare_file import lay_bare
from boards.box_config import BoxConfig, ConfigError
from boards.own_settings import OwnSettings
from boards.pi import pins
from boards.pi.motion import Motion
from boards.pi.options import CLOCK_OF_MACHINE, Options
from boards.pi.own import own_settings
from boards.pi.ports import PiPorts, battery_of, enable_of, inputs_of, outputs_of
from boards.pi.power_note import PowerNote
from boards.pi.wiring import rows_of
from firmware.ticks import ticks_diff
from hal.enable_line import EDGE_EVERY_MS, EnableLine, SuppliedOut
from hal.linux.byte_link import ConsoleLink, SerialLink
from hal.linux.clock import LinuxClock
from hal.linux.network import LinuxNetwork
from hal.linux.storage import FileStorage
from hal.linux.watchdog import DeviceWatchdog, SystemdWatchdog
from hal.socket_dialect import make_context
from hal.socket_trust import Trust

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.api import DigitalOut

#: As on the other boards, whose figures of wear and recovery hold here too.
JOURNAL_SECTORS = 64
CACHE_SECTORS = 16

REASON_FILE = "last_error.txt"
_REASON_SIGNS_MAX = 2000
_BROKEN = select.POLLHUP | select.POLLERR | select.POLLNVAL


class Board:
    """The `Board` of `boards.box`. `folder` is that of `box.json`, `state` what survives."""

    file = "boards/pi/board.py"
    has_prompt = False

    def __init__(self, config: BoxConfig, folder: Path, state: Path, console: str = "") -> None:
        """ConfigError or BoardError for a box that cannot be; nothing is touched before `build`.

        `console`: its port, where `box.json` names none.
        """
        self._options = Options(config, console)
        self._folder = folder
        self._rows = rows_of(self._options)
        self._ca_der = _read_ca(folder / config.ca) if config.tls else b""
        self._trust = Trust(self._ca_der, config.server_name) if config.tls else None
        self._state = state
        self._power_note = PowerNote(state / "boot_id.txt")
        runtime = os.environ.get("RUNTIME_DIRECTORY")
        mark = Path(runtime) / "clock_was_set" if runtime else None
        self._clock = LinuxClock(self._options.clock == CLOCK_OF_MACHINE, mark)
        self._event = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._is_to_end = False
        self._outputs: list[DigitalOut] = []
        self._ports: PiPorts | None = None
        self._network: LinuxNetwork | None = None
        self._motion: Motion | None = None
        self._device: DeviceWatchdog | None = None
        self._console: ConsoleLink | None = None

    def build(self, config: BoxConfig) -> PiPorts:
        """Outputs first, and at rest."""
        options, rows = self._options, self._rows
        enable = enable_of(rows)
        levels, pulses = outputs_of(rows)
        self._outputs = [enable, *levels, *pulses]
        ports = PiPorts(config, options, self._clock, self._ca_der, self.wake)
        ports.power_was_lost = self._power_note.begin()
        ports.levels, ports.pulse_ms = levels, pins.PULSE_MS
        ports.pulses = tuple(SuppliedOut(line, enable) for line in pulses)
        ports.inputs = inputs_of(rows, self.wake)
        ports.battery = battery_of(options)
        ports.battery_offset_mv = options.battery_offset_mv
        self._motion = Motion(rows, options, self._state, self._clock.now_ms)
        ports.position, ports.odometer = self._motion.position, self._motion.odometer
        ports.network = self._network = LinuxNetwork(self._trust, self.wake)
        ports.journal_storage = FileStorage(self._state / "journal.nor", JOURNAL_SECTORS)
        ports.cache_storage = FileStorage(self._state / "cache.nor", CACHE_SECTORS)
        ports.watchdog = EnableLine(enable, self._open_watchdog(options.watchdog))
        if options.console:
            ports.console = self._console = ConsoleLink(options.console, self._clock.now_ms)
        self._ports = ports
        return ports

    def absent(self) -> list[str]:
        """A sentence for each serial port that is not there now."""
        return self._options.absent()

    def own_settings(self) -> OwnSettings:
        return own_settings(self._folder / "box.json")

    def entropy(self) -> bytes:
        return os.urandom(16)

    def wake(self) -> None:
        """From any thread: the turn that `wait` sleeps before is due now."""
        os.eventfd_write(self._event, 1)

    def end(self) -> None:
        """From a signal handler: the program ends on purpose, after the turn that is under way."""
        self._is_to_end = True
        self.wake()

    def wait(self, due_ms: int) -> None:
        """Never longer than to `due_ms`, nor to the next edge of the enable line.

        SystemExit with code 0 after `end`.
        """
        left_ms = min(ticks_diff(due_ms, self._clock.now_ms()), EDGE_EVERY_MS)
        poller = select.poll()
        for source in self._sources():
            poller.register(source, select.POLLIN)
        for descriptor, events in poller.poll(max(left_ms, 0)):
            if descriptor == self._event:
                os.eventfd_read(self._event)
            elif events & _BROKEN:
                self._look_at_line(descriptor)
        if self._motion is not None:
            self._motion.poll(self._clock.now_ms())
        if self._is_to_end:
            raise SystemExit(0)

    def make_safe(self) -> None:
        for line in self._outputs:
            try:
                line.write(False)
            except Exception as error:  # noqa: BLE001 - the other lines must go off as well
                print(f"an output cannot be switched off: {error}", file=sys.stderr)

    def keep_reason(self, error: Exception) -> None:
        """Written only when it is another: a box that fails at each start wears no flash."""
        text = f"{type(error).__name__}: {error}"[:_REASON_SIGNS_MAX].strip()
        print(f"the box starts anew: {text}", file=sys.stderr, flush=True)
        if text != self.last_reason():
            (self._state / REASON_FILE).write_text(text + "\n", encoding="utf-8")

    def last_reason(self) -> str:
        """What the last bug was that ended a program here; empty when there was none."""
        path = self._state / REASON_FILE
        if not path.exists():
            return ""
        return path.read_text(encoding="utf-8", errors="replace").strip()

    def reset(self) -> None:
        """The service starts it anew."""
        raise SystemExit(1)

    def restart(self, reason: str) -> None:
        """On purpose, so with code 0; the service starts it anew all the same."""
        print(f"the console asked for a new start ({reason})", file=sys.stderr, flush=True)
        if reason == "bare":
            try:
                lay_bare(f"{self._folder}/")
            except OSError as error:
                print(
                    f"{self._folder}/box.json cannot be put aside ({error.strerror or error}); the "
                    "folder must be the service's own: make install-pi sees to that",
                    file=sys.stderr,
                    flush=True,
                )
        raise SystemExit(0)

    def stand_down(self) -> None:
        """The program ends on purpose: the chip's watchdog must not start the machine anew."""
        self._power_note.forget()
        if self._device is not None:
            self._device.close()

    def _open_watchdog(self, device: str) -> SystemdWatchdog | DeviceWatchdog:
        """A car without its second watchdog drives; one without its box does not."""
        systemd = SystemdWatchdog()
        if not device:
            return systemd
        try:
            self._device = DeviceWatchdog(Path(device), systemd)
        except OSError as error:
            print(
                f"box.json: board.watchdog: {device} cannot be opened ({error.strerror or error}); "
                "systemd's watches alone. Where systemd has the device itself "
                "(RuntimeWatchdogSec), remove the line",
                file=sys.stderr,
                flush=True,
            )
            return systemd
        return self._device

    def _sources(self) -> list[int]:
        found = [self._event]
        found += [line.fileno() for line in self._lines()]
        if self._network is not None:
            found.append(self._network.fileno())
        if self._ports is not None and self._ports.nfcpy is not None:
            found.append(self._ports.nfcpy.fileno())
        return [descriptor for descriptor in found if descriptor >= 0]

    def _lines(self) -> list[SerialLink]:
        lines = [
            None if self._ports is None else self._ports.serial_link,
            None if self._motion is None else self._motion.line,
            self._console,
        ]
        return [line for line in lines if line is not None]

    def _look_at_line(self, descriptor: int) -> None:
        """A line that was pulled out is ready for ever: let it notice, or nobody sleeps again."""
        for line in self._lines():
            if line.fileno() == descriptor:
                line.any()


def judge(config: BoxConfig, folder: Path, console: str) -> None:
    """ConfigError or BoardError for a box that cannot be; as `Board`, of which nothing is left."""
    rows_of(Options(config, console))
    if config.tls:
        Trust(_read_ca(folder / config.ca), config.server_name)


def _read_ca(path: Path) -> bytes:
    """The centre's CA in DER form, which may stand in the file as PEM."""
    try:
        data = path.read_bytes()
        if data.startswith(b"-----BEGIN"):
            data = ssl.PEM_cert_to_DER_cert(data.decode("ascii"))
        make_context(data)
    except OSError as error:
        raise ConfigError(
            f"box.json: ca: {path} cannot be read ({error.strerror or error}); put the centre's "
            "certificate there"
        ) from None
    except ValueError as error:
        raise ConfigError(f"box.json: ca: {path} is no certificate ({error})") from None
    return data
