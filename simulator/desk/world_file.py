"""The world that outlives the car's process: its doors and switches, and the time it was.

What the box knows is in its flash; here is what a car that stands on a street has without any
program. The process that is killed is a power cut of the box, nothing more.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simulator.car import Car
from simulator.desk.clock import Course, read_course
from simulator.desk.state_files import StateError, read_json, write_json

_SWITCHES = (
    "key_is_in", "knob_is_at_return", "engine_is_on", "brake_is_on", "gear", "lights_are_on",
    "window_is_open", "is_locked", "is_blocked", "battery_mv",
)  # fmt: skip
_US = 1_000_000


def describe(car: Car) -> dict[str, Any]:
    """All but the time."""
    body = car.body
    journey = body.journey.state()
    # The kernel's time ends with its process.
    journey["began_us"] += car.true_clock.start_unix_s * _US
    return {
        "open_doors": sorted(body.open_doors),
        **{name: getattr(body, name) for name in _SWITCHES},
        "journey": journey,
        "antenna": body.journey.antenna,
        "stuck": car.sensors.held,
        "reader_is_broken": car.reader.is_broken,
        "has_power": car.box.is_powered,
        "clock_ahead_s": car.clock.ahead_s,
        "clock_is_trusted": car.clock.is_trusted,
        "clock_is_broken": car.clock.is_broken,
        "network_is_up": car.network.is_up,
    }


def restore(car: Car, world: dict[str, Any]) -> None:
    """Before the car's first event."""
    body = car.body
    body.open_doors = set(world["open_doors"])
    for name in _SWITCHES:
        setattr(body, name, world[name])
    journey = dict(world["journey"])
    journey["began_us"] -= car.true_clock.start_unix_s * _US
    body.journey.restore(journey)
    body.journey.antenna = world.get("antenna", body.journey.antenna)
    for name, value in world["stuck"].items():
        car.sensors.stick(name, value)
    car.sensors.refresh()
    if world["reader_is_broken"]:
        car.reader.set_broken(True)
    car.clock.ahead_s = world["clock_ahead_s"]
    car.clock.is_trusted = world["clock_is_trusted"]
    car.clock.is_broken = world["clock_is_broken"]
    if not world["network_is_up"]:
        car.network.down()
    if not world["has_power"]:
        car.box.power_cut()


class WorldFile:
    """Written at each change of the car, and now and then for the time alone."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "world.json"
        self._clock_path = folder / "clock.json"
        self._last: dict[str, Any] = {}

    def read(self) -> tuple[dict[str, Any], float] | None:
        """(the world, simulated Unix time at which it was kept); None when nothing was kept."""
        found = read_json(self._path)
        if found is None:
            return None
        try:
            return dict(found["world"]), float(found["simulated_s"])
        except (KeyError, TypeError, ValueError):
            raise StateError(f"{self._path}: holds no world; move it away to begin anew") from None

    def keep(self, car: Car, simulated_s: float, *, time_too: bool = False) -> None:
        """Write what has changed; `time_too`: also when it is only later than it was."""
        world = describe(car)
        if world != self._last or time_too:
            self._last = world
            write_json(self._path, {"simulated_s": simulated_s, "world": world})

    def read_course(self, monotonic_s: float) -> Course | None:
        """The course of a clock that still runs on this desk."""
        course = read_course(read_json(self._clock_path))
        return course if course is not None and course.monotonic_s <= monotonic_s else None

    def keep_course(self, course: Course) -> None:
        write_json(self._clock_path, course.message())

    def forget_course(self) -> None:
        """The desk begins anew: its clock stands since it ended."""
        self._clock_path.unlink(missing_ok=True)
