"""What cannot be understood of a command line."""


class UsageError(Exception):
    """The text says which option, why, and what to do."""
