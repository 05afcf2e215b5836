"""What holds for every test: no skip passes silently, and random tests have no clock."""

from collections.abc import Generator

import hypothesis
import pytest

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
