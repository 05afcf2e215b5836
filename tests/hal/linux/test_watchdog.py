"""What systemd and the chip's watchdog are told."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hal.linux.watchdog import DeviceWatchdog, SystemdWatchdog
from tests.portable.hal.contracts import counting


class Systemd:
    """The receiving end, and how long it has heard nothing."""

    def __init__(self, address: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address)
        self.socket.setblocking(False)
        self.silent_ms = 0
        self.has_bitten = False

    def heard(self) -> list[bytes]:
        found = []
        while True:
            try:
                found.append(self.socket.recv(200))
            except BlockingIOError:
                return found

    def pass_ms(self, ms: int) -> None:
        if any(b"WATCHDOG=1" in message for message in self.heard()):
            self.silent_ms = 0
        self.silent_ms += ms
        self.has_bitten = self.has_bitten or self.silent_ms > 1000


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[Systemd]:
    made = Systemd(str(tmp_path / "notify"))
    yield made
    made.socket.close()


@pytest.mark.parametrize("check", counting.WATCHDOGS)
def test_watchdog(check: Callable[[Any], None], systemd: Systemd, tmp_path: Path) -> None:
    watchdog = SystemdWatchdog(str(tmp_path / "notify"))
    check(lambda: (watchdog, systemd.pass_ms, lambda: systemd.has_bitten))
    watchdog.close()


def test_the_first_feed_says_that_the_start_is_over(systemd: Systemd, tmp_path: Path) -> None:
    watchdog = SystemdWatchdog(str(tmp_path / "notify"))
    assert systemd.heard() == []
    watchdog.feed()
    watchdog.feed()
    assert systemd.heard() == [b"READY=1\nWATCHDOG=1", b"WATCHDOG=1"]
    watchdog.close()


def test_what_was_not_heard_is_said_again(systemd: Systemd, tmp_path: Path) -> None:
    """A start whose first word was lost would else never be over."""
    path = tmp_path / "notify"
    watchdog = SystemdWatchdog(str(path))
    hidden = path.rename(tmp_path / "hidden")
    watchdog.feed()
    hidden.rename(path)
    watchdog.feed()
    assert systemd.heard() == [b"READY=1\nWATCHDOG=1"]
    watchdog.close()


def test_a_full_socket_is_not_waited_for(systemd: Systemd, tmp_path: Path) -> None:
    watchdog = SystemdWatchdog(str(tmp_path / "notify"))
    for _ in range(5000):
        watchdog.feed()
    assert systemd.heard()
    watchdog.close()


def test_an_abstract_address_is_understood() -> None:
    address = f"kagibako-{id(object())}"
    systemd = Systemd("\0" + address)
    watchdog = SystemdWatchdog("@" + address)
    watchdog.feed()
    assert systemd.heard() == [b"READY=1\nWATCHDOG=1"]
    systemd.socket.close()
    watchdog.close()


def test_without_systemd_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    watchdog = SystemdWatchdog()
    watchdog.feed()
    watchdog.close()


def test_the_device_is_fed_too_and_disarmed_on_purpose_only(
    systemd: Systemd, tmp_path: Path
) -> None:
    device = tmp_path / "watchdog"
    device.touch()
    watchdog = DeviceWatchdog(device, SystemdWatchdog(str(tmp_path / "notify")))
    watchdog.feed()
    watchdog.feed()
    assert device.read_bytes() == b"\0\0"
    assert len(systemd.heard()) == 2
    watchdog.close()
    assert device.read_bytes() == b"\0\0V"
