"""Serial lines on pseudo-terminals: what every line must do, and being pulled out."""

import os
import select
import tty
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hal.linux.byte_link import RETRY_MS_MAX, RETRY_MS_MIN, SerialLink
from hal.linux.position import NoPosition
from tests.portable.hal.contracts import byte_link, position
from tests.portable.hal.nmea_receiver import NmeaReceiver

WITHIN_MS = 10_000


class Line:
    """A pseudo-terminal, its far end, and a name that can be made to lead elsewhere."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "line"
        self.now_ms = 1000
        self.far = -1
        self._near = -1
        self.plug_in()
        self.link = SerialLink(str(self.path), "reader", lambda: self.now_ms)

    def plug_in(self) -> None:
        self.far, self._near = os.openpty()
        tty.setraw(self.far)
        self.path.symlink_to(os.ttyname(self._near))

    def pull_out(self) -> None:
        self.path.unlink()
        os.close(self.far)
        os.close(self._near)
        self.far = -1

    def close(self) -> None:
        self.link.close()
        if self.far >= 0:
            self.pull_out()

    def put(self, data: bytes) -> None:
        """Back when the link has them."""
        wanted = self.link.any() + len(data)
        os.write(self.far, data)
        poller = select.poll()
        poller.register(self.link.fileno(), select.POLLIN)
        while self.link.any() < wanted:
            assert poller.poll(WITHIN_MS)

    def take(self) -> bytes:
        taken = b""
        while select.select([self.far], [], [], 0)[0]:
            taken += os.read(self.far, 4096)
        return taken


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("check", byte_link.ALL)
def test_byte_link(check: Callable[[Any], None], line: Line) -> None:
    check(lambda: (line.link, line.put, line.take))


@pytest.mark.parametrize("check", position.ALL)
def test_a_receiver_at_the_line(check: Callable[[Any], None], line: Line) -> None:
    receiver = NmeaReceiver(line.link, line.put)
    check(lambda: (receiver.port, receiver.say, receiver.say_antenna))


def test_no_receiver_at_all() -> None:
    position.check_nothing_is_known_at_first(
        lambda: (NoPosition(), lambda *_: None, lambda _antenna: None)
    )


@pytest.mark.parametrize(
    "use",
    [
        lambda link: link.any(),
        lambda link: link.readinto(bytearray(9)),
        lambda link: link.write(b"x"),
        lambda link: link.set_baud(921600),
    ],
    ids=["any", "readinto", "write", "set_baud"],
)
def test_pulled_out_it_is_dead_and_nothing_raises(
    use: Callable[[SerialLink], object], line: Line, capsys: pytest.CaptureFixture[str]
) -> None:
    """A pseudo-terminal without its far end raises what an adapter's does: termios.error among it."""
    line.pull_out()
    use(line.link)
    assert not line.link.is_open
    assert line.link.fileno() == -1
    assert (line.link.any(), line.link.write(b"x"), line.link.readinto(bytearray(2))) == (0, 0, 0)
    said = capsys.readouterr().err
    assert said.startswith(f"serial port {line.path} of the reader: ")
    assert "look at its plug and at that name" in said
    assert "Errno" not in said
    assert "(5, " not in said
    assert said.count("\n") == 1


def test_plugged_in_again_it_works_at_the_rate_that_was_set(line: Line) -> None:
    line.link.set_baud(230400)
    line.pull_out()
    line.link.any()
    line.plug_in()
    assert not line.link.is_open
    line.now_ms += RETRY_MS_MIN
    line.link.any()
    line.put(b"again")
    buffer = bytearray(5)
    assert line.link.readinto(buffer) == 5
    assert bytes(buffer) == b"again"
    assert line.link.opens == 2
    assert line.link._port is not None
    assert line.link._port.baudrate == 230400


def test_it_is_tried_seldomer_and_told_once(line: Line, capsys: pytest.CaptureFixture[str]) -> None:
    line.pull_out()
    line.link.any()
    waits = []
    for _ in range(7):
        waits.append(line.link.retry_at_ms - line.now_ms)
        line.now_ms = line.link.retry_at_ms
        line.link.any()
    assert waits == [250, 500, 1000, 2000, 4000, RETRY_MS_MAX, RETRY_MS_MAX]
    assert capsys.readouterr().err.count("\n") == 1


def test_a_full_buffer_refuses_and_does_not_wait(line: Line) -> None:
    """pyserial's own write would spin for ever."""
    taken = 1
    total = 0
    while taken:
        taken = line.link.write(b"y" * 4096)
        total += taken
    assert total > 0
    assert line.link.is_open


def test_two_cannot_have_one_line(line: Line) -> None:
    """Who runs a second program on the reader's line is told, and the first goes on."""
    second = SerialLink(str(line.path), "position", lambda: 0)
    assert not second.is_open
    line.put(b"x")
    assert line.link.any() == 1
