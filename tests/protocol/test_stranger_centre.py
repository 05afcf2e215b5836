"""The page suffices for a centre: a stranger's one has the real firmware's car in step, through MQTT.

The car is the whole loop with its own MQTT client; its network is in memory, byte by byte.
"""

from __future__ import annotations

import struct

from firmware.link import Link
from firmware.login import Login
from firmware.wire import codes
from hal.fake.network import FakeNetwork
from tests.portable.firmware.loop_rig import CARD, IDENTITY, NOW, Box
from tests.protocol import stranger
from tests.protocol.stranger_centre import FORKED, IN_STEP, Centre, Server

PASSWORD = b"correct horse"
NOW_S = stranger.YEAR_2020_S + NOW
START_S, END_S = NOW_S + 600, NOW_S + 7800
BOOKING = struct.pack(">IIII", 100, 7, START_S, END_S)
DRIVERS_CARD = CARD + struct.pack(">I", 7)
START, POSITION = 1, 7


class RealCar(Box):
    """The firmware's loop on its own link; `restart` keeps the flash."""

    network: FakeNetwork

    def restart(self) -> None:
        self.network = FakeNetwork()
        login = Login("centre.example", 8883, IDENTITY.car_hex, PASSWORD, b"\1boot", b"\0boot", 240)
        self.centre = Link(self.network, login, 1)  # type: ignore[assignment]
        super().restart()


class Pair:
    """The real car and the stranger's centre with the wire between them."""

    def __init__(self) -> None:
        self.car = RealCar()
        self.ahead_s = 0  # of the car's clock
        self.centre = Centre(IDENTITY.car_hex, IDENTITY.key, self._say, self.now_s)
        self.server = self.new_server()

    def new_server(self) -> Server:
        return Server(IDENTITY.car_hex, PASSWORD, self.centre.hear)

    def _say(self, frame: bytes) -> None:
        self.server.say(frame)

    def now_s(self) -> float:
        return stranger.YEAR_2020_S + self.car.wall_s + self.ahead_s

    def after(self, seconds: int) -> None:
        """A second at a time, and within it until nobody has anything to say."""
        for _ in range(seconds):
            self.car.wall_s += 1
            self.car.after(1000)
            for _ in range(20):
                sent = self.car.network.take()
                self.server.take(sent)
                given = self.server.given()
                assert self.car.network.put(given) == len(given)
                self.car.after(0)
                if not sent and not given:
                    break

    def online(self) -> None:
        self.after(15)
        assert self.server.is_ready
        assert self.centre.standing == IN_STEP

    def told(self) -> list[object]:
        return [event["code"] for event in self.centre.events]


def test_a_new_car_gets_the_whole_copy_and_then_changes() -> None:
    pair = Pair()
    for number in range(5):
        pair.centre.change(3, bytes([number] * 8) + struct.pack(">I", 7))
    pair.centre.change(1, BOOKING)
    pair.online()
    assert pair.server.presence == [b"\1boot"]
    assert pair.server.will == b"\0boot"
    loop = pair.car.loop
    assert pair.centre.confirmed == (1, 6)
    assert (loop._cache.bookings.count(), loop._cache.cards.count()) == (1, 5)
    pair.centre.change(3, DRIVERS_CARD)
    pair.centre.change(4, bytes(8))
    pair.centre.change(4, bytes([1] * 8))
    pair.after(5)
    assert pair.centre.confirmed == (1, 9)
    assert (loop._cache.bookings.count(), loop._cache.cards.count()) == (1, 4)
    assert pair.centre.nacks == []
    assert pair.centre.battery_mv == 12600


