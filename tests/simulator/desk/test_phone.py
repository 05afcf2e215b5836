"""The drivers' phones against a running daemon; its car is a script, so nothing is simulated."""

import os
import signal
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from firmware.wire import codes
from firmware.wire.journal_format import FLAG_WINDOW_OPEN
from fleetd.store.database import open_existing
from simulator.audit import Reason
from simulator.centre import CarIdentity
from simulator.desk import http_line
from simulator.desk.accounts import Accounts, Driver
from simulator.desk.http_line import HttpLine
from simulator.desk.phone import Phone
from simulator.desk.records import Records
from simulator.desk.tunnel import Tunnel
from tests.fleetd.daemon import PATIENCE_S, Daemon, LiveCar, fleetd
from tests.fleetd.daemon import Phone as RawPhone
from tests.fleetd.rig import CAR, HOUR_S

NAME = "XXY00001001"
PASSWORD = "long enough"


class Rig:
    """A daemon, its car, and the phones of two drivers."""

    def __init__(self, folder: Path) -> None:
        self.daemon = Daemon(folder, profile="jparc-2023")
        other = fleetd(
            "member", "add", "--db", str(self.daemon.db), "--name", "Aoki Ren",
            "--mail", "ren@example.org", "--show-passwords",
        )  # fmt: skip
        self.line = HttpLine("127.0.0.1", self.daemon.http_port)
        self.records = Records(self.daemon.db, CAR)
        accounts = Accounts(
            CAR, NAME,
            (
                Driver(NAME, self.daemon.driver, PASSWORD),
                Driver("other", other["driver"], "wrong password"),
            ),
        )  # fmt: skip
        tunnel = Tunnel("127.0.0.1", self.daemon.mqtt_port, time.monotonic)
        identity = CarIdentity(CAR, "00" * 32, "")
        self.phone = Phone(
            self.line, self.records, accounts, identity, tunnel, lambda: int(time.time())
        )
        self.noted: list[str] = []
        self.refused: list[list[Reason]] = []
        self.phone.note = self.noted.append
        self.phone.on_refusal = self.refused.append
        self._change_first_password()
        self.car = LiveCar(self.daemon)

    def _change_first_password(self) -> None:
        RawPhone(self.daemon).log_in()

    def until(self, found: Callable[[], object]) -> None:
        ends_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends_s:
            self.phone.poll(time.monotonic())
            if found():
                return
        raise AssertionError(f"it did not come; {self.noted}")

    def book(self) -> None:
        starts_s = int(time.time()) // 900 * 900
        self.phone.book("B1", NAME, starts_s, starts_s + 2 * HOUR_S)
        self.until(lambda: [one for one in self.phone.bookings if one.name == "B1"])

    def close(self) -> None:
        self.line.close()
        self.records.close()
        self.car.leave()
        if self.daemon.process.poll() is None:
            self.daemon.kill()


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    found = Rig(tmp_path)
    yield found
    found.close()


def test_a_booking_has_the_storys_name_and_its_mail_arrives(rig: Rig) -> None:
    rig.book()
    (booking,) = rig.phone.bookings
    assert (booking.driver, booking.status) == (NAME, "booked")
    rig.until(lambda: rig.phone.mails)
    assert rig.phone.mails == ["booking_made"]  # and none of those from before
    assert "book B1" in rig.noted


