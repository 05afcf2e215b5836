"""A total that outlives the program: one number in a file, written whole and synced."""

import sys
from pathlib import Path

from hal.linux.storage import write_whole

_DIGITS_MAX = 18


class KeptTotal:
    """It is written when it has grown by `step`, and what came since is what a cut can lose."""

    def __init__(self, path: Path, step: int) -> None:
        """A file that holds something else is put aside: no reason for a box that opens to nobody."""
        self._path = path
        self._step = step
        self.kept = _read(path)

    def offer(self, total: int) -> None:
        """OSError of a full disk is passed over: it is offered again."""
        if total - self.kept < self._step:
            return
        try:
            self.keep(total)
        except OSError:
            return

    def keep(self, total: int) -> None:
        write_whole(self._path, f"{total}\n".encode())
        self.kept = total


def _read(path: Path) -> int:
    try:
        text = path.read_bytes()[: _DIGITS_MAX + 2].strip()
    except FileNotFoundError:
        return 0
    if text.isdigit() and len(text) <= _DIGITS_MAX:
        return int(text)
    aside = path.with_name(path.name + ".bad")
    print(
        f"{path}: holds {text[:20]!r} instead of a number; counted from 0, the file is now {aside}",
        file=sys.stderr,
        flush=True,
    )
    path.replace(aside)
    return 0
