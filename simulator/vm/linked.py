"""Joins the modules of the box into one, as a linker joins what a C compiler made.

A module costs RAM: itself, its dictionary, and in that a place for every name that it imports.
Joined, each name stands once. A name that two modules have for two things gets the module's name
behind it; the text stays line by line as it was, under a comment with the file's name.

Modules that the program imports only inside a function, that it unloads, or names in a text (which
imports them by name), stay modules.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from simulator.vm.edits import Edits
from simulator.vm.merged import merge_heirs
from simulator.vm.missing import LinkError, require_all
from simulator.vm.scopes import uses
from simulator.vm.unused import drop_unused

#: The joined module's own name, and its file's.
PROGRAM = "program"
#: What runs it.
START = f"from {PROGRAM} import main; main()"

#: Two entries in the dictionary of every class, which nothing in the box reads.
_NAMELESS = "; del __module__, __qualname__"

#: A module and a name at its top.
Place = tuple[str, str]


def link(files: Mapping[str, str], entry: str) -> dict[str, str]:
    """Path -> text: the program that begins with module `entry`, and what stays beside it."""
    sources = {module_of(path): without_typing(text) for path, text in files.items()}
    trees = {module: ast.parse(text) for module, text in sources.items()}
    require_all(trees)
    apart = _apart(entry, trees)
    joined = _collect(entry, trees, apart)
    plan = _Plan({module: trees[module] for module in joined})
    parts = []
    for module in joined:
        edits = Edits(sources[module])
        plan.rewrite(module, edits)
        parts.append(f"# {module}\n{edits.result()}")
    beside: dict[str, str] = {}
    waiting = list(apart)
    while waiting:
        module = waiting.pop()
        path = _path(module, files)
        if path in beside:
            continue
        edits = Edits(sources[module])
        plan.redirect(trees[module], edits)
        beside[path] = edits.result()
        waiting += [m for m in _imports(trees[module], trees) if m not in joined]
    for path in list(beside):
        beside.setdefault(f"{path.rpartition('/')[0]}/__init__.py", "")
    kept = drop_unused({f"{PROGRAM}.py": "".join(parts), **beside}, START)
    kept[f"{PROGRAM}.py"] = merge_heirs(kept[f"{PROGRAM}.py"])
    require_all({module_of(path): ast.parse(text) for path, text in kept.items()})
    return kept


def module_of(path: str) -> str:
    """What an import calls that file."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _path(module: str, files: Mapping[str, str]) -> str:
    path = module.replace(".", "/")
    return f"{path}.py" if f"{path}.py" in files else f"{path}/__init__.py"


def without_typing(text: str) -> str:
    """The same without what only a type checker reads."""
    edits = Edits(text)
    for node in ast.walk(ast.parse(text)):
        is_question = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        if is_question or (isinstance(node, ast.Assign) and _is_off(node)):
            assert isinstance(node, ast.stmt)
            edits.blank(node)
    return edits.result()


def _is_off(node: ast.Assign) -> bool:
    return ast.unparse(node) == "TYPE_CHECKING = False"


def _apart(entry: str, trees: Mapping[str, ast.Module]) -> set[str]:
    """Modules that stay modules, of those that the program may come to."""
    apart: set[str] = set()
    reached: set[str] = set()
    waiting = [entry]
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            late = {name for name in _named_late(trees[module]) if name in trees}
            apart |= late
            waiting += [*late, *_imports(trees[module], trees)]
    return apart


def _named_late(tree: ast.Module) -> Iterable[str]:
    """Modules that are imported inside a function, unloaded, or named in a text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            for inner in ast.walk(node):
                if isinstance(inner, ast.ImportFrom) and inner.module:
                    yield inner.module
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in node.value:
            yield node.value


def _imports(tree: ast.Module, known: Mapping[str, ast.Module]) -> list[str]:
    """Modules of the program that a module's top imports, in order."""
    found = []
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                module = f"{node.module}.{alias.name}"
                found.append(module if module in known else node.module)
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
    return [module for module in found if module in known]


def _collect(entry: str, trees: Mapping[str, ast.Module], apart: set[str]) -> list[str]:
    """The modules to join, in the order in which their tops would run."""
    order: list[str] = []
    begun: set[str] = set()

    def visit(module: str) -> None:
        if module not in begun:
            begun.add(module)
            for wanted in _imports(trees[module], trees):
                visit(wanted)
            if module not in apart:
                order.append(module)

    visit(entry)
    return order


