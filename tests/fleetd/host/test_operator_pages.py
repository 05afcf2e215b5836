"""docs/deployment.md shows what the operator really sees."""

import re

from fleetd.car_faults import ALARMS
from fleetd.host.command_line import main
from tests.fleetd.host.operator_pages import PAGE, blocks, play
from tools import tree


def test_the_pages_say_what_the_program_says() -> None:
    """After a change: python -m tests.fleetd.host.operator_pages."""
    assert blocks() == play()


def test_every_command_of_the_page_is_one() -> None:
    """Its words and options, at least; `--help` answers before anything is done."""
    text = PAGE.read_text(encoding="utf-8")
    commands = re.findall(r"^    (?:.*-m )?fleetd ((?:[a-z-]+ )+)--", text, re.MULTILINE)
    assert len(commands) >= 7
    for command in commands:
        assert main([*command.split(), "--help"]) == 0, command


def test_alarms_and_figures_of_the_page_are_real() -> None:
    """Names in the page and in the alert rules stand in the source, and every alarm in the page."""
    source = "".join(
        path.read_text(encoding="utf-8") for path in (tree.ROOT / "fleetd").rglob("*.py")
    )
    page = PAGE.read_text(encoding="utf-8")
    rules = (tree.ROOT / "fleetd/deploy/prometheus-alerts.yml").read_text(encoding="utf-8")
    for figure in set(re.findall(r"\bfleetd_([a-z_]+?)(?:_total|_sum|_count)?\b", page + rules)):
        assert re.search(rf'"(fleetd_)?{figure}"', source), figure
    raised = set(re.findall(r'^[A-Z_]+ = "([a-z_]+)"$', source, re.MULTILINE))
    for alarm in (
        "car_silent", "booking_not_in_car", "revocation_unconfirmed", "frame_not_taken",
        "card_not_registered", "events_lost", "journal_replaced", "storage_failed", "car_cloned",
        "database_forked", "database_cloned", "database_restored", "use_needs_review", "key_not_in_box",
        "foreign_topic",
        "hello_refused", "car_tells_too_much", "time_not_believed", "car_failed", "daemon_failed",
    ):  # fmt: skip
        assert alarm in raised
        assert f"`{alarm}`" in page
    for alarm in ALARMS.values():
        assert f"`{alarm}`" in page
