"""What of a Raspberry Pi's `box.json` a technician may change at the console.

Its network is the system's (nmtui), so it is not among them.
"""

from pathlib import Path

from boards.box_config import BoxConfig
from boards.own_settings import CENTRE, NUMBER, OwnSettings
from boards.pi.options import Options
from boards.pi.wiring import rows_of

_FIELDS = (
    *CENTRE,
    ("pulses_per_km", ("board", "odometer", "pulses_per_km"), NUMBER),
    ("divider_per_1000", ("board", "converter", "divider_per_1000"), NUMBER),
)


def own_settings(path: Path) -> OwnSettings:
    """`path` of `box.json`."""
    return OwnSettings(str(path), _judge, _FIELDS)


def _judge(config: BoxConfig) -> None:
    """ConfigError or BoardError, as at the next start."""
    rows_of(Options(config))
