"""Drops functions, methods and classes that a whole program never names, and what it never reads.

A name counts as used wherever it stands outside its own definition: as a name, behind a dot, or as
a word in a text, since tables name guards and actions in texts. So nothing that is used goes; what
goes is there for tests, or for the other end of the wire. A method is not reached by a bare name,
and not by writing to it. Nor is an attribute: `self.name = ...` goes, too, where nothing reads it
and nothing happens on the right side.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping

from simulator.vm.edits import Edits

_WORD = re.compile(r"[A-Za-z_]\w*")
_DEFINITIONS = ast.FunctionDef | ast.ClassDef
_Store = ast.Assign | ast.AugAssign | ast.AnnAssign
#: What an expression may be made of that does nothing but give a value.
_STILL = (
    ast.Constant,
    ast.Name,
    ast.Attribute,
    ast.UnaryOp,
    ast.unaryop,
    ast.BinOp,
    ast.operator,
    ast.expr_context,
    ast.List,
)


def drop_unused(files: Mapping[str, str], start: str) -> dict[str, str]:
    """Path -> text, with empty lines where unused definitions stood; `start` runs the program."""
    trees = {path: ast.parse(text) for path, text in files.items()}
    edits = {path: Edits(text) for path, text in files.items()}
    dropped: set[ast.AST] = set()
    while True:
        named = Counter(_names(ast.parse(start), dropped))
        for tree in trees.values():
            named.update(_names(tree, dropped))
        reached = Counter(_names(ast.parse(start), dropped, False))
        for tree in trees.values():
            reached.update(_names(tree, dropped, False))
        found = [
            (path, body, node)
            for path, tree in trees.items()
            for body, node in _definitions(tree, dropped)
            if _is_unused(node, named if body is tree.body else reached, body is tree.body, dropped)
        ]
        stores = [
            (path, node)
            for path, tree in trees.items()
            for node in ast.walk(tree)
            if isinstance(node, _Store)
            and node not in dropped
            and _is_still_store(node)
            and not reached[_stored(node)]
        ]
        if not found and not stores:
            return {path: one.result() for path, one in edits.items()}
        for path, store in stores:
            dropped.add(store)
            edits[path].blank(store, "pass")
        for path, body, node in found:
            dropped.add(node)
            is_last = all(one in dropped for one in body)
            edits[path].blank(node, "pass" if is_last else "")


def _definitions(
    tree: ast.Module, dropped: set[ast.AST]
) -> Iterator[tuple[list[ast.stmt], _DEFINITIONS]]:
    """Those at the top and in classes there, with what stands beside them."""
    for node in tree.body:
        if not isinstance(node, _DEFINITIONS) or node in dropped:
            continue
        yield tree.body, node
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if (
                    isinstance(inner, ast.FunctionDef)
                    and not inner.name.startswith("__")
                    and inner not in dropped
                ):
                    yield node.body, inner


def _is_unused(node: _DEFINITIONS, named: Counter[str], bare: bool, dropped: set[ast.AST]) -> bool:
    return named[node.name] == Counter(_names(node, dropped, bare))[node.name]


def _names(node: ast.AST, dropped: set[ast.AST], bare: bool = True) -> Iterator[str]:
    """Every name that is used in it; docstrings and annotations name nothing.

    Without those that stand for themselves when not `bare`.
    """
    waiting: list[ast.AST] = [node]
    while waiting:
        now = waiting.pop()
        if now in dropped:
            continue
        if isinstance(now, ast.Name):
            if bare:
                yield now.id
        elif isinstance(now, ast.Attribute) and not isinstance(now.ctx, ast.Store):
            yield now.attr
        elif isinstance(now, ast.keyword) and now.arg:
            yield now.arg
        elif isinstance(now, ast.ImportFrom):
            yield from (alias.name for alias in now.names)
        elif isinstance(now, ast.Constant) and isinstance(now.value, str):
            yield from _WORD.findall(now.value)
        for name, value in ast.iter_fields(now):
            if name in ("annotation", "returns"):
                continue
            parts = value if isinstance(value, list) else [value]
            waiting += [one for one in parts if isinstance(one, ast.AST) and not _is_docstring(one)]


def _stored(node: _Store) -> str:
    """The one attribute of `self` that is written; empty when it is anything else."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    target = targets[0]
    if len(targets) == 1 and isinstance(target, ast.Attribute):
        return target.attr if ast.unparse(target.value) == "self" else ""
    return ""


def _is_still_store(node: _Store) -> bool:
    if not _stored(node) or node.value is None:
        return False
    return all(isinstance(part, _STILL) for part in ast.walk(node.value))


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
