"""Why the program ended, in a small file for the next start."""

import io
import sys

#: The end of a traceback says most.
_SIGNS_MAX = 1200


class KeptReason:
    """One text, written only when it is another: a box that fails at each start wears no flash."""

    def __init__(self, path: str) -> None:
        self._path = path

    def keep(self, error: Exception) -> None:
        """OSError when it cannot be written."""
        sys.print_exception(error)
        text = io.StringIO()
        sys.print_exception(error, text)
        reason = text.getvalue()[-_SIGNS_MAX:]
        if reason != self.read():
            with open(self._path, "w") as file:
                file.write(reason)

    def read(self) -> str:
        """Empty when there is none."""
        try:
            with open(self._path) as file:
                return file.read(_SIGNS_MAX)
        except (OSError, ValueError):  # damaged bytes are no text at all
            return ""
