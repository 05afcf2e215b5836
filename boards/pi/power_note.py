"""Whether the machine went down under a running program: its boot's name, kept in a file.

A program that is stopped takes the file away: so does a machine that is shut down or started anew
on purpose, since systemd stops the service first. A file with another boot's name was left by a
program that nobody stopped: the power went, or the machine's own watchdog bit, which a
Raspberry Pi does not tell apart.
"""

from pathlib import Path

from hal.linux.storage import write_whole

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_SIGNS_MAX = 100


class PowerNote:
    """`path`: where it is kept; `boot_id`: where Linux tells the name of its boot."""

    def __init__(self, path: Path, boot_id: Path = BOOT_ID) -> None:
        self._path = path
        self._boot_id = boot_id

    def begin(self) -> bool:
        """Note that a program runs; True: the machine went down under the one before."""
        now, before = _read(self._boot_id), _read(self._path)
        if now and now != before:
            try:
                write_whole(self._path, now.encode() + b"\n")
            except OSError:
                pass  # then it is not told next time; no reason for a box that opens to nobody
        return bool(now and before and now != before)

    def forget(self) -> None:
        """The program ends on purpose."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            return


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")[:_SIGNS_MAX].strip()
    except (OSError, ValueError):
        return ""
