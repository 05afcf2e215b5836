"""Makes one class of a class and its only heir, as a compiler does that knows the whole program.

A class costs RAM on a box: some 100 bytes of a 32-bit chip beside what its functions take. One that
is there only to keep a file short, and stands right before its heir, becomes part of that: the
heir's first line goes, and its functions are the same body's. The lines keep their numbers.
"""

from __future__ import annotations

import ast
from collections import Counter

from simulator.vm.edits import Edits


def merge_heirs(text: str) -> str:
    """The same module with fewer classes."""
    tree = ast.parse(text)
    named = Counter(_names(tree))
    edits = Edits(text)
    chain: list[ast.ClassDef] = []
    between: list[ast.stmt] = []  # since the chain's end: docstrings of modules
    for node in [*tree.body, None]:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            between.append(node)
            continue
        if isinstance(node, ast.ClassDef) and chain and _is_heir(node, chain[-1], named):
            chain.append(node)
            for one in between:
                edits.blank(one)
            continue
        between.clear()
        _merge(chain, edits)
        chain = [node] if isinstance(node, ast.ClassDef) and not node.decorator_list else []
    return edits.result()


def _is_heir(node: ast.ClassDef, before: ast.ClassDef, named: Counter[str]) -> bool:
    return (
        [ast.unparse(base) for base in node.bases] == [before.name]
        and named[before.name] == 1
        and not node.decorator_list
        and not node.keywords
        and node.body[0].lineno == node.lineno + 1
        and "super" not in _names(node)
    )


def _merge(chain: list[ast.ClassDef], edits: Edits) -> None:
    if len(chain) < 2:
        return
    edits.rename(chain[0], chain[-1].name)
    for heir in chain[1:]:
        edits.blank(ast.Pass(lineno=heir.lineno, end_lineno=heir.lineno, col_offset=0))
        if ast.get_docstring(heir) is not None:
            edits.blank(heir.body[0])  # and what stands behind it on its line


def _names(tree: ast.AST) -> list[str]:
    """Each use of a name; annotations use nothing."""
    found = []
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name):
            found.append(node.id)
        for field, value in ast.iter_fields(node):
            if field not in ("annotation", "returns"):
                parts = value if isinstance(value, list) else [value]
                waiting += [one for one in parts if isinstance(one, ast.AST)]
    return found
