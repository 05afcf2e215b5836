"""Finds the one wrong bit of a damaged frame: its CRC does not only tell that something is wrong.

A CRC is linear: one flipped bit changes it by a number that depends on nothing but the bit's
distance from the end, and up to 11 KB no two distances have the same. Bytes that were never a
frame pass as one with a single flip once in some 10**5 times, where the CRC alone lets one in
4 * 10**9 pass: so this is tried only where a frame must have begun.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ring_sectors import Sectors

_MARK = 0x5A
_HEAD_BYTES = 8  # mark | kind | length u16 | crc32 u32
_LENGTH_BITS = 16
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


def find_flip(sectors: "Sectors", sector: int, at: int, mark: int) -> "tuple[int, int] | None":
    """Offset and mask of the one wrong bit of the frame whose head was read last; None: not one.

    `mark`: what is wrong with the frame's first byte.
    """
    head = sectors.small
    offset = sectors.base(sector) + at
    length = sectors.length
    left = sectors.sector_bytes - at - _HEAD_BYTES
    if mark:
        head[0] = _MARK
        fits = length <= left and sectors.difference(sector, at, length) == 0
        return (offset, mark) if fits else None
    for bit in range(_LENGTH_BITS):
        if length ^ (1 << bit) <= left:
            byte = 3 - bit // 8
            head[byte] ^= 1 << bit % 8
            fits = sectors.difference(sector, at, sectors.length) == 0
            head[byte] ^= 1 << bit % 8
            if fits:
                return offset + byte, 1 << bit % 8
    if length > left:
        return None
    difference = sectors.difference(sector, at, length)
    if is_one_bit(difference):
        byte = 0
        while difference < 1 << 24:
            difference <<= 8
            byte += 1
        return offset + 4 + byte, difference >> 24
    number = bit_from_end(difference, 8 * (length + 4))
    if number < 0:
        return None
    byte = length + 3 - number // 8
    return offset + byte + (4 if byte >= 4 else 0), 0x80 >> number % 8
