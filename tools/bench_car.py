"""From the card's answer to the relay: the real box program on MicroPython, network down.

The simulated world plays a rental whose booking is in the car's copy. What counts begins with the
last byte of the reader's deciding answer (the second of two that agree) and ends when the line of
the unlock or of the lock is switched. It is a sum:

- simulated time between the two: the receiver's idle time of 0.5 ms, whatever the program waits
  for, and each storage operation before the pulse at 45 ms for an erase and 0.5 ms for a page;
- real time that the MicroPython process took for the turns between, with its pipes and with the
  model of the flash: more than the program alone.
"""

from __future__ import annotations

import statistics
from typing import Any

from firmware.wire.codes import OUTS, PULSE_LOCK, PULSE_UNLOCK
from simulator.reader import RX_IDLE_US
from simulator.scenario import times
from tools.bench_watched import Turn, watched_stage

STORY = "tests/scenarios/start-03-offline.yaml"
CARD = bytes.fromhex("0101060112AB34CD")
STRANGER = bytes.fromhex("0101060177777777")
#: Each run after so many more refused touches: over all, the journal passes on to new sectors.
REFUSED_STEP = 7
REFUSED_MAX = 60
LIMIT_MS = 60
_FLASH_US = (45_000, 500)  # an erase, a page programmed


class BenchError(Exception):
    """The story went another way."""


def from_answer_to(turns: list[Turn], line: int) -> tuple[float, float]:
    """Time in ms from the reader's last bytes to this line's pulse; of these, ms of storage."""
    for number, turn in enumerate(turns):
        for at_ms, pulsed, level in turn.told.changes:
            if level and pulsed == OUTS + line:
                return _sum(turns, number, at_ms)
    raise BenchError(f"no pulse on line {line}")


def _sum(turns: list[Turn], number: int, at_ms: int) -> tuple[float, float]:
    first = number
    while not turns[first].heard:
        first -= 1
    waited_us = turns[number].at_us - turns[first].at_us + RX_IDLE_US
    real_us = sum(turn.took_us for turn in turns[first : number + 1])
    # Offsets are whole milliseconds, cut off: take what may have been cut.
    stored_us = min(turns[number].told.busy_us, (at_ms + 1) * 1000)
    return (waited_us + real_us + stored_us) / 1000, stored_us / 1000


def rental(refused: int, vm: str = "micropython") -> dict[int, tuple[float, float]]:
    """A start and an end by card; line -> (ms in all, ms of storage).

    refused: touches of a card that nobody knows before, so that the journal stands elsewhere.
    """
    stage, program = watched_stage(STORY, vm)
    try:
        car = stage.car
        for flash in car.storage.storages:
            if (flash.erase_us, flash.program_us) != _FLASH_US:
                raise BenchError("the model of the flash has other times")
        for number in range(refused):
            stage.run_until((10 + 4 * number) * times.S)
            stage.tap(STRANGER)
        stage.run_until(290 * times.S)
        stage.tap(CARD)
        stage.run_until(300 * times.S)
        stage.open_door("driver")
        stage.knob_rent()
        stage.key_out()
        stage.close_door("driver")
        stage.run_until(900 * times.S)
        stage.key_in()
        stage.knob_return()
        stage.run_until(910 * times.S)
        stage.tap(CARD)
        stage.run_until(940 * times.S)
        if car.state != "ended":
            raise BenchError(f"the rental came to {car.state}")
        return {line: from_answer_to(program.turns, line) for line in (PULSE_UNLOCK, PULSE_LOCK)}
    finally:
        stage.close()


def measure(runs: int) -> dict[str, dict[str, Any]]:
    """The longest of all runs counts; the limit stands where a peer would."""
    found: dict[int, list[tuple[float, float]]] = {PULSE_UNLOCK: [], PULSE_LOCK: []}
    for number in range(runs):
        for line, sums in rental(REFUSED_STEP * number % REFUSED_MAX).items():
            found[line].append(sums)
    figures = {}
    for line, name in ((PULSE_UNLOCK, "unlock"), (PULSE_LOCK, "lock")):
        longest = max(found[line])
        figures[f"card_to_{name}_pulse"] = {
            "value": round(longest[0], 1),
            "unit": "ms",
            "peer": f"limit {LIMIT_MS} ms",
            "ratio": round(longest[0] / LIMIT_MS, 2),
            "runs": runs,
            "median": round(statistics.median(total for total, _ in found[line]), 1),
            "storage_ms": max(stored for _, stored in found[line]),
        }
    return figures
