"""Checks of form: lengths, names, what portable code may use, what no file may contain.

python -m tools.source_checks     exit 0 when nothing is found
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import PurePosixPath

from tools import portable_checks, text_checks, tree
from tools.tree import Check, Finding, Source

FILE_LINES_MAX = 300
TEST_FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50

#: Words that say nothing about what a class does.
EMPTY_WORDS = frozenset({"Manager", "Helper", "Helpers", "Util", "Utils", "Impl"})
EMPTY_FILES = frozenset({"util", "utils", "helper", "helpers", "misc", "common", "impl", "manager"})


def check_lengths(source: Source) -> Iterator[Finding]:
    """Short files and short functions; a function's decorators and docstring are not counted."""
    lines = source.text.count("\n")
    limit = TEST_FILE_LINES_MAX if source.path.startswith("tests/") else FILE_LINES_MAX
    if lines > limit:
        yield Finding(source.path, 1, f"{lines} lines, {limit} is the limit; split it")
    for node in ast.walk(source.tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = (node.end_lineno or node.lineno) - node.lineno + 1 - _docstring_lines(node)
            if length > FUNCTION_LINES_MAX:
                text = f"{node.name} has {length} lines, {FUNCTION_LINES_MAX} is the limit"
                yield Finding(source.path, node.lineno, text)


def check_names(source: Source) -> Iterator[Finding]:
    """Names that say something, and that do not hide a module of the interpreter."""
    stem = PurePosixPath(source.path).stem
    if stem in sys.stdlib_module_names and not stem.startswith("__"):
        text = f"module {stem} hides the interpreter's when its folder is run; rename it"
        yield Finding(source.path, 1, text)
    if stem in EMPTY_FILES:
        yield Finding(source.path, 1, f"module name {stem} says nothing about its job")
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef):
            empty = EMPTY_WORDS.intersection(re.findall(r"[A-Z][a-z0-9]*", node.name))
            if empty:
                text = f"class {node.name}: '{min(empty)}' says nothing; name the thing it is"
                yield Finding(source.path, node.lineno, text)


CHECKS: tuple[Check, ...] = (check_lengths, check_names, portable_checks.check)


def _docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    if ast.get_docstring(node, clean=False) is None:
        return 0
    first = node.body[0]
    return (first.end_lineno or first.lineno) - first.lineno + 1


def main() -> int:
    files = list(tree.sources())
    findings = [found for file in files for check in CHECKS for found in check(file)]
    texts = list(tree.paths(*text_checks.SUFFIXES))
    for path in texts:
        findings += text_checks.check(path, (tree.ROOT / path).read_text(encoding="utf-8"))
    return tree.report("source checks", findings, len(texts))


if __name__ == "__main__":
    sys.exit(main())
