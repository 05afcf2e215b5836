"""Takes lines, begins commands, and lets long answers go on: a little in each turn.

A command is a function `name(words, box, out)`, `words` what stands behind its name. It returns None
when it has said all, or an object with `more(out) -> bool`, asked once a turn until it says False;
with `is_live`, any key ends it. While relays move, and where an answer says that it `waits`, it is
asked again after WAIT_MS: the box may rest meanwhile. Ctrl-C ends every long answer, but one that
`is_final` by now.
"""

from firmware.compat import load
from firmware.console import lines, words
from firmware.console.lines import LineReader
from firmware.console.out import END, Out

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firmware.console_door import ConsoleBox
    from hal.api import ByteLink

READ_BYTES = 128
_JSON = "--json"
_PROMPT = b"> "
_UNLOCKED_PROMPT = b"# "
#: When the link takes nothing, or an answer waits for its time, it is tried again after this.
WAIT_MS = 20


class Console:
    """One technician at the cable. `turn` once a turn of the box."""

    def __init__(self, link: "ByteLink", box: "ConsoleBox", now_ms: int) -> None:
        #: When the last byte came.
        self.heard_at_ms = now_ms
        #: Until it wants the next turn.
        self.next_ms = 0
        self._link: "Any" = link
        self._box = box
        self._out = Out(link)
        self._lines = LineReader(self._out)
        self._chunk = bytearray(READ_BYTES)
        self._read = 0  # bytes in the chunk
        self._at = 0  # of which so many are taken
        self._answer: "Any" = None
        self._out.line("Kagibako, the box of car %s. Type help." % box.car)
        self._prompt()

    def turn(self, now_ms: int) -> None:
        """Send a little, read a little, begin one command or go on with an answer."""
        out = self._out
        has_moved = out.drain() > 0
        if self._link.any() and self._read_more():
            self.heard_at_ms = now_ms
        if self._answer is not None and self._is_stopped():
            self._close()
            has_moved = True
        elif not out.is_full:
            if self._answer is not None:
                has_moved = self._go_on() or has_moved
            else:
                has_moved = self._take() or has_moved
        self.next_ms = -1
        if self._answer is not None or out.waiting or self._at < self._read or self._link.any():
            self.next_ms = 0 if has_moved else WAIT_MS

    def _read_more(self) -> bool:
        """Take what the chunk has room for; what was typed ahead waits there, and in the link."""
        chunk, left = self._chunk, self._read - self._at
        if self._at:
            chunk[:left] = chunk[self._at : self._read]
            self._at, self._read = 0, left
        if left == READ_BYTES:
            return False
        count = self._link.readinto(memoryview(chunk)[left:])
        self._read += count
        return bool(count)

    def _is_stopped(self) -> bool:
        """Whether a key was pressed that ends the answer; it is taken, with all before it."""
        if getattr(self._answer, "is_final", False):
            return False
        is_live = getattr(self._answer, "is_live", False)
        for at in range(self._at, self._read):
            if is_live or self._chunk[at] == lines.CTRL_C:
                self._at = at + 1
                return True
        return False

    def _take(self) -> bool:
        """Bytes up to the end of a line; whether there were any."""
        began = self._at
        while self._at < self._read and not self._out.is_full:
            byte = self._chunk[self._at]
            self._at += 1
            found = self._lines.feed(byte)
            if found != lines.NOTHING:
                self._end_line(found)
                break
        return self._at > began

    def _end_line(self, found: int) -> None:
        out = self._out
        out.put(END)
        if found == lines.LINE:
            self._begin(self._lines.text)
            return
        out.begin(False)
        if found == lines.NOISE:
            out.line("noise in this line: type it again")
        elif found == lines.TOO_LONG:
            out.line("a line has at most %d characters: make it shorter" % lines.LINE_BYTES_MAX)
        self._close()

    def _begin(self, text: str) -> None:
        """One command."""
        out = self._out
        told = text.split()
        is_json = len(told) > 0 and told[-1] == _JSON
        if is_json:
            told.pop()
        out.begin(is_json)
        if not told:
            if is_json:
                out.fail("no command stands before --json", "type help --json")
            self._close()
            return
        self._run(told)

    def _run(self, told: "list[str]") -> None:
        word = words.find(told[0])
        out = self._out
        if word is None:
            self._answer = words.Unknown(told[0])
        elif word[1] > self._box.level:
            out.fail("%s is locked" % word[0], "type unlock %d" % word[1])
            self._close()
        elif told[1:] and not word[4]:
            out.fail("nothing may stand behind %s" % word[0], "type %s alone" % word[0])
            self._close()
        else:
            try:
                command = getattr(load(word[2]), word[3])
                self._answer = command(told[1:], self._box, out)
            except Exception as error:  # noqa: BLE001 - a command must not stop the car
                self._say_broken(error)
            if self._answer is None:
                self._close()

    def _go_on(self) -> bool:
        """The next part of the answer; whether the one after it is wanted at once."""
        answer = self._answer
        before = self._out.waiting
        try:
            if not answer.more(self._out):
                self._close()
                return True
        except Exception as error:  # noqa: BLE001 - as above
            self._say_broken(error)
            self._close()
            return True
        if self._out.waiting > before:
            return True
        waits = getattr(answer, "is_live", False) or getattr(answer, "waits", False)
        return not (waits or self._box.actuators.are_moving())

    def _say_broken(self, error: Exception) -> None:
        """A fault of the program, or no memory: the command ends, nothing else."""
        self._out.fail(
            "the command failed (%s)" % type(error).__name__,
            "type it once more; if it fails again, tell the makers the line and this word",
        )

    def _close(self) -> None:
        self._answer = None
        self._out.close()
        self._prompt()

    def _prompt(self) -> None:
        self._out.put(_UNLOCKED_PROMPT if self._box.level else _PROMPT)
