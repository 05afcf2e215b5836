"""One car with its driver's phone: all that a story may do to it, and all that it may see.

car = Car(Kernel(seed), CarPlan(start_unix_s=..., terms=...))
car.kernel.run_until(...); car.tap(idm); car.state
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from firmware.wire import codes
from firmware.wire.code_names import LAMP_NAMES
from hal.fake.flash import Flash
from simulator.audit import AuditEvent, Reason, parse_event
from simulator.box import Box
from simulator.centre import Centre
from simulator.clocks import BoxClock, TrueClock
from simulator.daemon.centre import FleetCentre
from simulator.daemon.database import DEFAULT_PROFILE
from simulator.kernel import Kernel
from simulator.network import Network
from simulator.reader import Reader
from simulator.vm.choose import program_maker
from simulator.vm.micropython import DEFAULT_HEAP
from simulator.vm.storage_server import StorageServer
from simulator.world.body import Body
from simulator.world.relays import Relays
from simulator.world.sensors import INPUT_NUMBERS, Sensors
from simulator.world.signals import Signals
from simulator.world.timeline import Timeline

JOURNAL_SECTORS = 64
CACHE_SECTORS = 16
#: Where a simulated car finds its centre: a name and a port, as every car has them.
HOST, PORT = "centre.example", 8883


@dataclass(frozen=True)
class CarPlan:
    """What a car is before anything happens. Terms and settings as `firmware.terms` reads them.

    `profile`: the name of the terms, by which the daemon has its rules for bookings.
    """

    start_unix_s: int
    terms: dict[str, Any]
    settings: dict[str, Any] = field(default_factory=dict)
    vm: str = "cpython"
    heap: str = DEFAULT_HEAP
    network_is_up: bool = True
    profile: str = DEFAULT_PROFILE


#: Makes the centre that a car belongs to.
MakeCentre = Callable[[Kernel, Timeline, TrueClock, CarPlan], Centre]


def make_fleet_centre(
    kernel: Kernel, timeline: Timeline, clock: TrueClock, plan: CarPlan
) -> Centre:
    """The daemon's own code, in simulated time."""
    return FleetCentre(kernel, timeline, clock, plan.profile, plan.terms, plan.settings)


