"""The operator's person who sees to alarms that only a person can clear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fleetd.health import DATABASE_CLONED
from fleetd.pushes import FORKED
from fleetd.store import notice_rows

if TYPE_CHECKING:
    from simulator.weather.world import World

#: Between two looks at `fleetd alarm list`.
_LOOK_S = (60, 300)
_S = 1_000_000


class AlarmDesk:
    """Does what docs/deployment.md says, in the calm as well.

    A daemon that took another one's word three times for a car keeps silent towards it: somebody
    must end the clone, and clear the alarms of the daemon that stays.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._random = world.kernel.random("alarms")
        self._plan()

    def clear(self) -> None:
        """There is one daemon again: what it says of others has been seen to."""
        world = self._world
        with world.offices[0].unharmed() as db, db.transaction():
            for alarm in notice_rows.open_alarms(db):
                if alarm["name"] in (DATABASE_CLONED, FORKED):
                    now_s = world.clock.unix_s()
                    notice_rows.clear_alarm_by_hand(db, alarm["id"], "desk", "clone is off", now_s)

    def _plan(self) -> None:
        self._world.kernel.after(self._random.randint(*_LOOK_S) * _S, self._look)

    def _look(self) -> None:
        self._plan()
        if self._world.is_idle():
            return
        with self._world.offices[0].unharmed() as db:
            is_silent = bool(notice_rows.open_alarm_cars(db, DATABASE_CLONED))
        if is_silent:
            self._world.trace.count("alarms_cleared")
            self._world.end_clone()
            self.clear()
