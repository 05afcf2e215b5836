"""Which names of a module mean what stands at its top, and where each is used."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class Use(NamedTuple):
    """A place where a name of the module's top is read, bound or deleted."""

    node: ast.Name
    #: Names that functions around this place have for themselves.
    hidden: frozenset[str]


def uses(tree: ast.Module) -> Iterator[Use]:
    """Every use of a name of the module's top; annotations that are texts are none."""
    for node in tree.body:
        yield from _walk(node, frozenset(), frozenset())


def _walk(node: ast.AST, hidden: frozenset[str], of_class: frozenset[str]) -> Iterator[Use]:
    """`hidden`: what functions around it bind; `of_class`: what the class does whose body it is."""
    if isinstance(node, ast.Name):
        if node.id not in hidden | of_class:
            yield Use(node, hidden)
        return
    for part, hides, classes in _parts(node, hidden, of_class):
        yield from _walk(part, hides, classes)


def _parts(
    node: ast.AST, hidden: frozenset[str], of_class: frozenset[str]
) -> Iterator[tuple[ast.AST, frozenset[str], frozenset[str]]]:
    """What a node is made of, and what is hidden in each part."""
    if isinstance(node, ast.FunctionDef | ast.Lambda):
        outside: list[ast.AST] = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
        body: list[ast.AST] = []
        if isinstance(node, ast.Lambda):
            body.append(node.body)
        else:
            outside += node.decorator_list
            body += node.body
        yield from ((part, hidden, of_class) for part in outside)
        inside = hidden | _own_names(node.args, *body)
        yield from ((part, inside, frozenset()) for part in body)
    elif isinstance(node, ast.ClassDef):
        yield from ((part, hidden, of_class) for part in node.bases)
        names = _own_names(*node.body)
        yield from ((part, hidden, names) for part in node.body)
    elif isinstance(node, _COMPREHENSIONS):
        targets = _own_names(*(one.target for one in node.generators))
        for part in ast.iter_child_nodes(node):
            yield part, hidden | targets, of_class - targets
    else:
        for part in ast.iter_child_nodes(node):
            if not (isinstance(node, ast.AnnAssign) and part is node.annotation):
                yield part, hidden, of_class


def _own_names(*parts: ast.AST) -> frozenset[str]:
    """What these bind for themselves, functions and classes in them apart."""
    bound: set[str] = set()
    declared: set[str] = set()
    waiting = list(parts)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            bound.add(node.id)
        elif isinstance(node, ast.Global):
            declared.update(node.names)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound.update((alias.asname or alias.name).partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif not isinstance(node, ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))
    return frozenset(bound - declared)
