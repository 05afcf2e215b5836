"""What of an ESP32's `box.json` a technician may change at the console."""

from boards.esp32.options import options_of
from boards.own_settings import CENTRE, NUMBER, WIFI, OwnSettings

_FIELDS = (
    CENTRE
    + WIFI
    + (
        ("pulses_per_km", ("board", "pulses_per_km"), NUMBER),
        ("battery_times_1000", ("board", "battery_times_1000"), NUMBER),
    )
)


def own_settings(folder: str) -> OwnSettings:
    """`folder` of `box.json`, with a slash at its end."""
    return OwnSettings(folder + "box.json", options_of, _FIELDS)
