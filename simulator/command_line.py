"""What all commands of the simulator share: a place for the result."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any


def result_file(text: str) -> Path:
    """For argparse, so that hours are not lost to a wrong name; what is in the file stays."""
    path = Path(text)
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is a folder; give a file in it")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text}: there is no folder {path.parent}; make it first")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise argparse.ArgumentTypeError(f"{text} may not be written; choose another file")
    return path


def write_text(path: Path, text: str) -> bool:
    """Whether it is written; else why not was told."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        print(f"{path} cannot be written: {error.strerror}", file=sys.stderr)
        return False
    return True


def write_result(path: Path, result: dict[str, Any]) -> bool:
    """The same, as JSON."""
    return write_text(path, json.dumps(result, indent=2, sort_keys=True) + "\n")
