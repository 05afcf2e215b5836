"""What `box.json` on a box says: who the car is, where its centre is, and what is fitted to it.

    {"format": 1, "car": "4b4700000001", "key": "<64 hex digits>", "password": "...",
     "host": "centre.example", "port": 8883, "tls": true, "ca": "ca.der",
     "network": {"ssid": "depot", "password": "..."}, "terms": {...}, "settings": {...}, "board": {}}

`network` is a Wi-Fi network as above, or the word "modem" or "system" (who runs the box sees to it).
`server_name` is the name in the server's certificate where `host` is an address. `board` has what
only one board knows; see its README. A sentence about a mistake never quotes what may be a secret.
"""

import binascii
import json

from firmware.compat import unload

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firmware.car_terms import Settings, Terms

FORMAT = 1
FILE = "box.json"
#: A file that is longer is none of ours; reading it would cost the box its memory.
FILE_BYTES_MAX = 8192

_KEY_DIGITS = 64
_CAR_DIGITS = 12
_TEXT_BYTES_MAX = 128
_NAME_SIGNS_MAX = 12
#: IEEE 802.11: a name of a network has 32 bytes at most; WPA: a passphrase 8 to 63 characters.
_SSID_BYTES_MAX = 32
_PASSPHRASE_MIN = 8
_PASSPHRASE_MAX = 63

MODEM = "modem"
SYSTEM = "system"

_NEEDED = ("format", "car", "key", "password", "host", "port", "tls", "network", "terms")
_SPARED = ("ca", "server_name", "settings", "board")


class ConfigError(ValueError):
    """What is wrong with the file, in one sentence with the way out."""


class BoxConfig:
    """`network` is "modem", "system", or "" for the Wi-Fi network `ssid`."""

    if TYPE_CHECKING:
        car: str
        key: bytes
        password: bytes
        host: str
        port: int
        tls: bool
        ca: str
        server_name: str
        network: str
        ssid: str
        passphrase: str
        terms: Terms
        settings: Settings
        board: "dict[str, Any]"


def load(text: "str | bytes") -> BoxConfig:
    """The configuration; ConfigError for the first mistake in it."""
    if len(text) > FILE_BYTES_MAX:
        raise _mistake(
            "",
            "%d bytes, %d is the most; this is no %s" % (len(text), FILE_BYTES_MAX, FILE),
        )
    try:
        raw: "Any" = json.loads(text if isinstance(text, str) else str(text, "utf-8"))
    except (ValueError, UnicodeError):
        raise _mistake("", "it is no JSON; look for a missing comma, quote or bracket") from None
    if not isinstance(raw, dict):
        raise _mistake("", "it is no set of values; write { } around them")
    _check_names(raw)
    config = BoxConfig()
    config.car = _digits(raw, "car", _CAR_DIGITS)
    config.key = binascii.unhexlify(_digits(raw, "key", _KEY_DIGITS))
    config.password = _text(raw, "password", _TEXT_BYTES_MAX).encode()
    config.host = _host(raw, "host")
    config.port = _port(raw)
    _take_trust(raw, config)
    _take_network(raw["network"], config)
    _take_terms(raw, config)
    config.board = raw.get("board", {})
    if not isinstance(config.board, dict):
        raise _mistake("board", "it is no set of values; write {} where there is nothing to say")
    return config


def load_file(folder: str) -> BoxConfig:
    """Of the file in this folder, whose name ends with a slash; ConfigError when there is none."""
    try:
        with open(folder + FILE, "rb") as file:
            text = file.read(FILE_BYTES_MAX + 1)
    except OSError:
        raise _mistake("", "there is none; boards/README.md says how to put it there") from None
    return load(text)


def _mistake(name: str, text: str) -> ConfigError:
    return ConfigError("%s: %s: %s" % (FILE, name, text) if name else "%s: %s" % (FILE, text))


def _check_names(raw: "dict[str, Any]") -> None:
    version = raw.get("format")
    if isinstance(version, bool) or not isinstance(version, int):
        raise _mistake("format", "missing or no number; write %d" % FORMAT)
    if version != FORMAT:
        raise _mistake(
            "format",
            "%d is not %d, which this program reads; install the program that fits, or write the "
            "file anew" % (version, FORMAT),
        )
    for name in _NEEDED:
        if name not in raw:
            raise _mistake(name, "missing; write it (boards/README.md has an example)")
    for name in sorted(raw, key=str):
        if name not in _NEEDED and name not in _SPARED:
            # A long one may be a secret that somebody put into the wrong place.
            shown = str(name) if len(name) <= _NAME_SIGNS_MAX else "a name of %d signs" % len(name)
            known = ", ".join(_NEEDED + _SPARED)
            raise _mistake(shown, "unknown; remove it (known: %s)" % known)


