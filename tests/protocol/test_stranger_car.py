"""The page suffices for a car: a stranger's one talks to the real fleetd over the real endpoint."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from pathlib import Path

import pytest

from fleetd.serving.clock import MachineClock
from fleetd.serving.exchange import Exchange
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Desk, records_of
from tests.protocol import stranger
from tests.protocol.stranger_car import Car, Line

START_S, END_S = NOW_S + HOUR_S, NOW_S + 3 * HOUR_S
PATIENCE_S = 60.0


class House(Desk):
    """A fleet behind its endpoint, and the stranger's car on a line of its own."""

    exchange: Exchange

    def _send(self, car: str, frame: bytes) -> None:
        self.exchange.send(car, frame)

    async def open(self) -> None:
        self.endpoint = self.exchange.endpoint(self.fleet, MachineClock())
        port = await self.endpoint.start()
        self.car = Car(CAR, bytes.fromhex(self.identity.key), self._say, self.clock)
        self.line = await asyncio.to_thread(Line, port, CAR, self.identity.password)

    def _say(self, frame: bytes) -> None:
        self.line.say(frame)

    async def until(self, is_enough: Callable[[], bool]) -> None:
        """The car listens meanwhile."""
        listening = asyncio.to_thread(self.line.listen, self.car.hear, is_enough)
        await asyncio.wait_for(listening, PATIENCE_S)

    async def until_here(self, is_enough: Callable[[], object]) -> None:
        """The daemon has taken what the car said."""
        async with asyncio.timeout(PATIENCE_S):
            while not is_enough():
                await asyncio.sleep(0)

    async def until_in_step(self) -> None:
        row = self.car_row()
        await self.until(lambda: (self.car.gen, self.car.rev) == (row.gen, row.rev))
        assert (self.car.hash8, self.car.records) == (row.hash, records_of(self.db))

    async def until_in_car(self, booking: int) -> None:
        await self.until_here(lambda: self.fleet.receipts(booking)["state"] == "in_car")

    async def close(self) -> None:
        self.line.close()
        await self.endpoint.stop()


@pytest.fixture
def house(tmp_path: Path) -> Generator[House, None, None]:
    found = House(tmp_path / "fleet.db")
    found.exchange = Exchange()
    yield found
    found.db.close()


def play(house: House, story: Callable[[House], Awaitable[None]]) -> None:
    async def whole() -> None:
        await house.open()
        try:
            assert house.line.connack == 0
            assert house.line.granted == 1
            await story(house)
        finally:
            await house.close()

    asyncio.run(whole())


def use(driver: int, odometer_m: int, flags: int = 1 | 16) -> tuple[object, ...]:
    return 2, bytes(8), driver, odometer_m, 35_700_000, 139_600_000, flags


def test_hello_snap_delta_and_what_the_operator_sees(house: House) -> None:
    async def story(house: House) -> None:
        number = house.fleet.book(house.driver, CAR, START_S, END_S)["id"]
        car = house.car
        car.hello()
        await house.until_in_step()  # a SNAP: its own copy is empty
        assert car.gen == 1
        await house.until_in_car(number)
        for _ in range(2):
            house.clock.now_s += 5
            house.fleet.cancel(house.driver, number)
            number = house.fleet.book(house.driver, CAR, START_S, END_S)["id"]
            house.clock.now_s += 5
            house.fleet.tick()
            await house.until_in_step()  # DELTAs
            await house.until_in_car(number)
        assert house.fleet.counts["snap"] == 1
        assert house.fleet.counts["delta"] >= 2
        assert house.alarms() == []

    play(house, story)


def test_asking_is_answered_at_once(house: House) -> None:
    async def story(house: House) -> None:
        house.fleet.book(house.driver, CAR, START_S, END_S)
        car = house.car
        car.hello()
        await house.until_in_step()
        for _ in range(3):  # in the same second
            car.hello(asking=True)
            await house.until(lambda: car.is_answered)
        assert car.confirmed_s == NOW_S

    play(house, story)


def test_events_are_taken_once_and_a_command_is_done_once(house: House) -> None:
    async def story(house: House) -> None:
        number = house.fleet.book(house.driver, CAR, NOW_S, END_S)["id"]
        car = house.car
        car.hello()
        await house.until_in_step()
        await house.until_in_car(number)
        ident = house.fleet.operate(house.driver, number, "start", "once")
        await house.until(lambda: len(car.acts) == 1)
        await house.until_here(lambda: house.fleet.command(ident)["status"] == "accepted")
        assert car.acts[0] == (1, number, 1, END_S - NOW_S)
        car.happen(4, number, *use(1, 1000))
        for _ in range(3):
            car.tell_events()
            house.clock.now_s += 5
        await house.until(lambda: car.acked == 2)
        car.happen(21, number, *use(1, 9000, 1 | 16 | 64))
        car.tell_events()
        await house.until(lambda: car.acked == 3)
        told = [event["code"] for event in house.fleet.events_of(number)]
        assert told == [30, 4, 21]
        found = house.fleet.booking(house.driver, number)
        assert (found["distance_m"], found["end_odometer_source"]) == (8000, "pulses")
        assert found["warnings"] == ["lights_on"]
        assert [row["booking"] for row in house.db.rows("SELECT booking FROM event")] == [
            number
        ] * 3

    play(house, story)


def test_what_it_cannot_take_is_told_and_nothing_else_happens(house: House) -> None:
    """A NACK of a kind that is unknown, frames that do not open, telemetry."""

    async def story(house: House) -> None:
        car = house.car
        car.hello()
        await house.until(lambda: car.gen == 1)
        down = stranger.direction_key(bytes.fromhex(house.identity.key), "down")
        before = (car.gen, car.rev, dict(car.records))
        unknown = stranger.seal(down, car.car, 99, b"later")
        for frame in (unknown, unknown[:-1] + b"?", b"", unknown + b"?"):
            house.exchange.send(CAR, frame)
        await house.until(lambda: car.heard[-4:] == [99, 0, 0, 0])
        await house.until_here(lambda: house.fleet.counts["nack:unknown_kind"] == 1)
        assert (car.gen, car.rev, car.records) == before
        car.tell_telemetry(12_600, 5_000)
        row = "SELECT battery_mv, odometer_m FROM telemetry"
        await house.until_here(lambda: house.db.row(row) is not None)
        assert house.db.row(row)[:] == (12_600, 5_000)
        assert {name for name in house.fleet.counts if "frame" in name} == set()

    play(house, story)


def test_a_prompt_makes_it_say_hello(house: House) -> None:
    async def story(house: House) -> None:
        await house.until_here(lambda: house.endpoint.cars == {CAR})
        house.fleet.prompt(CAR)
        await house.until(lambda: house.car.gen == 1)
        await house.until_here(lambda: house.car_row().said_gen == 1)

    play(house, story)
