"""Flash that outlives its process: each operation is in the file when it is over.

A process that is killed leaves what a power cut between two operations leaves. Nothing is synced:
the file must survive the process, not the machine.
"""

from __future__ import annotations

import os
from pathlib import Path

from hal.fake.flash import Flash
from simulator.desk.state_files import write_whole


class FlashFileError(Exception):
    """A file that is no flash of this size; the text says which and what to do."""


class FileFlash(Flash):
    """A `Flash` whose contents are those of a file, which is made, all erased, if it is not there."""

    def __init__(self, path: Path, sectors: int, seed: int) -> None:
        super().__init__(sectors, seed)
        if not path.exists():
            write_whole(path, self.contents)
        self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        found = os.pread(self._file, len(self.contents) + 1, 0)
        if len(found) != len(self.contents):
            os.close(self._file)
            raise FlashFileError(
                f"{path}: is no flash of {len(self.contents)} bytes; move it away to begin anew"
            )
        self.contents[:] = found

    def close(self) -> None:
        os.close(self._file)

    def erase(self, sector: int) -> None:
        try:
            super().erase(sector)
        finally:
            # Also when it failed half-way: what the chip holds now is in the file.
            self._keep(sector * self.sector_bytes, self.sector_bytes)

    def flip(self, offset: int, bit: int) -> None:
        super().flip(offset, bit)
        self._keep(offset, 1)

    def _program_page(self, offset: int, data: bytes) -> None:
        try:
            super()._program_page(offset, data)
        finally:
            self._keep(offset, len(data))

    def _keep(self, offset: int, count: int) -> None:
        """Within a page of the machine's memory a killed process writes all of it or nothing."""
        if 0 <= offset < len(self.contents):
            os.pwrite(self._file, memoryview(self.contents)[offset : offset + count], offset)
