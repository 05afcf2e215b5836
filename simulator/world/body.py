"""The car: doors, key box, engine, brake, gear, lights, window, and what a driver does to them.

At first it stands locked and closed, key in the box, knob at return, engine off and blocked, brake
on, gear P. What cannot be done is not done, and noted with the reason: `engine does not start:
blocked`. Actions return whether they had their way.
"""

from __future__ import annotations

from collections.abc import Callable

from simulator.kernel import Kernel
from simulator.world.journey import Journey
from simulator.world.timeline import Timeline

DOORS = ("driver", "passenger", "rear-left", "rear-right", "trunk")
GEARS = ("P", "R", "N", "D")
_ANTENNAS = ("cannot be told", "connected", "open", "shorted")


class Body:
    """`on_touched` is called after every change of what a sensor may see."""

    def __init__(
        self, kernel: Kernel, timeline: Timeline, has_knob: bool, has_smart_key: bool
    ) -> None:
        self._note = timeline.note
        self.has_knob = has_knob
        self.has_smart_key = has_smart_key
        self.on_touched: Callable[[], None] = _nothing
        self.journey = Journey(kernel, self._roll)
        self.open_doors: set[str] = set()
        self.key_is_in = True
        self.knob_is_at_return = True
        self.engine_is_on = False
        self.brake_is_on = True
        self.gear = "P"
        self.lights_are_on = False
        self.window_is_open = False
        self.is_locked = True
        self.is_blocked = True
        self.battery_mv = 12600

    @property
    def is_moving(self) -> bool:
        return self.journey.is_under_way

    @property
    def key_is_in_box(self) -> bool:
        """Plugged in; with a knob, in and the knob at return."""
        return self.key_is_in and (self.knob_is_at_return or not self.has_knob)

    # What a driver does.

    def open_door(self, door: str) -> bool:
        if door in self.open_doors:
            return True
        if self.is_locked:
            return self._cannot(f"door {door} does not open", "locked")
        self.open_doors.add(door)
        return self._changed(f"door {door} opened")

    def close_door(self, door: str) -> bool:
        if door in self.open_doors:
            self.open_doors.remove(door)
            self._changed(f"door {door} closed")
        return True

    def close_all(self) -> bool:
        for door in DOORS:
            self.close_door(door)
        return True

    def set_key(self, is_in: bool) -> bool:
        if is_in != self.key_is_in:
            self.key_is_in = is_in
            self._changed("key in" if is_in else "key out")
        return True

    def set_knob(self, at_return: bool) -> bool:
        if not self.has_knob:
            return self._cannot("the knob does not turn", "this car has a connector")
        if at_return != self.knob_is_at_return:
            self.knob_is_at_return = at_return
            self._changed("knob return" if at_return else "knob rent")
        return True

    def start_engine(self) -> bool:
        if self.engine_is_on:
            return True
        if self.is_blocked:
            return self._cannot("engine does not start", "blocked")
        if self.key_is_in_box and not self.has_smart_key:
            return self._cannot("engine does not start", "the key is in the box")
        self.engine_is_on = True
        return self._changed("engine on")

    def stop_engine(self) -> bool:
        if self.engine_is_on:
            self.journey.stop()
            self.engine_is_on = False
            self._changed("engine off")
        return True

    def drive(self, distance_m: int, duration_us: int) -> bool:
        if not self.engine_is_on:
            return self._cannot("the car does not move", "the engine is off")
        self.journey.begin(distance_m, duration_us)
        return True

    def set_brake(self, is_on: bool) -> bool:
        if is_on != self.brake_is_on:
            self.brake_is_on = is_on
            self._changed("brake on" if is_on else "brake off")
        return True

    def set_gear(self, gear: str) -> bool:
        if gear != self.gear:
            self.gear = gear
            self._changed(f"gear {gear}")
        return True

    def set_lights(self, are_on: bool) -> bool:
        if are_on != self.lights_are_on:
            self.lights_are_on = are_on
            self._changed("lights on" if are_on else "lights off")
        return True

    def set_window(self, is_open: bool) -> bool:
        if is_open != self.window_is_open:
            self.window_is_open = is_open
            self._changed("window open" if is_open else "window closed")
        return True

    def use_drivers_key(self, lock: bool) -> bool:
        """USE-1: the driver's own key, which he must have taken."""
        if self.key_is_in_box and not self.has_smart_key:
            done = "locked" if lock else "unlocked"
            return self._cannot(f"doors are not {done} by key", "the key is in the box")
        self.move_locks(lock)
        return True

    # What relays do.

    def move_locks(self, lock: bool) -> None:
        """The lock motors of all doors."""
        if lock != self.is_locked:
            self.is_locked = lock
            self._changed("doors locked" if lock else "doors unlocked")

    def move_block(self, block: bool) -> None:
        """The bistable starter block; it keeps an engine from starting, it stops none."""
        if block != self.is_blocked:
            self.is_blocked = block
            self._changed("engine blocked" if block else "engine free")

    def set_battery(self, battery_mv: int) -> None:
        if battery_mv != self.battery_mv:
            self.battery_mv = battery_mv
            self._changed(f"battery {battery_mv} mV")

    def set_antenna(self, antenna: int) -> None:
        """Of the position's receiver: ANTENNA_OPEN, it was torn off; ANTENNA_SHORT; ANTENNA_OK."""
        if antenna != self.journey.antenna:
            self.journey.antenna = antenna
            self._changed(f"antenna {_ANTENNAS[antenna]}")

    def _roll(self, moves: bool) -> None:
        self._changed("car moves" if moves else "car stands")

    def _changed(self, what: str) -> bool:
        self._note(what)
        self.on_touched()
        return True

    def _cannot(self, what: str, reason: str) -> bool:
        self._note(f"{what}: {reason}")
        return False


def _nothing() -> None:
    pass
