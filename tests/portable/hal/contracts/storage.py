"""Raw flash: `make(again)` gives a `Storage`.

`again` False: a fresh one whose contents may be anything; True: the same flash, opened anew.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hal.api import Storage

    Make = Callable[[bool], Storage]

_ERASED = 0xFF


def _fresh(make: "Make") -> "Storage":
    storage = make(False)
    for sector in range(2):
        storage.erase(sector)
    return storage


def _read(storage: "Storage", offset: int, count: int) -> bytes:
    buffer = bytearray(count)
    storage.read(offset, buffer)
    return bytes(buffer)


def check_sizes(make: "Make") -> None:
    storage = make(False)
    assert storage.sectors >= 8
    assert storage.sector_bytes >= 1024
    assert storage.sector_bytes % 256 == 0


def check_erased_is_all_ones(make: "Make") -> None:
    storage = _fresh(make)
    assert _read(storage, 0, storage.sector_bytes) == bytes([_ERASED]) * storage.sector_bytes


def check_a_program_is_read_back(make: "Make") -> None:
    """At any place and length, also across pages, and nothing beside it changes."""
    storage = _fresh(make)
    for offset, count in ((0, 1), (5, 3), (250, 300), (storage.sector_bytes - 7, 7)):
        data = bytes([(offset + i) & 0x7F for i in range(count)])
        storage.erase(0)
        storage.program(offset, data)
        assert _read(storage, offset, count) == data
        if offset:
            assert _read(storage, offset - 1, 1) == b"\xff"
        if offset + count < storage.sector_bytes:
            assert _read(storage, offset + count, 1) == b"\xff"
    assert _read(storage, storage.sector_bytes, 16) == b"\xff" * 16


def check_a_second_program_only_clears_bits(make: "Make") -> None:
    """The journal makes frames void by writing zeros over them; it never needs a bit back."""
    storage = _fresh(make)
    storage.program(16, b"\xf0\xff\x55")
    storage.program(16, b"\x3c\x0f\xff")
    assert _read(storage, 16, 3) == b"\x30\x0f\x55"
    storage.program(16, bytes(3))
    assert _read(storage, 15, 5) == b"\xff\0\0\0\xff"


def check_an_erase_takes_one_sector(make: "Make") -> None:
    storage = _fresh(make)
    storage.program(storage.sector_bytes - 1, b"\0")
    storage.program(storage.sector_bytes, b"\0")
    storage.erase(1)
    assert _read(storage, storage.sector_bytes - 1, 1) == b"\0"
    assert _read(storage, storage.sector_bytes, 1) == b"\xff"


def check_it_is_there_after_a_start(make: "Make") -> None:
    storage = _fresh(make)
    storage.program(storage.sector_bytes + 3, b"kept")
    assert _read(make(True), storage.sector_bytes + 3, 4) == b"kept"


def check_memoryviews_do(make: "Make") -> None:
    """The ring reads into and programs from parts of its buffers."""
    storage = _fresh(make)
    data = memoryview(bytearray(b"0123456789"))
    storage.program(32, data[2:6])
    buffer = bytearray(8)
    storage.read(32, memoryview(buffer)[2:6])
    assert bytes(buffer) == b"\0\x002345\0\0"


def check_outside_is_refused(make: "Make") -> None:
    """A bug, so an exception of any kind; and nothing was written anywhere."""
    storage = _fresh(make)
    size = storage.sectors * storage.sector_bytes
    attempts: "tuple[Callable[[], None], ...]" = (
        lambda: storage.read(size - 1, bytearray(2)),
        lambda: storage.read(-1, bytearray(1)),
        lambda: storage.program(storage.sector_bytes - 1, b"\0\0"),
        lambda: storage.program(size, b"\0"),
        lambda: storage.erase(storage.sectors),
        lambda: storage.erase(-1),
    )
    for attempt in attempts:
        try:
            attempt()
        except (ValueError, OSError):
            continue
        raise AssertionError("taken")
    assert _read(storage, storage.sector_bytes - 1, 1) == b"\xff"
    assert _read(storage, storage.sector_bytes, 1) == b"\xff"


ALL = (
    check_sizes,
    check_erased_is_all_ones,
    check_a_program_is_read_back,
    check_a_second_program_only_clears_bits,
    check_an_erase_takes_one_sector,
    check_it_is_there_after_a_start,
    check_memoryviews_do,
    check_outside_is_refused,
)