def test_a_rental_by_card_with_a_question_and_every_event_as_the_page_lays_it_out() -> None:
    pair = Pair()
    pair.centre.change(1, BOOKING)
    pair.centre.change(3, DRIVERS_CARD)
    pair.online()
    pair.centre.heard.clear()
    pair.car.reader.card = CARD
    pair.after(2)
    assert pair.centre.heard[0] == stranger.HELLO, "asking"
    assert pair.car.loop.state == "unlocked"
    pair.car.inputs[codes.IN_LOCKED].value = codes.NO
    pair.car.inputs[codes.IN_BLOCKED].value = codes.NO
    pair.car.inputs[codes.IN_DOOR_DRIVER].value = codes.YES
    pair.after(2)
    pair.car.inputs[codes.IN_DOOR_DRIVER].value = codes.NO
    pair.car.inputs[codes.IN_KEY].value = codes.NO
    pair.after(2)
    pair.car.inputs[codes.IN_KEY].value = codes.YES
    pair.after(2)
    pair.centre.command(b"END-0001", 2, 100, 7, 7000)
    pair.after(1)
    pair.car.inputs[codes.IN_LOCKED].value = codes.YES
    pair.car.inputs[codes.IN_BLOCKED].value = codes.YES
    pair.after(10)
    told = pair.told()
    for code in (37, 1, 4, 11, 6, 7, 8, 9, 30, 19, 5, 10, 21):
        assert code in told, code
    assert [event for event in pair.centre.events if event["left"] or event["layout"] is None] == []
    unlocked = next(event for event in pair.centre.events if event["code"] == 4)
    assert unlocked["booking"] == 100
    values = unlocked["values"]
    assert isinstance(values, tuple)
    assert values[:4] == (1, CARD, 7, 12_345_000)
    assert pair.centre.results[b"END-0001"] == (1, [], 1, 1)
    assert list(pair.centre.seq.values()) == [len(told)], "nothing twice, nothing missing"


def test_a_command_is_done_once_and_a_refusal_has_its_reason() -> None:
    pair = Pair()
    pair.centre.change(1, BOOKING)
    pair.online()
    for _ in range(3):
        pair.centre.command(b"POSITION", POSITION, 0, 0, 0)
        pair.after(2)
    assert pair.centre.results[b"POSITION"] == (1, [], 1, 1)
    assert pair.told().count(42) == 1
    pair.centre.command(b"UNKNOWN1", 77, 0, 0, 0)
    pair.centre.command(b"NOT-ITS1", START, 100, 8, 7000)
    pair.after(3)
    assert pair.centre.results[b"UNKNOWN1"][:2] == (0, [(26, 0)])
    assert pair.centre.results[b"NOT-ITS1"][0] == 0
    refused = [event for event in pair.centre.events if event["layout"] == "refusal"]
    assert [event["left"] for event in refused] == [0] * len(refused)
    assert refused


def test_a_restart_connects_anew_and_is_in_step_without_a_frame_of_the_copy() -> None:
    pair = Pair()
    pair.centre.change(1, BOOKING)
    pair.online()
    old_boot = pair.centre.boot
    pair.car.restart()
    pair.server = pair.new_server()
    pair.online()
    assert pair.centre.boot != old_boot
    assert pair.told().count(37) == 2


def test_another_history_is_noticed_and_a_new_generation_taken() -> None:
    """Section 6, fork: the same revision with another hash."""
    pair = Pair()
    pair.centre.change(1, BOOKING)
    pair.online()
    restored = Centre(IDENTITY.car_hex, IDENTITY.key, pair._say, pair.now_s)
    restored.change(3, DRIVERS_CARD)
    pair.centre = restored
    pair.car.restart()
    pair.server = pair.new_server()
    pair.after(12)
    assert restored.gen == 2
    assert restored.confirmed == (2, 1)
    cache = pair.car.loop._cache
    assert (cache.gen, cache.bookings.count(), cache.cards.count()) == (2, 0, 1)


def test_what_makes_no_sense_is_answered_with_nack() -> None:
    pair = Pair()
    pair.centre.change(1, BOOKING)
    pair.online()
    for kind, body in ((99, b""), (stranger.TIME, b"short"), (stranger.SNAP, bytes(19))):
        pair.centre.tell(kind, body)
    pair.centre.change(1, struct.pack(">IIII", 101, 7, START_S, START_S))  # ends as it starts
    pair.after(3)
    assert pair.centre.nacks == [(99, 1), (17, 2), (20, 2), (16, 2)]
    assert pair.centre.confirmed == (1, 1)
    assert pair.car.loop._cache.bookings.count() == 1


def test_the_clock_is_set_by_the_answer_to_a_question() -> None:
    pair = Pair()
    pair.ahead_s = 5000
    pair.car.trusted = False
    pair.after(15)
    shifts = [event["values"] for event in pair.centre.events if event["code"] == 41]
    assert (5000,) in shifts


def test_forked_is_what_a_car_ahead_means() -> None:
    centre = Centre(IDENTITY.car_hex, IDENTITY.key, lambda _: None, lambda: 0.0)
    assert centre._judge(2, 0, stranger.ZEROS) == FORKED
    assert centre._judge(1, 1, stranger.ZEROS) == FORKED
