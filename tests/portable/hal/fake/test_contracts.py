"""The ports in memory keep the contracts of all ports."""

from firmware.ticks import ticks_add
from firmware.wire.journal_format import NO_IDENT
from firmware.wire.network_codes import TROUBLE_UNREACHABLE
from hal.fake.analog import FakeAnalogIn, FakePosition, FakePulseCounter
from hal.fake.byte_link import FakeByteLink
from hal.fake.card_reader import FakeCardReader
from hal.fake.centre_link import FakeCentreLink
from hal.fake.clock import START_MS, FakeClock
from hal.fake.digital import FakeDigitalIn, FakeDigitalOut, OutputLog
from hal.fake.flash import Flash
from hal.fake.network import FakeNetwork
from tests.portable.hal.contracts import (
    analog,
    byte_link,
    card_reader,
    centre_link,
    clock,
    counting,
    digital,
    network,
    position,
    storage,
)
from tests.portable.hal.nmea_receiver import NmeaReceiver

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hal.api import (
        AnalogIn,
        ByteLink,
        Clock,
        DigitalIn,
        DigitalOut,
        Position,
        PulseCounter,
        Storage,
    )

    MadePosition = tuple[Position, Callable[[bool, int, int], None], Callable[[int], None]]


class FakeCards:
    """What lies on a `FakeCardReader`."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.reader = FakeCardReader(self.clock)
        self.looks = 0
        self.put = self.reader.hold

    def now_ms(self) -> int:
        return self.clock.now_ms()

    def turn(self) -> "bytes | None":
        self.looks += 1
        self.clock.set(self.reader.next_due_at_ms, 0, False)
        return self.reader.poll(self.clock.now_ms())

    def put_licence(self, pupi: bytes, changes: bool) -> None:
        self.reader.hold(NO_IDENT if changes else b"B\0\0\0" + pupi)

    def take_away(self) -> None:
        self.reader.hold(None)

    def fail(self) -> None:
        self.reader.is_healthy = False

    def mend(self) -> None:
        self.reader.is_healthy = True


class FakeCentre:
    """The centre of a `FakeCentreLink`: it connects when somebody hurries, or after a while."""

    def __init__(self) -> None:
        self.link = FakeCentreLink()
        self.link.reachable = True
        self._heard: "list[bytes]" = []
        self._hurried = 0
        self._due_at_ms = -1

    def say(self, frame: bytes) -> None:
        if self.link.is_online():
            self.link.put(frame)

    def take_turn(self) -> None:
        link = self.link
        has_passed = 0 <= self._due_at_ms != link.next_due_at_ms
        is_wanted = link.hurried > self._hurried or has_passed
        self._hurried, self._due_at_ms = link.hurried, link.next_due_at_ms
        if is_wanted and link.reachable and not link.rests:
            link.online = True

    def hear(self) -> bytes:
        self._heard += self.link.take()
        return self._heard.pop(0)

    def news(self) -> bytes:
        return centre_link.HERE if self.link.is_online() else centre_link.GONE

    def cut(self) -> None:
        self.link.online = False

    def set_carrier(self, is_there: bool) -> None:
        self.link.reachable = is_there
        self.link.online = False


class FarFromFake:
    """The other end of a `FakeNetwork`, for the contract."""

    host = "centre.example"
    port = 8883

    def __init__(self) -> None:
        self.network = FakeNetwork()
        self.take = self.network.take
        self.end = self.network.end
        self.cut = self.network.cut

    def put(self, data: bytes) -> None:
        assert self.network.put(data) == len(data)

    def go(self) -> None:
        self.network.refuses_with = TROUBLE_UNREACHABLE


def test_flash() -> None:
    kept: "list[Flash]" = []

    def make(again: bool) -> "Storage":
        if not again:
            kept.append(Flash(8))
        return kept[-1]

    for check in storage.ALL:
        check(make)


def test_lines() -> None:
    def make_in(active_is_low: bool) -> "tuple[DigitalIn, Callable[[bool], None]]":
        values = bytearray(1)

        def drive(level: bool) -> None:
            values[0] = 1 if level != active_is_low else 0

        return FakeDigitalIn(values, 0), drive

    def make_out(active_is_low: bool) -> "tuple[DigitalOut, Callable[[], bool]]":
        out = FakeDigitalOut(0, OutputLog(FakeClock()))
        return out, lambda: out.level != active_is_low

    for check in digital.INPUTS:
        check(make_in)
    for check_out in digital.OUTPUTS:
        check_out(make_out)


def test_analog() -> None:
    def make() -> "tuple[AnalogIn, Callable[[int], None], int, Callable[[], None]]":
        port = FakeAnalogIn()

        def put_mv(mv: int) -> None:
            port.mv = mv

        return port, put_mv, 0, lambda: put_mv(-1)

    for check in analog.ALL:
        check(make)


def test_byte_link() -> None:
    def make() -> "tuple[ByteLink, Callable[[bytes], None], Callable[[], bytes]]":
        link = FakeByteLink()
        return link, link.put, lambda: b"".join([part[1] for part in link.take()])

    for check in byte_link.ALL:
        check(make)


def test_clock() -> None:
    def make() -> "tuple[Clock, Callable[[int], None], Callable[[], Clock]]":
        port = FakeClock()
        world = [START_MS, 0]

        def pass_ms(ms: int) -> None:
            world[0] = ticks_add(world[0], ms)
            world[1] += ms
            port.set(world[0], port.wall_s() + ms // 1000, port.is_trusted())

        return port, pass_ms, lambda: port

    for check in clock.ALL:
        check(make)


def test_counter() -> None:
    total = FakePulseCounter(0)

    def make(again: bool) -> "tuple[PulseCounter, Callable[[int], None]]":
        def pulse(count: int) -> None:
            total.total_m += count

        return total, pulse

    for check in counting.COUNTERS:
        check(make)


def test_card_reader() -> None:
    def make() -> "tuple[FakeCardReader, FakeCards]":
        cards = FakeCards()
        return cards.reader, cards

    for check in card_reader.ALL + card_reader.LICENCES + card_reader.TIMED:
        check(make)


def test_centre_link() -> None:
    def make() -> "tuple[FakeCentreLink, FakeCentre]":
        centre = FakeCentre()
        return centre.link, centre

    for check in centre_link.ALL + centre_link.CARRIED:
        check(make)


def test_network() -> None:
    def make() -> "tuple[FakeNetwork, FarFromFake]":
        far = FarFromFake()
        return far.network, far

    for check in network.ALL:
        check(make)


def test_position() -> None:
    def make() -> "MadePosition":
        port = FakePosition()

        def say_antenna(antenna: int) -> None:
            port.antenna = antenna

        return port, port.set, say_antenna

    for check in position.ALL:
        check(make)


def test_position_by_sentences() -> None:
    """That of both boards, over any serial link."""

    def make() -> "MadePosition":
        link = FakeByteLink()
        receiver = NmeaReceiver(link, link.put)
        return receiver.port, receiver.say, receiver.say_antenna

    for check in position.ALL:
        check(make)
