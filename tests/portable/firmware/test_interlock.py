"""The interlock over its whole input space: SAFE-1, SAFE-2."""

from firmware.interlock import permits
from firmware.snapshot import Snapshot
from firmware.ticks import MASK, ticks_add
from firmware.turn import Turn
from firmware.wire import codes
from firmware.wire.journal_format import NO_IDENT

IDENT = b"\0\0\0\0\0\0\0\1"
VALUES = (codes.NO, codes.YES, codes.UNKNOWN)
CAUSES = (
    codes.BY_NOBODY,
    codes.BY_CARD,
    codes.BY_COMMAND,
    codes.BY_DEADLINE,
    codes.BY_TECHNICIAN,
    codes.BY_RESUME,
)
PEOPLE = (codes.BY_CARD, codes.BY_COMMAND, codes.BY_TECHNICIAN)
LEFT_MS = (-1, 0, 1, 5000)


def expected(
    line: int,
    cause: int,
    ident: bytes,
    left_ms: int,
    engine: int,
    moving: int,
    is_journaled: bool,
) -> bool:
    """The four sentences, said another way."""
    if not is_journaled or cause == codes.BY_NOBODY:
        return False
    if line == codes.PULSE_LOCK:
        return True
    if line == codes.PULSE_BLOCK:
        return engine == codes.NO and moving == codes.NO
    return cause in PEOPLE and ident == IDENT and left_ms > 0


def test_every_combination_safe_1_safe_2() -> None:
    snapshot = Snapshot()
    turn = Turn()
    cases = 0
    for now_ms in (1000, MASK - 2):
        snapshot.now_ms = now_ms
        for line in range(codes.PULSES):
            for cause in CAUSES:
                for ident in (IDENT, NO_IDENT, b""):
                    for left_ms in LEFT_MS:
                        for engine in VALUES:
                            for moving in VALUES:
                                for is_journaled in (True, False):
                                    snapshot.values[codes.IN_ENGINE] = engine
                                    snapshot.values[codes.IN_MOVING] = moving
                                    turn.pulse(line, cause, ident, ticks_add(now_ms, left_ms))
                                    wanted = expected(
                                        line, cause, ident, left_ms, engine, moving, is_journaled
                                    )
                                    assert permits(line, turn, snapshot, is_journaled) == wanted
                                    cases += 1
    assert cases == 2 * 4 * 6 * 3 * 4 * 9 * 2


def test_an_empty_turn_moves_nothing() -> None:
    snapshot = Snapshot()
    for line in range(codes.PULSES):
        assert not permits(line, Turn(), snapshot, True)
