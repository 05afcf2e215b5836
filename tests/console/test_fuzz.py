"""Fuzzing of the console in short, seeded; in full: `python -m tests.bytes_fuzz console`."""

from collections.abc import Callable
from typing import Any

import pytest

from firmware.console.lines import LineReader
from firmware.console.words import Unknown
from tests.console import fuzzing

COUNT = 500


def test_any_bytes_cost_their_line_and_no_more() -> None:
    counts = fuzzing.fuzz(COUNT, 1)
    assert counts["inputs"] == COUNT
    assert counts["noisy_lines"] > COUNT // 10, "the fuzzer is blunt"


def test_a_command_that_fails_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: an unknown word with something in it that is no letter."""
    whole: Callable[..., bool] = Unknown.more

    def fails(self: Unknown, out: Any) -> bool:
        if not self._name.isalpha():
            raise KeyError(self._name)
        return whole(self, out)

    monkeypatch.setattr(Unknown, "more", fails)
    with pytest.raises(AssertionError, match="the command failed"):
        fuzzing.fuzz(COUNT, 1)


def test_a_line_that_is_not_given_up_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: Ctrl-C leaves a line that is too long being dropped."""

    def forgets(self: LineReader) -> None:
        self._length = 0
        self._has_noise = False

    monkeypatch.setattr(LineReader, "clear", forgets)
    with pytest.raises(AssertionError):
        fuzzing.fuzz(COUNT, 1)


def test_what_grows_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: lines are remembered."""
    kept: list[list[str]] = []
    whole = LineReader._end

    def keeps(self: LineReader) -> int:
        kept.append([self.text])
        return whole(self)

    monkeypatch.setattr(LineReader, "_end", keeps)
    with pytest.raises(AssertionError, match="objects more"):
        fuzzing.fuzz(COUNT, 1)
