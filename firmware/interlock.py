"""The last word before the relays: it can only make a pulse not happen (SAFE-1, SAFE-2).

It knows no table and no booking. It sees the pulse, the authorisation that came with it and the
snapshot, and keeps to these sentences:

1. Nothing moves unless the journal holds the reason.
2. The starter block is set only while engine and car are known to rest.
3. Doors are unlocked and the engine is released only for a card, a command or a technician, by
   name, and not after that authorisation has run out.
4. Locking needs somebody or something that asked for it.
"""

from firmware.ticks import ticks_diff
from firmware.wire.codes import (
    BY_CARD,
    BY_COMMAND,
    BY_NOBODY,
    BY_TECHNICIAN,
    NO,
    PULSE_BLOCK,
    PULSE_RELEASE,
    PULSE_UNLOCK,
)
from firmware.wire.journal_format import NO_IDENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.snapshot import Snapshot
    from firmware.turn import Turn


def permits(line: int, turn: "Turn", snapshot: "Snapshot", is_journaled: bool) -> bool:
    """Whether the turn's pulse on this line may go out."""
    cause = turn.pulse_cause[line]
    if cause == BY_NOBODY or not is_journaled:
        return False
    if line == PULSE_BLOCK:
        return snapshot.in_motion() == NO
    if line == PULSE_UNLOCK or line == PULSE_RELEASE:
        if cause != BY_CARD and cause != BY_COMMAND and cause != BY_TECHNICIAN:
            return False
        ident = turn.pulse_ident[line]
        if len(ident) != len(NO_IDENT) or ident == NO_IDENT:
            return False
        return ticks_diff(turn.pulse_not_after_ms[line], snapshot.now_ms) > 0
    return True
