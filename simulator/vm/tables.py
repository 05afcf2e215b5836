"""Makes tables of words small in RAM when a program runs from a ROMFS.

The compiler folds a tuple of constants into one object, and the loader then makes a new object of
every word in it, each time it stands there. Built by calls, the words are interned names, which
the program has anyway, and equal tuples are one. On a board with the program frozen in, folded
tuples lie in flash: this is for the stand-in only.
"""

from __future__ import annotations

import ast

_WORDS_MIN = 8
_PRELUDE = "_seen = {}; _row = lambda *row: _seen.setdefault(row, row); "
_END = "; del _seen, _row"


def unfold_tables(text: str) -> str:
    """The same module, its tables built by calls; the line numbers stay."""
    tables = [node for node in ast.parse(text).body if _is_table(node)]
    if not tables:
        return text
    lines = [line.encode() for line in text.splitlines()]
    last = tables[-1]
    assert last.end_lineno is not None
    _insert(lines, last.end_lineno, last.end_col_offset or 0, _END)
    tuples = [n for table in tables for n in ast.walk(table) if isinstance(n, ast.Tuple)]
    for node in sorted(tuples, key=lambda n: (n.lineno, n.col_offset), reverse=True):
        _insert(lines, node.lineno, node.col_offset, "_row")
    _insert(lines, tables[0].lineno, 0, _PRELUDE)
    return b"\n".join(lines).decode() + "\n"


def _is_table(node: ast.stmt) -> bool:
    """A tuple at the top of the module with many words and nothing but words, tuples, names."""
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Tuple):
        return False
    parts = list(ast.walk(node.value))
    words = [n for n in parts if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    known = (ast.Tuple, ast.Constant, ast.Name, ast.Load, ast.Attribute)
    return len(words) >= _WORDS_MIN and all(isinstance(n, known) for n in parts)


def _insert(lines: list[bytes], line: int, column: int, text: str) -> None:
    whole = lines[line - 1]
    lines[line - 1] = whole[:column] + text.encode() + whole[column:]
