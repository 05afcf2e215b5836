"""A storage that asks somebody else: the flash lives outside the program, as flash does.

    request   op u8 | storage u8 | offset u32 | count u16 | data of a program
    answer    status u8 | busy u32 | data of a read

big-endian; the offset of an erase is its sector; status 0 or the errno of an OSError; `busy` are
the microseconds that the operation took, which pass on the program's clock.
"""

import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from hal.fake.clock import FakeClock

    class StorageChannel(Protocol):
        """The way to where the flash is."""

        busy_us: int

        def ask(self, request: bytes, into: "bytearray | memoryview | None") -> int:
            """Have it done; the status. A read's data goes to `into`; sets `busy_us`."""


READ = 1
PROGRAM = 2
ERASE = 3

REQUEST = ">BBIH"
REQUEST_BYTES = 8
ANSWER = ">BI"
ANSWER_BYTES = 5


class StoragePipe:
    """A `Storage`: number `index` at the other end of a channel."""

    def __init__(
        self,
        channel: "StorageChannel",
        index: int,
        sector_bytes: int,
        sectors: int,
        clock: "FakeClock",
    ) -> None:
        self.sector_bytes = sector_bytes
        self.sectors = sectors
        self._channel = channel
        self._index = index
        self._clock = clock

    def read(self, offset: int, buffer: "bytearray | memoryview") -> None:
        self._ask(READ, offset, len(buffer), b"", buffer)

    def program(self, offset: int, data: "bytes | bytearray | memoryview") -> None:
        self._ask(PROGRAM, offset, len(data), bytes(data), None)

    def erase(self, sector: int) -> None:
        self._ask(ERASE, sector, 0, b"", None)

    def _ask(
        self,
        op: int,
        offset: int,
        count: int,
        data: bytes,
        into: "bytearray | memoryview | None",
    ) -> None:
        channel = self._channel
        request = struct.pack(REQUEST, op, self._index, offset, count) + data
        status = channel.ask(request, into)
        self._clock.advance_us(channel.busy_us)
        if status:
            raise OSError(status, "storage")
