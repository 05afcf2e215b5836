"""Writes numbers and words where their names stand, as a C compiler would do with `#define`.

A name at the top of a module costs RAM in every module that imports it, on a board as here. The
line numbers stay, and so does the meaning: only names that are bound once, at the top of their
module, to a number or a short text are written out, and only where nothing else has that name.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

_TEXT_MAX = 40

Constant = int | str
Constants = dict[str, Constant]


def inline_constants(files: Mapping[str, str]) -> dict[str, str]:
    """The same files (path -> text) with constants written out."""
    trees = {_module(path): ast.parse(text) for path, text in files.items()}
    known: dict[str, Constants] = {}
    for module in trees:
        _find(module, trees, known)
    # Python 3.11 does not know where in the file the parts of an f-string are.
    kept = {name for tree in trees.values() for name in _names_in_f_strings(tree)}
    known = {
        module: {name: value for name, value in constants.items() if name not in kept}
        for module, constants in known.items()
    }
    return {
        path: _Rewriter(text, trees[_module(path)], known[_module(path)], known).result()
        for path, text in files.items()
    }


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _find(module: str, trees: Mapping[str, ast.Module], known: dict[str, Constants]) -> Constants:
    """The constants of a module; those that it imports are found first."""
    if module in known:
        return known[module]
    known[module] = found = {}
    tree = trees[module]
    bound = list(_bound_names(tree))
    seen: Constants = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module in trees:
            imported = _find(node.module, trees, known)
            for alias in node.names:
                if alias.name in imported:
                    seen[alias.asname or alias.name] = imported[alias.name]
        elif isinstance(node, ast.Assign) and bound.count(_target(node)) == 1:
            value = _evaluate(node.value, seen)
            if value is not None:
                seen[_target(node)] = found[_target(node)] = value
    return found


def _target(node: ast.Assign) -> str:
    """The one name that is assigned; empty when it is anything else."""
    target = node.targets[0]
    return target.id if isinstance(target, ast.Name) and len(node.targets) == 1 else ""


def _bound_names(tree: ast.Module) -> Iterator[str]:
    """Every name that is bound anywhere in a module, as often as it is."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Global | ast.Nonlocal):
            yield from node.names * 2
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name


def _names_in_f_strings(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Name):
                    yield inner.id
                elif isinstance(inner, ast.Attribute):
                    yield inner.attr


def _evaluate(node: ast.expr, seen: Constants) -> Constant | None:
    """A number or a short text; None for all else."""
    if isinstance(node, ast.Constant):
        if type(node.value) is int or (
            isinstance(node.value, str) and len(node.value) <= _TEXT_MAX
        ):
            return node.value
        return None
    if isinstance(node, ast.Name):
        return seen.get(node.id)
    if isinstance(node, ast.UnaryOp | ast.BinOp):
        parts = [n for n in ast.iter_child_nodes(node) if isinstance(n, ast.expr)]
        values = [_evaluate(part, seen) for part in parts]
        if all(isinstance(value, int) for value in values):
            copies: list[ast.expr] = [ast.Constant(value) for value in values]
            whole: ast.expr
            if isinstance(node, ast.BinOp):
                whole = ast.BinOp(copies[0], node.op, copies[1])
            else:
                whole = ast.UnaryOp(node.op, copies[0])
            tree = ast.fix_missing_locations(ast.Expression(whole))
            value = eval(compile(tree, "constant", "eval"), {})  # noqa: S307 - of numbers only
            return value if type(value) is int else None
    return None


class _Rewriter:
    """One file."""

    def __init__(
        self, text: str, tree: ast.Module, own: Constants, known: Mapping[str, Constants]
    ) -> None:
        self._lines = text.splitlines()
        self._tree = tree
        self._known = known
        self._bound = list(_bound_names(tree))
        self._own = own
        self._names: Constants = {n: v for n, v in own.items() if self._bound.count(n) == 1}
        self._modules: dict[str, Constants] = {}
        self._edits: list[tuple[ast.expr, str]] = []

    def result(self) -> str:
        for node in self._tree.body:
            if isinstance(node, ast.ImportFrom):
                self._read_import(node)
        for inner in ast.walk(self._tree):
            self._consider(inner)
        self._edits.sort(key=lambda edit: (edit[0].lineno, edit[0].col_offset), reverse=True)
        for place, text in self._edits:
            self._replace(place, text)
        for node in self._tree.body:
            if isinstance(node, ast.ImportFrom):
                self._shorten_import(node)
            elif isinstance(node, ast.Assign) and _target(node) in self._own:
                self._blank(node)
        return "\n".join(self._lines) + "\n"

    def _read_import(self, node: ast.ImportFrom) -> None:
        imported = self._known.get(node.module or "", {})
        for alias in node.names:
            name = alias.asname or alias.name
            if self._bound.count(name) != 1:
                continue
            if alias.name in imported:
                self._names[name] = imported[alias.name]
            elif f"{node.module}.{alias.name}" in self._known:
                self._modules[name] = self._known[f"{node.module}.{alias.name}"]

    def _consider(self, node: ast.AST) -> None:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            if node.id in self._names:
                self._edits.append((node, _written(self._names[node.id])))
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            constants = self._modules.get(node.value.id, {})
            if node.attr in constants and isinstance(node.ctx, ast.Load):
                self._edits.append((node, _written(constants[node.attr])))

    def _replace(self, place: ast.expr, text: str) -> None:
        index = place.lineno - 1
        line = self._lines[index].encode()
        if place.end_lineno == place.lineno:
            line = line[: place.col_offset] + text.encode() + line[place.end_col_offset :]
            self._lines[index] = line.decode()

    def _shorten_import(self, node: ast.ImportFrom) -> None:
        imported = self._known.get(node.module or "", {})
        kept = [
            ast.unparse(alias)
            for alias in node.names
            if not (alias.name in imported and (alias.asname or alias.name) in self._names)
        ]
        if len(kept) < len(node.names):
            self._blank(node)
            if kept:
                self._lines[node.lineno - 1] = f"from {node.module} import {', '.join(kept)}"

    def _blank(self, node: ast.stmt) -> None:
        for index in range(node.lineno - 1, node.end_lineno or node.lineno):
            self._lines[index] = ""


def _written(value: Constant) -> str:
    return f"({value})" if isinstance(value, int) else repr(value)
