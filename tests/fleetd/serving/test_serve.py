"""The running program: real sockets, a real process, kills, and one sentence for what is wrong."""

import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from firmware.wire import codes
from firmware.wire.frames import presence_topic
from fleetd.serving.clock import MachineClock
from fleetd.serving.exchange import Exchange
from fleetd.serving.options import mqtt_port, parser
from fleetd.serving.serve import main
from fleetd.store.database import create, newest_version
from tests.fleetd.daemon import PATIENCE_S, Daemon, LiveCar, Phone, fleetd, until
from tests.fleetd.mqtt.certificates import Authority
from tests.fleetd.rig import CAR, HOUR_S, Desk

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    found = Daemon(tmp_path)
    yield found
    if found.process.poll() is None:
        found.kill()


@pytest.fixture
def phone(daemon: Daemon) -> Phone:
    found = Phone(daemon)
    found.log_in()
    return found


@pytest.fixture
def car(daemon: Daemon) -> Iterator[LiveCar]:
    found = LiveCar(daemon)
    yield found
    found.leave()


def book(phone: Phone, key: str = "book-1") -> int:
    """For now, so that it can be started at once."""
    starts_s = int(time.time()) // 900 * 900
    status, made = phone.ask(
        "POST", "/v1/bookings", key, car=CAR, starts_s=starts_s, ends_s=starts_s + 2 * HOUR_S
    )
    assert status == 201, made
    return int(made["id"])


def operate(phone: Phone, booking: int, verb: str = "start", key: str = "start-1") -> Any:
    status, asked = phone.ask("POST", f"/v1/bookings/{booking}/commands", key, verb=verb)
    assert status == 202, asked
    return asked


def until_in_car(phone: Phone, booking: int) -> None:
    place = f"/v1/bookings/{booking}/receipt"
    until(lambda: phone.get(place)["state"] == "in_car", "receipt from the car")


def until_ended(phone: Phone, command: Any) -> Any:
    place = f"/v1/commands/{command['id']}"

    def ended() -> Any:
        found = phone.get(place)
        return found if found["status"] != "pending" else None

    return until(ended, "end of the command")


def until_state(phone: Phone, booking: int, state: str) -> None:
    place = f"/v1/bookings/{booking}"
    until(lambda: phone.get(place)["state"] == state, f"booking that is {state}")


def rows(daemon: Daemon, sql: str) -> list[Any]:
    db = sqlite3.connect(daemon.db)
    try:
        return [row[0] for row in db.execute(sql)]
    finally:
        db.close()


def test_a_rental_from_the_booking_to_the_end(daemon: Daemon, phone: Phone, car: LiveCar) -> None:
    """START-2 and protocol rule 9, over HTTP and MQTT."""
    car.connect()
    booking = book(phone)
    until_in_car(phone, booking)
    assert (1, booking.to_bytes(4)) in car.script.records
    # Messages about presence are no new connection: the car need not say HELLO again.
    assert car.line is not None
    car.line.publish(presence_topic(CAR), b"\x01", 1, True).wait_for_publish(PATIENCE_S)
    done = until_ended(phone, operate(phone, booking))
    assert (done["status"], done["reached_car"]) == ("accepted", "yes")
    assert [act.booking for act in car.script.acts] == [booking]

    car.script.happen(codes.AUDIT_UNLOCKED, booking, car.script.use_detail())
    car.script.tell()
    until_state(phone, booking, "in_use")
    until(lambda: car.script.acked == 1, "confirmation of the event")
    assert until_ended(phone, operate(phone, booking, "end", "end-1"))["status"] == "accepted"
    car.script.happen(codes.AUDIT_ENDED, booking, car.script.use_detail(odometer_m=9000))
    car.script.tell()
    until_state(phone, booking, "reopen_possible")

    car.leave()
    assert daemon.stop() == 0
    assert daemon.log.read_text() == ""
    # What was open is closed: the write-ahead log is in the file.
    assert not daemon.db.with_name("fleet.db-wal").exists()


