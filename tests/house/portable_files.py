"""The tests that run on every interpreter, as the house tests find them."""

from tools import tree

FOLDER = "tests/portable/"

#: One interpreter process may take this long before it counts as hanging.
HANGS_AFTER_S = 600

#: So many files share one process where starting one and loading the firmware costs more than most files.
BATCH_FILES = 6

#: What the rental decides and the console says, in `FOLDER`: `make prove-long` runs these on 32 bits, too. Clocks,
#: ticks, deadlines, storage, frames and boards, where a number may be wide, are in other files.
OF_DECISIONS = (
    "firmware/console/",
    "firmware/test_cannot_tell",
    "firmware/test_changing_card",
    "firmware/test_doors_",
    "firmware/test_judgement_limits",
    "firmware/test_key_cannot",
    "firmware/test_lock_records",
    "firmware/test_random_",
    "firmware/test_rental_",
    "firmware/test_reopen_",
    "firmware/test_rows_",
    "firmware/test_silent_reader",
    "firmware/test_technician",
    "firmware/test_tries",
)


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


def wide_files() -> list[str]:
    """Where a number may be wider than the small integers of a 32-bit build."""
    decisions = tuple(FOLDER + one for one in OF_DECISIONS)
    return [path for path in portable_test_files() if not path.startswith(decisions)]


def batches(files: list[str]) -> dict[str, list[str]]:
    """Name -> relative paths of one folder, BATCH_FILES at most; each file in one batch.

    Neighbours are in different ones: the long ones have names that begin alike.
    """
    of_folder: dict[str, list[str]] = {}
    for path in files:
        of_folder.setdefault(path.rpartition("/")[0], []).append(path)
    found: dict[str, list[str]] = {}
    for folder, paths in of_folder.items():
        count = -(-len(paths) // BATCH_FILES)
        for first in range(count):
            found[f"{folder} {first}"] = paths[first::count]
    return found
