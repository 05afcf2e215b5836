"""The tests that run on every interpreter, as the house tests find them."""

from tools import tree

FOLDER = "tests/portable/"

#: One interpreter process may take this long before it counts as hanging.
HANGS_AFTER_S = 600

#: So many files share one process where starting one and loading the firmware costs more than most files.
BATCH_FILES = 6


def portable_test_files() -> list[str]:
    """Relative paths; an empty list would be a test run that tests nothing, hence the check."""
    files = [
        path
        for path in tree.paths(".py")
        if path.startswith(FOLDER) and path.rpartition("/")[2].startswith("test_")
    ]
    if not files:
        raise FileNotFoundError(f"no test_*.py under {FOLDER}")
    return files


def module_of(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def batches() -> dict[str, list[str]]:
    """Name -> relative paths of one folder, BATCH_FILES at most; each file in one batch.

    Neighbours are in different ones: the long ones have names that begin alike.
    """
    of_folder: dict[str, list[str]] = {}
    for path in portable_test_files():
        of_folder.setdefault(path.rpartition("/")[0], []).append(path)
    found: dict[str, list[str]] = {}
    for folder, paths in of_folder.items():
        count = -(-len(paths) // BATCH_FILES)
        for first in range(count):
            found[f"{folder} {first}"] = paths[first::count]
    return found
