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
    """Looks now and then, in the calm as well: docs/deployment.md says what is to be done.

    A daemon that took another one's word three times for a car keeps silent towards it: somebody
    must end the clone, and clear the alarms of the daemon that stays.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._random = world.kernel.random("alarms")
        self._plan()

    def _plan(self) -> None:
        self._world.kernel.after(self._random.randint(*_LOOK_S) * _S, self._look)

    def _look(self) -> None:
        self._plan()
        if self._world.is_idle():
            return
        db = self._world.offices[0].db
        found = notice_rows.open_alarms(db)
        if any(alarm["name"] == DATABASE_CLONED for alarm in found):
            self._world.end_clone()
            self._world.trace.count("alarms_cleared")
            with self._world.offices[0].unharmed() as db, db.transaction():
                for alarm in found:
                    if alarm["name"] in (DATABASE_CLONED, FORKED):
                        notice_rows.clear_alarm_by_hand(
                            db, alarm["id"], "desk", "the clone is off", self._world.clock.unix_s()
                        )
