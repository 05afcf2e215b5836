"""What each action of a story does to its car."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from zlib import crc32

from firmware.wire.codes import UNKNOWN
from simulator.audit import Reason
from simulator.car import Car, CarPlan
from simulator.kernel import Kernel
from simulator.scenario import times
from simulator.scenario.actions import Action
from simulator.scenario.preparation import PREPARATION_S, prepare, unix_s
from simulator.scenario.story import Story

#: A card is held to the reader until even one that looks once a second has seen it.
_HOLD_US = 1500 * times.MS
#: From the start of the program until its reader listens (`hal.api.CardReader`): 150 ms, and some.
_LISTENS_US = 300 * times.MS
#: A hand that finds a door locked pulls again for so long, so often: the motors may be at work.
_PULL_US = 400 * times.MS
_PULL_EVERY_US = 20 * times.MS


class Stage:
    """One method for each action; `simulator.scenario.actions.ACTIONS` says which."""

    def __init__(self, story: Story, terms: dict[str, Any], vm: str, seed: int = 1) -> None:
        self.kernel = Kernel(seed)
        start_unix_s = int(story.now.timestamp()) - PREPARATION_S
        plan = CarPlan(start_unix_s, terms, story.settings, vm, profile=story.profile)
        self.car = Car(self.kernel, plan)
        try:
            prepare(self, story)
        except BaseException:
            self.car.close()
            raise

    @property
    def since_now_us(self) -> int:
        """Simulated time since the story's `now`."""
        return self.kernel.now_us - PREPARATION_S * times.S

    def run_until(self, since_now_us: int) -> None:
        """Let the clock run to that time since `now`, and all happen that is due by then."""
        self.kernel.run_until(since_now_us + PREPARATION_S * times.S)

    @property
    def next_us(self) -> int | None:
        """When, since `now`, the next thing happens by itself."""
        next_us = self.kernel.next_at_us
        return None if next_us is None else next_us - PREPARATION_S * times.S

    @property
    def hears_cards_us(self) -> int:
        """From when on, since `now`, a card counts as touched after the box's last start (SAFE-3)."""
        return self.car.box.starts_us + _LISTENS_US - PREPARATION_S * times.S

    def close(self) -> None:
        """End the car's program."""
        self.car.close()

    def perform(self, action: Action) -> None:
        """Do it now. Driving begins now; whoever plays the story lets its time pass."""
        getattr(self, action.method)(*action.arguments)

    # Cards.

    def tap(self, idm: bytes) -> None:
        """In place of a card that is still there: who holds one up sees it."""
        self.car.reader.clear()
        self.car.reader.tap(idm, _HOLD_US)

    def staff_tap(self, idm: bytes) -> None:
        self.tap(idm)

    def tap_licence(self, licence: str) -> None:
        """Its PUPI, or one for its name; `changing...` makes up another one each time."""
        is_pupi = re.fullmatch("[0-9A-Fa-f]{8}", licence)
        pupi = bytes.fromhex(licence) if is_pupi else crc32(licence.encode()).to_bytes(4, "big")
        self.car.reader.clear()
        self.car.reader.tap_licence(pupi, licence.startswith("changing"), _HOLD_US)

    # The car and its driver.

    def open_door(self, door: str) -> None:
        if not self.car.body.open_door(door):
            self._pull(door, self.kernel.now_us + _PULL_US)

    def _pull(self, door: str, until_us: int) -> None:
        """Try again while it is locked."""
        if not self.car.body.is_locked:
            self.car.body.open_door(door)
        elif self.kernel.now_us < until_us:
            self.kernel.after(_PULL_EVERY_US, lambda: self._pull(door, until_us))

    def close_door(self, door: str) -> None:
        self.car.body.close_door(door)

    def close_all(self) -> None:
        self.car.body.close_all()

    def key_in(self) -> None:
        self.car.body.set_key(True)

    def key_out(self) -> None:
        self.car.body.set_key(False)

    def knob_rent(self) -> None:
        self.car.body.set_knob(False)

    def knob_return(self) -> None:
        self.car.body.set_knob(True)

    def engine_on(self) -> None:
        self.car.body.start_engine()

    def engine_off(self) -> None:
        self.car.body.stop_engine()

    def brake_on(self) -> None:
        self.car.body.set_brake(True)

    def brake_off(self) -> None:
        self.car.body.set_brake(False)

    def gear(self, gear: str) -> None:
        self.car.body.set_gear(gear)

    def lights_on(self) -> None:
        self.car.body.set_lights(True)

    def lights_off(self) -> None:
        self.car.body.set_lights(False)

    def window_open(self) -> None:
        self.car.body.set_window(True)

    def window_closed(self) -> None:
        self.car.body.set_window(False)

    def drive(self, distance_m: int, takes_us: int) -> None:
        """Who drives off with the engine off starts it, and turns it off on arrival."""
        body = self.car.body
        if not body.engine_is_on and body.start_engine():
            self.kernel.after(takes_us, self.engine_off)
        body.drive(distance_m, takes_us)

    def driver_lock(self) -> None:
        self.car.body.use_drivers_key(True)

    def driver_unlock(self) -> None:
        self.car.body.use_drivers_key(False)

    # The phone.

    def site_start(self, driver: str | None = None) -> None:
        self._site("start", driver)

    def site_end(self, driver: str | None = None) -> None:
        self._site("end", driver)

    def site_reopen(self, driver: str | None = None) -> None:
        self._site("reopen", driver)

    def site_lock(self, driver: str | None = None) -> None:
        self._site("lock", driver)

    def site_reunlock(self, driver: str | None = None) -> None:
        self._site("reunlock", driver)

    def site_enrol(self, driver: str | None = None) -> None:
        self._site("enrol", driver)

    def site_extend(self, by_s: int, driver: str | None = None) -> None:
        self.car.timeline.note(f"site extend {by_s // 60} min")
        self.car.centre.extend(by_s, driver)

    def _site(self, verb: str, driver: str | None) -> None:
        self.car.timeline.note(f"site {verb}" + (f" as {driver}" if driver else ""))
        self.car.centre.operate(verb, driver)

    # The centre.

    def book(self, name: str, driver: str, start: datetime, end: datetime) -> None:
        self.car.centre.book(name, driver, unix_s(start), unix_s(end))

    def change(self, name: str, start: datetime, end: datetime) -> None:
        if self._is_booked(name):
            self.car.centre.change(name, unix_s(start), unix_s(end))

    def cancel(self, name: str) -> None:
        if self._is_booked(name):
            self.car.centre.cancel(name)

    def _is_booked(self, name: str) -> bool:
        """A booking that was itself refused can be neither changed nor cancelled."""
        if any(booking.name == name for booking in self.car.centre.bookings):
            return True
        self.car.timeline.note(f"{name} is not booked")
        self.car.centre.on_refusal([Reason("no_booking")])
        return False

    def centre_position(self, reason: str) -> None:
        self.car.timeline.note(f"centre asks for the position: {reason}")
        self.car.centre.ask_position(reason)

    # The network.

    def network_up(self) -> None:
        self.car.network.up()

    def network_down(self) -> None:
        self.car.network.down()

    def network_slow(self, by_us: int) -> None:
        self.car.network.slow(by_us)

    def network_lossy(self, percent: int) -> None:
        self.car.network.lossy(percent)

    # Trouble.

    def power_cut(self) -> None:
        self.car.box.power_cut()

    def power_on(self) -> None:
        self.car.box.power_on()

    def reset(self) -> None:
        self.car.box.reset()

    def hang(self) -> None:
        self.car.box.hang()

    def clock_jump(self, by_s: int) -> None:
        self.car.jump_clock(by_s)

    def clock_untrusted(self) -> None:
        self.car.distrust_clock()

    def stuck(self, input_: str, value: int) -> None:
        self.car.sensors.stick(input_, value)

    def unknown(self, input_: str) -> None:
        self.car.sensors.stick(input_, UNKNOWN)

    def free(self, input_: str) -> None:
        self.car.sensors.free(input_)

    def reader_dead(self) -> None:
        self.car.reader.set_broken(True)

    def reader_alive(self) -> None:
        self.car.reader.set_broken(False)

    def battery(self, battery_mv: int) -> None:
        self.car.body.set_battery(battery_mv)
