"""A file that comes into a box: whole or not at all, and checked before it is in force.

Written under another name it takes its place in one step, and is read back from there.
"""

import binascii
import hashlib
import json

from firmware.compat import unload

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from boards.box_config import BoxConfig

    #: What only this board knows of a `box.json`: ValueError with a sentence for what it cannot be.
    Judge = Callable[[BoxConfig], object]

FILE = "box.json"
#: Where a box that is to be provisioned anew keeps what it had (`lay_bare`).
OLD_FILE = "box.old"
FILE_BYTES_MAX = 8192
_NEW = ".new"
#: Base64 digits of a line, so that it fits the console's longest.
_LINE_DIGITS_MAX = 88
#: Who the box is; `keep` takes these from the file that comes, and the rest from the old one.
_IDENTITY = ("car", "key", "password")


class RefusedError(ValueError):
    """Why a file is not taken: (what is wrong, what to do)."""


class Receiver:
    """One file of the box while it comes. `keep` works where `box.old` or `box.json` is there."""

    def __init__(
        self,
        folder: str,
        name: str,
        count: int,
        digest: str,
        keep: bool,
        judge: "Judge | None" = None,
    ) -> None:
        self._folder = folder
        self._judge = judge
        self._digest = digest
        self._keep = keep
        self.name = name
        self.count = count
        self.data = bytearray()

    def take(self, begins: str, text: str) -> None:
        """Base64 of the bytes that begin there: the next ones, or the last ones once more."""
        part = _bytes_of(text)
        if not begins.isdigit() or not part:
            raise RefusedError("this is no line of base64", "send it again")
        at = int(begins)
        if self.data[at : at + len(part)] == part:
            return
        if at != len(self.data):
            raise RefusedError("%d bytes came, not %d" % (len(self.data), at), "begin anew")
        if at + len(part) > self.count:
            raise RefusedError("more came than was announced", "begin anew")
        self.data.extend(part)

    def end(self) -> str:
        """Into its place; the digest of what is read back from there."""
        came = len(self.data)
        if came != self.count:
            raise RefusedError("%d of %d bytes came" % (came, self.count), "send the rest")
        if digest_of(self.data) != self._digest:
            raise RefusedError("the bytes are not those of the digest", "begin anew")
        data = bytes(self.data)
        if self.name == FILE:
            if self._keep:
                data = self._merged(data)
            _check(data, self._judge)
        write_whole(self._folder, self.name, data)
        with open(self._folder + self.name, "rb") as file:
            found = digest_of(file.read())
        if found != digest_of(data):
            raise RefusedError("what was written reads back otherwise", "swap the box: bad flash")
        return found

    def _merged(self, data: bytes) -> bytes:
        """The old file with the identity of this one."""
        for name in (OLD_FILE, FILE):
            try:
                with open(self._folder + name, "rb") as file:
                    old: "Any" = json.loads(str(file.read(FILE_BYTES_MAX), "utf-8"))
                new: "Any" = json.loads(str(data, "utf-8"))
                for key in _IDENTITY:
                    old[key] = new[key]
                return json.dumps(old).encode()
            except OSError:
                continue
            except (ValueError, KeyError, TypeError, UnicodeError):
                break
        raise RefusedError("the box has nothing of its own to keep", "provision it in full")


def _bytes_of(text: str) -> bytes:
    """Of base64; none for what is none. Both interpreters pass over some of what does not belong."""
    if len(text) > _LINE_DIGITS_MAX or len(text) % 4:
        return b""
    try:
        return binascii.a2b_base64(text.encode())
    except ValueError:
        return b""


def digest_of(data: "bytes | bytearray") -> str:
    """SHA-256, 64 hex digits."""
    return str(binascii.hexlify(hashlib.sha256(data).digest()), "ascii")


def write_whole(folder: str, name: str, data: bytes) -> None:
    """All of it or nothing, whenever the power goes."""
    import os

    path = folder + name
    with open(path + _NEW, "wb") as file:
        file.write(data)
    # MicroPython has it on some ports only; the others write through with `flush`.
    sync = getattr(os, "sync", file.close)
    sync()
    os.rename(path + _NEW, path)
    sync()


def lay_bare(folder: str) -> None:
    """At the next start the box is bare; a new key alone can bring it back as it was (`keep`)."""
    import os

    os.rename(folder + FILE, folder + OLD_FILE)


def _check(data: bytes, judge: "Judge | None") -> None:
    """RefusedError with the sentence that the box would say at its next start."""
    from boards.box_config import load

    try:
        config = load(data)
        if judge is not None:
            judge(config)
    except ValueError as error:  # both kinds of sentence are
        raise RefusedError(str(error), "correct it on the host and begin anew") from None
    finally:
        del load
        unload("boards.box_config")
