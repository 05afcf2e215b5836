"""Where the program's storages really are: flash that keeps its contents when the power goes."""

from __future__ import annotations

import struct

from hal.fake.flash import Flash
from hal.fake.storage_pipe import ERASE, PROGRAM, READ, REQUEST, REQUEST_BYTES

_request = struct.Struct(REQUEST)


class StorageServer:
    """Does what a `StoragePipe` asks for. A PowerCut of the flash passes through."""

    def __init__(self, *storages: Flash) -> None:
        self.storages = storages

    def serve(self, request: bytes) -> tuple[int, int, bytes]:
        """(status, microseconds that it took, data read)."""
        op, index, offset, count = _request.unpack_from(request)
        flash = self.storages[index]
        before_us = flash.busy_us
        data = b""
        status = 0
        try:
            if op == READ:
                buffer = bytearray(count)
                flash.read(offset, buffer)
                data = bytes(buffer)
            elif op == PROGRAM:
                flash.program(offset, request[REQUEST_BYTES:])
            elif op == ERASE:
                flash.erase(offset)
            else:
                raise ValueError(f"storage request {op}: it is none of read, program, erase")
        except OSError as error:
            status = error.errno or error.args[0]
        return status, flash.busy_us - before_us, data
