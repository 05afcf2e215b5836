"""The flash in a file: as every storage, of fixed size, and torn as the ring expects."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from firmware.journal import Journal
from firmware.wire.codes import AUDIT_LOCKED
from hal.linux.storage import SECTOR_BYTES, FileStorage, StorageFileError
from tests.portable.hal.contracts import storage

SECTORS = 8
OWNER = 7


@pytest.mark.parametrize("check", storage.ALL)
def test_storage(check: Callable[[Any], None], tmp_path: Path) -> None:
    path = tmp_path / "flash.nor"
    check(lambda _again: FileStorage(path, SECTORS))


def test_it_is_whole_when_it_is_made_and_stays_that_long(tmp_path: Path) -> None:
    path = tmp_path / "flash.nor"
    flash = FileStorage(path, SECTORS)
    assert path.stat().st_size == SECTORS * SECTOR_BYTES
    assert path.stat().st_mode & 0o777 == 0o600
    flash.program(SECTORS * SECTOR_BYTES - 4, b"last")
    flash.erase(0)
    assert path.stat().st_size == SECTORS * SECTOR_BYTES
    # Laid out on the disk in full: a write later cannot fail for want of room.
    assert path.stat().st_blocks * 512 >= SECTORS * SECTOR_BYTES


def test_a_start_that_was_cut_while_it_made_the_file_makes_it_anew(tmp_path: Path) -> None:
    (tmp_path / "flash.nor.part").write_bytes(b"half")
    assert FileStorage(tmp_path / "flash.nor", SECTORS).sectors == SECTORS
    assert not (tmp_path / "flash.nor.part").exists()


def test_a_file_of_another_size_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "flash.nor"
    path.write_bytes(b"somebody's")
    with pytest.raises(StorageFileError, match="has 10 bytes, a storage of 8 sectors has 32768"):
        FileStorage(path, SECTORS)
    assert path.read_bytes() == b"somebody's"


def test_each_operation_is_synced_before_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    write, sync = os.pwrite, os.fdatasync

    def note_write(file: int, data: bytes, at: int) -> int:
        calls.append("write")
        return write(file, data, at)

    def note_sync(file: int) -> None:
        calls.append("sync")
        sync(file)

    monkeypatch.setattr(os, "pwrite", note_write)
    monkeypatch.setattr(os, "fdatasync", note_sync)
    flash = FileStorage(tmp_path / "flash.nor", SECTORS)
    flash.program(0, b"one")
    flash.erase(1)
    assert calls == ["write", "sync", "write", "sync"]


def test_a_disk_that_fails_is_an_oserror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flash = FileStorage(tmp_path / "flash.nor", SECTORS)
    monkeypatch.setattr(os, "pwrite", lambda _f, data, _at: len(data) // 2)
    with pytest.raises(OSError, match="wrote 2 of 5 bytes"):
        flash.program(0, b"words")


class PowerCut(BaseException):
    """Not an Exception, so that nobody takes it."""


class Cut:
    """Cuts the power in a write: so many of its bytes are on the disk."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self._write = os.pwrite
        self._left = -1
        self._byte_count = 0
        self._writes = 0

    def writes_of(self, what: Callable[[], None]) -> int:
        self._left = -1
        self._writes = 0
        with self._instead():
            what()
        return self._writes

    def at(self, write_number: int, byte_count: int) -> AbstractContextManager[None]:
        self._left = write_number
        self._byte_count = byte_count
        return self._instead()

    @contextmanager
    def _instead(self) -> Iterator[None]:
        with self._monkeypatch.context() as patch:
            patch.setattr(os, "pwrite", self._tear)
            yield

    def _tear(self, file: int, data: bytes, at: int) -> int:
        self._writes += 1
        if self._left == 0:
            self._write(file, data[: self._byte_count], at)
            raise PowerCut
        self._left -= 1
        return self._write(file, data, at)


def commit_other(path: Path, event: bytes) -> None:
    journal = Journal(FileStorage(path, SECTORS), 2, OWNER)
    journal.open()
    assert journal.commit([event], b"other session")


def test_any_cut_leaves_the_turn_before_or_the_whole_turn_safe_5(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut leaves a first part of what the last write had; each length is tried."""
    path = tmp_path / "flash.nor"
    journal = Journal(FileStorage(path, SECTORS), 1, OWNER)
    journal.open()
    event = bytes([AUDIT_LOCKED]) + bytes(20)
    assert journal.commit([event], b"first session")
    whole = path.read_bytes()
    seen = set()
    cut = Cut(monkeypatch)
    for write_number in range(cut.writes_of(lambda: commit_other(path, event))):
        for byte_count in range(0, 120, 5):
            path.write_bytes(whole)
            with cut.at(write_number, byte_count), pytest.raises(PowerCut):
                commit_other(path, event)
            found = Journal(FileStorage(path, SECTORS), 3, OWNER)
            found.open()
            seen.add(found.session)
            assert not found.lost_session
    assert seen == {b"first session", b"other session"}
