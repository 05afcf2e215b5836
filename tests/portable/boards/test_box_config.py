"""`box.json`: what is taken, and one sentence for every mistake, without a secret in it."""

import json

from boards.box_config import FILE_BYTES_MAX, MODEM, SYSTEM, ConfigError, load, load_file
from tests.portable.boards.box_rig import CAR, KEY, PASSPHRASE, PASSWORD, config, values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SECRETS = (KEY, PASSWORD, PASSPHRASE)


def complaint(text: "str | bytes") -> str:
    try:
        load(text)
    except ConfigError as error:
        for secret in _SECRETS:
            assert secret not in str(error)
        return str(error)
    raise AssertionError("no complaint")


def about(**changes: "Any") -> str:
    raw = values()
    for name, value in changes.items():
        if value is None:
            del raw[name]
        else:
            raw[name] = value
    return complaint(json.dumps(raw))


def test_a_whole_file() -> None:
    box = config(tls=True, ca="ca.der", board={"gps": True}, settings={"reader": False})
    assert (box.car, box.key, box.password) == (CAR, bytes(range(32)), PASSWORD.encode())
    assert (box.host, box.port, box.tls, box.ca) == ("centre.example", 8883, True, "ca.der")
    assert (box.network, box.ssid, box.passphrase) == ("", "depot", PASSPHRASE)
    assert box.server_name == "centre.example"
    assert box.terms.start_early_s > 0
    assert not box.settings.has_reader
    assert box.board == {"gps": True}


def test_bytes_do_as_well_as_text() -> None:
    assert load(json.dumps(values()).encode()).car == CAR


def test_what_may_be_left_out() -> None:
    box = config()
    assert (box.tls, box.ca, box.board) == (False, "", {})
    assert box.settings.has_reader


def test_other_networks() -> None:
    assert config(network=MODEM).network == "modem"
    assert config(network=SYSTEM).network == "system"
    assert config(network={"ssid": "open", "password": ""}).passphrase == ""


def test_a_name_beside_an_address() -> None:
    box = config(host="192.0.2.1", server_name="centre.example")
    assert (box.host, box.server_name) == ("192.0.2.1", "centre.example")


def test_no_json_no_set_too_long() -> None:
    no_json = "box.json: it is no JSON; look for a missing comma, quote or bracket"
    assert complaint('{"key": "%s" "car"' % KEY) == no_json
    assert complaint("") == no_json
    assert complaint(b"\xff\xfe{}") == no_json
    assert complaint("[1, 2]") == "box.json: it is no set of values; write { } around them"
    assert "8192 is the most" in complaint(" " * (FILE_BYTES_MAX + 1))


def test_the_format_comes_first() -> None:
    assert about(format=2, car="x").startswith("box.json: format: 2 is not 1, which this program")
    assert about(format=True) == "box.json: format: missing or no number; write 1"
    assert about(format=None) == "box.json: format: missing or no number; write 1"


def test_missing_and_unknown_values() -> None:
    for name in ("car", "key", "password", "host", "port", "tls", "network", "terms"):
        assert about(**{name: None}).startswith("box.json: %s: missing; write it" % name)
    assert about(hots="x").startswith("box.json: hots: unknown; remove it (known: ")
    assert about(**{KEY: "key"}).startswith("box.json: a name of 64 signs: unknown")


def test_secrets_are_counted_and_not_shown() -> None:
    assert about(key=KEY[:-1] + "g") == (
        "box.json: key: 64 characters, 1 of them no hexadecimal digit; copy the 64 digits from "
        "the file that `fleetd car add` wrote"
    )
    assert about(key=KEY[:-2]).startswith("box.json: key: 62 characters, 0 of them")
    assert about(car=KEY).startswith("box.json: car: 64 characters, 0 of them")
    assert about(password="") == "box.json: password: it has 0 bytes; give 1 to 128"
    assert about(password=5) == "box.json: password: it is no text; write it in quotes"


def test_where_the_centre_is() -> None:
    assert about(host="https://centre.example") == (
        "box.json: host: 'https://centre.example' has a ':' in it; write the bare name or address "
        "of the server"
    )
    for port in (0, 65536, "8883", True, 1.5):
        assert "is no port; give 1 to 65535" in about(port=port)


def test_trust() -> None:
    assert about(tls="yes") == "box.json: tls: 'yes' is not a yes or no; write true or false"
    assert about(tls=True).startswith("box.json: ca: missing; name the file")
    assert about(tls=True, ca="../x").startswith("box.json: ca: '../x' has a folder")
    assert about(ca="ca.der").startswith("box.json: ca: there is one, but tls is false")


def test_networks_that_cannot_be() -> None:
    either = 'box.json: network: write {"ssid": "...", "password": "..."}, or "modem" or "system"'
    assert about(network="wifi") == either
    assert about(network={"ssid": "depot"}) == either
    assert about(network={"ssid": "", "password": PASSPHRASE}) == (
        "box.json: network: ssid has 0 bytes; give 1 to 32"
    )
    assert about(network={"ssid": "x", "password": "short"}) == (
        "box.json: network: password has 5 characters; WPA has 8 to 63, an open network none"
    )
    assert about(network={"ssid": "x", "password": 1}) == (
        "box.json: network: password is no text; write it in quotes"
    )


def test_terms_and_settings_say_their_own_sentence() -> None:
    terms = values()["terms"]
    terms["relock_s"] = 1
    assert about(terms=terms).startswith("box.json: terms: relock_s: 1 is below ")
    assert about(settings={"readr": True}).startswith("box.json: settings: readr: unknown")
    assert about(board=3).startswith("box.json: board: it is no set of values")


def test_no_file() -> None:
    try:
        load_file("/nowhere/")
    except ConfigError as error:
        assert str(error) == "box.json: there is none; boards/README.md says how to put it there"
    else:
        raise AssertionError("no complaint")
