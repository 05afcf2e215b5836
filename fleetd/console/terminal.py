"""`console PORT`: a person, or with --json a program, speaks with the box at the end of a cable."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import select
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from fleetd.arguments import DONE, USAGE, parser_of, run
from fleetd.console import answering
from fleetd.console.client import AnswerError, Answers, BoxClient, question_in
from fleetd.console.colours import Colours
from fleetd.console.leaving import Typed
from fleetd.console.line import Line, LineError
from fleetd.core.refused import Refused
from fleetd.host.failures import EXPECTED, UsageError, failure
from fleetd.host.parts import open_fleet
from fleetd.sentences import refusal

FAILED = 1
#: A box's line, without the ` --json` behind it.
COMMAND_MAX = 113
_READ_BYTES = 1024
#: Behind `unlock`, where the box asks a question; to all else it has an answer of its own.
_ANSWERED = ("", "1", "2", "3")
#: What is looked at for a question, which a chunk may cut.
_TAIL_BYTES = 200


def main(argv: list[str]) -> int:
    """The exit code."""
    return run(parser(), argv, _carry_out)


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    found = parser_of(
        "-m fleetd console",
        "The console of a box, over its serial port; the line is edited by the box. exit, quit or\n"
        "Ctrl-] leaves.\n"
        "With --database and --by, or with --answer-command, `unlock` is answered by itself.",
        "example:\n  python -m fleetd console /dev/ttyUSB0\n"
        "  python -m fleetd console /dev/ttyUSB0 --answer-command"
        " 'ssh depot fleetd console-answer --db /var/lib/fleetd/fleet.db --by mori'\n"
        "  echo status | python -m fleetd console /dev/ttyUSB0 --json\n\n"
        "Exit code 0: done; 1: the box refused a command, or the line failed; 2: wrong usage.",
    )
    found.add_argument("port", metavar="PORT", help="as /dev/ttyUSB0")
    found.add_argument("--db", "--database", dest="db", type=Path, metavar="PATH",
                       help="a database that answers `unlock`")  # fmt: skip
    found.add_argument("--by", metavar="NAME", help="for whom; see: technician list")
    found.add_argument("--answer-command", metavar="CMD",
                       help="a command that prints the answer when the car and the box's question"
                       " are put behind it")  # fmt: skip
    found.add_argument("--json", action="store_true",
                       help="a command per line of standard input, a line of JSON for each")  # fmt: skip
    return found


def _carry_out(arguments: argparse.Namespace) -> int:
    try:
        answers = answers_of(arguments)
        with Line(arguments.port) as line:
            if arguments.json:
                return speak(BoxClient(line), sys.stdin, sys.stdout, answers)
            return Session(line, answers).run()
    except Refused as refused:
        return _fail(arguments, refused.code, refusal(refused), FAILED)
    except EXPECTED as error:
        told = failure(error, arguments.db)
        return _fail(arguments, told.code, told.text, told.exit_code)


def answers_of(arguments: argparse.Namespace) -> Answers | None:
    """None: the technician types the answer."""
    if (arguments.db is None) != (arguments.by is None):
        raise UsageError("--database and --by belong together: whose answer it is, is kept there")
    if arguments.db is None and arguments.answer_command is None:
        return None
    if not arguments.json and not sys.stdin.isatty():
        raise UsageError(
            "--answer-command, --by: unlock is answered at a terminal, or with --json;"
            " give that, too, for commands from a pipe"
        )
    if arguments.answer_command is not None:
        return answering.from_command(arguments.answer_command)
    return answering.from_fleet(open_fleet(arguments), arguments.by)


def _fail(arguments: argparse.Namespace, code: str, text: str, exit_code: int) -> int:
    if arguments.json:
        print(json.dumps({"ok": False, "refused": code, "error": text, "do": ""}), flush=True)
    else:
        print(text, file=sys.stderr)
    return exit_code


def speak(client: BoxClient, asked: TextIO, told: TextIO, answers: Answers | None) -> int:
    """One line of JSON for each command; whether all were done."""
    exit_code = DONE
    client.wake()
    for text in asked:
        command = text.strip().removesuffix("--json").strip()
        if not command:
            continue
        found = _one(client, command, answers)
        if not found["ok"]:
            exit_code = FAILED
        print(json.dumps({"command": command, **found}), file=told, flush=True)
    return exit_code


def _one(client: BoxClient, command: str, answers: Answers | None) -> dict[str, Any]:
    if not command.isascii() or not command.isprintable():
        return {"ok": False, "error": "a command is printable ASCII", "do": "type it again"}
    if len(command) > COMMAND_MAX:
        error = f"a command has at most {COMMAND_MAX} characters, this one {len(command)}"
        return {"ok": False, "error": error, "do": "make it shorter"}
    try:
        word, _, level = " ".join(command.split()).partition(" ")
        if word == "unlock" and level in _ANSWERED and answers is not None:
            client.unlock(int(level or 1), answers)
            return {"ok": True, "parts": []}
        return client.ask(command).as_json()
    except AnswerError as error:
        return {"ok": False, "error": str(error), "do": ""}


class Session:
    """A person's: keys to the box, bytes to the screen."""

    def __init__(self, line: Line, answers: Answers | None) -> None:
        self._line = line
        self._answers = answers
        self._colours = Colours(has_colours=sys.stdout.isatty() and "NO_COLOR" not in os.environ)
        self._typed = Typed()
        self._tail = ""
        self._answered = ""

    def run(self) -> int:
        """Until Ctrl-], exit or quit, the end of the input, or the end of the line."""
        keys = sys.stdin.fileno()
        if sys.stdin.isatty():
            print(f"{self._line.port}: exit or Ctrl-] leaves", file=sys.stderr)
        self._line.write(b"\r")
        with _raw(keys):
            try:
                self._pass_on(keys)
            finally:
                self._show(b"\r\n" if sys.stdin.isatty() else b"")
        return DONE

    def _pass_on(self, keys: int) -> None:
        listens = [self._line.fileno(), keys]
        while True:
            ready = select.select(listens, [], [])[0]
            if self._line.fileno() in ready:
                data = self._line.read()
                if not data:
                    raise LineError(
                        f"{self._line.port}: the cable was pulled, or the box has no power"
                    )
                self._show(self._colours.feed(data))
                self._look_for_question(data)
            if keys in ready:
                typed = os.read(keys, _READ_BYTES)
                keys_on, leaves = self._typed.feed(typed)
                self._line.write(keys_on.replace(b"\n", b"\r"))
                if leaves or not typed:
                    self._listen_to_the_end()
                    return

    def _listen_to_the_end(self) -> None:
        """What the box still has to say to what was typed before."""
        while data := self._line.read(0.3):
            self._show(self._colours.feed(data))

    def _look_for_question(self, data: bytes) -> None:
        if self._answers is None:
            return
        self._tail = (self._tail + data.decode("ascii", "replace"))[-_TAIL_BYTES:]
        question = question_in(self._tail)
        # Complete when something stands behind it.
        if not question or self._tail.endswith(question) or question == self._answered:
            return
        self._answered = question
        self._tail = ""
        self._typed = Typed()  # what was begun is cleared at the box, too
        try:
            client = BoxClient(self._line)
            client.wake()
            answer = self._answers(client.car(), question)
        except AnswerError as error:
            self._show(f"\r\n{error}\r\n".encode())
        else:
            self._line.write(b"answer " + answer.encode() + b"\r")

    def _show(self, data: bytes) -> None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


@contextlib.contextmanager
def _raw(keys: int) -> Iterator[None]:
    """Keys come one by one and unseen; as it was before when this ends."""
    if not os.isatty(keys):
        yield
        return
    import termios
    import tty

    kept = termios.tcgetattr(keys)
    try:
        tty.setraw(keys)
        yield
    finally:
        termios.tcsetattr(keys, termios.TCSADRAIN, kept)


__all__ = ["FAILED", "USAGE", "Session", "main", "parser", "speak"]