def test_killed_in_between_nothing_is_lost_or_doubled(
    daemon: Daemon, phone: Phone, car: LiveCar
) -> None:
    """SAFE-5: after a booking, after a command was done, after an event was told."""
    booking = book(phone)
    daemon.kill()
    daemon.start()
    assert book(phone) == booking  # the same key; the token is still good
    car.connect()
    until_in_car(phone, booking)

    car.is_silent = True  # it acts, and its answer stays in the air
    asked = operate(phone, booking)
    until(lambda: car.script.acts, "command in the car")
    daemon.kill()
    car.lose()
    daemon.start()
    assert operate(phone, booking)["id"] == asked["id"]
    car.is_silent = False
    car.connect()
    done = until_ended(phone, asked)
    assert done["status"] == "accepted"
    assert len(car.script.acts) == 1

    car.is_silent = True
    car.script.happen(codes.AUDIT_UNLOCKED, booking, car.script.use_detail())
    car.script.tell()
    (frame,) = car.kept[-1:]
    car.is_silent = False
    car.script._deliver(frame)
    until_state(phone, booking, "in_use")
    daemon.kill()  # perhaps the car knows that it is kept, perhaps not: it tells again
    car.lose()
    daemon.start()
    car.connect()
    car.script._deliver(frame)
    until(lambda: car.script.acked == 1, "confirmation of the event")

    assert rows(daemon, "SELECT count(*) FROM booking") == [1]
    assert rows(daemon, "SELECT count(*) FROM command") == [1]
    assert rows(daemon, "SELECT seq FROM event") == [1]
    assert rows(daemon, "SELECT name FROM mail WHERE booking IS NOT NULL") == ["booking_made"]
    assert rows(daemon, "SELECT name FROM alarm") == []
    assert phone.get(f"/v1/bookings/{booking}")["state"] == "in_use"


def test_a_command_that_waited_for_the_car_survives_a_kill(
    daemon: Daemon, phone: Phone, car: LiveCar
) -> None:
    booking = book(phone)
    asked = operate(phone, booking)
    assert asked["reached_car"] == "no"
    daemon.kill()
    daemon.start()
    car.script.booted_s -= 60  # a boot that is older than the command
    car.connect()
    assert until_ended(phone, asked)["status"] == "accepted"
    assert len(car.script.acts) == 1


def test_what_the_operator_does_beside_it_reaches_car_and_phone(
    daemon: Daemon, phone: Phone, car: LiveCar
) -> None:
    """The command line writes into the same database while the daemon runs."""
    car.connect()
    starts_s = int(time.time()) // 900 * 900 + 900
    made = fleetd(
        "book", "--db", str(daemon.db), "--driver", daemon.driver, "--car", CAR,
        "--start", time.strftime("%Y-%m-%dT%H:%M+00:00", time.gmtime(starts_s)),
        "--end", time.strftime("%Y-%m-%dT%H:%M+00:00", time.gmtime(starts_s + HOUR_S)),
    )  # fmt: skip
    until_in_car(phone, made["id"])
    assert [one["id"] for one in phone.get("/v1/bookings")["bookings"]] == [made["id"]]


def test_the_fleet_hears_of_each_coming_and_going_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str, str]] = []
    monkeypatch.setattr(desk.fleet, "connected", lambda car: heard.append(("came", car)))
    monkeypatch.setattr(desk.fleet, "disconnected", lambda car: heard.append(("left", car)))
    presence = Exchange().endpoint(desk.fleet, MachineClock()).presence
    for online, payload in ((True, b""), (True, b"1"), (False, b"0"), (True, b""), (False, b"")):
        presence(CAR, online, payload)
    assert heard == [("came", CAR), ("left", CAR)] * 2


@pytest.mark.parametrize("number", [2, 15])
def test_signals_end_it_with_a_goodbye(daemon: Daemon, car: LiveCar, number: int) -> None:
    car.connect()
    until(lambda: car.script.gen, "first copy")
    assert daemon.stop(number) == 0
    car.lose()
    assert daemon.log.read_text() == ""


def test_garbage_on_the_port_of_phones_disturbs_nobody(daemon: Daemon) -> None:
    for garbage in (b"\x16\x03\x01\x00", b"GET\r\n\r\n", b"POST / HTTP/1.1\r\nA: " + b"x" * 99999):
        with socket.create_connection(("127.0.0.1", daemon.http_port), PATIENCE_S) as line:
            line.sendall(garbage)
            line.shutdown(socket.SHUT_WR)
            said = b""
            try:
                while part := line.recv(4096):
                    said += part
            except ConnectionResetError:
                pass  # it need not read on what is too long
            assert b"Traceback" not in said
            assert b" 200 " not in said
    assert Phone(daemon).ask("GET", "/openapi.json")[0] == 200


