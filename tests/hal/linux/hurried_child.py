"""nfcpy's process with pauses of a tenth, and with an RC-S380 that is simulated.

    python -m tests.hal.linux.hurried_child pn532 PATH SYSTEM_CODE [licences]
    python -m tests.hal.linux.hurried_child rcs380 FOLDER SYSTEM_CODE

In FOLDER `card` holds the identifier of what lies there, `dead` says that the adapter fails, and
`looks` grows by a byte a look.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import nfc

from hal.linux import nfcpy_child, nfcpy_devices
from tests.hal.linux.rcs380_double import opened


def open_in(path: str, alive: Callable[[], None]) -> "nfc.ContactlessFrontend":
    place = Path(path)

    def card() -> bytes:
        with (place / "looks").open("ab") as looks:
            looks.write(b".")
        if (place / "dead").exists():
            raise OSError(19, "No such device")
        return (place / "card").read_bytes()

    alive()
    if (place / "dead").exists():
        raise OSError(19, "No such device")
    return opened(card)


def hurry() -> None:
    for name in ("EAGER_PAUSE_S", "CALM_PAUSE_S", "HELD_PAUSE_S", "RETRY_S_MIN", "RETRY_S_MAX"):
        setattr(nfcpy_child, name, getattr(nfcpy_child, name) / 10)


if __name__ == "__main__":
    nfcpy_devices.OPENS["rcs380"] = open_in
    hurry()
    raise SystemExit(nfcpy_child.main(sys.argv[1:]))
