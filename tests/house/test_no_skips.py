"""A test that is left out fails the run: what nobody sees missing rots."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools import tree

# In pieces, so that a search for such calls in the tests finds real ones only.
SKIP = "pytest." + "skip"
MARK = "pytest." + "mark.skip"

PLANTED = {
    "in_test": f"import pytest\ndef test_x():\n    {SKIP}('no time')\n",
    "in_fixture": f"import pytest\n@pytest.fixture\ndef f():\n    {SKIP}('no time')\n"
    "def test_x(f): pass\n",
    "by_mark": f"import pytest\n@{MARK}(reason='no time')\ndef test_x(): pass\n",
    "whole_file": f"import pytest\n{SKIP}('no time', allow_module_level=True)\n",
}


def test_every_kind_of_skip_is_a_failure(tmp_path: Path) -> None:
    for name, text in PLANTED.items():
        (tmp_path / f"test_{name}.py").write_text(text)
    done = run(tmp_path, "--continue-on-collection-errors")
    assert done.returncode == 1
    for name in PLANTED:
        assert re.search(rf"test_{name}\.py\S* was left out, .*no time", done.stdout), name
    assert "skipped" not in done.stdout.splitlines()[-1]


def test_a_passing_test_passes(tmp_path: Path) -> None:
    (tmp_path / "test_good.py").write_text("def test_x(): pass\n")
    done = run(tmp_path)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def run(folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    shutil.copy(tree.ROOT / "tests/conftest.py", folder / "conftest.py")
    plain = ("-p", "no:cacheprovider", "-p", "no:xdist")
    return subprocess.run(
        [sys.executable, "-m", "pytest", *plain, *options, folder],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
