"""What the process of nfcpy says: each card as it may be believed, each fault, and its end."""

import os
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from firmware.touch import AWAY_MS
from firmware.wire.journal_format import NO_IDENT
from hal.linux import nfcpy_child
from hal.linux.nfcpy_child import CHANGES_MAX, LOOKS, Sensing
from hal.linux.nfcpy_records import (
    ALIVE,
    CALM,
    CARD,
    EAGER,
    LISTENING,
    READY,
    RECORD_BYTES,
    TROUBLE,
)
from hal.linux.reader_nfcpy import SILENT_AFTER_MS
from tests.hal.linux.chip_thread import WITHIN_S
from tests.hal.linux.rcs380_double import opened

IDENT = bytes.fromhex("0101060112AB34CD")
OTHER = bytes.fromhex("0101060112AB34CE")
ATQB = bytes.fromhex("50e8253eec00000000008185")


def felica(ident: bytes) -> Any:
    return SimpleNamespace(sensf_res=b"\1" + ident + bytes(10))


def licence(pupi: bytes) -> Any:
    return SimpleNamespace(sensb_res=ATQB[:1] + pupi + ATQB[5:])


class Frontend:
    """Gives what it was told, one answer a sense; then it ends the process's parent."""

    def __init__(self, answers: list[Any], end: Callable[[], None]) -> None:
        self.answers = answers
        self.end = end
        self.closed = 0

    def sense(self, target: Any) -> Any:
        kind = "sensf_res" if target.brty == "212F" else "sensb_res"
        if not self.answers:
            self.end()
            return None
        if isinstance(self.answers[0], Exception):
            raise self.answers.pop(0)
        if self.answers[0] is None or hasattr(self.answers[0], kind):
            return self.answers.pop(0)
        return None

    def close(self) -> None:
        self.closed += 1
        raise termios.error(5, "Input/output error")


class Pipes:
    def __init__(self) -> None:
        self.asks_out, self.asks_in = os.pipe()
        self.tells_out, self.tells_in = os.pipe()

    def end(self) -> None:
        if self.asks_in >= 0:
            os.close(self.asks_in)
            self.asks_in = -1

    def records(self) -> list[bytes]:
        found = []
        while select.select([self.tells_out], [], [], 0)[0]:
            found.append(os.read(self.tells_out, RECORD_BYTES))
        return found

    def close(self) -> None:
        self.end()
        for descriptor in (self.asks_out, self.tells_out, self.tells_in):
            os.close(descriptor)


@pytest.fixture
def pipes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pipes]:
    for name in ("EAGER_PAUSE_S", "CALM_PAUSE_S", "HELD_PAUSE_S", "RETRY_S_MIN", "RETRY_S_MAX"):
        monkeypatch.setattr(nfcpy_child, name, 0.0)
    made = Pipes()
    yield made
    made.close()


def said(pipes: Pipes, answers: list[Any], licences: bool = False) -> list[bytes]:
    """All but the signs of life."""
    frontend = Frontend(answers, pipes.end)
    Sensing(lambda _alive: frontend, pipes.asks_out, pipes.tells_in, b"\xff\xff", licences).run()
    return [record for record in pipes.records() if record[:1] != ALIVE]


def cards(pipes: Pipes, answers: list[Any], licences: bool = False) -> list[bytes]:
    return [record[1:] for record in said(pipes, answers, licences) if record[:1] == CARD]


def test_an_identifier_counts_when_two_answers_agree(pipes: Pipes) -> None:
    answers = [felica(IDENT), felica(OTHER), felica(IDENT), felica(IDENT), felica(IDENT)]
    assert cards(pipes, answers) == [IDENT, IDENT]


def test_a_card_that_went_begins_anew(pipes: Pipes) -> None:
    assert cards(pipes, [felica(IDENT), None, felica(IDENT), None]) == []


