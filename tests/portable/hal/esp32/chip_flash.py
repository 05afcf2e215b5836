"""A partition of the chip's flash: bits only go from 1 to 0 by writing, and back by erasing 4 KB."""

from hal.fake.flash import Flash


class RawFlash(Flash):
    """As `hal.fake.flash`, with what `esp32.Partition` says of it."""

    def __init__(self, sectors: int, seed: int = 1) -> None:
        super().__init__(sectors, seed)
        #: Erases that `writeblocks` without an offset did by itself.
        self.silent_erases = 0
