"""Finds the one wrong bit of a damaged frame: its CRC does not only tell that something is wrong.

A CRC is linear: one flipped bit changes it by a number that depends on nothing but the bit's
distance from the end, and up to 11 KB no two distances have the same. Bytes that were never a
frame pass as one with a single flip once in some 10**5 times, where the CRC alone lets one in
4 * 10**9 pass: so this is tried only where a frame must have begun.
"""

_POLYNOMIAL = 0xEDB88320  # of binascii.crc32, reflected


def bit_from_end(difference: int, bits: int) -> int:
    """Which bit, counted back from the last one, changes the CRC by this; -1 for none of them.

    Bit 0 of that count is the highest of the last byte.
    """
    change = _POLYNOMIAL
    for number in range(bits):
        if change == difference:
            return number
        change = (change >> 1) ^ (_POLYNOMIAL if change & 1 else 0)
    return -1


def is_one_bit(difference: int) -> bool:
    """Whether exactly one bit is set."""
    return difference != 0 and difference & (difference - 1) == 0
