"""The only file that asks which interpreter it runs on."""

import sys

IS_MICROPYTHON = sys.implementation.name == "micropython"


def unload(module: str) -> None:
    """Give back the RAM of a module that was needed once. On CPython it stays: others may use it."""
    if IS_MICROPYTHON:
        folder, name = module.rsplit(".", 1)
        if module in sys.modules:
            del sys.modules[module]
            delattr(sys.modules[folder], name)