class _Plan:
    """What every name at the top of every joined module is called in the whole."""

    def __init__(self, trees: Mapping[str, ast.Module]) -> None:
        self._trees = trees
        self._uses = {module: list(uses(tree)) for module, tree in trees.items()}
        #: Local name -> whose it is, for each module; module aliases have no name of their own.
        self._means = {module: self._meanings(module) for module in trees}
        self._written: set[Place] = set()  # outside names whose import stands already
        self._names: dict[Place, str] = {}
        self._name_all()

    def _meanings(self, module: str) -> dict[str, Place]:
        means: dict[str, Place] = {}
        for node in self._trees[module].body:
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    means[alias.asname or alias.name] = self._imported(node.module, alias.name)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    means[alias.asname or alias.name] = (f"/{alias.name}", "")
            elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                means[node.name] = (module, node.name)
        for use in self._uses[module]:
            if isinstance(use.node.ctx, ast.Store):
                means.setdefault(use.node.id, (module, use.node.id))
        return means

    def _imported(self, module: str, name: str) -> Place:
        if f"{module}.{name}" in self._trees:
            return f"{module}.{name}", ""
        if module in self._trees:
            return module, name
        return f"/{module}", name  # of the interpreter, or of a module that stays one

    def _name_all(self) -> None:
        """A name for each place; anew with a longer one where a function hides the short one."""
        longer: set[Place] = set()
        while True:
            self._names = {}
            taken: set[str] = set()
            for means in self._means.values():
                for local, place in means.items():
                    if self._is_alias(place) or place in self._names:
                        continue
                    if place[0] in self._trees and place[1] not in self._means[place[0]]:
                        raise LinkError(f"{place[0]} has no {place[1]}")
                    name = place[1] or local
                    if name in taken or place in longer:
                        name = f"{name}_{place[0].rpartition('.')[2].strip('/')}"
                    if name in taken:
                        raise LinkError(f"{place[0]}: {place[1]}: the name is taken twice")
                    taken.add(name)
                    self._names[place] = name
            hidden = {place for place, hides in self._targets() if self._names[place] in hides}
            if hidden <= longer:
                return
            longer |= hidden

    def _is_alias(self, place: Place) -> bool:
        return place[1] == "" and place[0] in self._trees

    def _targets(self) -> Iterable[tuple[Place, frozenset[str]]]:
        for module, found in self._uses.items():
            for use in found:
                place = self._means[module].get(use.node.id)
                if place is not None and not self._is_alias(place):
                    yield place, use.hidden
            for _, place, hides in self._attributes(self._trees[module], self._means[module]):
                yield place, hides

    def _attributes(
        self, tree: ast.Module, means: Mapping[str, Place]
    ) -> Iterable[tuple[ast.Attribute, Place, frozenset[str]]]:
        """`alias.name` where alias is a joined module, what it is, what is hidden there."""
        hides = {id(use.node): use.hidden for use in uses(tree)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and id(node.value) in hides:
                assert isinstance(node.value, ast.Name)
                place = means.get(node.value.id)
                if place is not None and self._is_alias(place):
                    found = self._means[place[0]].get(node.attr)
                    if found is None:
                        raise LinkError(f"{place[0]} has no {node.attr}")
                    yield node, found, hides[id(node.value)]

    def rewrite(self, module: str, edits: Edits) -> None:
        """The module's text as part of the whole."""
        means = self._means[module]
        through = set()
        for node, place, _ in self._attributes(self._trees[module], means):
            edits.replace(node, self._names[place])
            through.add(id(node.value))
        for use in self._uses[module]:
            place = means.get(use.node.id, ("", ""))
            if self._is_alias(place) and isinstance(use.node.ctx, ast.Load):
                if id(use.node) not in through:
                    raise LinkError(f"{module}: line {use.node.lineno}: a module as a value")
            elif place in self._names and self._names[place] != use.node.id:
                edits.replace(use.node, self._names[place])
        for statement in self._trees[module].body:
            self._rewrite_top(module, statement, edits)

    def _rewrite_top(self, module: str, node: ast.stmt, edits: Edits) -> None:
        if isinstance(node, ast.Import | ast.ImportFrom):
            source = f"/{node.module}" if isinstance(node, ast.ImportFrom) else ""
            kept = []
            for alias in node.names:
                place = self._means[module][alias.asname or alias.name]
                if not place[0].startswith("/") or place in self._written:
                    continue
                self._written.add(place)
                name = self._names[place]
                kept.append(alias.name if name == alias.name else f"{alias.name} as {name}")
            start = f"from {source[1:]} import " if source else "import "
            edits.blank(node, start + ", ".join(kept) if kept else "")
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            edits.rename(node, self._names[module, node.name])
            if isinstance(node, ast.ClassDef) and ast.get_docstring(node):
                edits.add_behind(node.body[0], _NAMELESS)

    def redirect(self, tree: ast.Module, edits: Edits) -> None:
        """The imports of a module that stays one: what was joined comes from the whole."""
        imports = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module]
        aliases: dict[str, Place] = {}
        for node in imports:
            for alias in node.names:
                place = self._imported(str(node.module), alias.name)
                if self._is_alias(place):
                    aliases[alias.asname or alias.name] = place
        used: dict[Place, set[str]] = {place: set() for place in aliases.values()}
        for attribute, place, hides in self._attributes(tree, aliases):
            name = self._names[place]
            if name in hides:
                raise LinkError(f"line {attribute.lineno}: {name} is something else here")
            edits.replace(attribute, name)
            assert isinstance(attribute.value, ast.Name)
            used[aliases[attribute.value.id]].add(name)
        for node in imports:
            names: set[str] = set()
            left = []  # of the interpreter, or of modules that stay modules
            for alias in node.names:
                place = self._imported(str(node.module), alias.name)
                if self._is_alias(place):
                    names |= used[place]
                elif place in self._names and place[0] in self._trees:
                    names.add(f"{self._names[place]} as {alias.asname or alias.name}")
                else:
                    left.append(ast.unparse(alias))
            if len(left) < len(node.names):
                parts = ((node.module, left), (PROGRAM, sorted(names)))
                texts = [f"from {home} import {', '.join(some)}" for home, some in parts if some]
                edits.blank(node, "; ".join(texts))
