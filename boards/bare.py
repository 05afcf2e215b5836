"""What a box without a good `box.json` runs: a console of few words that puts one there.

    help, version
    provision begin NAME COUNT SHA256 [keep]     a file of so many bytes comes; `keep`: of the
                                                 box's own file the rest, see `Receiver`
    provision line AT BASE64                     its bytes from AT on; again, when nobody answered
    provision end                                checked, written, read back; box.json last

Each may end in ` --json`, as in service (`firmware.console`). There is no challenge: a box that has
no key has nothing to guard; outputs are at rest. Nothing is in force before it is whole: a file is
written under another name and takes its place in one step. Secrets are told as digests only.
"""

import binascii
import hashlib
import json

from firmware.compat import unload
from firmware.console import lines
from firmware.console.lines import LineReader
from firmware.console.out import END, Out

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hal.api import ByteLink

FILE = "box.json"
#: Where a box that is to be provisioned anew keeps what it had (`lay_bare`).
OLD_FILE = "box.old"
_NEW = ".new"
FILE_BYTES_MAX = 8192
#: Base64 digits of a line, so that it fits the console's longest.
_LINE_DIGITS_MAX = 88
_NAME_SIGNS_MAX = 24
_DIGEST_DIGITS = 64
#: Who the box is; `keep` takes these from the file that comes, and the rest from the old one.
_IDENTITY = ("car", "key", "password")
_READ_BYTES = 128
_LOOK_MS = 20
_HELP = (
    "This box is bare: it has no box.json, and no car. Its outputs are at rest.",
    "version            of the program, and why the box is bare",
    "provision ...      used by: python -m fleetd provision PORT",
    "Every command takes --json at its end.",
)


class RefusedError(ValueError):
    """Why a file is not taken: (what is wrong, what to do)."""


class Receiver:
    """One file of the box while it comes. `keep` works where `box.old` or `box.json` is there."""

    def __init__(self, folder: str, name: str, count: int, digest: str, keep: bool) -> None:
        self._folder = folder
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
            _check(data)
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


def _check(data: bytes) -> None:
    """RefusedError with the sentence that the box would say at its next start."""
    from boards.box_config import ConfigError, load

    try:
        load(data)
    except ConfigError as error:
        raise RefusedError(str(error), "correct it on the host and begin anew") from None
    finally:
        del load, ConfigError
        unload("boards.box_config")


class BareConsole:
    """`turn` until `is_done`: then the box has what it needs, and starts anew."""

    def __init__(self, link: "ByteLink", folder: str, board: str, version: str, why: str) -> None:
        #: `box.json` is there, and all that was said of it is sent.
        self.is_done = False
        self._link = link
        self._out = Out(link)
        self._lines = LineReader(self._out)
        self._chunk = bytearray(_READ_BYTES)
        self._folder = folder
        self._board = board
        self._version = version
        self._why = why
        self._receiver: "Receiver | None" = None
        self._has_all = False

    def turn(self) -> None:
        """Read a little, answer what was asked, send a little."""
        out = self._out
        while out.waiting and out.drain():
            pass
        if self._has_all and not out.waiting:
            self.is_done = True
            return
        if out.is_full or not self._link.any():
            return
        count = self._link.readinto(self._chunk)
        for at in range(count):
            found = self._lines.feed(self._chunk[at])
            if found != lines.NOTHING:
                out.put(END)
                self._end_line(found)
                while out.waiting and out.drain():
                    pass

    def _end_line(self, found: int) -> None:
        out = self._out
        out.begin(False)
        if found == lines.NOISE:
            out.line("noise in this line: type it again")
        elif found == lines.TOO_LONG:
            out.line("a line has at most %d characters: make it shorter" % lines.LINE_BYTES_MAX)
        elif found == lines.LINE:
            self._begin(self._lines.text.split())
        out.close()
        out.put(b"bare> ")

    def _begin(self, words: "list[str]") -> None:
        out = self._out
        is_json = len(words) > 0 and words[-1] == "--json"
        if is_json:
            words.pop()
        out.begin(is_json)
        if not words:
            return
        if words[0] == "help":
            for text in _HELP:
                out.line(text)
        elif words[0] == "version":
            out.item("program", "Kagibako " + self._version, self._version)
            out.item("board", self._board, self._board)
            out.item("bare", self._why, True)
        elif words[0] == "provision":
            self._provision(words[1:])
        else:
            out.fail("this box is bare: there is no command %s" % words[0][:16], "type help")

    def _provision(self, words: "list[str]") -> None:
        try:
            if words[:1] == ["begin"] and 4 <= len(words) <= 5:
                self._receiver = self._announced(words[1:])
            elif words[:1] == ["line"] and len(words) == 3:
                self._expected().take(words[1], words[2])
                came = len(self._expected().data)
                self._out.item("bytes", "%d" % came, came)
            elif words == ["end"]:
                self._finish(self._expected())
            else:
                self._out.fail("provision knows begin, line and end", "type help")
        except RefusedError as error:
            self._out.fail(error.args[0], error.args[1])
        except OSError as error:
            self._receiver = None
            self._out.fail("the file cannot be written (error %d)" % error.args[0], "swap the box")

    def _expected(self) -> Receiver:
        if self._receiver is None:
            raise RefusedError("no file was announced", "provision begin NAME COUNT SHA256")
        return self._receiver

    def _announced(self, words: "list[str]") -> Receiver:
        name, count, digest = words[0], words[1], words[2].lower()
        if not 1 <= len(name) <= _NAME_SIGNS_MAX or "/" in name or "\\" in name or name[0] == ".":
            raise RefusedError("that is no name of a file", "give the bare name")
        if name != FILE and name[-4:] not in (".der", ".pem", ".crt"):
            raise RefusedError("the box takes %s and certificates" % FILE, "see boards/README.md")
        if not count.isdigit() or not 1 <= int(count) <= FILE_BYTES_MAX:
            raise RefusedError("a file has 1 to %d bytes" % FILE_BYTES_MAX, "make it smaller")
        if len(digest) != _DIGEST_DIGITS:
            raise RefusedError("a digest has %d digits" % _DIGEST_DIGITS, "give the SHA-256")
        if len(words) == 4 and words[3] != "keep":
            raise RefusedError("behind the digest stands keep or nothing", "type help")
        return Receiver(self._folder, name, int(count), digest, len(words) == 4)

    def _finish(self, receiver: Receiver) -> None:
        """A file that is refused is forgotten; one of which bytes are missing may go on."""
        if len(receiver.data) == receiver.count:
            self._receiver = None
        found = receiver.end()
        self._out.item("file", receiver.name, receiver.name)
        self._out.item("sha256", found, found)
        if receiver.name == FILE:
            self._has_all = True
            self._out.item("restart", "the box starts anew", True)


def run(
    link: "ByteLink",
    folder: str,
    board: str,
    version: str,
    why: str,
    wait: "Callable[[int], None]",
) -> None:
    """Until the box has its `box.json`; whoever calls this starts it anew then.

    `folder` ends with a slash; `board`: its folder's name; `why`: what is wrong with the file, in a sentence; `wait(ms)` sleeps
    so long, or until a byte comes, and feeds what wants to be fed.
    """
    console = BareConsole(link, folder, board, version, why)
    while True:
        console.turn()
        if console.is_done:
            return
        wait(_LOOK_MS)
