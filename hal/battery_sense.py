"""What a battery's divider may read at all.

A wire that fell off, a divider with a broken resistor and a box on a bench read next to nothing,
which is no battery that is empty: as one it would shed the radio, and make a running engine a lie.
"""

#: No converter makes a box's 5 V from less than this (boards/README.md asks for one from 8 V).
SENSED_MV_MIN = 6000


def sensed_mv(mv: int) -> int:
    """The millivolts, or -1 where they cannot be a battery's that this box runs from."""
    return mv if mv >= SENSED_MV_MIN else -1
