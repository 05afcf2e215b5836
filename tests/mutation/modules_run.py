"""Runs mutmut on the modules that matter, group by group, each on a copy of the tree.

mutmut writes all mutants of a file into one copy, learns which test calls which function, and forks
a process for each mutant that runs those tests, the quickest first. A group is a few files and the
tests that are about them: a mutant that only tests of something else would notice counts as alive.
"""

from __future__ import annotations

import ast
import difflib
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.mutation.survivors import listed

ROOT = Path(__file__).parent.parent.parent
SCRATCH = ROOT / "build" / "mutation"
COPIED = ("firmware", "hal", "tests", "tools")
PORTABLE = "tests/portable/firmware"


class Group(NamedTuple):
    """Files that are changed together, and the tests that must notice.

    `more` are tried on those mutants alone that `tests`, the nearest, leave alive and that are not
    listed as equivalent.
    """

    files: tuple[str, ...]
    tests: tuple[str, ...]
    more: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()  # tests too slow to be run on hundreds of mutants


_RENTAL_TESTS = (
    "test_rental_*",
    "test_re*",
    "test_commands*",
    "test_starter*",
    "test_tries*",
    "test_technician*",
    "test_*_cannot_be_told*",
    "test_cannot_tell*",
    "test_overdue*",
    "test_used_up*",
    "test_one_turn*",
)

GROUPS = {
    "engine": Group(
        ("machine", "table_packer", "deadlines"),
        ("test_machine*", "test_deadlines*", "tests/firmware/test_machine_oracle.py"),
    ),
    "guards": Group(
        ("rental_guards", "judgement*"),
        ("test_rows_*", "test_judgement*", "test_rental_guards*", "test_cannot_tell*"),
        _RENTAL_TESTS,
    ),
    "actions": Group(
        ("rental_actions", "rental_pulses", "rental_service", "refusals"),
        ("test_rows_*",),
        _RENTAL_TESTS,
    ),
    "journal": Group(
        ("journal", "journal_*"),
        ("test_journal*", "test_records*"),
        left_out=(
            "test_journal_faults.py::test_failures_of_the_device_change_nothing",
            "test_journal_full.py::test_events_wait_in_order_over_many_laps_of_the_turns",
            "test_journal_full.py::test_confirmations_one_by_one_make_room_before_anything_else_is_written",
            "test_journal_damage.py::test_cuts_before_the_first_turn_lose_no_session",
        ),
    ),
    "ring": Group(
        ("ring", "ring_*"),
        ("test_ring*",),
        ("test_journal.py", "test_journal_f*", "test_storage_*"),
        ("test_ring.py::test_a_worn_sector_is_passed_over_in_every_lap_and_after_a_reset",),
    ),
    "outputs": Group(
        ("interlock", "actuators", "debounce"),
        ("test_interlock*", "test_actuators*", "test_debounce*", "test_noise.py"),
        ("test_block_at_rest*", "test_one_turn*"),
    ),
}

#: How mutmut's worker ended. Whatever is not here is no verdict, and an error of the run.
_VERDICTS = {1: "killed", 3: "killed", 0: "survived", 5: "survived", 33: "survived"}
_TIMEOUTS = {36, 24, 152, 255, -24, -9}

_CONFIG = """
[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["."]
addopts = ["--import-mode=importlib", "--assert=plain", "-p", "no:cacheprovider"]
markers = ["micropython", "wasm"]

[tool.mutmut]
source_paths = ["firmware"]
also_copy = ["hal", "tests", "tools"]
use_git_change_detection = false
track_dependencies = false
use_setproctitle = false
timeout_multiplier = 3.0
timeout_constant = 2.0
only_mutate = {files}
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = {options}
"""


class MutmutError(Exception):
    """mutmut did not come to an end, or to no verdict."""


def files_of(group: Group) -> list[str]:
    """Paths of the group's files, as they are there now."""
    found = [path for name in group.files for path in (ROOT / "firmware").glob(f"{name}.py")]
    return sorted({f"firmware/{path.name}" for path in found})


def tests_of(group: Group, with_more: bool) -> list[str]:
    found = set()
    for name in group.tests + (group.more if with_more else ()):
        place, pattern = (ROOT, name) if "/" in name else (ROOT / PORTABLE, name)
        pattern = pattern if pattern.endswith(".py") else f"{pattern}.py"
        found |= {str(path.relative_to(ROOT)) for path in place.glob(pattern)}
    return sorted(found)


def group_of(file: str) -> str:
    """The group that changes that file; ValueError when none does."""
    for name, group in GROUPS.items():
        if file in files_of(group):
            return name
    raise ValueError(f"{file}: no group changes it")


def run_group(
    name: str,
    jobs: int,
    only: str | None = None,
    sample: tuple[int, int] | None = None,
    is_resumed: bool = False,
) -> dict[str, str]:
    """Mutant -> killed, timeout or survived. sample: how many, and the seed that chooses them.

    The sample is of all mutants, whoever was tried before.
    is_resumed: who was killed in the last run and whose function has not changed since is not
    tried again, nor who survived and is listed as equivalent; a run that was stopped goes on.
    """
    group = GROUPS[name]
    files = [only] if only else files_of(group)
    near = SCRATCH / name
    _copy_tree(near, files, tests_of(group, with_more=False), group.left_out, is_resumed)
    chosen: list[str] = []
    wanted = chosen
    if sample is not None:
        size, seed = sample
        # Makes the mutants and learns what the tests reach; that it then finds none to try is meant.
        _mutmut(near, jobs, ["firmware.none"], must_end_well=False)
        found = {key: code for file in files for key, code in _verdicts(near, file).items()}
        chosen = random.Random(f"{name}/{seed}").sample(sorted(found), min(size, len(found)))
        wanted = [key for key in chosen if found[key] is None]
    if wanted or not chosen:
        _mutmut(near, jobs, wanted)
    results = dict(_results(near, files, set(chosen)))
    same = _equivalents()
    alive = [
        key
        for key, (title, verdict) in results.items()
        if verdict == "survived" and title not in same
    ]
    if group.more and alive:
        far = SCRATCH / f"{name}-more"
        _copy_tree(far, files, tests_of(group, with_more=True), group.left_out)
        _mutmut(far, jobs, alive)
        results |= dict(_results(far, files, set(alive)))
    return dict(results.values())


