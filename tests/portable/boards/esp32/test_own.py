"""What a technician may change of `box.json`: judged as at the next start, whole or not at all (TECH-4)."""

import json
import os

from boards.box_config import ConfigError, load
from boards.esp32.own import own_settings
from boards.own_settings import CENTRE, WIFI, OwnSettings
from tests.portable.boards.box_rig import KEY, PASSPHRASE, PASSWORD, values
from tests.portable.boards.folders import new_folder, remove_folder
from tests.portable.firmware.console.gate_rig import GateRig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Bench:
    """A box's folder with a `box.json`, and what an ESP32 lets a technician change of it."""

    def __init__(self, **changes: "Any") -> None:
        self.folder = new_folder()
        self.path = self.folder + "box.json"
        raw = values()
        raw.update(changes)
        self.before = raw
        with open(self.path, "w") as file:
            json.dump(raw, file)
        self.own = own_settings(self.folder)

    def raw(self) -> "dict[str, Any]":
        with open(self.path) as file:
            found: "dict[str, Any]" = json.load(file)
        return found

    def shown(self) -> "dict[str, str]":
        return {name: words for name, words, _ in self.own.items()}

    def clear(self) -> None:
        remove_folder(self.folder)


def refuses(bench: Bench, name: str, text: str) -> str:
    """The sentence, which both ways of asking say, and which changes nothing."""
    objection = bench.own.check(name, text)
    assert objection and bench.own.put(name, text) == objection
    assert bench.raw() == bench.before
    return objection


def test_tech_4_each_value_finds_its_place_and_nothing_else_changes() -> None:
    bench = Bench()
    for name, text, place, value in (
        ("host", "other.example", ("host",), "other.example"),
        ("port", "1883", ("port",), 1883),
        ("server_name", "fleet.example", ("server_name",), "fleet.example"),
        ("wifi", "depot south", ("network", "ssid"), "depot south"),
        ("wifi_password", "another one", ("network", "password"), "another one"),
        ("pulses_per_km", "2548", ("board", "pulses_per_km"), 2548),
        ("battery_times_1000", "6651", ("board", "battery_times_1000"), 6651),
    ):
        assert bench.own.check(name, text) == "" == bench.own.put(name, text), name
        group: "Any" = bench.before
        for key in place[:-1]:
            group = group.setdefault(key, {})
        group[place[-1]] = value
        assert bench.raw() == bench.before, name
    load(json.dumps(bench.raw()))
    assert bench.raw()["key"] == KEY and bench.raw()["password"] == PASSWORD
    assert os.listdir(bench.folder) == ["box.json"]
    bench.clear()


def test_tech_4_what_is_wrong_is_said_as_the_next_start_would_say_it() -> None:
    bench = Bench()
    for name, text, sentence in (
        ("port", "70000", "box.json: port: 70000 is no port; give 1 to 65535, as a rule 8883"),
        ("port", "0", "box.json: port: 0 is no port; give 1 to 65535, as a rule 8883"),
        ("port", "88x", "box.json: port: '88x' is no port; give 1 to 65535, as a rule 8883"),
        ("port", "-", "box.json: port: missing; write it (boards/README.md has an example)"),
        ("wifi", "x" * 33, "box.json: network: ssid has 33 bytes; give 1 to 32"),
        ("wifi_password", "short", "box.json: network: password has 5 characters; WPA has 8 to 63"),
        ("pulses_per_km", "0", "box.json: board: pulses_per_km: 0; give 1 to 100000"),
        ("battery_times_1000", "999", "box.json: board: battery_times_1000: 999; give 1000 to"),
        ("host", "http://x", "box.json: host: 'http://x' has a ':' in it; write the bare name"),
    ):
        assert refuses(bench, name, text).startswith(sentence), (name, text)
    assert "short" not in refuses(bench, "wifi_password", "short")
    bench.clear()


def test_tech_4_what_the_centre_and_provisioning_rule_is_none_of_them() -> None:
    bench = Bench()
    for name in ("terms", "settings", "car", "key", "password", "tls", "ca", "board", "format"):
        assert refuses(bench, name, "1").startswith("there is no setting " + name)
    bench.clear()


