"""The rental's table as the box keeps it: packed; its tuples and the packer are given back.

Import this first on a box: they need 17 KB for a moment.
"""

from firmware.compat import unload
from firmware.rental_table import INITIAL, STATES, TIMEOUTS, TRANSITIONS
from firmware.table_packer import pack

RENTAL = pack(STATES, TIMEOUTS, TRANSITIONS, INITIAL)

del STATES, TIMEOUTS, TRANSITIONS, pack
unload("firmware.rental_table")
unload("firmware.reopen_table")
unload("firmware.service_table")
unload("firmware.table_packer")
