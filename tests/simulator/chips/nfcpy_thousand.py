"""nfcpy's own driver senses the card again and again, at 212 and 424 kbit/s in turn.

    python -m tests.simulator.chips.nfcpy_thousand [--count 1000] [--program]

`--program`: against `python -m simulator pn532` in real time, a process of its own. There an answer can
come too late on a busy machine, as nfcpy waits 100 ms for an acknowledgement; that is told apart.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time

import nfc
import nfc.clf.pn532
import nfc.clf.transport

from simulator.chips.felica import FelicaCard
from tests.simulator.chips.nfcpy_rig import nfcpy_rig, sensed

IDM = "0101060112AB34CD"
KINDS = ("212F", "424F")


def missed(frontend: nfc.ContactlessFrontend, number: int) -> bool:
    return sensed(frontend, KINDS[number % len(KINDS)]) != IDM


def misses(count: int) -> int:
    """Of so many senses, those that did not give the card."""
    with nfcpy_rig() as rig:
        rig.present(FelicaCard(bytes.fromhex(IDM)))
        frontend = rig.open()
        found = sum(missed(frontend, number) for number in range(count))
        frontend.close()
    return found


def misses_of_program(count: int) -> tuple[int, int]:
    """Likewise in real time; and how often an answer came too late."""
    program = subprocess.Popen(
        [sys.executable, "-m", "simulator", "pn532"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdin is not None
    assert program.stdout is not None
    path = program.stdout.readline().strip()
    program.stdin.write(f"present {IDM}\n")
    program.stdin.flush()
    assert "on the reader" in program.stdout.readline()
    frontend = nfc.ContactlessFrontend()
    frontend.device = nfc.clf.pn532.init(nfc.clf.transport.TTY(path))
    frontend.device._path = path
    found = late = 0
    for number in range(count):
        try:
            found += missed(frontend, number)
        except OSError:
            late += 1
    frontend.close()
    program.communicate("quit\n")
    return found, late


def main(arguments: list[str]) -> int:
    """Exit 0 without a miss, 1 with one, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulator.chips.nfcpy_thousand")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--program", action="store_true")
    options = parser.parse_args(arguments)
    began_s = time.monotonic()
    found, late = (
        misses_of_program(options.count) if options.program else (misses(options.count), 0)
    )
    took_s = round(time.monotonic() - began_s, 1)
    counts = {"senses": options.count, "misses": found, "late": late, "seconds": took_s}
    print(json.dumps(counts))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
