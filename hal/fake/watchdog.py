"""A watchdog that remembers whether it was fed."""


class FakeWatchdog:
    """A `Watchdog`."""

    def __init__(self) -> None:
        self.was_fed = False

    def feed(self) -> None:
        self.was_fed = True
