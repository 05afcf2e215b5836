"""docs/stories.md, read: which scenario answers which question under which profile.

Each table's header names a profile in its columns; a cell holds links to scenarios of that profile,
words, or `SAME`: the scenarios of `BASE` in that row are told under this column's profile too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from tests.other_profiles import BASE

PAGE = "docs/stories.md"
FOLDER = "tests/scenarios/"
SAME = "the same"

_LINK = re.compile(r"\]\(\.\./([^)]+)\)")
_PROFILE = re.compile(r"`([a-z0-9-]+)`")


class Answer(NamedTuple):
    """A scenario under a profile; `is_same` when it is `BASE`'s."""

    line: int
    path: str
    profile: str
    is_same: bool


def answers(text: str) -> Iterator[Answer]:
    """All that the page names, in its order. ValueError: `SAME`, and nothing to be the same as."""
    columns: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("|"):
            columns = []
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not columns:
            columns = [(_PROFILE.findall(cell) or [""])[0] for cell in cells]
            continue
        row = dict(zip(columns, cells, strict=True))
        links = {profile: _LINK.findall(cell) for profile, cell in row.items() if profile}
        for profile, cell in row.items():
            for path in links.get(profile, ()):
                yield Answer(number, path, profile, False)
            if cell == SAME:
                if not links.get(BASE):
                    raise ValueError(f"line {number}: the same as what?")
                for path in links[BASE]:
                    yield Answer(number, path, profile, True)


def findings(text: str, profiles: dict[str, str]) -> Iterator[str]:
    """What is wrong with the page; `profiles`: each scenario that there is, and its profile."""
    named = set()
    for line, path, profile, is_same in answers(text):
        named.add(path)
        if path not in profiles:
            yield f"line {line}: there is no {path}"
        elif not is_same and profiles[path] != profile:
            yield f"line {line}: {path} is of {profiles[path]}, not of {profile}"
        elif is_same and profile == BASE:
            yield f"line {line}: {profile} is the same as itself"
    for path in profiles:
        if path not in named:
            yield f"{path} stands nowhere on the page"
