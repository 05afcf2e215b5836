"""Nonsense on the serial lines, on every interpreter: nothing is raised, the next good one is read.

`tests.bytes_fuzz` does the same with a million inputs on one interpreter.
"""

from firmware.ticks import ticks_add
from hal.fake.byte_link import FakeByteLink
from hal.nmea import Nmea
from tests.portable.hal.pn532_script import (
    ACK,
    ERROR,
    IDM,
    NACK,
    NO_CARD,
    Script,
    card,
    frame,
    licence,
)
from tests.portable.hal.test_nmea import CASIC, GGA, GLOBALTOP, QUECTEL, RMC, sentence

INPUTS = 300
PUPI = b"\xe8\x25\x3e\xec"
START = b"\x00\x00\xff"
ANSWERS = {
    0x02: frame(b"\xd5\x03\x32\x01\x06\x07"),
    0x10: frame(b"\xd5\x11"),
    0x14: frame(b"\xd5\x15"),
    0x32: frame(b"\xd5\x33"),
}


class Chance:
    """The same numbers on every interpreter."""

    def __init__(self, seed: int) -> None:
        self._state = seed

    def below(self, most: int) -> int:
        self._state = (self._state * 1103515245 + 12345) & 0x3FFFFFFF
        return (self._state >> 12) % most

    def noise(self, count: int) -> bytes:
        return bytes([self.below(256) for _ in range(count)])

    def bite(self, data: bytes) -> bytes:
        """Some bytes changed, lost, or put in."""
        bitten = bytearray(data)
        for _ in range(1 + self.below(3)):
            at = self.below(len(bitten) + 1)
            kind = self.below(3)
            if kind == 0 and at < len(bitten):
                bitten[at] ^= 1 << self.below(8)
            elif kind == 1:
                bitten = bitten[:at] + bitten[at + 1 + self.below(4) :]
            else:
                bitten = bitten[:at] + self.noise(1 + self.below(4)) + bitten[at:]
        return bytes(bitten)


def test_nonsense_of_the_receiver() -> None:
    chance = Chance(3)
    words = (RMC, GGA, GLOBALTOP, QUECTEL, CASIC, sentence("GPRMC,,,,,,,,,,,,"))
    link = FakeByteLink()
    port = Nmea(link)
    now_ms = 2**30 - 9000
    for number in range(INPUTS):
        now_ms = ticks_add(now_ms, chance.below(4000))
        word = words[chance.below(len(words))]
        link.put(chance.noise(chance.below(200)) if number % 4 == 0 else chance.bite(word))
        port.poll(now_ms)
        fixes = port.fixes
        link.put(GGA)
        port.poll(now_ms)
        assert port.fixes == fixes + 1
        assert port.latitude_udeg() == 23_118_760
    assert port.damaged > INPUTS // 4


class Talk:
    """A script whose chip answers by itself, rightly or not."""

    def __init__(self, licences: bool) -> None:
        self.script = Script(licences=licences)
        self.script.driver.set_eager(True)
        self.licences = licences
        self.ident = b"B\0\0\0" + PUPI if licences else IDM

    def right(self, sent: bytes) -> bytes:
        """The frame that answers the newest command among these bytes; empty without one."""
        at = sent.rfind(START)
        if at < 0 or len(sent) < at + 9 or sent[at + 5] != 0xD4:
            return b""
        code = sent[at + 6]
        if code != 0x4A:
            return ANSWERS[code]
        if self.licences:
            return licence(PUPI) if sent[at + 8] == 3 else NO_CARD
        return card()

    def until_asked(self) -> bytes:
        for _ in range(50):
            right = self.right(self.script.sent())
            if right:
                return right
            self.script.wait_until_due()
        raise AssertionError("the driver asks nothing any more")

    def hear_card(self) -> None:
        script = self.script
        script.heard.clear()
        for _ in range(60):
            script.say(ACK + self.until_asked())
            if self.ident in script.heard:
                return
        raise AssertionError("the card is not heard any more")


def nonsense_of_the_chip(licences: bool) -> int:
    chance = Chance(5)
    talk = Talk(licences)
    for _ in range(INPUTS):
        right = talk.until_asked()
        kind = chance.below(5)
        if kind == 0:
            said = chance.noise(1 + chance.below(200))
        elif kind == 1:
            said = ACK + frame(right[5:7] + chance.noise(chance.below(60)))
        elif kind == 2:
            said = (ERROR, NACK, ACK, ACK + ERROR)[chance.below(4)]
        else:
            said = chance.bite(ACK + right)
        talk.script.say(said, after_ms=chance.below(40))
        talk.hear_card()
    return talk.script.driver.restarts


def test_nonsense_of_the_chip_where_felica_cards_count() -> None:
    assert nonsense_of_the_chip(False) > 0


def test_nonsense_of_the_chip_where_licences_count() -> None:
    assert nonsense_of_the_chip(True) > 0
