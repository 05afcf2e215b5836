"""A place in a ring."""


class Cursor:
    """A place in a ring: a frame, or before the first one."""

    def __init__(self) -> None:
        self.sector = -1
        self.at = 0
        self.length = 0
        self.kind = 0
        self.next_at = 0
