"""All ports of the simulated board, in memory; the flash is asked for over a channel."""

import struct

from boards.sim.reader_link import TimedByteLink
from boards.sim.stream import PipedNetwork
from firmware.link import Link
from firmware.login import Login
from firmware.wire.codes import INPUTS, OUTS, PULSES, UNKNOWN
from hal.fake.analog import FakeAnalogIn, FakePosition, FakePulseCounter
from hal.fake.clock import FakeClock
from hal.fake.digital import FakeDigitalIn, FakeDigitalOut, OutputLog
from hal.fake.storage_pipe import StoragePipe
from hal.fake.watchdog import FakeWatchdog
from hal.pn532 import Pn532

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hal.fake.storage_pipe import StorageChannel

#: Unlock, lock, release, block; the relays need 100 ms.
PULSE_MS = (400, 400, 200, 200)

#: What the presence topic says, before the 8 bytes that are this start's own.
ONLINE = b"\1"
OFFLINE = b"\0"
BOOT_ID_BYTES = 8

JOURNAL_STORAGE = 0
CACHE_STORAGE = 1


class SimPorts:
    """The `Ports` of `hal.api`. `entropy` are 16 random bytes of this start."""

    def __init__(
        self,
        clock: FakeClock,
        channel: "StorageChannel",
        config: "dict[str, Any]",
        entropy: bytes,
    ) -> None:
        self.clock = clock
        self.values = bytearray([UNKNOWN] * INPUTS)
        self.inputs = tuple([FakeDigitalIn(self.values, i) for i in range(INPUTS)])
        self.log = OutputLog(clock)
        self.levels = tuple([FakeDigitalOut(i, self.log) for i in range(OUTS)])
        self.pulses = tuple([FakeDigitalOut(OUTS + i, self.log) for i in range(PULSES)])
        self.pulse_ms = PULSE_MS
        self.battery = FakeAnalogIn()
        self.position = FakePosition()
        self.odometer = FakePulseCounter()
        self.link = TimedByteLink(clock)
        self.reader: "Pn532 | None" = None
        self._reads_licences = False
        self.network = PipedNetwork()
        self.centre = Link(self.network, login_of(config, entropy), _backoff_number(entropy))
        sector_bytes, sectors = config["journal"]
        self.journal_storage = StoragePipe(channel, JOURNAL_STORAGE, sector_bytes, sectors, clock)
        sector_bytes, sectors = config["cache"]
        self.cache_storage = StoragePipe(channel, CACHE_STORAGE, sector_bytes, sectors, clock)
        self.watchdog = FakeWatchdog()

    def fit_reader(self, is_there: bool, reads_licences: bool, now_ms: int) -> None:
        """The reader that the car's terms want; another one when they change."""
        if (self.reader is not None) == is_there and self._reads_licences == reads_licences:
            return
        self._reads_licences = reads_licences
        self.reader = _reader(self.link, now_ms, reads_licences) if is_there else None


def _reader(link: TimedByteLink, now_ms: int, reads_licences: bool) -> Pn532:
    """What only some terms want costs the others no memory."""
    if not reads_licences:
        return Pn532(link, now_ms)
    from hal.pn532_licences import LicencePn532

    return LicencePn532(link, now_ms)


def login_of(config: "dict[str, Any]", entropy: bytes) -> Login:
    """As the configuration says, with the presence of this start."""
    boot_id = entropy[:BOOT_ID_BYTES]
    return Login(
        config["host"],
        config["port"],
        config["car"],
        config["password"].encode(),
        ONLINE + boot_id,
        OFFLINE + boot_id,
    )


def _backoff_number(entropy: bytes) -> int:
    """The last four bytes, which are nothing else."""
    number: int = struct.unpack_from(">I", entropy, len(entropy) - 4)[0]
    return number
