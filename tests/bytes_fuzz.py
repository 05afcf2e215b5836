"""Fuzzing of every parser of bytes on the car: the reader's frames and dialogue, NMEA, the console.

    python -m tests.bytes_fuzz pn532|licences|nmea|console [--count 1000000] [--seed 1]

An input is what a chip or a receiver never should say: its own words with bytes changed, lost and put
in, whole frames with nonsense inside and a right sum, words at the wrong time, noise, a line without
end. After each one the same parser must read the next good one. Prints its counts as JSON; ends with
an error when an exception escapes, something grows, or a good one is not read.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from firmware.ticks import ticks_add, ticks_diff
from hal import nmea_sentence, pn532_frames
from hal.fake.byte_link import FakeByteLink
from hal.nmea import Nmea
from hal.pn532 import Pn532
from hal.pn532_licences import LicencePn532
from simulator.chips.pn532_frames import ACK, ERROR, FrameDecoder, encode
from tests.console import fuzzing as console
from tests.protocol.fuzzing import Bites, Watch

IDM = bytes.fromhex("0101060112ab34cd")
PUPI = bytes.fromhex("e8253eec")
#: A good card is reported after so long at the latest, whatever came before: a long poll that
#: nobody answers, its repeats, and a new set-up. Of a million inputs the longest took 813 ms.
HEARD_WITHIN_MS = 3000
#: Objects that an interpreter and its caches may gain over all inputs.
OBJECTS_MAX = 200

_NO_CARD = b"\xd5\x4b\x00"
_CARD = b"\xd5\x4b\x01\x01\x14\x01" + IDM + bytes.fromhex("100b4b428485d0ff0003")
_LICENCE = b"\xd5\x4b\x01\x01\x50" + PUPI + bytes.fromhex("000000000081850101")
_ANSWERS = {
    0x02: b"\xd5\x03\x32\x01\x06\x07",
    0x10: b"\xd5\x11",
    0x14: b"\xd5\x15",
    0x32: b"\xd5\x33",
}


class Reader:
    """A driver, and a chip that says what it is told to say, else what is right."""

    def __init__(self, seed: int, licences: bool) -> None:
        self.now_ms = 2**30 - 5000
        self.link = FakeByteLink(seed)
        kind = LicencePn532 if licences else Pn532
        self.driver = kind(self.link, self.now_ms)
        self.licences = licences
        self.ident = b"B\0\0\0" + PUPI if licences else IDM
        self.reports: list[bytes] = []
        self._decoder = FrameDecoder()
        self._asked = b""
        self.driver.set_eager(True)

    def poll(self) -> None:
        found = self.driver.poll(self.now_ms)
        if found is not None:
            assert len(found) == 8
            self.reports.append(found)

    def hear(self, data: bytes) -> None:
        """Bytes come in, as many at a time as the buffer of a UART holds."""
        for start in range(0, len(data), 250):
            self.link.put(data[start : start + 250], self.link.baud)
            self.poll()

    def asked(self) -> bytes:
        """The command that the driver is waiting for, without its frame; empty when there is none."""
        for _, data in self.link.take():
            for byte in data:
                frame = self._decoder.take(byte)
                if frame is not None:
                    self._asked = frame.contents
        return self._asked

    def right_answer(self, command: bytes) -> bytes:
        """What stands in the frame of the right answer."""
        code = command[1] if len(command) > 1 else 0x02
        if code != 0x4A:
            return _ANSWERS.get(code, b"\xd5\x03\x32\x01\x06\x07")
        if self.licences:
            return _LICENCE if command[3] == 3 else _NO_CARD
        return _CARD if command[3] == 1 else _NO_CARD

    def answer(self) -> bool:
        """Answer rightly whatever is asked; False when nothing is."""
        command = self.asked()
        if not command:
            return False
        self._asked = b""
        self.now_ms = ticks_add(self.now_ms, 2)
        self.hear(ACK + encode(self.right_answer(command)))
        return True

    def wait(self, most_ms: int) -> None:
        """Time passes until the driver is due, or so long."""
        left_ms = max(0, ticks_diff(self.driver.next_due_at_ms, self.now_ms))
        self.now_ms = ticks_add(self.now_ms, min(left_ms, most_ms))
        self.poll()

    def time_to_report(self) -> int:
        """With a good chip and a good card: milliseconds until the card is reported anew."""
        self._asked = b""  # whatever was asked has been answered, with nonsense
        began_ms, before = self.now_ms, len(self.reports)
        while self.ident not in self.reports[before:]:
            if not self.answer():
                self.wait(HEARD_WITHIN_MS)
            took_ms = ticks_diff(self.now_ms, began_ms)
            assert took_ms <= HEARD_WITHIN_MS, f"no report within {took_ms} ms"
        self.reports.clear()
        return ticks_diff(self.now_ms, began_ms)

    def sizes(self) -> list[int]:
        """Of whatever could grow with what comes in."""
        dialogue = self.driver._dialogue
        reader = dialogue._reader
        buffers = (reader._buffer, reader._chunk, reader.body, self.driver._candidate)
        return [len(buffer) for buffer in buffers] + [len(vars(self.driver)), len(vars(dialogue))]


def nonsense(bites: Bites, reader: Reader) -> bytes:
    """What the chip says instead of its answer."""
    chance = bites.random
    right = reader.right_answer(reader.asked())
    kind = chance.randrange(8)
    if kind == 0:
        return chance.randbytes(chance.choice((1, 5, 30, 300)))
    if kind == 1:
        return ACK + encode(right[:2] + chance.randbytes(chance.choice((0, 1, 2, 4, 24, 62, 90))))
    if kind == 2:
        return ACK + encode((bites.bite(right) or b"\xd5")[:200])
    if kind == 3:
        return ACK * chance.randrange(3) + encode(chance.choice((_CARD, _NO_CARD, _LICENCE)))
    if kind == 4:
        return chance.choice((ACK + ERROR, ERROR, pn532_frames.NACK, ACK + pn532_frames.NACK, ACK))
    if kind == 5:
        whole = ACK + encode(right)
        return whole[: chance.randrange(len(whole))]
    if kind == 6:
        return chance.randbytes(chance.randrange(20)) + bites.bite(encode(right))
    return bites.bite(ACK + encode(right))


def fuzz_reader(count: int, seed: int, licences: bool) -> dict[str, Any]:
    """Each input, then the next good card."""
    bites, watch = Bites(seed), Watch()
    reader = Reader(seed, licences)
    reader.time_to_report()
    sizes, longest_ms, total_bytes, damaged, restarts = reader.sizes(), 0, 0, 0, 0
    for number in range(count):
        if number == count // 10:
            watch.mark()
        while not reader.asked():
            reader.wait(1000)
        driver = reader.driver
        was_damaged, was_restarts = driver._dialogue.damaged, driver.restarts
        data = nonsense(bites, reader)
        total_bytes += len(data)
        at = bites.random.randrange(len(data) + 1)
        for part in (data[:at], data[at:]):
            watch.timed(reader.hear, part)
            reader.wait(bites.random.choice((0, 1, 20, 900)))
        longest_ms = max(longest_ms, reader.time_to_report())
        damaged += (driver._dialogue.damaged - was_damaged) & 0xFFFF
        restarts += (driver.restarts - was_restarts) & 0xFFFF
    assert reader.sizes() == sizes
    return {
        "inputs": count,
        "bytes": total_bytes,
        "damaged": damaged,
        "restarts": restarts,
        "longest_ms_until_heard": longest_ms,
        **settled(watch),
    }


def settled(watch: Watch) -> dict[str, Any]:
    grown = watch.grown()
    assert grown <= OBJECTS_MAX, f"{grown} objects more"
    return {"objects_grown": max(grown, 0)}


def sentence(contents: bytes) -> bytes:
    total = 0
    for byte in contents:
        total ^= byte
    return b"$%s*%02X\r\n" % (contents, total)


_GOOD = sentence(b"GNRMC,120000.00,A,3540.8600,N,13946.0200,E,10.0,,221126,,,A")
_WORDS = (
    b"GPRMC,064951.000,A,2307.1256,N,12016.4438,E,0.03,165.48,260406,3.05,W,A",
    b"GNGGA,064951.000,2307.1256,S,12016.4438,W,1,8,0.95,39.9,M,17.8,M,,",
    b"GPTXT,01,01,02,ANTSTATUS=OPEN",
    b"GNTXT,01,01,01,ANTENNA OK",
    b"PGTOP,11,2",
    b"GPGSV,3,1,11,03,03,111,00,04,15,270,00,06,01,010,00,13,06,292,00",
    b"GPRMC,235947.00,V,,,,,,,221126,,,N",
)


def chatter(bites: Bites) -> bytes:
    """What a receiver says, or what is left of it on a bad line."""
    chance = bites.random
    words = chance.choice(_WORDS)
    kind = chance.randrange(6)
    if kind == 0:
        return chance.randbytes(chance.choice((1, 20, 250)))
    if kind == 1:
        return sentence(bites.bite(words).replace(b"$", b"").replace(b"\n", b""))
    if kind == 2:
        return b"$" + words[: chance.randrange(len(words))]
    if kind == 3:
        return b"$" + words * chance.randrange(8)
    if kind == 4:
        return bites.bite(sentence(words) + sentence(chance.choice(_WORDS)))
    return bites.bite(sentence(words))


def fuzz_nmea(count: int, seed: int) -> dict[str, Any]:
    """Each input, then the next good sentence, in pieces."""
    bites, watch = Bites(seed), Watch()
    link = FakeByteLink(seed)
    port, now_ms, total_bytes, fixes, damaged = Nmea(link), 2**30 - 5000, 0, 0, 0
    buffers = (port._chunk, port._sentence._line, port._sentence._begins)
    sizes = [len(buffer) for buffer in buffers] + [len(vars(port)), len(vars(port._sentence))]

    def hear(data: bytes) -> None:
        for start in range(0, len(data), 250):
            link.put(data[start : start + 250])
            port.poll(now_ms)

    for number in range(count):
        if number == count // 10:
            watch.mark()
        now_ms = ticks_add(now_ms, bites.random.choice((0, 7, 1000, 4000)))
        data = chatter(bites)
        total_bytes += len(data)
        was_fixes, was_damaged = port.fixes, port.damaged
        watch.timed(hear, data)
        fixes += (port.fixes - was_fixes) & 0xFFFF
        damaged += (port.damaged - was_damaged) & 0xFFFF
        assert abs(port.latitude_udeg()) <= 90_000_000
        assert abs(port.longitude_udeg()) <= 180_000_000
        assert 0 <= port.antenna <= 3
        assert -1 <= port.speed_cm_s <= 10_000
        was_fixes = port.fixes
        at = bites.random.randrange(len(_GOOD))
        hear(_GOOD[:at])
        hear(_GOOD[at:])
        assert port.is_valid()
        assert port.fixes == (was_fixes + 1) & 0xFFFF, data
        assert port.latitude_udeg() == 35_681_000
    now = [len(buffer) for buffer in buffers] + [len(vars(port)), len(vars(port._sentence))]
    assert now == sizes
    assert sizes[1] == nmea_sentence.LINE_BYTES_MAX
    return {
        "inputs": count,
        "bytes": total_bytes,
        "damaged": damaged,
        "fixes": fixes,
        **settled(watch),
    }


FUZZERS: dict[str, Callable[[int, int], dict[str, Any]]] = {
    "pn532": lambda count, seed: fuzz_reader(count, seed, licences=False),
    "licences": lambda count, seed: fuzz_reader(count, seed, licences=True),
    "nmea": fuzz_nmea,
    "console": console.fuzz,
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bytes_fuzz",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", choices=FUZZERS)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    counts = FUZZERS[options.what](options.count, options.seed)
    print(json.dumps({"name": options.what, "seed": options.seed, **counts}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