def test_tech_4_no_value_where_none_has_to_be() -> None:
    bench = Bench(board={"pulses_per_km": 2548}, server_name="fleet.example")
    assert bench.own.put("pulses_per_km", "-") == bench.own.put("server_name", "-") == ""
    assert bench.own.put("wifi_password", "-") == ""
    found = bench.raw()
    assert found["board"] == {} and "server_name" not in found
    assert found["network"] == {"ssid": "depot", "password": ""}
    bench.clear()


def test_tech_4_what_is_shown_is_the_file_and_no_secret() -> None:
    bench = Bench()
    assert bench.own.secrets == ["wifi_password"]
    shown = bench.shown()
    assert shown["host"] == "centre.example" and shown["port"] == "8883"
    assert shown["wifi"] == "depot" and shown["wifi_password"] == "set, not shown"
    assert shown["pulses_per_km"] == "not said"
    bench.own.put("host", "other.example")
    bench.own.put("wifi_password", "-")
    shown = bench.shown()
    assert shown["host"] == "other.example, from the next start on"
    assert shown["port"] == "8883"
    assert shown["wifi_password"] == "none, from the next start on"
    told = json.dumps([list(item) for item in bench.own.items()])
    for secret in (KEY, PASSWORD, PASSPHRASE):
        assert secret not in told
    bench.clear()


def test_a_group_that_is_a_word_is_left_to_who_runs_it() -> None:
    bench = Bench(network="system")
    one = OwnSettings(bench.path, lambda config: None, CENTRE + WIFI)
    assert one.check("wifi", "depot") == (
        "box.json: network is 'system' here; whoever runs it sees to it"
    )
    assert [words for name, words, _ in one.items() if name == "wifi"] == ["not said"]
    bench.clear()


def test_the_board_has_its_say() -> None:
    def judge(config: "Any") -> None:
        if config.port != 8883:
            raise ConfigError("this board has one port")

    bench = Bench()
    bench.own = OwnSettings(bench.path, judge, CENTRE)
    assert refuses(bench, "port", "1883") == "this board has one port"
    bench.clear()


def test_tech_4_a_flash_that_does_not_take_it_is_told_and_the_file_stays() -> None:
    bench = Bench()
    bench.own = OwnSettings("build/no-such-folder/box.json", lambda config: None, CENTRE)
    full = values()
    bench.own._read = lambda: full  # type: ignore[method-assign]
    assert bench.own.put("host", "x.example").startswith("box.json cannot be written (error ")
    assert bench.raw() == bench.before
    bench.clear()


def test_tech_4_what_reads_back_otherwise_is_told() -> None:
    from boards import bare_file

    def write_less(folder: str, name: str, data: bytes) -> None:
        write(folder, name, data[:-1])

    bench = Bench()
    write = bare_file.write_whole
    bare_file.write_whole = write_less
    try:
        assert bench.own.put("host", "x.example").startswith(
            "what was written reads back otherwise"
        )
    finally:
        bare_file.write_whole = write
    assert bench.shown()["host"] == "not said"  # the file is broken: nothing of it is believed
    bench.clear()


def test_a_file_that_is_gone_or_broken_shows_nothing() -> None:
    bench = Bench()
    with open(bench.path, "w") as file:
        file.write("{")
    assert set(bench.shown().values()) == {"not said", "none"}
    assert "missing" in bench.own.check("port", "1883")
    os.remove(bench.path)
    assert set(bench.shown().values()) == {"not said", "none"}
    bench.clear()


def test_tech_4_typed_at_the_cable_it_is_in_the_file() -> None:
    rig = GateRig()
    bench = Bench()
    rig.unlock(2)
    rig.inside.own = bench.own
    assert rig.asked("set wifi depot south")[0].startswith("kept and read back")
    assert rig.asked("set port 70000") == [
        "box.json: port: 70000 is no port: give 1 to 65535, as a rule 8883"
    ]
    assert bench.raw()["network"] == {"ssid": "depot south", "password": PASSPHRASE}
    assert "wifi        depot south, from the next start on" in rig.asked("net")
    assert "pulses_per_km      not said" in rig.asked("set")
    bench.clear()
