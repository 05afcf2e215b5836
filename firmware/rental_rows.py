"""The rental's table as the box keeps it: packed, its tuples given back.

Import this first on a box: the tuples need 16 KB for a moment.
"""

from firmware.compat import unload
from firmware.packed_table import PackedTable
from firmware.rental_table import INITIAL, STATES, TIMEOUTS, TRANSITIONS

RENTAL = PackedTable(STATES, TIMEOUTS, TRANSITIONS, INITIAL)

del STATES, TIMEOUTS, TRANSITIONS
unload("firmware.rental_table")
