"""Driving: odometer and position. Each drive is a round trip that ends where it began."""

from __future__ import annotations

from collections.abc import Callable

from firmware.wire import codes
from simulator.kernel import Event, Kernel

#: Where the station is, and how far a metre to the north is, in microdegrees.
STATION_LATITUDE_UDEG = 35_681_000
STATION_LONGITUDE_UDEG = 139_767_000
UDEG_A_METRE = 9

#: What the car has run before the story begins.
ODOMETER_M = 12_345_000


class Journey:
    """`on_move` is told when the car begins and ceases to move."""

    def __init__(self, kernel: Kernel, on_move: Callable[[bool], None]) -> None:
        self._kernel = kernel
        self._on_move = on_move
        self._end: Event | None = None
        self._began_us = 0
        self._duration_us = 1
        self._distance_m = 0
        self._before_m = ODOMETER_M
        self._north_m = 0
        #: What the receiver says of its antenna (ANTENNA_*); without one it finds no satellites.
        self.antenna = codes.ANTENNA_OK

    @property
    def is_under_way(self) -> bool:
        return self._end is not None

    @property
    def has_position(self) -> bool:
        return self.antenna < codes.ANTENNA_OPEN

    def begin(self, distance_m: int, duration_us: int) -> None:
        """Drive that far in that time; a drive under way ends here."""
        was_moving = self.is_under_way
        self._settle()
        self._began_us = self._kernel.now_us
        self._duration_us = max(1, duration_us)
        self._distance_m = distance_m
        self._end = self._kernel.after(duration_us, self.stop)
        if not was_moving:
            self._on_move(True)

    def stop(self) -> None:
        """Arrived, or the engine was turned off on the way."""
        if self.is_under_way:
            self._settle()
            self._on_move(False)

    def odometer_m(self) -> int:
        return self._before_m + self._driven_m()

    def latitude_udeg(self) -> int:
        driven_m = self._driven_m()
        away_m = min(driven_m, self._distance_m - driven_m) if self._end is not None else 0
        return STATION_LATITUDE_UDEG + (self._north_m + away_m) * UDEG_A_METRE

    def longitude_udeg(self) -> int:
        return STATION_LONGITUDE_UDEG

    def state(self) -> dict[str, int | bool]:
        """All of it, to go on with later; `began_us` is the kernel's time."""
        return {
            "is_under_way": self.is_under_way,
            "began_us": self._began_us,
            "duration_us": self._duration_us,
            "distance_m": self._distance_m,
            "before_m": self._before_m,
            "north_m": self._north_m,
        }

    def restore(self, state: dict[str, int | bool]) -> None:
        """Go on from there; a drive under way arrives when it would have."""
        self._began_us = int(state["began_us"])
        self._duration_us = max(1, int(state["duration_us"]))
        self._distance_m = int(state["distance_m"])
        self._before_m = int(state["before_m"])
        self._north_m = int(state["north_m"])
        if state["is_under_way"]:
            self._end = self._kernel.at(self._began_us + self._duration_us, self.stop)

    def _driven_m(self) -> int:
        if self._end is None:
            return 0
        passed_us = min(self._kernel.now_us - self._began_us, self._duration_us)
        return self._distance_m * passed_us // self._duration_us

    def _settle(self) -> None:
        """What was driven so far counts; the car stands where it is."""
        if self._end is None:
            return
        driven_m = self._driven_m()
        self._before_m += driven_m
        self._north_m += min(driven_m, self._distance_m - driven_m)
        self._end.cancel()
        self._end = None
