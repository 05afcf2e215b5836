"""An exploration on disk: stopped and gone on with, as long as the program is the same."""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.proof.explore import Exploration

_COUNTS = (
    "explored", "transitions", "tries", "copies", "checked", "depth", "complaints", "core_of", "memories",
    "parents", "how", "depths", "edges_from", "edges_to", "cores", "_seen", "_rescued", "spent",
)  # fmt: skip
#: Whose modules decide what is reached; those that were not loaded do not.
_PACKAGES = ("firmware.", "tests.proof.")
_NO_MATTER = ("tests.proof.test_", "tests.proof.__main__")
_PROFILES = Path("firmware/profiles")


def fingerprint() -> str:
    """Of all that decides what is reached: the modules that the exploration loaded, the profiles."""
    loaded = {Path(str(module.__file__)) for module in _loaded()}
    found = hashlib.sha256()
    for path in sorted(path.relative_to(Path.cwd()) for path in loaded):
        found.update(str(path).encode() + b"\0" + path.read_bytes())
    for path in sorted(_PROFILES.rglob("*.json")):
        found.update(str(path).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def _loaded() -> list[ModuleType]:
    names = [name for name in sys.modules if name.startswith(_PACKAGES)]
    return [sys.modules[name] for name in names if not name.startswith(_NO_MATTER)]


class Checkpoint:
    """One file a profile; it is replaced whole."""

    def __init__(self, path: Path, exploration: Exploration) -> None:
        self._path = path
        self._exploration = exploration
        self._name = (fingerprint(), exploration.profile, tuple(exploration.tried))

    def load(self) -> bool:
        """Go on where the file says; False when there is none, or one of another program."""
        if not self._path.exists():
            return False
        kept: dict[str, Any] = pickle.loads(self._path.read_bytes())
        if kept["name"] != self._name:
            return False
        for name in _COUNTS:
            setattr(self._exploration, name, kept[name])
        self._exploration.car.steps = kept["steps"]
        for part, (saved, keys) in zip(
            self._exploration.car.shape.parts, kept["parts"], strict=True
        ):
            part.kept, part.keys = saved, keys
        return True

    def save(self) -> None:
        """As it stands between two states."""
        kept = {name: getattr(self._exploration, name) for name in _COUNTS}
        kept["name"] = self._name
        kept["steps"] = self._exploration.car.steps
        kept["parts"] = [(part.kept, part.keys) for part in self._exploration.car.shape.parts]
        beside = self._path.with_suffix(".new")
        beside.write_bytes(pickle.dumps(kept, protocol=pickle.HIGHEST_PROTOCOL))
        os.replace(beside, self._path)