class Car:
    """The box, the world around it, the network and the centre, on one kernel.

    Driving, doors and the like are `body`'s, sensors' faults `sensors`', power `box`'s, cards and
    the reader's death `reader`'s, the phone and the bookings `centre`'s.
    """

    def __init__(
        self, kernel: Kernel, plan: CarPlan, make_centre: MakeCentre = make_fleet_centre
    ) -> None:
        self.kernel = kernel
        self.timeline = Timeline(kernel)
        self.true_clock = TrueClock(kernel, plan.start_unix_s)
        self.clock = BoxClock(self.true_clock)
        has_knob = plan.settings.get("key_box", plan.terms.get("key_box")) == "knob"
        has_smart_key = bool(plan.settings.get("smart_key", False))
        self.body = Body(kernel, self.timeline, has_knob, has_smart_key)
        self.sensors = Sensors(kernel, self.timeline, self.body, _not_fitted(plan, has_knob))
        self.relays = Relays(kernel, self.body)
        self.signals = Signals(kernel, self.timeline)
        self.reader = Reader(kernel, self.timeline)
        self.network = Network(kernel)
        self.journal_flash = Flash(JOURNAL_SECTORS, seed=_flash_seed(kernel, "journal"))
        self.cache_flash = Flash(CACHE_SECTORS, seed=_flash_seed(kernel, "cache"))
        self.storage = StorageServer(self.journal_flash, self.cache_flash)
        self.centre = make_centre(kernel, self.timeline, self.true_clock, plan)
        make_program = program_maker(plan.vm, self.storage, plan.heap)
        self.box = Box(kernel, self, make_program, self._config(plan))
        self.events: list[AuditEvent] = []
        #: Every refusal so far, by the box or by the centre.
        self.refusals: list[list[Reason]] = []
        self._connect()
        if not plan.network_is_up:
            self.network.down()
        self.box.power_on()

    def _config(self, plan: CarPlan) -> dict[str, Any]:
        """What its program is told at each start."""
        identity = self.centre.identity
        return {
            "terms": plan.terms,
            "settings": plan.settings,
            "journal": [self.journal_flash.sector_bytes, self.journal_flash.sectors],
            "cache": [self.cache_flash.sector_bytes, self.cache_flash.sectors],
            "car": identity.car,
            "key": identity.key,
            "password": identity.password,
            "host": HOST,
            "port": PORT,
        }

    def _connect(self) -> None:
        self.sensors.on_change = self.box.wake
        self.reader.on_received = self.box.wake
        self.network.on_change = self._see_network
        self.network.modem.on_news = self.box.wake
        self.network.server = self.centre.server
        self.centre.on_refusal = self._see_refusal

    def close(self) -> None:
        """End the program's process."""
        self.box.close()

    # What the box is wired to (`simulator.box.Surroundings`).

    def hear_events(self, events: list[bytes]) -> None:
        for raw in events:
            event = parse_event(raw)
            self.events.append(event)
            self.timeline.note(f"event {event}")
            if event.reasons:
                self._see_refusal(event.reasons)

    def restore_storage(self) -> None:
        for flash in self.storage.storages:
            flash.restore_power()

    # What a story does to it, beside what its parts offer.

    def tap(self, idm: bytes) -> None:
        """Hold a card to the reader for a moment."""
        self.reader.tap(idm)

    def jump_clock(self, by_s: int) -> None:
        """The box's clock is wrong by so much more."""
        self.clock.ahead_s += by_s
        self.timeline.note(f"clock jumps {by_s} s")
        self.box.wake()

    def distrust_clock(self) -> None:
        """The box's clock chip fails for good: never to be trusted again, and not to be set."""
        self.clock.break_down()
        self.timeline.note("clock untrusted")
        self.box.wake()

    def cut_power_in_storage(self, operations: int) -> None:
        """The power goes in the middle of the journal's operation after so many more."""
        self.journal_flash.cut_after = operations

    # What is seen.

    @property
    def state(self) -> str:
        return self.box.state

    @property
    def lamp(self) -> str:
        return LAMP_NAMES[self.signals.lamp]

    @property
    def doors(self) -> str:
        return "locked" if self.body.is_locked else "unlocked"

    @property
    def engine(self) -> str:
        return "blocked" if self.body.is_blocked else "free"

    @property
    def hazards(self) -> str:
        return "flashing" if self.signals.hazards_flash else "off"

    @property
    def sounding(self) -> str:
        return "yes" if self.signals.sounds else "no"

    @property
    def site(self) -> str:
        """Of the phone's last operation; empty before the first."""
        return self.centre.site.status if self.centre.site else ""

    @property
    def warnings(self) -> list[str]:
        """What the phone shows: beside the last operation's result, else on a booking's page."""
        beside = list(self.centre.site.warnings) if self.centre.site else []
        return beside or list(self.centre.left_behind)

    def _see_refusal(self, reasons: list[Reason]) -> None:
        self.refusals.append(reasons)

    def _see_network(self) -> None:
        self.timeline.note("network up" if self.network.is_up else "network down")
        self.box.wake()


def _not_fitted(plan: CarPlan, has_knob: bool) -> frozenset[int]:
    missing = {INPUT_NUMBERS[name] for name in plan.settings.get("no_sensor", ())}
    if not plan.settings.get("gear_sensor", True):
        missing.add(codes.IN_GEAR_P)
    if not has_knob:
        missing.add(codes.IN_KNOB_AT_RETURN)
    return frozenset(missing)


def _flash_seed(kernel: Kernel, name: str) -> int:
    return kernel.random(f"flash of the {name}").getrandbits(30)
