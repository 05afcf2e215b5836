"""A total that outlives the program: one number in a file, written whole and synced."""

import os
from pathlib import Path

from hal.linux.storage import sync_folder

_DIGITS_MAX = 18


class KeptTotal:
    """It is written when it has grown by `step`, and what came since is what a cut can lose."""

    def __init__(self, path: Path, step: int) -> None:
        """ValueError for a file that holds something else, with what to do."""
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
        part = self._path.with_name(self._path.name + ".part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, f"{total}\n".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        part.replace(self._path)
        sync_folder(self._path.parent)
        self.kept = total


def _read(path: Path) -> int:
    if not path.exists():
        return 0
    text = path.read_text(encoding="ascii", errors="replace").strip()
    if not text.isdigit() or len(text) > _DIGITS_MAX:
        raise ValueError(
            f"{path}: holds {text[:20]!r} instead of a number; delete it to begin at 0"
        )
    return int(text)
