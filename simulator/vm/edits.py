"""Changes to a source text by the places of its syntax tree; the lines keep their numbers."""

from __future__ import annotations

import ast


class Edits:
    """Collected, then done from the end to the beginning by `result`."""

    def __init__(self, text: str) -> None:
        self._lines = [line.encode() for line in text.splitlines()]
        self._edits: list[tuple[int, int, int, bytes]] = []

    def replace(self, node: ast.expr, text: str) -> None:
        """Another expression in its place, which is on one line."""
        assert node.end_lineno == node.lineno
        assert node.end_col_offset is not None
        self._edits.append((node.lineno, node.col_offset, node.end_col_offset, text.encode()))

    def add_behind(self, node: ast.stmt, text: str) -> None:
        """More on the statement's last line."""
        end = node.end_col_offset or 0
        self._edits.append((node.end_lineno or node.lineno, end, end, text.encode()))

    def rename(self, node: ast.FunctionDef | ast.ClassDef, name: str) -> None:
        """Another name behind `def` or `class`."""
        if name != node.name:
            at = self._lines[node.lineno - 1].index(node.name.encode(), node.col_offset)
            self._edits.append((node.lineno, at, at + len(node.name.encode()), name.encode()))

    def blank(self, node: ast.stmt, text: str = "") -> None:
        """Empty lines where the statement stood; `text` on the first of them."""
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(one.lineno for one in decorators)])
        for line in range(first, (node.end_lineno or node.lineno) + 1):
            new = b" " * node.col_offset + text.encode() if text and line == first else b""
            self._edits.append((line, 0, -1, new))

    def result(self) -> str:
        """The text with all changes."""
        lines = list(self._lines)
        whole = {line: new for line, _, end, new in self._edits if end == -1}
        for line, start, end, new in sorted(self._edits, reverse=True):
            if line not in whole:
                lines[line - 1] = lines[line - 1][:start] + new + lines[line - 1][end:]
        for line, new in whole.items():
            lines[line - 1] = new
        return b"\n".join(lines).decode() + "\n"
