"""The whole box while its centre's name is looked up: it turns on, and a card opens the car."""

from firmware.wire.network_codes import CLOSED, OPEN, OPENING, TROUBLE_NAME
from tests.portable.boards.esp32.whole_box import Car
from tests.portable.firmware.loop_rig import CARD
from tests.portable.hal.dns_answers import answer
from tests.portable.hal.name_world import World, give_back

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

SERVER = ("192.168.4.1", 53)
#: Enough for the Wi-Fi and for the wait that keeps a fleet from coming at once.
BEGINS_WITHIN_MS = 20_000


class Rig:
    """A car whose Wi-Fi is there, and a world of sockets in which waiting is a failure."""

    def __init__(self, host: str) -> None:
        self.world = World()
        self.world.hello = b""
        self.car = Car(is_near=True)
        self.car.start(host=host)
        self.network: "Any" = self.car.box.ports.network
        self.centre: "Any" = self.car.box.ports.centre

    def run_ms(self, ms: int) -> None:
        before = self.world.put()
        try:
            self.car.run_ms(ms)
        finally:
            give_back(before)

    def run_until(self, holds: "Callable[[], bool]", most_ms: int) -> None:
        until_ms = self.car.chip.ms + most_ms
        while not holds():
            assert self.car.chip.ms < until_ms
            self.run_ms(20)


def test_a_card_opens_the_car_while_the_name_server_is_silent() -> None:
    rig = Rig("fleet.example")
    rig.run_until(lambda: len(rig.world.asked) > 0, BEGINS_WITHIN_MS)
    assert rig.network.state == OPENING
    rig.car.reader.idm = CARD
    rig.car.reader.has_card = True
    rig.run_until(lambda: len(rig.car.changes("unlock")) > 0, 3000)
    assert rig.world.tried == []
    rig.run_until(lambda: rig.network.state == CLOSED, 20_000)
    assert rig.centre.network_trouble == TROUBLE_NAME
    assert rig.network.detail == "no answer from 192.168.4.1 about fleet.example"
    assert {to for to, _ in rig.world.asked} == {SERVER}
    assert rig.world.open == []


def test_what_the_name_server_says_is_where_it_connects() -> None:
    rig = Rig("fleet.example")
    rig.run_until(lambda: len(rig.world.asked) > 0, BEGINS_WITHIN_MS)
    rig.world.say(answer(rig.world.asked[0][1], "192.0.2.1"), SERVER)
    rig.run_until(lambda: rig.network.state == OPEN, 100)
    assert rig.world.tried == ["192.0.2.1"]


def test_a_box_that_has_an_address_asks_nobody() -> None:
    rig = Rig("192.0.2.1")
    rig.run_until(lambda: rig.network.state == OPEN, BEGINS_WITHIN_MS)
    assert rig.world.asked == []


def test_a_network_that_is_lost_while_it_asks_leaves_no_socket() -> None:
    rig = Rig("fleet.example")
    rig.run_until(lambda: len(rig.world.open) > 0, BEGINS_WITHIN_MS)
    assert rig.car.chip.air is not None
    rig.car.chip.air.leave()
    rig.run_ms(500)
    assert rig.network.state == CLOSED
    assert rig.world.open == []
