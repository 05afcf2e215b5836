"""Planted secrets come out nowhere: logs, answers, figures, what the operator's commands print."""

import base64
import contextlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from firmware.wire import codes, frames
from firmware.wire.journal_format import NO_IDENT
from fleetd.core.broker_secrets import shared_key
from fleetd.host.command_line import main
from fleetd.service import Fleet
from fleetd.store.database import open_existing
from simulator.desk.ports import free_port
from tests.fleetd.daemon import PATIENCE_S, Daemon, LiveCar, Phone, until
from tests.fleetd.mqtt.paho_car import ACCEPTED, PahoCar
from tests.fleetd.rig import CAR
from tests.fleetd.serving.test_serve import book, operate, until_ended, until_in_car

CARD = bytes.fromhex("0101060112AB34CD")
FOREIGN = bytes.fromhex("01010601127788EE")
PASSWORD, WRONG = "long enough", "a wrong pass phrase"


class Told:
    """Whatever left the daemon, with where it was seen."""

    def __init__(self) -> None:
        self.parts: list[tuple[str, str]] = []

    def add(self, where: str, said: Any) -> None:
        self.parts.append((where, said if isinstance(said, str) else json.dumps(said)))

    def run(self, *words: str) -> None:
        """A command of the operator, as text and as JSON, with what it says on the side."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            for more in ([], ["--json"]):
                main([*words, *more])
        self.add(" ".join(words[:2]), said.getvalue())


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    found = Daemon(tmp_path, "--metrics", f"127.0.0.1:{free_port()}")
    store = open_existing(found.db)
    fleet = Fleet(store, lambda _car, _frame: None, lambda: 1775001600.0)
    fleet.add_card(found.driver, CARD)
    fleet.add_driver(found.driver[:8], "Aoki Ren", "r@example.org")
    fleet.add_card(f"{found.driver[:8]}002", FOREIGN)
    store.close()
    yield found
    if found.process.poll() is None:
        found.kill()


def spellings(secret: bytes) -> set[str]:
    """As it could be written by mistake."""
    hexed = secret.hex()
    return {
        hexed, hexed.upper(), " ".join(hexed[at : at + 2] for at in range(0, len(hexed), 2)),
        base64.b64encode(secret).decode().rstrip("="), str(list(secret)), repr(secret)[2:-1],
    }  # fmt: skip


def live_through(daemon: Daemon, told: Told) -> Phone:
    """A rental, a card of somebody else enrolled, and everything that goes wrong on the way."""
    car = LiveCar(daemon)
    phone = Phone(daemon)
    ask = phone.ask

    def heard(method: str, path: str, key: str = "", **body: Any) -> tuple[int, Any]:
        status, found = ask(method, path, key, **body)
        if path not in ("/v1/login", "/v1/password"):  # the token is for whoever logged in
            told.add(path, found)
        return status, found

    phone.ask = heard  # type: ignore[method-assign]
    phone.log_in()
    told.add("login", phone.ask("POST", "/v1/login", id=daemon.driver, password=WRONG)[1])
    told.add("login", phone.ask("POST", "/v1/password", old=WRONG, new="another one")[1])
    car.connect()
    until_in_car(phone, number := book(phone))
    assert until_ended(phone, operate(phone, number))["status"] == "accepted"
    car.script._deliver(bytes.fromhex(daemon.identity.key))  # no frame, and a secret
    car.script.happen(codes.AUDIT_UNLOCKED, number, car.script.use_detail())
    enrolled = bytes((codes.BY_COMMAND,)) + FOREIGN + (1).to_bytes(4)
    car.script.happen(codes.AUDIT_CARD_ENROLLED, number, enrolled)
    refused = bytes((codes.BY_CARD,)) + FOREIGN + bytes((1, codes.NOT_THIS_DRIVER)) + bytes(4)
    car.script.happen(codes.AUDIT_CARD_REFUSED, 0, refused)
    car.script.happen(codes.AUDIT_FAULT, 0, NO_IDENT)
    car.script.tell()
    until(lambda: car.script.acked == 4, "confirmation of the events")
    for path in ("/v1/bookings", f"/v1/bookings/{number}", "/v1/cars", "/v1/account"):
        phone.ask("GET", path)
    car.leave()
    stranger = PahoCar(CAR, WRONG.encode())
    assert stranger.connect(daemon.mqtt_port) != ACCEPTED
    stranger.leave()
    with urlopen(daemon.told["metrics"], timeout=PATIENCE_S) as page:
        told.add("metrics", page.read().decode())
    return phone


def test_planted_secrets_come_out_nowhere(daemon: Daemon, tmp_path: Path) -> None:
    told = Told()
    phone = live_through(daemon, told)
    db = str(daemon.db)
    told.run("status", "--db", db)
    told.run("alarm", "list", "--db", db, "--all")
    told.run("backup", "--db", db, "--out", str(tmp_path / "b.db"))
    (tmp_path / "broker").mkdir()
    told.run("broker-files", "--db", db, "--out", str(tmp_path / "broker"))
    told.run("restore", "--from", str(tmp_path / "b.db"), "--db", db, "--replace")
    assert daemon.stop() == 0
    told.run("restore", "--from", str(tmp_path / "b.db"), "--db", db, "--replace")
    told.add("log", daemon.log.read_text())
    told.add("told", json.dumps(daemon.told))

    everything = dict(told.parts)
    assert "card_not_registered" in everything["alarm list"]
    assert "88EE" in everything["alarm list"]  # so much is told to people
    key = bytes.fromhex(daemon.identity.key)
    raw = {
        "key": key, "up key": frames.direction_key(key, frames.UP), "psk": shared_key(key),
        "down key": frames.direction_key(key, frames.DOWN), "card": CARD, "foreign card": FOREIGN,
    }  # fmt: skip
    words = {
        "car's password": daemon.identity.password, "token": phone.token, "password": PASSWORD,
        "first password": daemon.first_password, "wrong password": WRONG,
        "broker password": (tmp_path / "broker/fleetd.password").read_text().strip(),
    }  # fmt: skip
    for where, said in told.parts:
        for name, secret in raw.items():
            for spelling in spellings(secret):
                assert spelling not in said, f"{name} in {where}"
        for name, word in words.items():
            assert word not in said, f"{name} in {where}"
