"""How long a touch takes until the reader's driver reports it; the figures of docs/licence-cards.md.

python -m tests.simulator.chips.touch_times [TOUCHES]    500 by default, simulated, some seconds
"""

from __future__ import annotations

import random
import statistics
import sys
from collections.abc import Callable

from simulator.chips.felica import FelicaCard
from simulator.chips.iso14443b import Iso14443bCard
from simulator.chips.pn532_field import Card
from simulator.chips.pn532_rig import Pn532Rig


def felica(chance: random.Random) -> Card:
    return FelicaCard(b"\1\1" + chance.randbytes(6), start_up_us=chance.randrange(5000, 20001))


def licence(chance: random.Random) -> Card:
    return Iso14443bCard(chance.randbytes(4), start_up_us=chance.randrange(5000, 20001))


def changing(chance: random.Random) -> Card:
    return Iso14443bCard(chance.randbytes(4), True, start_up_us=chance.randrange(5000, 20001))


def touch_times_ms(
    make: Callable[[random.Random], Card], licences: bool, is_eager: bool, touches: int
) -> list[float]:
    """From a card's arrival in the field to its report."""
    rig = Pn532Rig(licences=licences)
    rig.driver.set_eager(is_eager)
    rig.run(1000)
    chance = random.Random(5)
    found = []
    for _ in range(touches):
        rig.run(chance.randrange(1100))
        before, arrived_us = len(rig.reports), rig.now_us
        rig.chip.present(make(chance), arrived_us)
        rig.run(1500)
        rig.chip.remove(rig.now_us)
        rig.run(2600)
        found.append((rig.reports[before][0] - arrived_us) / 1000)
    return found


def main(arguments: list[str]) -> int:
    touches = int(arguments[0]) if arguments else 500
    for is_eager in (True, False):
        for make, licences in ((felica, False), (felica, True), (licence, True), (changing, True)):
            times = touch_times_ms(make, licences, is_eager, touches)
            print(
                "inviting" if is_eager else "dark    ",
                "both kinds" if licences else "FeliCa    ",
                f"{make.__name__:9}",
                f"{min(times):7.1f} {statistics.median(times):7.1f} {max(times):7.1f} ms",
            )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
