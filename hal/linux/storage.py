"""Raw NOR flash as the rings expect it (docs/storage.md), in a file of fixed size.

Each operation is on the disk when it is over (fdatasync), in the order of the calls, so that a
power cut leaves at worst the last one torn: a part of its bytes, which is what a chip leaves too.
The file is laid out in full when it is made, since a write that allocates could fail with a full
disk. An SD card that lies about its flushes is beyond a program; `boards/pi/README.md` says which.
"""

import errno
import os
from pathlib import Path

SECTOR_BYTES = 4096
_ERASED = 0xFF


class StorageFileError(Exception):
    """A file that is no storage of this size; the text says which and what to do."""


class FileStorage:
    """A `Storage` of `sectors` sectors. OSError of the file system passes through."""

    def __init__(self, path: Path, sectors: int, sector_bytes: int = SECTOR_BYTES) -> None:
        self.sectors = sectors
        self.sector_bytes = sector_bytes
        self._size = sectors * sector_bytes
        if not path.exists():
            _make(path, self._size)
        self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        found = os.fstat(self._file).st_size
        if found != self._size:
            os.close(self._file)
            raise StorageFileError(
                f"{path}: has {found} bytes, a storage of {sectors} sectors has {self._size}; "
                "it is another program's: move it away to begin anew, the events in it are then lost"
            )

    def close(self) -> None:
        os.close(self._file)

    def read(self, offset: int, buffer: bytearray | memoryview) -> None:
        self._check_range(offset, len(buffer))
        view = memoryview(buffer)
        got = os.preadv(self._file, [view], offset)
        if got != len(buffer):
            raise OSError(errno.EIO, f"read {got} of {len(buffer)} bytes")

    def program(self, offset: int, data: bytes | bytearray | memoryview) -> None:
        """Bits go from 1 to 0, never back: what was there counts."""
        if not len(data):
            return
        self._check_range(offset, len(data))
        if offset // self.sector_bytes != (offset + len(data) - 1) // self.sector_bytes:
            raise ValueError(f"bytes {offset} to {offset + len(data)} cross a sector")
        there = bytearray(len(data))
        self.read(offset, there)
        width = len(data)
        cleared = int.from_bytes(there, "big") & int.from_bytes(bytes(data), "big")
        self._write(offset, cleared.to_bytes(width, "big"))

    def erase(self, sector: int) -> None:
        if not 0 <= sector < self.sectors:
            raise ValueError(f"erase of sector {sector}: there are {self.sectors}")
        self._write(sector * self.sector_bytes, bytes([_ERASED]) * self.sector_bytes)

    def _write(self, offset: int, data: bytes) -> None:
        written = os.pwrite(self._file, data, offset)
        if written != len(data):
            raise OSError(errno.EIO, f"wrote {written} of {len(data)} bytes")
        os.fdatasync(self._file)

    def _check_range(self, offset: int, count: int) -> None:
        if offset < 0 or offset + count > self._size:
            raise ValueError(f"bytes {offset} to {offset + count} are outside the storage")


def _make(path: Path, size: int) -> None:
    """All erased, whole or not at all: a start that is cut leaves no half of a file."""
    part = path.with_name(path.name + ".part")
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        _write_all(descriptor, bytes([_ERASED]) * size)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    part.replace(path)
    sync_folder(path.parent)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def write_whole(path: Path, data: bytes) -> None:
    """The file holds this or what it held before, whenever the power goes. Raises OSError."""
    part = path.with_name(path.name + ".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        _write_all(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    part.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """The names in it are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
