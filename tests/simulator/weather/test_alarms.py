"""What only a person can clear is cleared by one, also when the trouble is over."""

from __future__ import annotations

from fleetd.health import DATABASE_CLONED
from fleetd.pushes import FORKED
from fleetd.store import notice_rows
from simulator.weather.kinds import Weather
from simulator.weather.world import World

_S = 1_000_000


def _world_with_alarms(names: tuple[str, ...]) -> World:
    world = World(1, "top24-2018", 1, 4, 2, Weather())
    world.kernel.run_until(30 * _S)
    db = world.offices[0].db
    with db.transaction():
        for name in names:
            notice_rows.raise_alarm(db, name, world.cars[0].ident, world.clock.unix_s())
    return world


def _open(world: World) -> list[str]:
    return [alarm["name"] for alarm in notice_rows.open_alarms(world.offices[0].db)]


def test_a_daemon_that_keeps_silent_towards_a_car_is_made_to_speak() -> None:
    """Decision 38, as the long seeds 5000 and 20058 had it: three forks, and a clone."""
    world = _world_with_alarms((FORKED, FORKED, FORKED, DATABASE_CLONED))
    world.clone()
    world.kernel.run_until(world.kernel.now_us + 400 * _S)
    assert (len(world.offices), _open(world)) == (1, [])
    world.be_calm()
    world.kernel.run_until(world.kernel.now_us + 100 * _S)
    assert world.lacking() == ""


def test_a_fork_alone_is_left_while_there_may_be_a_clone() -> None:
    """It silences nobody; who ends the clone clears it."""
    world = _world_with_alarms((FORKED,))
    world.clone()
    world.kernel.run_until(world.kernel.now_us + 400 * _S)
    assert (len(world.offices), _open(world)) == (2, [FORKED])
    world.end_clone()
    assert (len(world.offices), _open(world)) == (1, [])
