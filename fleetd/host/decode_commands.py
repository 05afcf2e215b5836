"""`decode`: frames, captures and events in words."""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from firmware.wire import frames
from fleetd.arguments import DONE, USAGE, parser_of, run
from fleetd.decode.events import Words
from fleetd.decode.lines import KINDS, LINE_MAX, line_words
from fleetd.decode.words import Key, is_read

UNREAD = 1
_KEY_FILE_MAX = 10_000
_UNITS = {"_mv": "mV", "_udeg": "microdegrees", "_car_s": "s since 2020", "_s": "s", "_m": "m"}


class UsageError(Exception):
    """What is wrong with the command line, in a sentence."""


def main(argv: list[str]) -> int:
    """The exit code."""
    return run(parser(), argv, _carry_out, is_stream=True)


def _carry_out(arguments: argparse.Namespace) -> int:
    try:
        key = None if arguments.key_file is None else read_key(arguments.key_file)
        with _opened(arguments.file) as file:
            all_read = decode(file, key, arguments.kind or "", as_json=arguments.json)
    except UsageError as error:
        if arguments.json:
            print(json.dumps({"refused": "wrong_usage", "text": str(error)}))
        else:
            print(error, file=sys.stderr)
        return USAGE
    return DONE if all_read else UNREAD


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    found = parser_of(
        "-m fleetd decode",
        "Print frames of kb/1, events and records in words: a line each, as hex digits"
        " or base64, alone or behind a topic, as from mosquitto_sub.",
        "example:\n  mosquitto_sub -t 'kb/1/#' -F '%t %x' | python -m fleetd decode\n"
        "  echo 050bc10e70010000000701 | python -m fleetd decode --as event\n"
        "  python -m fleetd decode capture.txt --key-file suginami-1.json --json\n\n"
        "Times are UTC, and where the box counts them, seconds since 2020 by its own clock.\n"
        "Exit code 0: all was read; 1: something could not be read; 2: wrong usage.",
    )
    found.add_argument("file", nargs="?", default="-", metavar="FILE",
                       help="- or nothing: the standard input")  # fmt: skip
    found.add_argument("--key-file", type=Path, metavar="IDENTITY.json",
                       help="the car's identity, as `car add` wrote it: its frames' tags are"
                       " checked, under a later key when the capture has the record of it;"
                       " no key is ever printed")  # fmt: skip
    found.add_argument("--as", choices=KINDS, dest="kind",
                       help="what lines without a topic are (default: looked at)")  # fmt: skip
    found.add_argument("--json", action="store_true", help="a line of JSON for each")
    return found


def decode(file: TextIO, key: Key | None, kind: str = "", *, as_json: bool = False) -> bool:
    """Was everything read? Later keys of the car are looked for first, in what can be read twice."""
    all_read = True
    if key is not None and file.seekable():
        begin = file.tell()
        for _, line in _lines(file):
            line_words(line, key, kind)
        file.seek(begin)
    for number, line in _lines(file):
        words = line_words(line, key, kind)
        if words is None:
            continue
        all_read = all_read and is_read(words)
        if as_json:
            print(json.dumps({"line": number, **words}), flush=True)
        else:
            print("\n".join([f"{number}:", *_tell(words, "  ")]), flush=True)
    return all_read


def _lines(file: TextIO) -> Iterator[tuple[int, str]]:
    """With their numbers from 1 on; of one that is too long its beginning."""
    number = 0
    while line := _read(file, LINE_MAX + 2):
        number += 1
        yield number, line
        while line and not line.endswith("\n"):
            line = _read(file, LINE_MAX)


def _read(file: TextIO, most: int) -> str:
    try:
        return file.readline(most)
    except OSError as error:
        raise UsageError(f"{file.name}: cannot be read: {error.strerror}") from None


def _tell(words: Words, indent: str) -> Iterator[str]:
    for name, value in words.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            yield f"{indent}{name}:"
            for one in value:
                first, *rest = _tell(one, indent + "    ")
                yield f"{indent}  - {first.strip()}"
                yield from rest
        else:
            yield f"{indent}{name}: {_shown(name, value)}"


def _shown(name: str, value: Any) -> str:
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value) or "none"
    unit = next((unit for suffix, unit in _UNITS.items() if name.endswith(suffix)), "")
    return f"{value} {unit}" if unit and isinstance(value, int) else str(value)


def read_key(path: Path) -> Key:
    """From an identity file; what is wrong with it is told without what is in it."""
    try:
        found = json.loads(path.read_bytes()[:_KEY_FILE_MAX])
        car, key = found["car"], bytes.fromhex(found["key"])
        frames.car_from_hex(car)
    except OSError as error:
        raise UsageError(f"--key-file {path}: cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UsageError(f"--key-file {path}: is no identity; `car add` writes one") from None
    if len(key) != frames.KEY_BYTES:
        raise UsageError(f"--key-file {path}: its key has not {frames.KEY_BYTES} bytes")
    return Key(car, key)


@contextmanager
def _opened(name: str) -> Iterator[TextIO]:
    if name == "-":
        if sys.stdin is None:
            raise UsageError("-: the standard input is closed; give a file")
        if isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(errors="replace")
        yield sys.stdin
        return
    try:
        file = open(name, encoding="utf-8", errors="replace")  # noqa: SIM115 - closed below
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {error.strerror}") from None
    with file:
        yield file
