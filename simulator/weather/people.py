"""Drivers, staff and the operator: they book, come, drive, end, forget things, and make mistakes.

Each story is a generator that yields how many seconds pass until it goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from firmware.wire import codes
from fleetd.core.refused import Refused
from fleetd.service import Fleet
from simulator.weather.car import WeatherCar
from simulator.weather.template import card_of
from simulator.world.body import DOORS

if TYPE_CHECKING:
    from simulator.weather.world import World

Story = Iterator[float]
_TRIES = 4
_NEW_CARDS = 3
_PHONE_RETRY_S = (2.0, 8.0)
_FIRST_KEY = 1
#: Of new cards are entered by a command on the host.
_AT_HOST_SHARE = 0.3


class People:
    """`pace`: 1 for hurried runs; larger lets them do less."""

    def __init__(self, world: World, pace: float = 1.0) -> None:
        self._world = world
        self._kernel = world.kernel
        self._count = world.trace.count
        self._random = world.kernel.random("people")
        self._pace = pace
        self._keys = _FIRST_KEY
        self._cards = 0
        self._generation = 0
        #: Driver -> the card that the driver has.
        self.cards = dict(world.template.drivers)
        self.old_cards: list[bytes] = []

    def stop(self) -> None:
        """Whatever they are at, they leave it; `begin` has them come anew."""
        self._generation += 1

    def begin(self) -> None:
        """Somebody for each car, and others who disturb."""
        drivers = list(self.cards)
        for index, car in enumerate(self._world.cars):
            mine = drivers[index :: len(self._world.cars)]
            self.tell(self._visitors(car, mine))
            self.tell(self._disturb(car, mine))

    def tell(self, story: Story) -> None:
        """Let it happen."""
        generation = self._generation

        def go_on() -> None:
            if self._generation != generation:
                return
            delay_s = next(story, None)
            if delay_s is not None:
                self._kernel.after(int(delay_s * 1_000_000), go_on)

        self._kernel.after(0, go_on)

    # The phone.

    def ask(self, car: WeatherCar, what: str, act: Callable[[Fleet], Any]) -> Any:
        """What the daemon answers; None when it refuses, or nobody is there."""
        office = self._world.office_of(car)
        try:
            answer = office.call(act)
        except Refused as refused:
            self._world.trace.note(f"{what} refused: {refused.code}")
            return None
        self._world.trace.note(f"{what}: {'nobody there' if answer is None else 'done'}")
        return answer

    def _key(self) -> str:
        self._keys += 1
        return f"request {self._keys}"

    def _operate(self, car: WeatherCar, driver: str, booking: int, verb: str) -> Story:
        """Press the button; press it again with the same key when nothing is seen to come of it."""
        key = self._key()
        for _ in range(self._random.choice((1, 1, 2, 3))):
            self._count(f"phone_{verb}", f"{driver} {car.name}")
            self.ask(car, f"{verb} {driver}", lambda fleet: fleet.operate(
                driver, booking, verb, key))  # fmt: skip
            yield self._random.uniform(*_PHONE_RETRY_S)

    # Rentals.

    def _visitors(self, car: WeatherCar, drivers: list[str]) -> Story:
        while True:
            yield self._random.uniform(5, 60) * self._pace
            driver = self._random.choice(drivers)
            yield from self._rent(car, driver)

    def _rent(self, car: WeatherCar, driver: str) -> Story:
        random = self._random
        now_s = self._world.clock.unix_s()
        starts_s = now_s + random.randint(0, 500)
        ends_s = starts_s + random.randint(1200, 5400)
        made = self.ask(car, f"book {driver}", lambda fleet: fleet.add_booking(
            driver, car.ident, starts_s, ends_s))  # fmt: skip
        if made is None:
            return
        booking = made["id"]
        ident = booking.to_bytes(4)
        office = self._world.office_of(car)
        self._world.copies.expect(office, car.ident, codes.OP_PUT_BOOKING, ident, is_there=True)
        self._count("booked", f"{booking} {driver} {car.name}")
        yield random.uniform(3, 60)
        if random.random() < 0.15:
            self._count("cancelled", str(booking))
            office = self._world.office_of(car)
            if self.ask(car, f"cancel {booking}", lambda fleet: fleet.cancel(
                    driver, booking, self._key())):  # fmt: skip
                self._world.copies.expect(
                    office, car.ident, codes.OP_PUT_BOOKING, ident, is_there=False
                )
        for _ in range(_TRIES):
            yield from self._start(car, driver, booking)
            if not car.body.is_locked:
                break
        else:
            return
        yield from self._use(car, driver, booking)
        if random.random() < 0.4:
            yield from self._reopen(car, driver, booking)

    def _start(self, car: WeatherCar, driver: str, booking: int) -> Story:
        if self._random.random() < 0.5:
            self.tap(car, self.cards[driver])
            yield self._random.uniform(5, 15)
        else:
            yield from self._operate(car, driver, booking, "start")

    def _use(self, car: WeatherCar, driver: str, booking: int) -> Story:
        random, body = self._random, car.body
        body.open_door("driver")
        yield random.uniform(1, 20)
        self._take_key(car, True)
        body.close_door("driver")
        yield random.uniform(1, 10)
        if random.random() < 0.7 and body.start_engine():
            body.drive(random.randint(100, 5000), 60_000_000)
            yield random.uniform(5, 70)
            if random.random() < 0.3:
                self._count("extended", str(booking))
                self.ask(car, f"extend {booking}", lambda fleet: fleet.extend(
                    driver, booking, 900, self._key()))  # fmt: skip
                yield random.uniform(2, 10)
            body.stop_engine()
        yield random.uniform(1, 5)
        self._take_key(car, False)
        for _ in range(_TRIES):
            if random.random() < 0.2:
                body.open_door(random.choice(DOORS))
                yield random.uniform(1, 4)
            body.close_all()
            yield random.uniform(1, 4)
            if random.random() < 0.5:
                self.tap(car, self.cards[driver])
                yield random.uniform(3, 8)
            else:
                yield from self._operate(car, driver, booking, "end")
            if body.is_locked:
                return

    def _reopen(self, car: WeatherCar, driver: str, booking: int) -> Story:
        yield self._random.uniform(5, 100)
        if self._random.random() < 0.5:
            self.tap(car, self.cards[driver])
            yield self._random.uniform(4, 8)
        else:
            yield from self._operate(car, driver, booking, "reopen")
        if not car.body.is_locked:
            car.body.open_door("driver")
            yield self._random.uniform(2, 10)
            car.body.close_all()
            yield self._random.uniform(1, 4)
            if self._random.random() < 0.5:
                self.tap(car, self.cards[driver])
                yield 6
            else:
                yield from self._operate(car, driver, booking, "lock")

    def _take_key(self, car: WeatherCar, is_out: bool) -> None:
        """Out of its box, or back into it."""
        if car.has_knob:
            car.body.set_knob(not is_out)
        car.body.set_key(not is_out)

    def tap(self, car: WeatherCar, card: bytes) -> None:
        """Hold a card to the reader."""
        self._count("touched", f"{car.name} {card.hex()}")
        self._world.rights.touch(car, card)
        car.tap(card)

    # What else happens at a car.

    def _disturb(self, car: WeatherCar, drivers: list[str]) -> Story:
        does = (
            self._touch_wrongly, self._touch_wrongly, self._replace_card, self._visit_by_staff,
            self._ask_position, self._maintain, self._operate_wrongly,
        )  # fmt: skip
        while True:
            yield self._random.uniform(15, 120) * self._pace
            yield from self._random.choice(does)(car, drivers)

    def _touch_wrongly(self, car: WeatherCar, drivers: list[str]) -> Story:
        """A card that is nobody's, another driver's, or was replaced."""
        cards = [card_of(9, 1), self.cards[self._random.choice(drivers)], *self.old_cards[-4:]]
        self.tap(car, self._random.choice(cards))
        yield 1

    def _replace_card(self, car: WeatherCar, drivers: list[str]) -> Story:
        """A driver lost the card; the finder tries it."""
        driver = self._random.choice(drivers)
        self._cards += 1
        card, old = card_of(_NEW_CARDS, self._cards), self.cards[driver]

        def replace(fleet: Fleet) -> bool:
            fleet.add_card(driver, card)
            return True

        office = self._world.office_of(car)
        if self._random.random() < _AT_HOST_SHARE:  # by hand, whether the daemon runs or not
            office = self._world.offices[0]
            done = office.by_hand(replace)
        else:
            done = self.ask(car, f"new card {driver}", replace)
        if done:
            self._count("card_revoked", driver)
            self.cards[driver] = card
            self.old_cards.append(old)
            for each in self._world.cars:
                self._world.copies.expect(
                    office, each.ident, codes.OP_PUT_CARD, old, is_there=False
                )
        yield self._random.uniform(1, 40)
        self.tap(car, old)

    def _visit_by_staff(self, car: WeatherCar, drivers: list[str]) -> Story:  # noqa: ARG002
        card = self._random.choice(self._world.template.staff)
        self.tap(car, card)
        yield self._random.uniform(5, 30)
        car.body.close_all()
        self.tap(car, card)

    def _ask_position(self, car: WeatherCar, drivers: list[str]) -> Story:  # noqa: ARG002
        self.ask(car, "position", lambda fleet: fleet.ask_position(car.ident, "desk", "lost"))
        yield 1

    def _maintain(self, car: WeatherCar, drivers: list[str]) -> Story:  # noqa: ARG002
        if self._random.random() < 0.7:
            return
        self.ask(car, "maintenance", lambda fleet: fleet.begin_maintenance(
            car.ident, "desk", "tyres"))  # fmt: skip
        yield self._random.uniform(5, 30)
        self.ask(car, "maintenance over", lambda fleet: fleet.end_maintenance(
            car.ident, "desk", "tyres"))  # fmt: skip

    def _operate_wrongly(self, car: WeatherCar, drivers: list[str]) -> Story:
        """A booking that is somebody else's, or over."""
        driver, booking = self._random.choice(drivers), self._random.randint(1, 20)
        verb = self._random.choice(("start", "end", "reopen", "lock", "reunlock", "enrol"))
        yield from self._operate(car, driver, booking, verb)
