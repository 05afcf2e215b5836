"""What must not stand in any text file of the project, whatever its language."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tools.tree import Finding

#: Kinds of files that are read.
SUFFIXES = (
    ".py", ".pyi", ".md", ".toml", ".yaml", ".yml", ".json", ".mjs", ".js", ".css", ".html", ".sh",
    ".sql", ".lock", ".txt", ".service", ".conf", "Makefile", "run", ".npmrc", ".gitignore",
)  # fmt: skip

# Written in pieces, so that this file does not object to itself.
_UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")) + r")\b")
_REGISTRY = re.compile(
    r"(py" + r"pi\.org|python" + r"hosted|registry\." + r"npmjs|deb\.debian" + r"\.org"
    r"|crates" + r"\.io|proxy\.golang" + r"\.org)"
)
_MACHINE = re.compile(
    r"(?<![\w.$}~])/(" + "|".join(("wo" + "rk", "ho" + "me", "Us" + "ers", "ro" + "ot")) + r")/\w"
    r"|(?<![\w.$}~])/t" + r"mp/\w"
)

PATTERNS = (
    (_UNFINISHED, "finish it, or say in an issue what is missing"),
    (_REGISTRY, "host of a package registry; each reader's own settings name it"),
    (_MACHINE, "path of one machine; make it relative, or take a temporary folder"),
)


def check(path: str, text: str) -> Iterator[Finding]:
    """Findings in one file."""
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, advice in PATTERNS:
            found = pattern.search(line)
            if found:
                yield Finding(path, number, f"'{found.group(0)}': {advice}")
