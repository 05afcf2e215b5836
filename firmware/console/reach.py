"""The way to the centre, for status, net and selftest: whether it is there, and why it is not."""

from firmware.mqtt_session import END_BUSY, END_LOGIN_REFUSED
from firmware.power import ASLEEP
from firmware.wire.network_codes import TROUBLE_BROKEN, TROUBLE_NO_SUCH_NETWORK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firmware.console.out import Item
    from firmware.console_door import ConsoleBox

_ENDS = (
    "none",
    "network",
    "the centre did not answer in time",
    "the centre spoke nonsense",
    "the centre is busy",
    "the centre refuses this car: provision it anew",
    "the centre does not read what is sent",
    "reconnected to check the certificate's dates",
)
_TROUBLES = (
    "the network was lost",
    "the centre's name is not found: check the host in the settings",
    "no connection: no reception, or the centre does not answer",
    "TLS failed",
    "the centre's certificate is not accepted: check CA file and clock",
    "the centre closed the connection",
    "the connection broke",
)
#: From TROUBLE_NO_SUCH_NETWORK on: what it is, what to do.
_BELOW = (
    ("no Wi-Fi of that name in reach", "check its name (set), the antenna"),
    ("the Wi-Fi refuses the passphrase", "set wifi_password, then reset"),
    ("the Wi-Fi does not let the box in", "check wifi_password, its DHCP"),
    ("the radio fails", "reset; if it stays, swap the box"),
)
_NO_NETWORK = "check antenna, reception, a modem's SIM; or move the car"


def network(box: "ConsoleBox") -> "Item":
    """Whatever kind of link it is, it is online or not; a `Link` says more."""
    link: "Any" = box.ports.centre
    state = "online" if link.is_online() else "offline"
    text = getattr(link, "state", state)
    if text == "offline" and box.loop.power.level == ASLEEP:
        text = "offline: the radio rests to spare the battery"
    elif text == "offline" and not link.may_connect():
        is_turned_away = getattr(link, "last_end", 0) in (END_BUSY, END_LOGIN_REFUSED)
        text = "offline: turned away" if is_turned_away else "offline: no network"
    sessions = getattr(link, "sessions", None)
    if sessions is not None:
        text += "; %d times online" % sessions
    return "network", text, state == "online"


def below(box: "ConsoleBox") -> "tuple[str, str, int]":
    """Why there is no network to reach the centre by, what to do, and its code.

    Without one to tell: empty words, what to do about any network, 0.
    """
    stream: "Any" = getattr(box.ports, "network", None)
    if (
        stream is None
        or getattr(stream, "is_reachable", True)
        or stream.trouble < TROUBLE_NO_SUCH_NETWORK
    ):
        return "", _NO_NETWORK, 0
    words, remedy = _BELOW[stream.trouble - TROUBLE_NO_SUCH_NETWORK]
    return words, remedy, stream.trouble


def trouble(box: "ConsoleBox") -> "Item":
    """Why there is no network, or else why the last connection ended."""
    words, remedy, code = below(box)
    if words:
        return "trouble", words + ": " + remedy, 100 + code
    link: "Any" = box.ports.centre
    end = getattr(link, "last_end", 0)
    text = _ENDS[end]
    if end == 1:
        text = _TROUBLES[min(link.network_trouble, TROUBLE_BROKEN)]
    return "trouble", text, end
