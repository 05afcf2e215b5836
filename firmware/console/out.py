"""What the console has to say, waiting for the line: bounded, and sent a little in each turn."""

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hal.api import ByteLink

    #: What a program gets; None: cannot tell. A list: latitude and longitude.
    Value = int | str | bool | list[int] | None
    #: A line; or (name, text, value) of one thing that is told, and what it is about if need be.
    Item = str | tuple[str, str, Value] | tuple[str, str, Value, str]

QUEUE_BYTES = 1024
SEND_BYTES_MAX = 64
#: What one item may take, in lines of 78 columns or as an object.
LINE_BYTES_MAX = 320
#: Names stand in a column so wide, unless a command sets `columns`.
NAME_COLUMNS = 11
COLUMNS = 78
#: Behind number and time of an event.
_DETAIL_COLUMNS = 28
#: So many times a line is broken; the rest is cut off.
_WRAPPED_MAX = 3
END = b"\r\n"
#: The answer to exit and quit: nothing lies behind the console.
HOW_TO_LEAVE = "leave the terminal program: Ctrl-] in fleetd console, Ctrl-A K in screen"


class Out:
    """Lines for people, or one JSON object a line for programs (`is_json`, set by the console).

    A command says `line` or `item` as often as it has something to tell, and at the end nothing, or
    `fail` once. The console says the last word, `close`.
    """

    def __init__(self, link: "ByteLink") -> None:
        self.is_json = False
        self.columns = NAME_COLUMNS
        #: Lines that found no room.
        self.dropped = 0
        self._link = link
        self._queue = bytearray(QUEUE_BYTES)
        self._begin = 0
        self._end = 0
        self._parts = 0
        self._failed = False

    @property
    def waiting(self) -> int:
        """Bytes that are not sent yet."""
        return self._end - self._begin

    @property
    def is_full(self) -> bool:
        """Whether the next line might not fit."""
        return self.waiting > QUEUE_BYTES - LINE_BYTES_MAX

    def drain(self) -> int:
        """Send at most SEND_BYTES_MAX; how many bytes the link took."""
        count = self.waiting
        if count == 0:
            return 0
        count = min(count, SEND_BYTES_MAX)
        part = memoryview(self._queue)[self._begin : self._begin + count]
        sent = self._link.write(part)
        self._begin += sent
        if self._begin == self._end:
            self._begin = self._end = 0
        return sent

    def put(self, data: bytes) -> bool:
        """Bytes as they are; False, and nothing of them, when there is no room."""
        size = len(data)
        if size > QUEUE_BYTES - self.waiting:
            return False
        if self._end + size > QUEUE_BYTES:
            count = self.waiting
            self._queue[:count] = self._queue[self._begin : self._end]
            self._begin, self._end = 0, count
        self._queue[self._end : self._end + size] = data
        self._end += size
        return True

    def echo(self, data: bytes) -> None:
        """What was typed; it may be lost when much else waits."""
        if not self.is_full:
            self.put(data)

    def line(self, text: str) -> None:
        """A line for people; a part of the answer for programs."""
        if self.is_json:
            self._part('"text":' + json.dumps(text))
        else:
            self._wrap(text, 0)

    def data(self, text: str) -> None:
        """A line that a program reads in both modes: never wrapped."""
        if self.is_json:
            self.line(text)
        else:
            self._write(text)

    def item(self, name: str, text: str, value: "Value", about: str = "") -> None:
        """One thing that is told: its name, words with units for people, the bare value.

        Names stand in a column of `columns`; without a name `text` is all that people see, and
        `about`, what of several it is, is for programs alone: they read no sentences.
        """
        if self.is_json:
            head = '"name":%s,' % json.dumps(name) if name else ""
            if about:
                head += '"about":%s,' % json.dumps(about)
            self._part('%s"value":%s,"text":%s' % (head, json.dumps(value), json.dumps(text)))
        elif name:
            self._wrap(name + " " * (self.columns - len(name)) + " " + text, self.columns + 1)
        else:
            self._wrap(text, _DETAIL_COLUMNS)

    def say(self, item: "Item") -> None:
        """A `line` or an `item`."""
        if isinstance(item, str):
            self.line(item)
        else:
            self.item(*item)

    def fail(self, error: str, remedy: str = "") -> None:
        """It was not done: why, and what to do."""
        self._failed = True
        if self.is_json:
            self._write('{"ok":false,"error":%s,"do":%s}' % (json.dumps(error), json.dumps(remedy)))
        else:
            self._wrap(error + (": " + remedy if remedy else ""), 0)

    def begin(self, is_json: bool) -> None:
        """An answer begins."""
        self.is_json = is_json
        self.columns = NAME_COLUMNS
        self._parts = 0
        self._failed = False

    def close(self) -> None:
        """The answer is complete."""
        if self.is_json and not self._failed:
            self._write('{"ok":true,"parts":%d}' % self._parts)
        self.is_json = False

    def _part(self, words: str) -> None:
        self._parts += 1
        self._write('{"part":%d,%s}' % (self._parts, words))

    def _wrap(self, text: str, indent: int) -> None:
        """At most 78 columns, and 4 lines; what goes on is set in."""
        for _ in range(_WRAPPED_MAX):
            if len(text) <= COLUMNS:
                break
            cut = text.rfind(" ", indent, COLUMNS + 1)
            if cut <= indent:
                cut = COLUMNS
            self._write(text[:cut])
            text = " " * indent + text[cut:].lstrip()
        self._write(text[:COLUMNS])

    def _write(self, text: str) -> None:
        data = text.encode()
        if len(data) > LINE_BYTES_MAX - len(END):
            data = data[: LINE_BYTES_MAX - len(END)]
        if not self.put(data + END):
            self.dropped += 1


class Pages:
    """A long answer, one item a turn: what a command returns when it has more than a few lines.

    `items` gives each one when it is asked for; "" an empty line, None: nothing to say in this turn.
    """

    def __init__(self, items: "Iterator[Item | None]") -> None:
        self._items = items

    def more(self, out: Out) -> bool:
        """Say the next one; False: that was all."""
        for item in self._items:
            if item is not None:
                out.say(item)
            return True
        return False
