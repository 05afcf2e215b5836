"""SAFE-6: whatever the program was doing when it stopped, nothing stays on and nothing follows."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from firmware import loop as loops
from firmware.actuators import Actuators
from firmware.snapshot import Snapshot
from firmware.ticks import ticks_add
from firmware.turn import Turn
from firmware.wire import codes
from tests.portable.firmware.loop_rig import CARD, Box, Line

PULSING = list(itertools.product((None, 0, 1), (None, 2, 3)))
IDENT = b"\0\0\0\0\0\0\0\1"


class Outputs:
    """The outputs of a board, and nothing else."""

    pulse_ms = (400, 400, 200, 200)

    def __init__(self) -> None:
        self.levels = tuple([Line() for _ in range(codes.OUTS)])
        self.pulses = tuple([Line() for _ in range(codes.PULSES)])

    def are_off(self) -> bool:
        return not any(line.level for line in (*self.levels, *self.pulses))


def wanting(lines: tuple[int | None, int | None], levels: int, snapshot: Snapshot) -> Turn:
    """A turn that wants these pulses, with every right, and these levels."""
    turn = Turn()
    for line in lines:
        if line is not None:
            turn.pulse(line, codes.BY_CARD, IDENT, ticks_add(snapshot.now_ms, 5000))
    for out in range(codes.OUTS):
        turn.levels[out] = levels >> out & 1
    return turn


def parked() -> Snapshot:
    snapshot = Snapshot()
    snapshot.values[:] = bytes(codes.INPUTS)
    return snapshot


def test_safe_6_all_off_from_every_position() -> None:
    """SAFE-6: every pair of running pulses, every pattern of levels: off at once, and no more pulse."""
    cases = 0
    for lines in PULSING:
        for levels in range(1 << codes.OUTS):
            ports, snapshot = Outputs(), parked()
            actuators = Actuators(ports)  # type: ignore[arg-type]
            actuators.apply(wanting(lines, levels, snapshot), snapshot, True, 0)
            running = [line for line in range(codes.PULSES) if ports.pulses[line].level]
            assert running == [line for line in lines if line is not None]
            actuators.all_off()
            assert ports.are_off()
            for now_ms in (1, 400, 1000):
                assert actuators.service(now_ms) is None
                assert ports.are_off()
            cases += 1
    assert cases == 9 * 64


def test_safe_6_a_program_that_starts_finds_all_off() -> None:
    """SAFE-6: the watchdog's reset ends in a program whose first act is the safe position."""
    for lines in PULSING:
        ports, snapshot = Outputs(), parked()
        Actuators(ports).apply(wanting(lines, 63, snapshot), snapshot, True, 0)  # type: ignore[arg-type]
        Actuators(ports)  # type: ignore[arg-type]
        assert ports.are_off()


def test_safe_6_a_level_lapses_with_the_turn_that_wanted_it() -> None:
    """SAFE-6: a turn that asks for nothing leaves no level, and one not journaled moves nothing."""
    for lines in PULSING:
        ports, snapshot = Outputs(), parked()
        actuators = Actuators(ports)  # type: ignore[arg-type]
        actuators.apply(wanting(lines, 63, snapshot), snapshot, False, 0)
        assert not any(line.level for line in ports.pulses)
        actuators.apply(Turn(), snapshot, True, 0)
        assert ports.are_off()


STAGES = (
    ("_controller", "step"),
    ("_journal", "commit"),
    ("_controller", "settle_answers"),
    ("_actuators", "apply"),
    ("_uplink", "service"),
    ("_journal", "service"),
)


def go_on(box: Box, method: str) -> None:
    """Turns, with something for the broken stage to do."""
    for _ in range(200):
        box.after(30)
        if method == "settle_answers":
            box.put_command(b"COMMAND2", codes.VERB_POSITION)
        elif method == "commit":
            box.inputs[codes.IN_DOOR_DRIVER].value ^= 1


@pytest.mark.parametrize(("part", "method"), STAGES)
def test_safe_6_a_bug_in_any_stage_leaves_all_off(part: str, method: str) -> None:
    """SAFE-6: an exception in a stage of a turn, with a start under way or about to be."""
    for pulsing in (False, True):
        box = Box()
        box.book()
        if pulsing:
            box.reader.card = CARD
            box.after(10)
            assert any(line.level for line in box.pulses)
        broken = getattr(box.loop, part)

        def fail(*_args: Any) -> None:
            raise RuntimeError("a bug")

        setattr(broken, method, fail)
        box.reader.card = CARD
        if pulsing and method == "settle_answers":
            box.put_command(b"COMMAND1", codes.VERB_POSITION)
        with pytest.raises(RuntimeError):
            go_on(box, method)
        assert not any(line.level for line in (*box.levels, *box.pulses))


def test_the_loop_has_no_other_way_to_a_relay() -> None:
    """SAFE-6: pulses and levels are written by `Actuators` alone."""
    source = Path(loops.__file__).read_text(encoding="utf-8")
    assert "ports.pulses" not in source
    assert "ports.levels" not in source
