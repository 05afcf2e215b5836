"""The only file that asks which interpreter it runs on."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

IS_MICROPYTHON = sys.implementation.name == "micropython"


def load(module: str) -> "ModuleType":
    """A module by its dotted name."""
    __import__(module)
    return sys.modules[module]


def unload(module: str) -> None:
    """Give back the RAM of a module that was needed once. On CPython it stays: others may use it."""
    if IS_MICROPYTHON:
        folder, name = module.rsplit(".", 1)
        if module in sys.modules:
            del sys.modules[module]
            delattr(sys.modules[folder], name)


def unload_folder(folder: str) -> None:
    """`unload` for a folder and every module in it."""
    for module in list(sys.modules):
        if module.startswith(folder + "."):
            unload(module)
    unload(folder)
