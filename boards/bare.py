"""What a box without a good `box.json` runs: a console of few words that puts one there.

    help, version
    provision begin NAME COUNT SHA256 [keep]     a file of so many bytes comes; `keep`: of the
                                                 box's own file the rest, see `Receiver`
    provision line AT BASE64                     its bytes from AT on; again, when nobody answered
    provision end                                checked, written, read back; box.json last
    prompt                                       the interpreter's, where a board has one
    exit, quit                                   how to leave the terminal program

Each may end in ` --json`, as in service (`firmware.console`). There is no challenge: a box that has
no key has nothing to guard; outputs are at rest. Secrets are told as digests only.
"""

from boards.bare_file import FILE, FILE_BYTES_MAX, Receiver, RefusedError
from firmware.console import lines
from firmware.console.lines import LineReader
from firmware.console.out import END, HOW_TO_LEAVE, Out

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from boards.bare_file import Judge
    from hal.api import ByteLink

#: How `run` ends: the file is there; or somebody wants the interpreter's prompt.
PROVISIONED = "provisioned"
PROMPT = "prompt"
_NAME_SIGNS_MAX = 24
_DIGEST_DIGITS = 64
_READ_BYTES = 128
_LOOK_MS = 20
#: Two seconds for the last answer, also when nobody takes it.
_LAST_TURNS = 100
#: Beside `provision`; nothing stands behind them.
_WORDS = ("help", "version", "prompt", "exit", "quit")
_HELP = (
    "This box is bare: it has no box.json, and no car. Its outputs are at rest.",
    "version            of the program, and why the box is bare",
    "provision ...      used by: python -m fleetd provision PORT",
    "prompt             the interpreter's, for flashing, on a board that has one",
    "exit, quit         how to leave the terminal program",
    "Every command takes --json at its end.",
)


class BareConsole:
    """`turn` until `ends_by` says how it ends, and all that was said of it is sent."""

    def __init__(self, link: "ByteLink", folder: str, board: str, version: str, why: str) -> None:
        #: PROVISIONED or PROMPT; "" before that.
        self.ends_by = ""
        #: Whether the board has an interpreter's prompt behind this cable.
        self.has_prompt = False
        #: Whether this board can be what a `box.json` says.
        self.judge: "Judge | None" = None
        self._link = link
        self._out = Out(link)
        self._lines = LineReader(self._out)
        self._chunk = bytearray(_READ_BYTES)
        self._folder = folder
        self._board = board
        self._version = version
        self._why = why
        self._receiver: "Receiver | None" = None
        self._wants = ""
        self._turns_left = _LAST_TURNS

    def turn(self) -> None:
        """Read a little, answer what was asked, send a little."""
        out = self._out
        while out.waiting and out.drain():
            pass
        if self._wants:
            self._turns_left -= 1
            if not out.waiting or not self._turns_left:
                self.ends_by = self._wants
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
            if is_json:
                out.fail("no command stands before --json", "type help --json")
            return
        word = words[0].lower()
        if word == "provision":
            self._provision(words[1:])
        elif word not in _WORDS:
            out.fail("this box is bare: there is no command %s" % words[0][:16], "type help")
        elif words[1:]:
            out.fail("nothing may stand behind %s" % word, "type %s alone" % word)
        elif word == "help":
            for text in _HELP:
                out.line(text)
        elif word == "version":
            out.item("program", "Kagibako " + self._version, self._version)
            out.item("board", self._board, self._board)
            out.item("bare", self._why, True)
        elif word != "prompt":
            out.line(HOW_TO_LEAVE)
        elif self.has_prompt:
            out.line("the prompt comes; machine.reset() or power off ends it")
            self._wants = PROMPT
        else:
            out.fail("this board has no prompt behind its console", "log in by its own means")

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
        return Receiver(self._folder, name, int(count), digest, len(words) == 4, self.judge)

    def _finish(self, receiver: Receiver) -> None:
        """A file that is refused is forgotten; one of which bytes are missing may go on."""
        if len(receiver.data) == receiver.count:
            self._receiver = None
        found = receiver.end()
        self._out.item("file", receiver.name, receiver.name)
        self._out.item("sha256", found, found)
        if receiver.name == FILE:
            self._wants = PROVISIONED
            self._out.item("restart", "the box starts anew", True)


def run(
    link: "ByteLink",
    folder: str,
    board: str,
    version: str,
    why: str,
    wait: "Callable[[int], None]",
    has_prompt: bool = False,
    judge: "Judge | None" = None,
) -> str:
    """PROVISIONED: the box has its `box.json`, whoever calls this starts it anew; or PROMPT.

    `folder` ends with a slash; `board`: its folder's name; `why`: what is wrong with the file, in a
    sentence; `wait(ms)` sleeps so long, or until a byte comes, and feeds what wants to be fed;
    `judge` knows what of a `box.json` only this board can tell, and nothing is written against it.
    """
    console = BareConsole(link, folder, board, version, why)
    console.has_prompt = has_prompt
    console.judge = judge
    while True:
        console.turn()
        if console.ends_by:
            return console.ends_by
        wait(_LOOK_MS)
