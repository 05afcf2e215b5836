"""What an operator says of a box beside whose it is: its network, the centre, its board."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from fleetd.host.failures import UsageError

#: Without --network: who runs a Pi sees to it.
_NETWORKS = {"pi": "system"}
CA_FILES_MAX = 8192
_SETTINGS = ("settings", "board")


def of(arguments: argparse.Namespace) -> dict[str, Any]:
    """What goes into box.json beside identity and terms; UsageError for what cannot be."""
    more = _settings_of(arguments.settings)
    config: dict[str, Any] = {
        "host": arguments.host,
        "port": arguments.mqtt_port or (8883 if arguments.tls else 1883),
        "tls": arguments.tls,
        "network": _network_of(arguments),
        "board": more["board"],
    }
    ca = None
    if arguments.tls != (arguments.ca is not None):
        raise UsageError("--tls and --ca belong together: give both or neither")
    if arguments.ca is not None:
        ca = _read(arguments.ca, "--ca")
        config["ca"] = "ca" + (arguments.ca.suffix or ".der")
    if arguments.server_name is not None:
        config["server_name"] = arguments.server_name
    return {"config": config, "ca": ca, "settings": more["settings"]}


def _network_of(arguments: argparse.Namespace) -> Any:
    if arguments.wifi is None:
        network = arguments.network or _NETWORKS.get(arguments.board)
        if network is None:
            raise UsageError(f"--wifi: {arguments.board} needs it; give the network's name")
        return network
    password = ""
    if arguments.wifi_password_file is not None:
        password = _text_of(arguments.wifi_password_file).strip("\r\n")
    return {"ssid": arguments.wifi, "password": password}


def _text_of(path: Path) -> str:
    try:
        return _read(path, "--wifi-password-file").decode()
    except UnicodeDecodeError:
        raise UsageError(
            f"--wifi-password-file {path}: is no text in UTF-8; write the password into it"
        ) from None


def _settings_of(path: Path | None) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {name: {} for name in _SETTINGS}
    if path is None:
        return found
    try:
        raw = json.loads(_read(path, "--settings"))
    except ValueError:
        raise UsageError(f"--settings {path}: is no JSON; see docs/profiles.md") from None
    if not isinstance(raw, dict) or set(raw) - set(_SETTINGS):
        raise UsageError(f'--settings {path}: write {{"settings": {{...}}, "board": {{...}}}}')
    for name, value in raw.items():
        if not isinstance(value, dict):
            raise UsageError(f"--settings {path}: {name} is no set of values; write {{...}}")
        found[name] = value
    return found


def _read(path: Path, option: str) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{option} {path}: cannot be read: {os.strerror(error.errno or 0)}"
        ) from None
    if not 0 < len(data) <= CA_FILES_MAX:
        raise UsageError(
            f"{option} {path}: has {len(data)} bytes; 1 to {CA_FILES_MAX} go into a box"
        )
    return data
