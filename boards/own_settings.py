"""What a technician may change in `box.json` at the console (TECH-4): a board's own few values.

The centre's log rules terms and settings, provisioning the identity; neither is here. A value is
judged by who reads the file at the next start, `boards.box_config` and the board, and refused with
their sentences; then the file is replaced in one step and read back. It holds from the next start on.
"""

import json

from firmware.compat import unload

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from boards.box_config import BoxConfig

    #: Name at the console, its place in `box.json`, one of TEXT, NUMBER, SECRET.
    Field = tuple[str, tuple[str, ...], int]

TEXT = 0
NUMBER = 1
SECRET = 2
#: Typed in place of a value: there is none.
NONE = "-"
_DIGITS_MAX = 9

CENTRE: "tuple[Field, ...]" = (
    ("host", ("host",), TEXT),
    ("port", ("port",), NUMBER),
    ("server_name", ("server_name",), TEXT),
)
WIFI: "tuple[Field, ...]" = (
    ("wifi", ("network", "ssid"), TEXT),
    ("wifi_password", ("network", "password"), SECRET),
)


class OwnSettings:
    """`ConsoleBox.own`. `path` of `box.json`; `judge` raises ValueError for what a board cannot be."""

    def __init__(
        self, path: str, judge: "Callable[[BoxConfig], object]", fields: "tuple[Field, ...]"
    ) -> None:
        #: Names whose value nobody is told.
        self.secrets = [name for name, _, kind in fields if kind == SECRET]
        self._path = path
        self._judge = judge
        self._fields = fields
        self._changed: "list[str]" = []

    def items(self) -> "Iterator[tuple[str, str, int | str | bool | None]]":
        """(name, words, value) of each, as the file has it; of a secret whether it is set."""
        raw = self._read()
        for name, place, kind in self._fields:
            value: "Any" = raw
            for key in place:
                value = value.get(key) if isinstance(value, dict) else None
            words = "not said" if value is None else str(value)
            if kind == SECRET:
                value = bool(value)
                words = "set, not shown" if value else "none"
            if name in self._changed:
                words += ", from the next start on"
            yield name, words, value

    def check(self, name: str, text: str) -> str:
        """Why it cannot be, in a sentence with the way out; "": it can."""
        return self._try(name, text)[1]

    def put(self, name: str, text: str) -> str:
        """All of it or nothing, whenever the power goes; "", or why nothing was changed."""
        data, objection = self._try(name, text)
        if objection:
            return objection
        from boards.bare_file import write_whole

        try:
            _keep_mode(self._path)
            write_whole("", self._path, data)
            with open(self._path, "rb") as file:
                found = file.read()
        except OSError as error:
            return "box.json cannot be written (error %d); change it on the host" % error.args[0]
        finally:
            del write_whole
            unload("boards.bare_file")
        if found != data:
            return "what was written reads back otherwise; swap the box: bad flash"
        if name not in self._changed:
            self._changed.append(name)
        return ""

    def _read(self) -> "dict[str, Any]":
        try:
            with open(self._path, "rb") as file:
                raw = json.loads(str(file.read(), "utf-8"))
        except (OSError, ValueError):
            return {}
        return raw if isinstance(raw, dict) else {}

    def _try(self, name: str, text: str) -> "tuple[bytes, str]":
        """(the file with it, why it cannot be)."""
        found = [field for field in self._fields if field[0] == name]
        if not found:
            return b"", "there is no setting %s; type set for what there is" % name[:16]
        raw = self._read()
        place = found[0][1]
        group: "Any" = raw
        for key in place[:-1]:
            group = group.setdefault(key, {})
            if not isinstance(group, dict):
                return b"", "box.json: %s is %r here; whoever runs it sees to it" % (key, group)
        _take(group, place[-1], text, found[0][2])
        data = json.dumps(raw).encode()
        from boards.box_config import load

        try:
            self._judge(load(data))
        except ValueError as error:
            return b"", str(error)
        finally:
            del load
            unload("boards.box_config")
        return data, ""


def _take(group: "dict[str, Any]", key: str, text: str, kind: int) -> None:
    """What is no number stays the text that it is: whoever judges it has the sentence."""
    if text == NONE and kind == SECRET:
        group[key] = ""
    elif text == NONE:
        group.pop(key, None)
    elif kind == NUMBER and text.isdigit() and len(text) <= _DIGITS_MAX:
        group[key] = int(text)
    else:
        group[key] = text


def _keep_mode(path: str) -> None:
    """Where files have owners the new one is as secret as the old one before anything is in it."""
    import os

    change_mode = getattr(os, "chmod", None)
    if change_mode is not None:
        open(path + ".new", "wb").close()
        change_mode(path + ".new", os.stat(path)[0] & 0o777)
