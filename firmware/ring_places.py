"""Which places of a ring are passed over, because their sectors are worn out."""

#: Failures in a row after which a place is passed over.
_STRIKES = 2


class Places:
    """Places are sequence numbers modulo `count`. At most half of them are passed over."""

    def __init__(self, count: int) -> None:
        self._strikes = bytearray(count)
        self._count = count
        #: How many are passed over.
        self.retired = 0

    def next_after(self, sector: int) -> int:
        """The sector after that one, in a place that is not passed over."""
        sector += 1
        if self.retired:
            while self._strikes[sector % self._count] >= _STRIKES:
                sector += 1
        return sector

    def count_retired(self, first: int, end: int) -> int:
        """How many of the sectors from `first` to before `end` are passed over."""
        found = 0
        if self.retired:
            for sector in range(first, end):
                if self._strikes[sector % self._count] >= _STRIKES:
                    found += 1
        return found

    def strike(self, sector: int) -> bool:
        """That sector failed. True: so many did that all are tried again.

        Half of a flash does not wear out at once: something else is wrong, and may pass.
        """
        self._strikes[sector % self._count] += 1
        if self._strikes[sector % self._count] < _STRIKES:
            return False
        self.retired += 1
        if self.retired <= self._count // 2:
            return False
        for place in range(self._count):
            self._strikes[place] = 0
        self.retired = 0
        return True

    def clear(self, sector: int) -> None:
        """That sector took a frame."""
        self._strikes[sector % self._count] = 0
