"""Mails, written with the change that they tell of."""

from __future__ import annotations

from typing import Any

from fleetd.store import account_rows, notice_rows
from fleetd.turn import Turn


def mail_driver(
    turn: Turn,
    name: str,
    driver: int,
    booking: int | None = None,
    content: dict[str, Any] | None = None,
) -> None:
    """To the driver's own address."""
    found = account_rows.driver_by_number(turn.db, driver)
    if found is not None:
        notice_rows.add_mail(turn.db, name, found.id, found.mail, turn.now_s, booking, content)
