"""A number in a small file that outlives the power, written whole or not at all."""

import os


class KeptNumber:
    """A file beside its successor: littlefs renames in one step, so one of them is whole."""

    def __init__(self, path: str) -> None:
        self._path = path

    def load(self) -> int:
        """0 when there is none, or nothing that is a number."""
        try:
            with open(self._path) as file:
                text = file.read(12)
        except (OSError, ValueError):  # damaged bytes are no text at all
            return 0
        return int(text) if text and text.isdigit() else 0

    def save(self, number: int) -> bool:
        """False when it could not be written; the old one is there then."""
        new = self._path + ".new"
        try:
            with open(new, "w") as file:
                file.write("%d" % number)
            os.rename(new, self._path)
        except OSError:
            return False
        return True
