"""Reads docs/protocol.md: its sections and the tables in them."""

from __future__ import annotations

import re

from tools import tree

PAGE = "docs/protocol.md"
TEXT = (tree.ROOT / PAGE).read_text(encoding="utf-8")

_ROW = re.compile(r"^\|(.*)\|$")
_HEADING = re.compile(r"^#{2,3} (.*)$")
Row = list[str]


def sections() -> dict[str, str]:
    """Heading -> what stands below it, down to the next heading of whatever level."""
    found: dict[str, str] = {}
    name = ""
    for line in TEXT.splitlines():
        heading = _HEADING.match(line)
        if heading:
            name = heading[1]
            found[name] = ""
        elif name:
            found[name] += line + "\n"
    return found


def tables(text: str, first_column: str) -> list[Row]:
    """The rows of all tables whose first column has that heading, without heading and rule."""
    rows: list[Row] = []
    is_ours = False
    lines = text.splitlines()
    for at, line in enumerate(lines):
        found = _ROW.match(line)
        if found is None:
            is_ours = False
            continue
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", found[1])]
        is_head = at + 1 < len(lines) and lines[at + 1].startswith("|---")
        if is_head:
            is_ours = cells[0] == first_column
        elif is_ours and not line.startswith("|---"):
            rows.append(cells)
    return rows


def numbers(text: str, first_column: str) -> dict[int, str]:
    """number -> name of such tables; no number twice."""
    rows = tables(text, first_column)
    found = {int(row[0]): row[1] for row in rows}
    assert len(found) == len(rows), f"{PAGE}: a {first_column} twice"
    return found
