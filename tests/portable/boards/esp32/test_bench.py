"""What an unlocked technician does and asks at an ESP32: the console over the whole simulated chip."""

import binascii

from firmware.wire.console_key import answer_to, read_question
from tests.portable.boards.box_rig import CAR, KEY
from tests.portable.boards.esp32.test_console import say
from tests.portable.boards.esp32.whole_box import Car

#: The longest command takes some hundred; a box that never waits stands still here for ever.
TURNS_MAX = 1000


class Bench(Car):
    """Counts its turns."""

    turns = 0

    def run_ms(self, ms: int) -> None:
        until_ms = self.chip.ms + ms
        while self.chip.ms < until_ms:
            self.turns += 1
            assert self.turns < TURNS_MAX
            self.board.wait(self.box.turn())


def unlocked(is_near: bool = False, key: str = "") -> Bench:
    """A box in service with a technician at level 1; `key`: the Wi-Fi's, if it is not the box's."""
    car = Bench(is_near=is_near)
    air = car.chip.air
    assert air is not None
    air.key = key or air.key
    car.start(board={"light_sleep": False})
    car.run_ms(1500)
    said = say(car, "", 100) + say(car, "unlock 1", 200)
    at = said.index("KB1-")
    found = read_question(said[at : at + 15])
    assert found is not None
    answer = answer_to(binascii.unhexlify(KEY), binascii.unhexlify(CAR), found[0], 1)
    assert "1, technician" in say(car, "answer " + answer, 300)
    return car


def test_tech_3_relays_are_tested_with_their_read_back_and_the_box_rests_between_looks() -> None:
    car = unlocked()
    before = car.turns
    said = say(car, "test doors", 2500)
    assert "doors       OK: they read unlocked" in said
    assert "doors       OK: they read locked" in said
    assert [level for _, level in car.changes("unlock")] == [1, 0]
    assert car.turns - before < 120, "it waits while relays move, and does not spin"
    assert "red: on for" in say(car, "test red", 3000)


def test_tech_4_selftest_reports_a_whole_chip() -> None:
    car = unlocked()
    said = say(car, "selftest", 2500)
    for line in (
        "doors       OK: lock reads back",
        "starter     CANNOT TELL: not tested at level 1",
        "reader      OK",
        "network     NOT OK: no Wi-Fi of that name in reach\r\n  do        check its name",
        "battery     OK: 12.59 V",
        "result      1 NOT OK, ",
    ):
        assert line in said, (line, said)


def tells_everywhere(car: Car, words: str) -> None:
    assert "trouble     %s\r\n" % words in say(car, "net", 300)
    assert "trouble     %s\r\n" % words in say(car, "status", 500)
    assert "\r\n%s\r\n" % words in say(car, "net retry", 300)


def test_tech_4_a_wi_fi_out_of_reach_is_told_in_words() -> None:
    words = "no Wi-Fi of that name in reach: check its name (set), the antenna"
    tells_everywhere(unlocked(), words)


def test_tech_4_a_wrong_passphrase_is_told_in_words() -> None:
    words = "the Wi-Fi refuses the passphrase: set wifi_password, then reset"
    tells_everywhere(unlocked(True, "another one"), words)


def test_tech_1_this_cable_does_not_tell_that_it_was_pulled() -> None:
    """So docs/technician.md asks for `lock` here; elsewhere `is_there` locks at once."""
    car = unlocked()
    assert not hasattr(car.board.console, "is_there")
    assert "locked\r\n> " in say(car, "lock", 100)
