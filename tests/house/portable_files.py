"""The tests that run on every interpreter, as the house tests find them."""

from tools import tree

FOLDER = "tests/portable/"

#: One interpreter process may take this long before it counts as hanging.
HANGS_AFTER_S = 600


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