def test_over_tls_both_prove_who_they_are(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate, key = authority.issue()
    daemon = Daemon(tmp_path, "--tls-cert", str(certificate), "--tls-key", str(key))
    car = LiveCar(daemon, authority.client_context())
    try:
        assert daemon.told["http"].startswith("https://")
        assert daemon.told["mqtt"].startswith("mqtts://")
        phone = Phone(daemon, authority.client_context())
        phone.log_in()
        car.connect()
        until_in_car(phone, book(phone))
        stranger = Phone(daemon, Authority(tmp_path, "another").client_context())
        with pytest.raises(OSError, match="certificate verify failed"):
            stranger.get("/v1/account")
    finally:
        car.leave()
        daemon.kill()


# What cannot run, says why in one sentence.


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    from fleetd.host.command_line import main as command

    assert command(["init", "--db", "f.db"]) == 0
    capsys.readouterr()

    def call(*words: str) -> tuple[int, str, str]:
        exit_code = main(list(words))
        seen = capsys.readouterr()
        return exit_code, seen.out, seen.err

    return call


@pytest.mark.parametrize(("option", "other"), [("--http-port", "--mqtt-port"),
                                               ("--mqtt-port", "--http-port")])  # fmt: skip
def test_a_port_in_use(run: Run, option: str, other: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        exit_code, out, err = run("--db", "f.db", option, str(port), other, "0")
    assert (exit_code, out) == (1, "")
    assert err == (
        f"127.0.0.1 port {port}: Address already in use; choose another with --host or {option}\n"
    )


def test_a_database_of_a_newer_version(run: Run) -> None:
    newest = newest_version()
    db = sqlite3.connect("f.db")
    db.execute(f"PRAGMA user_version = {newest + 1}")
    db.close()
    exit_code, out, err = run("--db", "f.db", "--http-port", "0", "--mqtt-port", "0")
    assert (exit_code, out) == (2, "")
    assert err == (
        f"f.db: has version {newest + 1}, newer than this program's {newest};"
        " run the newer program\n"
    )


@pytest.mark.parametrize(
    ("words", "port"),
    [((), 1883), (("--tls-cert", "c", "--tls-key", "k"), 8883), (("--mqtt-port", "0"), 0)],
)
def test_cars_come_in_where_provision_sends_them(words: tuple[str, ...], port: int) -> None:
    assert mqtt_port(parser().parse_args(["--db", "f.db", *words])) == port


def test_no_database_or_none_of_ours(run: Run) -> None:
    assert run("--db", "g.db")[::2] == (
        2, "g.db: there is no database; make one with: fleetd init\n",
    )  # fmt: skip
    assert not Path("g.db").exists()
    Path("text").write_text("no database at all, whatever its name may be" * 40)
    Path("text").chmod(0o600)
    exit_code, _, err = run("--db", "text")
    assert (exit_code, err.count("\n")) == (2, 1)
    assert err.endswith("take another copy, or another file\n")
    create(Path("half.db")).close()
    exit_code, _, err = run("--db", "half.db")
    assert (exit_code, err) == (
        2, "the database was never finished; delete it and run: fleetd init\n",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("--tls-cert", "c"), "--tls-cert and --tls-key: give both or none"),
        (("--tls-key", "k"), "--tls-cert and --tls-key: give both or none"),
        (("--host", "0.0.0.0"), "--host 0.0.0.0: passwords would cross the network in the clear"),
        (("--host", "fleet.example.org"), "passwords would cross the network"),
        (("--http-port", "65536"), "65536 is no port"),
        (("--mqtt-port", "-1"), "-1"),
        (("--mqtt-port", "x"), "x"),
        (("--unknown",), "--unknown"),
    ],
)
def test_wrong_usage(run: Run, words: tuple[str, ...], text: str) -> None:
    exit_code, out, err = run("--db", "f.db", *words)
    assert (exit_code, out) == (2, "")
    assert text in err


def test_a_certificate_that_cannot_be_used(run: Run, tmp_path: Path) -> None:
    certificate, _ = Authority(tmp_path).issue()
    _, other = Authority(tmp_path, "another").issue(name="other")
    Path("text").write_text("no certificate")
    Path("text").chmod(0o600)
    for words in (("no", "no"), ("text", "text"), (str(certificate), str(other))):
        exit_code, out, err = run("--db", "f.db", "--tls-cert", words[0], "--tls-key", words[1])
        assert (exit_code, out) == (2, "")
        assert err.startswith(f"--tls-cert {words[0]}, --tls-key {words[1]}: cannot be used (")
        assert err.count("\n") == 1


def test_help_has_an_example(run: Run) -> None:
    exit_code, out, _ = run("--help")
    assert exit_code == 0
    assert "python -m fleetd serve --db fleet.db" in out
