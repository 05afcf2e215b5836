"""`python -m simulator pn532`: the simulated PN532 on a pseudo-terminal, in real time."""

import argparse
import os
import select
import signal
import sys
import termios
import time
import tty
from collections import deque
from collections.abc import Callable
from pathlib import Path

from fleetd.arguments import Parser
from simulator.chips.felica import FelicaCard
from simulator.chips.iso14443b import Iso14443bCard
from simulator.chips.pn532 import Burst, Pn532Chip

EXAMPLE = """\
commands, one a line on standard input:
  present IDM [SYSTEM]  put a card on the reader: IDm of 16 hex digits, system code of 4
  licence PUPI          put a type B card on the reader: PUPI of 8 hex digits
  remove                take it away
  quit                  end (so do Ctrl-C and the end signal; the end of the input does not)

example:
  python -m simulator pn532 --link ./pn532
  present 0101060112AB34CD
"""

_BAUDS = {
    getattr(termios, f"B{rate}"): rate
    for rate in (9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600)
}
#: `termios.tcgetattr` gives a list; this is where the output rate stands.
_OUTPUT_RATE = 5
_READ_BYTES = 4096
#: What stands for a byte that came at another rate than the receiver's.
_GARBLED = b"\xf8"


class LinkError(Exception):
    """The name that was asked for cannot be had."""


class InputError(Exception):
    """A line of the input that cannot be obeyed; the message says what to write."""


def card_from(words: list[str]) -> FelicaCard:
    """The card of `present IDM [SYSTEM]`."""
    if not 1 <= len(words) <= 2:
        raise InputError("present: write `present IDM [SYSTEM]`")
    try:
        idm = bytes.fromhex(words[0])
        system = bytes.fromhex(words[1]) if len(words) == 2 else b"\x00\x03"
    except ValueError:
        raise InputError("present: IDM and SYSTEM are hex digits, 16 and 4 of them") from None
    if len(idm) != 8:
        raise InputError(f"present: the IDM has {len(words[0])} hex digits; write 16")
    if len(system) != 2:
        raise InputError(f"present: the SYSTEM has {len(words[1])} hex digits; write 4")
    return FelicaCard(idm, system_code=int.from_bytes(system, "big"))


def licence_from(words: list[str]) -> Iso14443bCard:
    """The card of `licence PUPI`; a quick one, since nfcpy gives it no time to start."""
    try:
        pupi = bytes.fromhex(words[0])
    except (IndexError, ValueError):
        pupi = b""
    if len(words) != 1 or len(pupi) != 4:
        raise InputError("licence: write `licence PUPI`, a PUPI of 8 hex digits")
    return Iso14443bCard(pupi, start_up_us=300)


class Terminal:
    """The chip behind a pseudo-terminal. The host's end is `path`."""

    def __init__(self, clock_us: Callable[[], int]) -> None:
        self._clock_us = clock_us
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.path = os.ttyname(self._slave)
        self.chip = Pn532Chip()
        self._sending: deque[Burst] = deque()
        self._host_sends_until_us = 0

    def close(self) -> None:
        os.close(self._master)
        os.close(self._slave)

    def fileno(self) -> int:
        return self._master

    def host_rate(self) -> int:
        """Baud rate that the host has set; 0 when it is none of the chip's."""
        return _BAUDS.get(termios.tcgetattr(self._slave)[_OUTPUT_RATE], 0)

    def wait_s(self) -> float | None:
        """Until `work` has something to do; None: only when bytes come."""
        due = [self._sending[0].end_us] if self._sending else []
        if self.chip.due_us is not None:
            due.append(self.chip.due_us)
        return max(0, min(due) - self._clock_us()) / 1e6 if due else None

    def take_host_bytes(self) -> int:
        """Read what the host has written, at the rate that the host stands at; how many bytes.

        The host may have changed its rate right after it acknowledged the change, with the
        acknowledgement still unread or even flushed away: its new rate counts as one.
        """
        try:
            data = os.read(self._master, _READ_BYTES)
        except BlockingIOError:
            return 0
        rate = self.host_rate()
        self.chip.see_host_rate(rate)
        start_us = max(self._clock_us(), self._host_sends_until_us)
        # Bytes at an impossible rate are noise to the chip, whatever the rate is exactly.
        burst = Burst(start_us, data, rate or 9600)
        self._host_sends_until_us = burst.end_us
        self.chip.receive(*burst)
        return len(data)

    def work(self) -> None:
        """Do what is due: the chip's work, and the bytes that were sent by now."""
        self._sending.extend(self.chip.advance(self._clock_us()))
        while self._sending and self._sending[0].end_us <= self._clock_us():
            burst = self._sending.popleft()
            is_heard = self.host_rate() == burst.baud
            self._write(burst.data if is_heard else _GARBLED * len(burst.data))

    def _write(self, data: bytes) -> None:
        try:
            os.write(self._master, data)
        except BlockingIOError:
            # Nobody reads: a real chip's bytes would be lost as well.
            return


