"""What the commands of the journal share: how one is declared, a day, a moment of the database."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from fleetd.host.failures import UsageError
from fleetd.store.database import Database, open_existing

_MOMENT = "%Y-%m-%dT%H:%M:%SZ"


def add(commands: Any, name: str, what: str, example: str, codes: str) -> Any:
    """`codes`: what its exit codes mean."""
    return commands.add_parser(
        name,
        help=what,
        description=f"{what[0].upper()}{what[1:]}.",
        epilog=f"example:\n  {example}\n\n{codes}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def since_s(given: str, utc_offset_s: int) -> int:
    """Unix seconds of `--since`: midnight of a day there, or a moment in UTC; 0 without any."""
    if not given:
        return 0
    try:
        if "T" in given:
            found = datetime.strptime(given, _MOMENT).replace(tzinfo=UTC)
            utc_offset_s = 0
        else:
            found = datetime.combine(date.fromisoformat(given), datetime.min.time(), UTC)
    except ValueError:
        raise UsageError(
            f"--since {given}: is no day; write it as 2026-04-01, or a moment as"
            " 2026-03-31T15:00:00Z"
        ) from None
    return max(1, int(found.timestamp()) - utc_offset_s)


@contextmanager
def opened(path: Path) -> Iterator[Database]:
    with closing(open_existing(path)) as store:
        yield store


@contextmanager
def reading(store: Database) -> Iterator[None]:
    """One moment of the database; a daemon that runs goes on writing."""
    store.run("BEGIN")
    try:
        yield
    finally:
        store.run("ROLLBACK")
