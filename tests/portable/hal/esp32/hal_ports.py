"""The ports of `hal.esp32`, imported while the simulated chip's modules are in place."""

from tests.portable.hal.esp32 import chip_modules

_before = chip_modules.install()

from hal import name_lookup, socket_network  # noqa: E402
from hal.esp32 import (  # noqa: E402
    clock,
    idle,
    wlan,
)
from hal.esp32.analog import AdcIn  # noqa: E402
from hal.esp32.byte_link import ConsoleLink, UartLink  # noqa: E402
from hal.esp32.clock import RtcClock  # noqa: E402
from hal.esp32.digital import (  # noqa: E402
    AbsentIn,
    PinIn,
    PinOut,
)
from hal.esp32.ds3231 import Ds3231  # noqa: E402
from hal.esp32.kept_number import KeptNumber  # noqa: E402
from hal.esp32.pulse_counter import (  # noqa: E402
    NoCounter,
    PcntCounter,
)
from hal.esp32.shift_inputs import (  # noqa: E402
    ShiftInputs,
    open_spi,
)
from hal.esp32.storage import PartitionStorage  # noqa: E402
from hal.esp32.watchdog import ChipWatchdog  # noqa: E402
from hal.esp32.wlan import Wlan  # noqa: E402
from hal.name_lookup import NameLookup  # noqa: E402
from hal.socket_network import SocketNetwork  # noqa: E402

chip_modules.give_back(_before)

__all__ = [
    "AbsentIn",
    "AdcIn",
    "ChipWatchdog",
    "ConsoleLink",
    "Ds3231",
    "KeptNumber",
    "NameLookup",
    "NoCounter",
    "PartitionStorage",
    "PcntCounter",
    "PinIn",
    "PinOut",
    "RtcClock",
    "ShiftInputs",
    "SocketNetwork",
    "UartLink",
    "Wlan",
    "clock",
    "idle",
    "name_lookup",
    "open_spi",
    "socket_network",
    "wlan",
]
