"""Who may import whom. Imports under `if TYPE_CHECKING:` are free: they are gone at run time.

python -m tools.imports     exit 0 when every import of the project is allowed
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from tools import tree
from tools.tree import Finding, Source

#: Top folders of the project; any other module name is the interpreter's or somebody else's.
OURS = ("firmware", "hal", "boards", "simulator", "fleetd", "tools", "tests")

#: The layer is the longest prefix that fits; what follows are the prefixes that it may import.
ALLOWED: dict[str, tuple[str, ...]] = {
    "firmware": ("firmware",),
    "hal": ("hal", "firmware.wire", "firmware.ticks"),
    "boards": ("boards", "hal", "firmware"),
    "simulator": ("simulator", "fleetd", "boards", "hal", "firmware"),
    "fleetd": ("fleetd", "firmware.wire", "firmware.terms", "firmware.storage_codes"),
    "tools": OURS,
    "tests": OURS,
    "tests.portable": (
        "tests.portable",
        "firmware",
        "hal",
        "boards.sim",
        "boards.bare",
        "boards.bare_file",
        "boards.box",
        "boards.box_config",
        "boards.box_ports",
        "boards.own_settings",
        "boards.pin_table",
    ),
    # On a simulated chip these run on both interpreters.
    "tests.portable.hal.esp32": ("tests.portable", "firmware", "hal"),
    "tests.portable.boards.esp32": ("tests.portable", "firmware", "hal", "boards"),
}

#: Modules of the interpreter that portable code may import: both interpreters have them, and
#: none of them is a clock, a socket or a file.
PORTABLE_STDLIB = frozenset(
    {"array", "binascii", "collections", "errno", "gc", "hashlib", "json", "micropython", "struct"}
)
#: The one file that asks which interpreter it runs on, programs, and tests may use more.
PORTABLE_STDLIB_MORE = {
    "firmware/compat.py": frozenset({"sys", "time", "os", "io"}),
    "hal/socket_network.py": frozenset({"socket"}),
    "hal/name_lookup.py": frozenset({"socket"}),
    "hal/socket_dialect.py": frozenset({"socket"}),  # and, by a name in a string, ssl or tls
    "boards/bare_file.py": frozenset({"os"}),  # a file takes another's place
    "boards/own_settings.py": frozenset({"os"}),  # likewise
    "boards/sim/": frozenset({"sys", "select", "os", "vfs", "uctypes"}),
    "tests/portable/": frozenset({"sys", "random", "math"}),
    "tests/portable/boards/esp32/": frozenset({"os"}),
    "tests/portable/boards/folders.py": frozenset({"os"}),
    "tests/mp/": frozenset({"sys"}),
}

#: Parts of `hal` and `boards` that only some boards have; portable code must not reach them.
PLATFORMS = ("hal.esp32", "hal.linux", "boards.esp32", "boards.pi")

#: What only the interpreter on the board has; allowed there alone.
MICROPYTHON_ONLY = frozenset({"machine", "network", "esp32", "vfs", "uctypes"})


def check(source: Source) -> Iterator[Finding]:
    """Imports that the file's layer may not have."""
    module = _module_of(source.path)
    layer = _layer_of(module)
    if layer is None:
        return
    for line, name in run_time_imports(source.tree):
        if name.partition(".")[0] in OURS:
            complaint = _against_layers(source.path, layer, name)
        else:
            complaint = _against_interpreter(source.path, name)
        if complaint:
            yield Finding(source.path, line, complaint)


def run_time_imports(module: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of each import that happens at run time, in functions too."""
    waiting: list[ast.AST] = [module]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and _is_type_checking(node.test):
            waiting.extend(node.orelse)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            yield from _names_from(node)
        else:
            waiting.extend(ast.iter_child_nodes(node))


def _names_from(node: ast.ImportFrom) -> Iterator[tuple[int, str]]:
    """`from firmware import ticks` imports firmware.ticks, `from firmware.ticks import MASK` too."""
    if node.level:
        yield node.lineno, "." * node.level + (node.module or "")
        return
    module = node.module or ""
    # One level of our own packages holds modules, so the name may be one itself.
    for alias in node.names:
        yield node.lineno, f"{module}.{alias.name}" if module.partition(".")[0] in OURS else module


def _is_type_checking(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
    return name == "TYPE_CHECKING"


def _module_of(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _layer_of(module: str) -> str | None:
    fitting = [layer for layer in ALLOWED if _is_within(module, layer)]
    return max(fitting, key=len) if fitting else None


def _is_within(module: str, prefix: str) -> bool:
    return module == prefix or module.startswith(prefix + ".")


def _against_layers(path: str, layer: str, name: str) -> str | None:
    allowed = ALLOWED[layer]
    if not any(_is_within(name, prefix) for prefix in allowed):
        return f"{layer} imports {name}; it may import {', '.join(allowed)}"
    is_simulated = ".esp32" in layer
    if (
        tree.is_portable(path)
        and not is_simulated
        and any(_is_within(name, other) for other in PLATFORMS)
    ):
        return f"portable code imports {name}, which runs on one platform only"
    return None


def _against_interpreter(path: str, name: str) -> str | None:
    if name.startswith("."):
        return f"relative import {name}; write the whole name, MicroPython runs files by path"
    top = name.partition(".")[0]
    if not tree.is_portable(path):
        if top in MICROPYTHON_ONLY and not path.startswith(("hal/esp32/", "boards/esp32/")):
            return f"{top} is there on a board only; its place is hal/esp32 or boards/esp32"
        return None
    more = [names for prefix, names in PORTABLE_STDLIB_MORE.items() if path.startswith(prefix)]
    if top in PORTABLE_STDLIB or any(top in names for names in more):
        return None
    return f"portable code imports {name}; it may import {', '.join(sorted(PORTABLE_STDLIB))}"


def main() -> int:
    files = list(tree.sources())
    return tree.report("imports", (found for file in files for found in check(file)), len(files))


if __name__ == "__main__":
    sys.exit(main())
