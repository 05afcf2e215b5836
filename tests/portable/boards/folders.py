"""Folders on disk for tests of what a board keeps in files; each is nobody else's."""

import os

_FOLDERS_MAX = 1000


def new_folder() -> str:
    """Whoever makes it has it, and removes it. (WebAssembly has no `os.urandom`.) Ends with a slash."""
    try:
        os.mkdir("build")
    except OSError:
        pass
    for number in range(_FOLDERS_MAX):
        folder = "build/box-%d" % number
        try:
            os.mkdir(folder)
        except OSError:
            continue
        return folder + "/"
    raise RuntimeError("no folder can be made: remove build/box-*")


def remove_folder(folder: str) -> None:
    """With the files in it."""
    for name in os.listdir(folder):
        os.remove(folder + name)
    os.rmdir(folder[:-1])