def test_what_is_no_answer_of_a_card_is_none(pipes: Pipes) -> None:
    short = SimpleNamespace(sensf_res=b"\1" + IDENT)
    strange = SimpleNamespace(sensf_res=b"\2" + IDENT + bytes(10))
    like_a_licence = felica(b"B\0\0\0" + IDENT[4:])
    assert cards(pipes, [short, short, strange, strange, like_a_licence, like_a_licence]) == []


def test_a_licence_that_stays_the_same_counts_enrol_2(pipes: Pipes) -> None:
    pupi = b"\xe8\x25\x3e\xec"
    answers = [licence(pupi), licence(pupi), licence(pupi)]
    assert cards(pipes, answers, licences=True) == [b"B\0\0\0" + pupi] * 2


def test_a_licence_that_changes_each_time_is_nobodys(pipes: Pipes) -> None:
    answers = [licence(struct.pack(">I", number)) for number in range(1, CHANGES_MAX + 3)]
    assert cards(pipes, answers, licences=True) == [NO_IDENT] * 2


def test_touch_1_its_pauses_are_those_of_a_reader() -> None:
    """Calm looks seldomer; a held card answers twice within the second after which it counts as away."""
    pipes = Pipes()
    frontend: Any = Frontend([None, None, felica(IDENT), felica(IDENT), felica(IDENT)], pipes.end)
    sensing = Sensing(lambda _alive: frontend, pipes.asks_out, pipes.tells_in, b"\xff\xff")
    calm_s = sensing._sense(frontend)
    sensing._is_eager = True
    eager_s, doubt_s, *held_s = [sensing._sense(frontend) for _ in range(4)]
    pipes.close()
    assert 0 == doubt_s < eager_s < calm_s / 10
    assert eager_s < max(held_s) <= AWAY_MS / 1000 / 3


def test_licences_are_not_asked_for_where_they_do_not_count(pipes: Pipes) -> None:
    frontend = Frontend([None], pipes.end)
    asked = []
    real = frontend.sense

    def sense(target: Any) -> Any:
        asked.append((target.brty, bytes(target.sensf_req)))
        return real(target)

    frontend.sense = sense  # type: ignore[method-assign]
    Sensing(lambda _alive: frontend, pipes.asks_out, pipes.tells_in, b"\x00\x03").run()
    assert set(asked) == {("212F", b"\0\0\3\1\0")}


def kinds_of(pipes: Pipes, answers: list[Any], word: bytes, licences: bool = False) -> bytes:
    os.write(pipes.asks_in, word)
    return b"".join(record[:1] for record in said(pipes, answers, licences))


def test_safe_3_it_listens_after_three_eager_looks_in_a_row_without_a_card(pipes: Pipes) -> None:
    # The first look comes before it has heard the word.
    quiet: list[Any] = [None] * (LOOKS + 1)
    one = felica(IDENT)
    answers = [*quiet[:-1], one, *quiet[:-2], one, one, *quiet[:-1], one, one]
    assert kinds_of(pipes, answers, EAGER) == READY + CARD + LISTENING + CARD


def test_safe_3_a_look_that_saw_a_licence_found_somebody(pipes: Pipes) -> None:
    seen, one = licence(b"\xe8\x25\x3e\xec"), felica(IDENT)
    nobody = [None, None]  # of either kind
    answers = [*nobody * LOOKS, seen, seen, *nobody, one, one]
    assert kinds_of(pipes, answers, EAGER, licences=True) == READY + CARD + CARD


def test_safe_3_calm_it_does_not_say_that_it_listens(pipes: Pipes) -> None:
    """A card that takes long to wake may be missed by looks that are a second apart."""
    assert kinds_of(pipes, [None] * 10, CALM) == READY


def test_safe_3_after_trouble_it_begins_anew(pipes: Pipes) -> None:
    quiet: list[Any] = [None] * (LOOKS + 1)
    answers = [*quiet, OSError(5, "Input/output error"), felica(IDENT), felica(IDENT), *quiet]
    wanted = READY + LISTENING + TROUBLE + READY + CARD + LISTENING
    assert kinds_of(pipes, answers, EAGER) == wanted


