"""What holds for every test: no skip passes silently, random tests have no clock, nothing is compiled twice."""

import gc
import os
import sys
from collections.abc import Generator
from pathlib import Path

import hypothesis
import pytest

# Tests start hundreds of programs, and four processes load all tests: each would compile all that it
# imports, and rewrite all assertions, where the environment forbids Python to keep the result.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))

# Speed of the machine is nobody's failure; a failing example is printed so that it can be kept.
hypothesis.settings.register_profile("kagibako", deadline=None, print_blob=True)
hypothesis.settings.load_profile("kagibako")


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    if not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome = "failed"
    report.longrepr = f"{report.nodeid} was left out, and no test may be: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _fail_if_skipped(report)
    return report


def pytest_configure(config: pytest.Config) -> None:
    """Each worker begins to load tests at another place: who comes there later finds them compiled."""
    if config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return
    files = sorted(str(path) for path in Path(__file__).parent.rglob("test_*.py"))
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = len(files) * worker // WORKERS
    config.args = files[first:] + files[:first]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is loaded stays until the end: looking through it for garbage meanwhile is a quarter of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One order for all workers, whatever they loaded first; what takes long does not begin last.

    Each worker gets an equal run of the list and later takes from the ends of others' runs.
    """
    items.sort(key=lambda item: item.path)
    if WORKERS == 1:
        return
    long = [item for item in items if item.get_closest_marker("long")]
    rest = [item for item in items if not item.get_closest_marker("long")]
    share = len(items) // WORKERS
    items.clear()
    for worker in range(WORKERS):
        first = long[worker::WORKERS]
        count = share - len(first) if worker < WORKERS - 1 else len(rest)
        items += first + rest[:count]
        del rest[:count]