def _text(raw: "dict[str, Any]", name: str, most: int) -> str:
    value = raw[name]
    if not isinstance(value, str):
        raise _mistake(name, "it is no text; write it in quotes")
    length = len(value.encode())
    if not 1 <= length <= most:
        raise _mistake(name, "it has %d bytes; give 1 to %d" % (length, most))
    return value


def _digits(raw: "dict[str, Any]", name: str, count: int) -> str:
    value = _text(raw, name, _TEXT_BYTES_MAX).lower()
    strange = [sign for sign in value if sign not in "0123456789abcdef"]
    if len(value) != count or strange:
        raise _mistake(
            name,
            "%d characters, %d of them no hexadecimal digit; copy the %d digits from the file "
            "that `fleetd car add` wrote" % (len(value), len(strange), count),
        )
    return value


def _host(raw: "dict[str, Any]", name: str) -> str:
    value = _text(raw, name, _TEXT_BYTES_MAX)
    for sign in value:
        if sign in " /:@" or ord(sign) < 33:
            raise _mistake(
                name,
                "%r has a %r in it; write the bare name or address of the server" % (value, sign),
            )
    return value


def _port(raw: "dict[str, Any]") -> int:
    value = raw["port"]
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 65535:
        raise _mistake("port", "%r is no port; give 1 to 65535, as a rule 8883" % (value,))
    return value


def _take_trust(raw: "dict[str, Any]", config: BoxConfig) -> None:
    tls = raw["tls"]
    if tls is not True and tls is not False:
        raise _mistake("tls", "%r is not a yes or no; write true or false" % (tls,))
    config.tls = tls
    config.ca = ""
    if tls:
        if "ca" not in raw:
            raise _mistake("ca", "missing; name the file of the centre's CA beside %s" % FILE)
        config.ca = _text(raw, "ca", _TEXT_BYTES_MAX)
        if "/" in config.ca or "\\" in config.ca:
            raise _mistake("ca", "%r has a folder; put the file beside %s" % (config.ca, FILE))
    elif "ca" in raw:
        raise _mistake("ca", "there is one, but tls is false; write true or remove ca")
    config.server_name = _host(raw, "server_name") if "server_name" in raw else config.host


def _take_network(value: "Any", config: BoxConfig) -> None:
    config.network = config.ssid = config.passphrase = ""
    if value == MODEM or value == SYSTEM:
        config.network = value
        return
    if not isinstance(value, dict) or sorted(value) != ["password", "ssid"]:
        raise _mistake(
            "network", 'write {"ssid": "...", "password": "..."}, or "%s" or "%s"' % (MODEM, SYSTEM)
        )
    for name in ("ssid", "password"):
        if not isinstance(value[name], str):
            raise _mistake("network", "%s is no text; write it in quotes" % name)
    config.ssid = value["ssid"]
    config.passphrase = value["password"]
    length = len(config.ssid.encode())
    if not 1 <= length <= _SSID_BYTES_MAX:
        raise _mistake("network", "ssid has %d bytes; give 1 to %d" % (length, _SSID_BYTES_MAX))
    length = len(config.passphrase.encode())
    if length and not _PASSPHRASE_MIN <= length <= _PASSPHRASE_MAX:
        raise _mistake(
            "network",
            "password has %d characters; WPA has %d to %d, an open network none"
            % (length, _PASSPHRASE_MIN, _PASSPHRASE_MAX),
        )


def _take_terms(raw: "dict[str, Any]", config: BoxConfig) -> None:
    """What needs most memory, and only here: both modules are let go."""
    from firmware.terms import TermsError, load_settings, load_terms

    name = "terms"
    try:
        config.terms = load_terms(raw["terms"])
        name = "settings"
        config.settings = load_settings(raw.get("settings", {}), config.terms)
    except TermsError as error:
        raise _mistake(name, str(error)) from None
    finally:
        del load_settings, load_terms, TermsError
        unload("firmware.terms")
        unload("firmware.terms_fields")