def _copy_tree(
    scratch: Path,
    files: list[str],
    tests: list[str],
    left_out: Iterable[str],
    is_resumed: bool = False,
) -> None:
    if is_resumed:
        _forget_survivors(scratch)
        for folder in COPIED:
            shutil.rmtree(scratch / folder, ignore_errors=True)
    else:
        shutil.rmtree(scratch, ignore_errors=True)
    for folder in COPIED:
        shutil.copytree(
            ROOT / folder, scratch / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    options = [f"--deselect={PORTABLE}/{test}" for test in left_out]
    config = _CONFIG.format(
        files=json.dumps(files), tests=json.dumps(tests), options=json.dumps(options)
    )
    (scratch / "pyproject.toml").write_text(config)


def _equivalents() -> set[str]:
    return {mutant for mutant, why in listed("modules").items() if why.is_equivalent}


def _forget_survivors(scratch: Path) -> None:
    """They are tried again, with the tests as they are now; so is what took too long."""
    same = _equivalents()
    for path in (scratch / "mutants" / "firmware").glob("*.py.meta"):
        meta = json.loads(path.read_text())
        codes = meta["exit_code_by_key"]
        titles = names_of(path.with_suffix("").read_text(), f"firmware/{path.stem}")
        for key, code in codes.items():
            is_same = code is not None and titles[key.rpartition(".")[2]] in same
            if _VERDICTS.get(code) != "killed" and not is_same:
                codes[key] = None
        path.write_text(json.dumps(meta))
    (scratch / "mutants" / "mutmut-stats.json").unlink(missing_ok=True)


def _mutmut(scratch: Path, jobs: int, names: Iterable[str], must_end_well: bool = True) -> None:
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(jobs), *names]
    log = scratch / "mutmut.log"
    # Nobody reads why a mutant's test failed, and no plugin is needed: half of each one's time.
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    with log.open("w") as out:
        done = subprocess.run(
            command, cwd=scratch, env=environment, stdout=out, stderr=out, check=False
        )
    if done.returncode and must_end_well:
        said = log.read_text(errors="replace").replace("\r", "\n").splitlines()
        raise MutmutError("\n".join(line for line in said[-40:] if line.strip()))


def _verdicts(scratch: Path, file: str) -> dict[str, int | None]:
    meta = json.loads((scratch / "mutants" / f"{file}.meta").read_text())
    found: dict[str, int | None] = meta["exit_code_by_key"]
    return found


def _results(
    scratch: Path, files: list[str], chosen: set[str]
) -> Iterator[tuple[str, tuple[str, str]]]:
    """mutmut's name of a mutant, and ours with the verdict."""
    for file in files:
        names = names_of((scratch / "mutants" / file).read_text(), file)
        for key, code in _verdicts(scratch, file).items():
            if chosen and key not in chosen:
                continue
            verdict = (
                "timeout" if code in _TIMEOUTS else _VERDICTS.get(-1 if code is None else code)
            )
            if verdict is None:
                raise MutmutError(f"{key}: exit code {code} is no verdict")
            yield key, (names[key.rpartition(".")[2]], verdict)


def names_of(text: str, file: str) -> dict[str, str]:
    """mutmut's name of each mutant in a changed file -> ours, which says what was changed."""
    functions = {
        node.name: node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and "__mutmut_" in node.name
    }
    found: dict[str, str] = {}
    used: dict[str, int] = {}
    for name, node in functions.items():
        mangled, _, number = name.rpartition("__mutmut_")
        if not number.isdigit():
            continue
        original = functions[f"{mangled}__mutmut_orig"]
        title = f"{file} {_plain(mangled)}: {_change(original, node)}"
        used[title] = used.get(title, 0) + 1
        found[name] = title if used[title] == 1 else f"{title} (no. {used[title]})"
    return found


def _plain(mangled: str) -> str:
    """xǁMachineǁplace is Machine.place, x_permits is permits."""
    return mangled[2:].replace("ǁ", ".") if mangled[1] == "ǁ" else mangled[2:]


def _change(original: ast.FunctionDef, mutant: ast.FunctionDef) -> str:
    before, after = (_lines(node) for node in (original, mutant))
    changed = [line for line in difflib.ndiff(before, after) if line[:2] in ("- ", "+ ")]
    gone = " / ".join(line[2:].strip() for line in changed if line[0] == "-")
    come = " / ".join(line[2:].strip() for line in changed if line[0] == "+")
    return f"{gone} -> {come}"


def _lines(node: ast.FunctionDef) -> list[str]:
    lines = ast.unparse(ast.Module(body=node.body, type_ignores=[])).splitlines()
    return [ast.unparse(node.args), *lines]