class Console:
    """The lines of the standard input."""

    def __init__(self, terminal: Terminal, clock_us: Callable[[], int]) -> None:
        self._terminal = terminal
        self._clock_us = clock_us
        self._pending = b""
        self.is_open = True
        self.wants_quit = False

    def take_input(self, descriptor: int) -> None:
        data = os.read(descriptor, _READ_BYTES)
        if not data:
            self.is_open = False
            data = b"\n"
        *lines, self._pending = (self._pending + data).split(b"\n")
        for line in lines:
            try:
                self._obey(line.decode("utf-8", "replace").split())
            except InputError as error:
                print(error, file=sys.stderr, flush=True)

    def _obey(self, words: list[str]) -> None:
        if not words:
            return
        command, *rest = words
        now_us = self._clock_us()
        if command == "present":
            card = card_from(rest)
            self._terminal.chip.remove(now_us)
            self._terminal.chip.present(card, now_us)
            print(f"card ..{card.idm.hex().upper()[-4:]} on the reader", flush=True)
        elif command == "licence":
            licence = licence_from(rest)
            self._terminal.chip.remove(now_us)
            self._terminal.chip.present(licence, now_us)
            print(f"licence ..{licence.pupi.hex().upper()[-4:]} on the reader", flush=True)
        elif command == "remove" and not rest:
            self._terminal.chip.remove(now_us)
            print("no card on the reader", flush=True)
        elif command == "quit" and not rest:
            self.wants_quit = True
        else:
            raise InputError(f"{' '.join(words)}: write `present IDM`, `remove` or `quit`")


def serve(terminal: Terminal, clock_us: Callable[[], int], input_descriptor: int) -> None:
    """Run until `quit`."""
    console = Console(terminal, clock_us)
    while not console.wants_quit:
        readers: list[int] = [terminal.fileno()]
        if console.is_open:
            readers.append(input_descriptor)
        ready, _, _ = select.select(readers, [], [], terminal.wait_s())
        if terminal.fileno() in ready:
            terminal.take_host_bytes()
        if input_descriptor in ready:
            console.take_input(input_descriptor)
        terminal.work()


def _make_link(link: Path, target: str) -> None:
    if link.is_symlink():
        link.unlink()
    try:
        link.symlink_to(target)
    except OSError as error:
        raise LinkError(
            f"--link {link}: cannot be made: {error.strerror}; choose another"
        ) from None


def _end_by_signal(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _clock_us() -> int:
    return time.monotonic_ns() // 1000


def main(argv: list[str]) -> int:
    """The exit code: 0 ended as asked, 1 the terminal or the link cannot be made, 2 usage."""
    parser = Parser(
        prog="python -m simulator pn532",
        description="The simulated reader chip (PN532) on a pseudo-terminal, in real time.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--link", type=Path, metavar="PATH", help="also reachable under this name")
    try:
        arguments = parser.parse_args(argv)
    except SystemExit as stop:
        return 2 if stop.code else 0
    link: Path | None = arguments.link
    terminal: Terminal | None = None
    is_linked = False
    # Also where a shell started it in the background, with Ctrl-C ignored.
    signals = (signal.SIGTERM, signal.SIGINT)
    previous = [signal.signal(number, _end_by_signal) for number in signals]
    try:
        terminal = Terminal(_clock_us)
        if link is not None:
            _make_link(link, terminal.path)
            is_linked = True
        print(terminal.path, flush=True)
        serve(terminal, _clock_us, sys.stdin.fileno())
    except KeyboardInterrupt:
        pass
    except (LinkError, OSError) as error:
        print(f"pn532: {error}", file=sys.stderr)
        return 1
    finally:
        for number, handler in zip(signals, previous, strict=True):
            signal.signal(number, handler)
        if is_linked and link is not None:
            link.unlink(missing_ok=True)
        if terminal is not None:
            terminal.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
