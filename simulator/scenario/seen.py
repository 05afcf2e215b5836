"""What can be seen of a car since a moment: the `View` of a story's expectations."""

from __future__ import annotations

from firmware.wire import codes
from simulator.car import Car
from simulator.scenario.sights import Reason


class Seen:
    """Counts, events, mails and refusals count from when this was made."""

    def __init__(self, car: Car) -> None:
        self._car = car
        self._risen = list(car.signals.risen)
        self._events_from = len(car.events)
        self._mails_from = len(car.centre.mails)
        self._refusals_from = len(car.refusals)

    @property
    def state(self) -> str:
        return self._car.state

    @property
    def reader(self) -> str:
        return self._car.lamp

    @property
    def doors(self) -> str:
        return self._car.doors

    @property
    def engine(self) -> str:
        return self._car.engine

    @property
    def hazards(self) -> str:
        return self._car.hazards

    @property
    def hazard_flashes(self) -> int:
        return self._count(codes.OUT_HAZARD)

    @property
    def buzzer(self) -> int:
        return self._count(codes.OUT_BUZZER)

    @property
    def voice(self) -> int:
        return self._count(codes.OUT_VOICE)

    @property
    def sounding(self) -> str:
        return self._car.sounding

    @property
    def site(self) -> str:
        return self._car.site or "none"

    @property
    def refusal(self) -> tuple[Reason, ...]:
        refusals = self._car.refusals
        if len(refusals) == self._refusals_from:
            return ()
        return tuple((one.code, frozenset(one.inputs)) for one in refusals[-1])

    @property
    def events(self) -> list[str]:
        return [event.name for event in self._car.events[self._events_from :]]

    @property
    def mails(self) -> list[str]:
        return self._car.centre.mails[self._mails_from :]

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(self._car.warnings)

    def _count(self, out: int) -> int:
        return self._car.signals.risen[out] - self._risen[out]
