"""Pauses of a box that fails at each start, so that it wears no SD card and fills no log.

Each start writes to the journal, each second for ever if nothing else is done. systemd can
lengthen its own pause (RestartSteps) from version 254 on; Debian 12 has 252. So the program waits
before it begins. The count lies in the unit's runtime folder, which is memory, not flash, and
which is empty after a start of the machine.
"""

from pathlib import Path

#: A program that lived this long was well: its next start is the first again.
LASTING_S = 60
#: No more starts in a day than a car in use writes session records (every 10 s).
PAUSE_S_MAX = 30

_FILE = "starts.txt"
_DOUBLINGS_MAX = 8


class Restarts:
    """`folder`: the runtime folder; without one nobody starts the program anew."""

    def __init__(self, folder: Path | None) -> None:
        self._path = None if folder is None else folder / _FILE
        #: Starts in a row of programs that did not last.
        self.count = 0

    def begin(self, now_s: float) -> int:
        """Note a start; the seconds to wait first. `now_s` by the machine's steady clock."""
        if self._path is None:
            return 0
        self.count, began_s = _read(self._path)
        if now_s - began_s >= LASTING_S:
            self.count = 0
        pause_s = 0
        if self.count > 1:
            pause_s = min(1 << min(self.count - 1, _DOUBLINGS_MAX), PAUSE_S_MAX)
        self._write(self._path, now_s + pause_s)
        return pause_s

    def forget(self) -> None:
        """The program ends on purpose."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def _write(self, path: Path, begins_s: float) -> None:
        try:
            path.write_text(f"{self.count + 1} {begins_s:.0f}\n", encoding="ascii")
        except OSError:
            return  # no pause at the next start; no reason for a box that opens to nobody


def _read(path: Path) -> tuple[int, float]:
    try:
        count, began_s = path.read_text(encoding="ascii").split()
        return int(count), float(began_s)
    except (OSError, ValueError):
        return 0, 0.0
