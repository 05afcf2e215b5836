"""Where the answer to a box's question comes from: the database here, or a command elsewhere."""

from __future__ import annotations

import shlex
import subprocess

from firmware.wire import console_key
from fleetd.console.client import AnswerError, Answers
from fleetd.core.refused import Refused
from fleetd.sentences import refusal
from fleetd.service import Fleet

#: A person may have to type a passphrase meanwhile.
COMMAND_S = 120.0


def from_fleet(fleet: Fleet, who: str, *, is_next: bool = False) -> Answers:
    """Kept there under this person's name."""

    def answer(car: str, question: str) -> str:
        try:
            return fleet.answer_console(car, question, who, is_next=is_next).answer
        except Refused as refused:
            raise AnswerError(refusal(refused)) from None

    return answer


def from_command(command: str) -> Answers:
    """`command CAR QUESTION` prints it, as `ssh depot fleetd console-answer --by me --db D` does."""

    def answer(car: str, question: str) -> str:
        try:
            words = [*shlex.split(command), car, question]
            done = subprocess.run(  # noqa: S603 - the technician's own
                words, stdout=subprocess.PIPE, text=True, timeout=COMMAND_S, check=False
            )
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            raise AnswerError(f"--answer-command: {type(error).__name__}; try it by hand") from None
        found = console_key.read_answer(done.stdout.strip())
        if done.returncode or not found:
            raise AnswerError(
                f"--answer-command: exit code {done.returncode} and no answer; try it by hand with"
                f" {car} {question}"
            )
        return found

    return answer
