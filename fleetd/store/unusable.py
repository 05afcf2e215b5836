"""Why a database cannot be used, for whoever opens it or waits for it."""

from __future__ import annotations


class DatabaseError(Exception):
    """A file that cannot be used; the text says which, why and what to do."""


class MissingDatabaseError(DatabaseError):
    """There is no file."""
