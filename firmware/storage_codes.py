"""What is wrong with the flash: bits of what `Journal.open` returns and of a storage fault's argument."""

OPENED_NEW = 1  # no journal was there, a new one begins
OPENED_DAMAGED = 2  # something is gone that no power cut takes away
OPENED_NEWER = 4  # a later format is there
OPENED_FAILED = 8  # the storage cannot be read, or the last thing could not be written
OPENED_FOREIGN = 16  # another car's, or of a storage that was divided otherwise
MENDED = 32  # wrong bits were found, and set right
WORN = 64  # a sector is passed over
FULL = 128  # no session may start before the centre has confirmed more


def trouble_of(opened: int, has_failed: bool, mended: int, retired: int) -> int:
    """Those of the bits that somebody must hear of; the numbers are counts of bits and sectors."""
    found = opened & ~OPENED_NEW
    if has_failed:
        found |= OPENED_FAILED
    if mended:
        found |= MENDED
    if retired:
        found |= WORN
    return found
