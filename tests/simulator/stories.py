"""A car with a driver and a booking, for tests: what is noted is kept."""

import json
from pathlib import Path
from typing import Any

from simulator.car import Car, CarPlan
from simulator.kernel import Kernel
from simulator.scenario.seen import Seen

ROOT = Path(__file__).resolve().parents[2]
IDM = bytes.fromhex("0101060112AB34CD")
STRANGER = bytes.fromhex("0101060199999999")
DRIVER = "XXY00001001"
OTHER = "XXY00002001"

#: Half past nine in Tokyo on the first of April 2026.
START_S = 1_775_003_400
SECOND_US = 1_000_000


def terms(profile: str = "top24-2023") -> dict[str, Any]:
    text = (ROOT / "firmware/profiles" / f"{profile}.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


class Story:
    """Booked by DRIVER from ten to twelve; switched on and given its records at half past nine."""

    def __init__(self, vm: str = "cpython", seed: int = 1, **settings: Any) -> None:
        self.kernel = Kernel(seed)
        self.car = Car(self.kernel, CarPlan(START_S, terms(), settings, vm))
        self.timeline: list[tuple[int, str]] = []
        self.car.timeline.observers.append(lambda at_us, what: self.timeline.append((at_us, what)))
        self.car.centre.add_card(IDM, DRIVER)
        self.car.centre.add_booking("B1", DRIVER, START_S + 1800, START_S + 9000)
        self.later(30)
        assert self.car.centre.is_in_step
        self.seen = Seen(self.car)

    def mark(self) -> None:
        """Counts, events, mails and refusals are told from here on."""
        self.seen = Seen(self.car)

    @property
    def refusal(self) -> list[str]:
        """The last refusal's reasons since the mark."""
        return [code for code, _ in self.seen.refusal]

    def later(self, seconds: float) -> None:
        self.kernel.run_until(self.kernel.now_us + round(seconds * SECOND_US))

    def until(self, since_start_s: float) -> None:
        self.kernel.run_until(round(since_start_s * SECOND_US))

    def notes(self) -> list[str]:
        return [what for _, what in self.timeline]

    def start_by_card(self) -> None:
        """At a quarter to ten, with the window open for a minute."""
        self.until(1020)
        self.mark()
        self.car.tap(IDM)
        self.later(5)

    def board(self) -> None:
        """Into the car, key taken."""
        body = self.car.body
        body.open_door("driver")
        self.later(1)
        body.set_knob(False)
        body.set_key(False)
        self.later(1)
        body.close_all()
        self.later(1)

    def return_key(self) -> None:
        body = self.car.body
        body.stop_engine()
        body.set_brake(True)
        body.set_key(True)
        body.set_knob(True)
        self.later(1)

    def rental_day(self) -> None:
        """Start, drive, end, reopen, lock; with a power cut and a jump of the clock on the way."""
        self.start_by_card()
        self.board()
        self.car.body.start_engine()
        self.car.body.set_brake(False)
        self.car.body.drive(3500, 1200 * SECOND_US)
        self.later(600)
        self.car.box.power_cut()
        self.later(3)
        self.car.box.power_on()
        self.later(700)
        self.return_key()
        self.car.tap(IDM)
        self.later(10)
        self.car.network.lossy(30)
        self.car.centre.operate("reopen")
        self.later(20)
        self.car.body.open_door("trunk")
        self.later(5)
        self.car.body.close_all()
        self.car.cut_power_in_storage(1)
        self.later(15)
        self.car.box.power_on()
        self.later(5)
        self.car.network.up()
        self.car.centre.operate("lock")
        self.later(20)
