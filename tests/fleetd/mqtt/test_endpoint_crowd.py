"""Many cars at once: each gets what is its own, exactly once, and nothing else."""

import asyncio

from firmware.wire.frames import down_topic, up_topic
from firmware.wire.packets import Packet, Publish, pack_puback, pack_publish
from firmware.wire.packets_client import (
    ClientDecoder,
    pack_connect,
    pack_disconnect,
    pack_subscribe,
)
from fleetd.mqtt_endpoint import Limits
from tests.fleetd.mqtt.rig import PASSWORD, PATIENCE_S, Rig, running

CARS = [f"{0x5EED00000000 + 7919 * number:012x}" for number in range(200)]
FRAMES = 10


class AsyncCar:
    """A car on asyncio streams, for when there are hundreds."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.got: list[bytes] = []
        self._decoder = ClientDecoder(4096)

    async def connect(self, port: int) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
        self._writer.write(pack_connect(self.name, 60, self.name, PASSWORD))
        await self._next()
        self._writer.write(pack_subscribe(1, [(down_topic(self.name), 1)]))
        await self._next()

    async def talk(self) -> None:
        """Publish so many frames and wait for as many and for every acknowledgement."""
        for number in range(FRAMES):
            frame = f"{self.name} up {number}".encode()
            self._writer.write(pack_publish(up_topic(self.name), frame, 1, packet_id=number + 1))
        acknowledged = 0
        while acknowledged < FRAMES or len(self.got) < FRAMES:
            packet = await self._next()
            if isinstance(packet, Publish):
                assert packet.topic == down_topic(self.name)
                self.got.append(packet.payload)
                self._writer.write(pack_puback(packet.packet_id))
            else:
                acknowledged += 1

    async def leave(self) -> None:
        self._writer.write(pack_disconnect())
        assert await self._reader.read() == b"", "nothing more came"
        self._writer.close()
        await self._writer.wait_closed()

    async def _next(self) -> Packet:
        while (packet := self._decoder.next()) is None:
            data = await self._reader.read(4096)
            assert data, f"{self.name} was cut off"
            self._decoder.feed(data)
        return packet


async def play(rig: Rig, cars: list[AsyncCar]) -> None:
    async with asyncio.timeout(4 * PATIENCE_S):
        await asyncio.gather(*(car.connect(rig.port) for car in cars))
        assert rig.call(lambda: rig.endpoint.cars) == set(CARS)
        talks = asyncio.gather(*(car.talk() for car in cars))
        for number in range(FRAMES):
            for name in CARS:
                assert rig.send(name, f"{name} down {number}".encode())
        await talks
        await asyncio.gather(*(car.leave() for car in cars))


def test_two_hundred_cars() -> None:
    with running(Limits(connects_burst=len(CARS))) as rig:
        cars = [AsyncCar(name) for name in CARS]
        asyncio.run(play(rig, cars))
        for car in cars:
            assert car.got == [f"{car.name} down {number}".encode() for number in range(FRAMES)]
        came: dict[str, list[bytes]] = {name: [] for name in CARS}
        for _ in range(len(CARS) * FRAMES):
            name, frame = rig.frame()
            came[name].append(frame)
        assert rig.frames.empty()
        for name, frames in came.items():
            assert frames == [f"{name} up {number}".encode() for number in range(FRAMES)]
        rig.settle()
        assert rig.count("ended_left") == len(CARS)
        assert rig.call(lambda: rig.endpoint.cars) == frozenset()
