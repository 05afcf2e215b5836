"""The kinds of trouble, and how much of each a run has: drawn from its seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

# To single frames.
LOST = "lost"
DOUBLED = "doubled"
LATE = "late"
SNAP_CUT = "snap_cut"  # the connection ends behind a chunk of a snapshot
# To connections.
CUT = "cut"
BLACKOUT = "blackout"
SILENCE = "silence"  # nothing passes for more than the lease
# To the box.
POWER_CUT = "power_cut"
FLASH_CUT = "flash_cut"  # in the middle of a flash operation
RESET = "reset"
JOURNAL_ERASED = "journal_erased"
COPY_ERASED = "copy_erased"
CLOCK_LOST = "clock_lost"
CLOCK_JUMP = "clock_jump"
# To the daemon.
DAEMON_CRASH = "daemon_crash"  # between two statements, or two frames
DAEMON_STOP = "daemon_stop"
RESTORE = "restore"
CLONE = "clone"
# Somebody on the way.
REPLAYED = "replayed"
ALTERED = "altered"
READDRESSED = "readdressed"
HELD = "held"
RETAINED = "retained"  # a broker gives a car an old frame when it connects
FITTED = "fitted"  # old frames that fit what the car has just told
# To the keys.
KEY_CHANGE = "key_change"  # the operator gives a car a new one

FRAME_KINDS = (LOST, DOUBLED, LATE, SNAP_CUT)
#: Kind -> mean time between two, in seconds; drawn around it.
EVERY_S = {
    CUT: 150, BLACKOUT: 500, POWER_CUT: 400, FLASH_CUT: 90, RESET: 400,
    JOURNAL_ERASED: 900, COPY_ERASED: 700, CLOCK_LOST: 600, CLOCK_JUMP: 600,
    DAEMON_CRASH: 120, DAEMON_STOP: 500, RESTORE: 450, CLONE: 700,
    REPLAYED: 20, ALTERED: 40, READDRESSED: 60, HELD: 60,
}  # fmt: skip
KINDS = (*FRAME_KINDS, *EVERY_S, SILENCE, RETAINED, FITTED, KEY_CHANGE)
#: Mean time between two, in seconds.
KEY_CHANGE_EVERY_S = (20, 45, 120)
#: What a network does that nobody attacks and nothing else breaks with: for long runs.
USUAL = (LOST, LATE, CUT, BLACKOUT, POWER_CUT, FLASH_CUT, RESET, DAEMON_CRASH, DAEMON_STOP)
#: How often each kind that is allowed is part of a run.
SHARE = 0.6
_SILENCE_SHARE = 0.12
_LATE_S = 5.0
_FRAME_PERCENT = (5, 15, 30)


@dataclass(slots=True)
class Weather:
    """`percent` of frames by kind; `every_s` the mean time between two of the other kinds."""

    percent: dict[str, int] = field(default_factory=dict)
    every_s: dict[str, float] = field(default_factory=dict)
    late_s: float = _LATE_S
    has_silence: bool = False
    has_retained: bool = False
    has_fitted: bool = False
    key_change_every_s: float = 0.0

    def of(self, kind: str) -> int:
        """Percent of frames."""
        return self.percent.get(kind, 0)


def draw(random: Random, allowed: tuple[str, ...]) -> Weather:
    """A run's weather: each allowed kind or not, and how much of it."""
    found = Weather()
    for kind in FRAME_KINDS:
        if random.random() < SHARE and kind in allowed:
            found.percent[kind] = random.choice(_FRAME_PERCENT)
    for kind, every_s in EVERY_S.items():
        if random.random() < SHARE and kind in allowed:
            found.every_s[kind] = every_s * random.choice((0.5, 1.0, 2.0))
    found.has_silence = random.random() < _SILENCE_SHARE and SILENCE in allowed
    found.has_retained = random.random() < SHARE and RETAINED in allowed
    return found
