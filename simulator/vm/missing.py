"""What joined modules import of the project's own must be among them: on the box nothing else is."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping


class LinkError(Exception):
    """A module does something with names that joining cannot keep."""


def require_all(trees: Mapping[str, ast.Module]) -> None:
    """Each module that another one imports, or names in a text, is there.

    Raises LinkError: the box would find out in service, at the first call of that function.
    """
    tops = {module.partition(".")[0] for module in trees}
    with_names = {module for module, tree in trees.items() if not _is_bare(tree)}
    for module, tree in trees.items():
        for wanted, holder in _wanted(tree):
            is_ours = wanted.partition(".")[0] in tops
            if is_ours and wanted not in trees and holder not in with_names:
                raise LinkError(f"{module} needs {wanted}, which is not among the files")


def _wanted(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """For each import a module's name; where that may be a name in a module, that module's too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, ""
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.module
        elif isinstance(node, ast.Constant) and _is_module_name(node.value):
            yield str(node.value), ""


def _is_bare(tree: ast.Module) -> bool:
    """A package's file: it says what the package is, and has no names."""
    return all(isinstance(node, ast.Expr) for node in tree.body)


def _is_module_name(value: object) -> bool:
    """A dotted name in a text: such a module is imported by it, or unloaded."""
    return (
        isinstance(value, str)
        and "." in value
        and all(part.isidentifier() for part in value.split("."))
    )