@pytest.mark.parametrize(
    "fault",
    [OSError(5, "Input/output error"), termios.error(5, "Input/output error"), TypeError("None")],
)
def test_any_exception_is_trouble_and_the_reader_is_opened_anew(
    pipes: Pipes, fault: Exception, capfd: pytest.CaptureFixture[str]
) -> None:
    """And what `close` raises on top of it is nothing new."""
    answers = [felica(IDENT), fault, felica(IDENT), felica(IDENT)]
    kinds = [record[:1] for record in said(pipes, answers)]
    assert kinds == [READY, TROUBLE, READY, CARD]
    assert type(fault).__name__ in capfd.readouterr().err


def test_a_reader_that_cannot_be_opened_is_tried_again(pipes: Pipes) -> None:
    frontend = Frontend([None], pipes.end)
    tries: list[int] = []

    def opens(alive: Callable[[], None]) -> Any:
        alive()
        tries.append(1)
        if len(tries) < 4:
            raise OSError(19, "No such device")
        return frontend

    Sensing(opens, pipes.asks_out, pipes.tells_in, b"\xff\xff").run()
    kinds = [record[:1] for record in pipes.records() if record[:1] != ALIVE]
    assert kinds == [TROUBLE, TROUBLE, TROUBLE, READY]


def test_it_ends_when_nobody_reads_it(pipes: Pipes) -> None:
    """Its parent was killed: a write has no reader any more."""
    os.close(pipes.tells_out)
    frontend = Frontend([felica(IDENT)] * 1000, pipes.end)
    Sensing(lambda _alive: frontend, pipes.asks_out, pipes.tells_in, b"\xff\xff").run()
    assert len(frontend.answers) > 900
    pipes.tells_out = os.dup(pipes.tells_in)


NEVER_CLOSES = """
import os, threading
from types import SimpleNamespace
from hal.linux import nfcpy_child
nfcpy_child.CLOSES_WITHIN_S = 0.05
frontend = SimpleNamespace(close=threading.Event().wait)
out, tells = os.pipe()
def opens(alive):
    os.close(out)
    return frontend
nfcpy_child.Sensing(opens, 0, tells, b"").run()
"""


def test_a_close_that_never_returns_is_ended_though_the_parent_has_gone() -> None:
    """An RC-S380 that hangs: nfcpy waits for it without a limit."""
    ended = subprocess.run([sys.executable, "-c", NEVER_CLOSES], timeout=WITHIN_S, check=False)
    assert ended.returncode == -signal.SIGALRM


def test_the_limit_is_gone_when_it_has_closed_and_below_the_parents_patience() -> None:
    frontend: Any = SimpleNamespace(close=lambda: limits.append(signal.getitimer(0)[0]))
    limits: list[float] = []
    nfcpy_child._close(frontend)
    assert 0 < limits[0] <= nfcpy_child.CLOSES_WITHIN_S < SILENT_AFTER_MS / 1000
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_the_card_is_sensed_by_nfcpys_driver_of_the_rc_s380(pipes: Pipes) -> None:
    sensing = Sensing(
        lambda _alive: opened(lambda: IDENT), pipes.asks_out, pipes.tells_in, b"\xff\xff"
    )
    thread = threading.Thread(target=sensing.run)
    thread.start()
    os.write(pipes.asks_in, EAGER)
    record = b""
    while record[:1] != CARD:
        assert select.select([pipes.tells_out], [], [], WITHIN_S)[0]
        record = os.read(pipes.tells_out, RECORD_BYTES)
        assert record[:1] != TROUBLE
    assert record[1:] == IDENT
    pipes.end()
    while thread.is_alive():
        pipes.records()
        thread.join(0.01)
