"""The ports of a real board. Its `build` fills them in; `boards.box` adds the way to the centre."""

from firmware.link import Link
from hal.pn532 import Pn532

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.login import Login
    from hal.api import (
        AnalogIn,
        ByteLink,
        CardReader,
        CentreLink,
        Clock,
        DigitalIn,
        DigitalOut,
        Network,
        Position,
        PulseCounter,
        Storage,
        Watchdog,
    )

#: What `build` has to set; `boards.pin_table.check_ports` says which one is missing.
NEEDED = (
    "clock",
    "inputs",
    "levels",
    "pulses",
    "pulse_ms",
    "battery",
    "position",
    "odometer",
    "network",
    "journal_storage",
    "cache_storage",
    "watchdog",
)


class BoxPorts:
    """The `Ports` of `hal.api`, and what they are made of."""

    if TYPE_CHECKING:
        clock: Clock
        inputs: tuple[DigitalIn, ...]
        levels: tuple[DigitalOut, ...]
        pulses: tuple[DigitalOut, ...]
        pulse_ms: tuple[int, ...]
        battery: AnalogIn
        position: Position
        odometer: PulseCounter
        network: Network
        centre: CentreLink
        journal_storage: Storage
        cache_storage: Storage
        watchdog: Watchdog
        reader_link: "ByteLink | None"
        console: "ByteLink | None"
        reader: "CardReader | None"

    def __init__(self) -> None:
        #: Where the PN532 is; None on a board whose `make_reader` knows another one.
        self.reader_link = None
        #: Where a technician's cable ends; its bytes must end the board's `wait`.
        self.console = None
        self.reader = None
        #: Whether the board knows that the box was without power before this start.
        self.power_was_lost = False
        #: By this much the battery guard's limits are another battery's (docs/power.md).
        self.battery_offset_mv = 0
        self._reads_licences = False

    def fit_reader(self, is_there: bool, reads_licences: bool, now_ms: int) -> None:
        """The reader that the car's terms want; another one when they change."""
        if (self.reader is not None) == is_there and self._reads_licences == reads_licences:
            return
        self._reads_licences = reads_licences
        self.reader = self.make_reader(reads_licences, now_ms) if is_there else None

    def make_reader(self, reads_licences: bool, now_ms: int) -> "CardReader":
        """A PN532. What only some terms want costs the others no memory."""
        link = self.reader_link
        if link is None:
            raise ValueError("the terms want a reader, and this board has no link to one")
        if not reads_licences:
            return Pn532(link, now_ms)
        from hal.pn532_licences import LicencePn532

        return LicencePn532(link, now_ms)

    def make_centre(self, login: "Login", entropy: int) -> "CentreLink":
        """The way to the centre; `entropy` draws its waits."""
        return Link(self.network, login, entropy)
