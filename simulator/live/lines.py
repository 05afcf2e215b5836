"""Lines of styled text of an exact width: what the screen is put together from."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.text import Text

Lines = list[Text]


def fit(line: Text, width: int) -> Text:
    """That many cells: cut with an ellipsis, or filled up."""
    fitted = line.copy()
    fitted.truncate(width, overflow="ellipsis", pad=True)
    return fitted


def fit_all(lines: Sequence[Text], width: int, height: int) -> Lines:
    """Exactly so many lines of that width: the first ones, or blank ones after them."""
    fitted = [fit(line, width) for line in lines[:height]]
    return fitted + [Text(" " * width)] * (height - len(fitted))


def beside(left: Text, right: Text, width: int) -> Text:
    """One at each end of a line; the left one is cut when there is no room for both."""
    room = max(0, width - right.cell_len - 1)
    return fit(Text.assemble(fit(left, room), " ", right), width)


def title(text: str, width: int, note: str = "") -> Text:
    """A section's first line, with a rule to the right."""
    rule = "─" * max(0, width - len(text) - len(note) - 4)
    parts = [("─ ", "dim"), (text, "bold"), (f" {rule}", "dim")]
    return fit(Text.assemble(*parts, f" {note}" if note else ""), width)


def wrap(text: str, width: int, most: int) -> list[str]:
    """Words in lines of `width`, at most so many lines; the last one may be cut when shown."""
    lines: list[str] = []
    for word in text.split():
        if lines and (len(lines) == most or len(lines[-1]) + 1 + len(word) <= width):
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


class Canvas:
    """Characters at places, each with a style."""

    def __init__(self, width: int, height: int) -> None:
        self._cells = [[(" ", "")] * width for _ in range(height)]

    def put(self, row: int, column: int, text: str, style: str = "") -> None:
        """What lies outside is left out."""
        for offset, sign in enumerate(text):
            if 0 <= column + offset < len(self._cells[row]):
                self._cells[row][column + offset] = (sign, style)

    def lines(self) -> Lines:
        return [_joined(row) for row in self._cells]


def _joined(cells: list[tuple[str, str]]) -> Text:
    """Neighbours of one style are one piece."""
    pieces = [
        ("".join(sign for sign, _ in group), style)
        for style, group in groupby(cells, key=lambda cell: cell[1])
    ]
    return Text.assemble(*pieces)
