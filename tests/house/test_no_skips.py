"""A test that is left out fails the run: what nobody sees missing rots."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import tree

# In pieces, so that a search for such calls in the tests finds real ones only.
SKIP = "pytest." + "skip"


@pytest.mark.parametrize(
    "text",
    [
        f"import pytest\ndef test_x():\n    {SKIP}('no time')\n",
        f"import pytest\n{SKIP}('no time', allow_module_level=True)\ndef test_x(): pass\n",
        f"import pytest\n@pytest.mark.{'skip'}(reason='no time')\ndef test_x(): pass\n",
        f"import pytest\n@pytest.fixture\ndef f():\n    {SKIP}('no time')\ndef test_x(f): pass\n",
    ],
)
def test_a_skip_is_a_failure(tmp_path: Path, text: str) -> None:
    done = run(tmp_path, text)
    assert done.returncode != 0
    assert "was left out" in done.stdout
    assert "no time" in done.stdout


def test_a_passing_test_passes(tmp_path: Path) -> None:
    done = run(tmp_path, "def test_x(): pass\n")
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def run(folder: Path, text: str) -> "subprocess.CompletedProcess[str]":
    shutil.copy(tree.ROOT / "tests/conftest.py", folder / "conftest.py")
    (folder / "test_planted.py").write_text(text)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", folder],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
