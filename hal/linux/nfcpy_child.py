"""The process that nfcpy lives in: it senses, says what it found, and may be killed at any time.

python -m hal.linux.nfcpy_child pn532|rcs380 PATH SYSTEM_CODE [licences]

Faults of nfcpy and of what it drives are any exception (termios.error is no OSError), also from its
`close`; the reader is opened anew then. A call that never returns is the parent's to notice; but
`close` also runs when the parent has gone, so there the kernel ends this process after a while.
"""

import ctypes
import os
import select
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from firmware.wire.journal_format import NO_IDENT
from hal.linux.nfcpy_records import ALIVE, CARD, EAGER, LISTENING, READY, TROUBLE, pack

if TYPE_CHECKING:
    import nfc

Opens = Callable[[Callable[[], None]], "nfc.ContactlessFrontend"]

EAGER_PAUSE_S = 0.03
CALM_PAUSE_S = 1.0
#: A card that stays is reported at this pace, as by `hal.pn532`.
HELD_PAUSE_S = 0.25
RETRY_S_MIN = 0.25
RETRY_S_MAX = 4.0
#: Of nfcpy's `close`, which waits for an RC-S380 without a limit; sooner than the parent's patience.
CLOSES_WITHIN_S = 3.0
#: After so many eager looks in a row without a card it says that it listens.
LOOKS = 3
#: So many type B answers in a row with another identifier each, and it is never the same.
CHANGES_MAX = 4
#: What stands before a PUPI (`hal.pn532_licences`); no FeliCa identifier begins like that.
LICENCE_PREFIX = b"B\0\0\0"

_PR_SET_PDEATHSIG = 1


class EndedError(Exception):
    """The parent has gone."""


class Sensing:
    """Senses with what `opens` opens, until the parent goes. `asks` and `tells` are descriptors."""

    def __init__(
        self, opens: Opens, asks: int, tells: int, system_code: bytes, licences: bool = False
    ) -> None:
        self._opens = opens
        self._asks = asks
        self._tells = tells
        self._system_code = system_code
        self._licences = licences
        self._is_eager = False
        self._candidate = b""
        self._is_listening = False
        self._empty_looks = 0
        self._changes = 0
        self._retry_s = RETRY_S_MIN

    def run(self) -> None:
        try:
            while True:
                self._sense_until_trouble()
                self._wait(self._retry_s)
                self._retry_s = min(self._retry_s * 2, RETRY_S_MAX)
        except EndedError:
            return

    def _sense_until_trouble(self) -> None:
        try:
            self._once()
        except EndedError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever nfcpy lets out
            print(f"reader: {type(error).__name__} {error}", file=sys.stderr, flush=True)
            self._say(TROUBLE)

    def _once(self) -> None:
        self._say(ALIVE)
        self._candidate = b""
        self._is_listening = False
        self._empty_looks = 0
        self._changes = 0
        frontend = self._opens(lambda: self._say(ALIVE))
        try:
            self._say(READY)
            while True:
                pause_s = self._sense(frontend)
                self._say(ALIVE)
                self._retry_s = RETRY_S_MIN
                self._wait(pause_s)
        finally:
            _close(frontend)

    def _sense(self, frontend: "nfc.ContactlessFrontend") -> float:
        """One look at each kind of card; how long to pause before the next."""
        import nfc.clf

        looks, self._empty_looks = self._empty_looks, 0
        target = nfc.clf.RemoteTarget("212F")
        target.sensf_req = bytearray(b"\0" + self._system_code + b"\1\0")
        found = frontend.sense(target)
        if found is not None:
            return self._hear_felica(bytes(found.sensf_res))
        if self._licences:
            found = frontend.sense(nfc.clf.RemoteTarget("106B"))
            if found is not None:
                return self._hear_licence(bytes(found.sensb_res))
        self._candidate = b""
        self._changes = 0
        if not self._is_listening and self._is_eager:
            self._empty_looks = looks + 1
            if self._empty_looks == LOOKS:
                self._is_listening = True
                self._say(LISTENING)
        return EAGER_PAUSE_S if self._is_eager else CALM_PAUSE_S

    def _hear_felica(self, answer: bytes) -> float:
        ident = answer[1:9]
        if len(answer) < 17 or answer[0] != 1 or ident.startswith(LICENCE_PREFIX):
            return EAGER_PAUSE_S
        self._changes = 0
        return self._hear(ident)

    def _hear_licence(self, answer: bytes) -> float:
        if len(answer) < 12 or answer[0] != 0x50:
            return EAGER_PAUSE_S
        ident = LICENCE_PREFIX + answer[1:5]
        if self._candidate and ident != self._candidate:
            self._changes += 1
        elif ident == self._candidate:
            self._changes = 0
        if self._changes >= CHANGES_MAX:
            self._candidate = ident
            self._say(CARD, NO_IDENT)
            return HELD_PAUSE_S
        return self._hear(ident)

    def _hear(self, ident: bytes) -> float:
        """It counts when two answers in a row agree: a damaged one may pass the chip's 8-bit sum."""
        if ident != self._candidate:
            self._candidate = ident
            return 0
        self._say(CARD, ident)
        return HELD_PAUSE_S

    def _say(self, kind: bytes, ident: bytes = bytes(8)) -> None:
        try:
            os.write(self._tells, pack(kind, ident))
        except OSError:
            raise EndedError from None

    def _wait(self, pause_s: float) -> None:
        """Until the pause is over or the parent wants it eager; EndedError when it has gone."""
        while select.select([self._asks], [], [], pause_s)[0]:
            told = os.read(self._asks, 64)
            if not told:
                raise EndedError
            was_eager, self._is_eager = self._is_eager, told[-1:] == EAGER
            if self._is_eager and not was_eager:
                return


def _close(frontend: "nfc.ContactlessFrontend") -> None:
    signal.setitimer(signal.ITIMER_REAL, CLOSES_WITHIN_S)  # SIGALRM ends the process
    try:
        frontend.close()
    except Exception:  # noqa: BLE001 - an adapter that was pulled out fails here as well
        return
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def die_with_parent() -> None:
    """Also while a call of libusb never returns."""
    prctl: Any = ctypes.CDLL(None, use_errno=True).prctl
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def main(argv: list[str]) -> int:
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent's to hear
    kind, path, system_code, *more = argv
    from hal.linux.nfcpy_devices import OPENS

    opens = OPENS[kind]
    sensing = Sensing(
        lambda alive: opens(path, alive),
        sys.stdin.fileno(),
        sys.stdout.fileno(),
        bytes.fromhex(system_code),
        "licences" in more,
    )
    sensing.run()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
