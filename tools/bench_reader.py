"""The reader, with the real box program on MicroPython: how long a poll takes, and a touch.

A poll is that of a card on the reader, at 115200 baud: from the command's first byte to the end of the
turn that has the identifier. It is a sum: simulated time, with every byte at its time on the line and in
the air, 0.2 ms for the chip's own program (assumed) and the receiver's idle 0.5 ms; and the real time
that the MicroPython process took for the turn that asks and the one that hears, with its pipes. What
the same poll takes at the least is computed (`FLOOR_MS`).

A touch is noticed when its event stands in the journal: from the card's arrival in the field, 5 ms
start-up included, at any moment of the reader's pace. The reader invites (eager) or is dark (calm).
"""

from __future__ import annotations

import random
import statistics
from typing import Any

from firmware.wire.codes import AUDIT_CARD_REFUSED
from simulator.chips.felica import RESPONSE_DELAY_US, air_time_us
from simulator.scenario import times
from tools.bench_watched import Turn, watched_stage

INVITES = "tests/scenarios/start-03-offline.yaml"
DARK = "tests/scenarios/start-01-too-early.yaml"
STRANGER = bytes.fromhex("0101060177777777")
HELD_S = 60
TOUCHES = 40
#: Command, acknowledgement and answer with a card, in bytes.
FRAMES = (16, 6, 31)
BAUD = 115200
#: The bytes one after the other, and request, delay and answer in the air: 8.75 ms.
FLOOR_MS = (
    sum(FRAMES) * 10_000_000 / BAUD + air_time_us(6, 212) + RESPONSE_DELAY_US + air_time_us(20, 212)
) / 1000
TIMES_FLOOR_MAX = 1.25
NOTICED_MS_MAX = 150
_POLL = b"\xd4\x4a"


class BenchError(Exception):
    """The card was not heard as it should be."""


def polls_of(turns: list[Turn]) -> list[float]:
    """Milliseconds of each poll that a card answered."""
    found = []
    asked: Turn | None = None
    offset_us = heard = 0
    for turn in turns:
        heard += turn.heard
        if asked is not None and heard >= FRAMES[1] + FRAMES[2]:
            waited_us = turn.at_us - asked.at_us - offset_us
            found.append((waited_us + asked.took_us + turn.took_us) / 1000)
            asked = None
        for sent in turn.told.sent:
            if _POLL in sent.data:
                asked, offset_us, heard = turn, sent.offset_ms * 1000, 0
    return found


def polls(held_s: int, vm: str = "micropython") -> list[float]:
    """Of a card that lies on the reader."""
    stage, program = watched_stage(INVITES, vm)
    try:
        stage.run_until(5 * times.S)
        program.turns.clear()
        stage.car.reader.present(STRANGER)
        stage.run_until((5 + held_s) * times.S)
        return polls_of(program.turns)
    finally:
        stage.close()


def touches(path: str, lamp: str, count: int, vm: str = "micropython") -> list[float]:
    """Milliseconds until a touch is in the journal, one every 7 s, at any moment of the pace."""
    stage, program = watched_stage(path, vm)
    chance = random.Random(7)  # noqa: S311
    found = []
    try:
        for number in range(count):
            stage.run_until((5 + 7 * number) * times.S + chance.randrange(1_000_000))
            if stage.car.lamp != lamp:
                raise BenchError(f"the reader is {stage.car.lamp}, not {lamp}")
            program.turns.clear()
            arrived_us = stage.kernel.now_us
            stage.tap(STRANGER)
            stage.run_until(stage.since_now_us + 3 * times.S)
            found.append(_noticed_ms(program.turns, arrived_us))
        return found
    finally:
        stage.close()


def _noticed_ms(turns: list[Turn], arrived_us: int) -> float:
    for turn in turns:
        if any(event[0] == AUDIT_CARD_REFUSED for event in turn.told.committed):
            return (turn.at_us - arrived_us + turn.took_us + turn.told.busy_us) / 1000
    raise BenchError("a touch was not noticed")


def measure() -> dict[str, dict[str, Any]]:
    """Medians and the longest; a limit stands where a peer would."""
    held = polls(HELD_S)
    figures = {
        "reader_poll": {
            "value": round(statistics.median(held), 2),
            "unit": "ms",
            "peer": "computed floor",
            "peer_value": round(FLOOR_MS, 2),
            "ratio": round(statistics.median(held) / FLOOR_MS, 3),
            "runs": len(held),
            "p99": round(sorted(held)[len(held) * 99 // 100], 2),
        }
    }
    for name, path, lamp in (("inviting", INVITES, "red-blink"), ("dark", DARK, "dark")):
        noticed = touches(path, lamp, TOUCHES)
        figures[f"reader_touch_{name}"] = {
            "value": round(max(noticed), 1),
            "unit": "ms",
            "peer": f"limit {NOTICED_MS_MAX} ms" if name == "inviting" else "no limit",
            "ratio": round(max(noticed) / NOTICED_MS_MAX, 2),
            "runs": len(noticed),
            "median_ms": round(statistics.median(noticed), 1),
        }
    return figures
