"""A stage whose box program notes each of its turns: when, how long in real time, what it was told."""

from __future__ import annotations

import struct
import time
from typing import NamedTuple

from boards.sim.car_wire import REQUEST
from simulator.scenario.reader import read_file
from simulator.scenario.runner import profile_terms
from simulator.scenario.stage import Stage
from simulator.vm.program import Program
from simulator.vm.wire import Response, unpack_response
from tools import tree

_RECEIVED = 13  # place of the length of the reader's bytes in a request


class Turn(NamedTuple):
    """One request and its response; microseconds."""

    at_us: int  # simulated
    took_us: float  # real
    heard: int  # bytes of the reader in the request
    told: Response


class Watched:
    """A `Program` that notes its turns."""

    def __init__(self, inner: Program, stage: Stage) -> None:
        self._inner = inner
        self._stage = stage
        self.turns: list[Turn] = []

    def handle(self, frame: bytes) -> bytes:
        began = time.perf_counter()
        answer = self._inner.handle(frame)
        took_us = (time.perf_counter() - began) * 1e6
        heard = struct.unpack_from(REQUEST, frame)[_RECEIVED]
        self.turns.append(Turn(self._stage.kernel.now_us, took_us, heard, unpack_response(answer)))
        return answer

    def close(self) -> None:
        self._inner.close()


def watched_stage(path: str, vm: str) -> tuple[Stage, Watched]:
    """The stage of a story; `path` from the project's folder."""
    story = read_file(str(tree.ROOT / path))
    stage = Stage(story, profile_terms(story), vm)
    program = Watched(stage.car.box._program, stage)  # type: ignore[arg-type]  # noqa: SLF001
    stage.car.box._program = program  # noqa: SLF001
    return stage, program
