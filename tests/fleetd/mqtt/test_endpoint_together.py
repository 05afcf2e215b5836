"""Frames that are there at the same time are handed over in one call, and confirmed after it."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from firmware.wire.frames import up_topic
from firmware.wire.packets import pack_publish
from tests.fleetd.mqtt.rig import PATIENCE_S, Rig, running
from tests.fleetd.mqtt.test_endpoint_raw import connected

CARS = ("4b4700000001", "4b4700000002", "4b4700000003")


@contextmanager
def standing_still(rig: Rig) -> Iterator[None]:
    """The endpoint's loop does nothing meanwhile; what is sent waits in its sockets."""
    stands, goes_on = threading.Event(), threading.Event()

    def wait() -> None:
        stands.set()
        assert goes_on.wait(PATIENCE_S)

    rig.loop.call_soon_threadsafe(wait)
    assert stands.wait(PATIENCE_S)
    try:
        yield
    finally:
        goes_on.set()


def watch(rig: Rig) -> list[list[tuple[str, bytes]]]:
    """Every call of `receive`, as it was made."""
    calls: list[list[tuple[str, bytes]]] = []
    handed = rig.endpoint.receive

    def receive(arrived: Sequence[tuple[str, bytes]]) -> None:
        calls.append(list(arrived))
        handed(arrived)

    rig.endpoint.receive = receive
    return calls


def packet(car: str, payload: bytes, number: int) -> bytes:
    return pack_publish(up_topic(car), payload, 1, packet_id=number)


def test_one_call_for_frames_of_several_cars_each_in_its_order() -> None:
    with running() as rig, ExitStack() as stack:
        clients = {car: stack.enter_context(connected(rig, car)) for car in CARS}
        calls = watch(rig)
        with standing_still(rig):
            for car, client in clients.items():
                client.send(packet(car, b"\1", 1) + packet(car, b"\2", 2))
        for client in clients.values():
            assert client.read(8) == bytes.fromhex("40020001 40020002")
        assert len(calls) == 1
        for car in CARS:
            assert [frame for other, frame in calls[0] if other == car] == [b"\1", b"\2"]


def test_when_they_cannot_be_taken_none_is_confirmed_and_their_connections_end() -> None:
    with running() as rig, ExitStack() as stack:
        clients = {car: stack.enter_context(connected(rig, car)) for car in CARS}

        def fail(_car: str, _frame: bytes) -> None:
            raise OSError("no space left on device")

        rig.on_frame = fail
        with standing_still(rig):
            for car in CARS[:2]:
                clients[car].send(packet(car, b"frame", 1))
        for car in CARS[:2]:
            assert clients[car].read_to_end() == b""
        rig.on_frame = None
        clients[CARS[2]].send(packet(CARS[2], b"frame", 1))
        assert clients[CARS[2]].read(4) == bytes.fromhex("40020001")
        assert isinstance(rig.troubles.get(timeout=PATIENCE_S)["exception"], OSError)
        assert rig.count("failures") == 1
        assert rig.count("ended_failed") == 2


def test_what_a_car_said_before_it_left_counts() -> None:
    with running() as rig, connected(rig, CARS[0]) as client:
        with standing_still(rig):
            client.send(packet(CARS[0], b"last", 1) + b"\xe0\x00")
        assert rig.frame() == (CARS[0], b"last")