def test_a_refusal_of_the_daemon_is_told_with_its_code(rig: Rig) -> None:
    now_s = int(time.time())
    rig.phone.book("B1", NAME, now_s // 900 * 900 + 60, now_s // 900 * 900 + 7200)
    rig.until(lambda: rig.refused)
    assert rig.refused == [[Reason("off_grid")]]
    assert rig.noted == ["book B1 refused: off_grid"]
    assert not rig.phone.is_busy


def test_an_operation_is_pending_until_the_car_has_answered(rig: Rig) -> None:
    rig.book()
    rig.car.connect()
    rig.car.is_silent = True
    command = rig.phone.operate("start")
    assert command is rig.phone.site
    rig.until(lambda: command.ident and rig.car.script.acts)
    assert command.status == "pending"
    assert rig.phone.is_busy
    rig.car.is_silent = False
    for frame in rig.car.kept:
        rig.car.script._deliver(frame)
    rig.until(lambda: command.status != "pending")
    assert command.status == "accepted"
    assert rig.noted[-1] == "start accepted"
    rig.until(lambda: not rig.phone.is_busy)


def test_extending_needs_a_booking_in_use(rig: Rig) -> None:
    rig.book()
    command = rig.phone.extend(900)
    rig.until(lambda: command.status != "pending")
    assert (command.status, command.reasons) == ("refused", [Reason("not_started")])


def test_change_and_cancel_by_the_storys_name(rig: Rig) -> None:
    rig.phone.cancel("B1")
    assert rig.refused == [[Reason("no_booking")]]
    starts_s = int(time.time()) // 900 * 900 + 2 * HOUR_S
    rig.phone.book("B1", NAME, starts_s, starts_s + HOUR_S)
    rig.until(lambda: "book B1" in rig.noted and rig.phone.bookings)
    rig.phone.change("B1", starts_s + HOUR_S, starts_s + 3 * HOUR_S)
    rig.until(lambda: rig.phone.bookings[0].starts_s == starts_s + HOUR_S)
    rig.phone.cancel("B1")
    rig.until(lambda: rig.phone.bookings[0].status == "cancelled")
    rig.until(lambda: "cancel B1" in rig.noted)
    assert rig.noted.index("change B1") < rig.noted.index("cancel B1")


def test_whose_booking_it_is_not_is_refused_before_anybody_is_asked(rig: Rig) -> None:
    rig.book()
    command = rig.phone.operate("start", "other")
    assert (command.status, command.reasons) == ("refused", [Reason("not_this_driver")])


def test_nothing_booked_is_no_booking(rig: Rig) -> None:
    assert rig.phone.operate("start").reasons == [Reason("no_booking")]


def test_a_wrong_password_is_a_refusal(rig: Rig) -> None:
    starts_s = int(time.time()) // 900 * 900
    rig.phone.book("B1", "other", starts_s, starts_s + HOUR_S)
    rig.until(lambda: rig.refused)
    assert rig.refused == [[Reason("wrong_login")]]


def test_a_request_is_carried_out_once_though_the_daemon_died_meanwhile(rig: Rig) -> None:
    """The same key goes out again until somebody answers."""
    os.kill(rig.daemon.process.pid, signal.SIGKILL)
    rig.daemon.end()
    starts_s = int(time.time()) // 900 * 900
    rig.phone.book("B1", NAME, starts_s, starts_s + HOUR_S)
    rig.daemon.start()
    rig.until(lambda: rig.phone.bookings)
    rig.until(lambda: not rig.phone.is_busy)
    assert [one.name for one in rig.phone.bookings] == ["B1"]
    assert rig.refused == []


def test_a_daemon_that_stays_away_leaves_an_operation_unknown(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_line, "_TRIES_MAX", 2)
    rig.book()
    rig.daemon.kill()
    command = rig.phone.operate("start")
    rig.until(lambda: command.status != "pending")
    assert command.status == "unknown"


def test_in_step_and_left_behind_is_what_the_car_has_said(rig: Rig) -> None:
    """END-2, by card: no command's answer tells it."""
    rig.until(lambda: rig.records.bookings == [])
    assert not rig.phone.is_in_step
    rig.book()
    rig.car.connect()
    rig.until(lambda: rig.phone.is_in_step)
    script = rig.car.script
    for code, flags in ((codes.AUDIT_UNLOCKED, 0), (codes.AUDIT_ENDED, FLAG_WINDOW_OPEN)):
        assert rig.phone.left_behind == []
        script.happen(code, 1, script.use_detail(flags=flags))
        script.tell()
    rig.until(lambda: rig.phone.left_behind == ["window_open"])


def test_what_was_granted_is_waited_for_until_the_car_has_it_but_not_for_ever(rig: Rig) -> None:
    """Simulated time must not run away from a booking that is on its way."""
    starts_s = int(time.time()) // 900 * 900 + 4 * HOUR_S
    rig.book()
    rig.until(lambda: "book B1" in rig.noted)
    assert not rig.phone.is_in_step
    assert rig.phone.is_busy
    rig.car.connect()
    rig.until(lambda: rig.phone.is_in_step and not rig.phone.is_busy)
    rig.car.leave()
    rig.phone.book("B2", NAME, starts_s, starts_s + HOUR_S)
    rig.until(lambda: "book B2" in rig.noted)
    rig.until(lambda: not rig.phone.is_busy)
    assert not rig.phone.is_in_step


def test_a_card_is_registered_and_the_tray_hears_of_it(rig: Rig) -> None:
    """ENROL-1: asked for by phone; who has which card stands in the database."""
    rig.book()
    rig.car.connect()
    command = rig.phone.operate("enrol")
    rig.until(lambda: command.status != "pending")
    assert command.status == "accepted"
    assert [act.verb for act in rig.car.script.acts] == [codes.VERB_ENROL]
    assert rig.records.cards == {}
    detail = struct.pack(">B8sI", codes.BY_CARD, bytes.fromhex("01010601CAFE0001"), 1)
    rig.car.script.happen(codes.AUDIT_CARD_ENROLLED, 1, detail)
    rig.car.script.tell()
    rig.until(lambda: rig.records.cards)
    assert rig.records.cards == {rig.daemon.driver: "01010601CAFE0001"}
    rig.until(lambda: "card_registered" in rig.phone.mails)


def test_the_database_is_only_read(rig: Rig) -> None:
    rig.book()
    store = open_existing(rig.daemon.db)
    with store.transaction():  # nothing that looks holds a lock
        rig.records.look()
    store.close()
