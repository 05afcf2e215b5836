"""One turn, with its journal: commit before act, nothing half done. SAFE-2, SAFE-3, SAFE-5."""

import json
import struct

from firmware.loop import RETRY_MS, Loop
from firmware.terms import load_settings, load_terms
from firmware.ticks import ticks_add, ticks_diff
from firmware.wire import centre_messages, codes, messages
from firmware.wire.journal_format import EPOCH_2020_S
from hal.fake.centre_link import FakeCentreLink
from hal.fake.clock import FakeClock
from hal.fake.flash import Flash

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NOW = 197_200_000
CARD = b"\1\1\6\1\x12\xab\x34\xcd"


class Line:
    def __init__(self) -> None:
        self.level = False
        self.rises = 0

    def write(self, level: bool) -> None:
        self.rises += level and not self.level
        self.level = level


class Input:
    def __init__(self, value: int) -> None:
        self.value = value

    def read(self) -> int:
        return self.value


class Reader:
    """A reader whose card is put down by the test."""

    is_healthy = True
    is_eager = False
    card: "bytes | None" = None

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock

    @property
    def next_due_at_ms(self) -> int:
        return ticks_add(self._clock.now_ms(), 60000)

    def poll(self, now_ms: int) -> "bytes | None":
        card, self.card = self.card, None
        return card

    def set_eager(self, eager: bool) -> None:
        self.is_eager = eager


class Still:
    """Battery, position, odometer, watchdog of a car that stands."""

    fed = 0

    def read_mv(self) -> int:
        return 12600

    def is_valid(self) -> bool:
        return True

    def latitude_udeg(self) -> int:
        return 35_681_000

    def longitude_udeg(self) -> int:
        return 139_767_000

    def metres(self) -> int:
        return 12_345_000

    def feed(self) -> None:
        self.fed += 1


class Box:
    """Ports and a loop; `restart` keeps the flash."""

    pulse_ms = (400, 400, 200, 200)

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.now_ms = self.clock.now_ms()
        self.wall_s = NOW
        self.clock.set(self.now_ms, self.wall_s, True)
        values = [codes.NO] * codes.INPUTS
        for i in (
            codes.IN_KEY,
            codes.IN_KNOB_AT_RETURN,
            codes.IN_BRAKE,
            codes.IN_GEAR_P,
            codes.IN_LOCKED,
            codes.IN_BLOCKED,
        ):
            values[i] = codes.YES
        self.inputs = tuple([Input(value) for value in values])
        self.levels = tuple([Line() for _ in range(codes.OUTS)])
        self.pulses = tuple([Line() for _ in range(codes.PULSES)])
        self.battery = self.odometer = self.watchdog = Still()
        self.position: "Any" = self.battery
        self.reader = Reader(self.clock)
        self.centre = FakeCentreLink()
        self.journal_storage = Flash(16)
        self.cache_storage = Flash(12)
        self.restart()

    def restart(self) -> None:
        self.clock.set(self.now_ms, self.wall_s, True)
        with open("firmware/profiles/top24-2023.json") as file:
            terms = load_terms(json.load(file))
        self.loop = Loop(self, terms, load_settings({}, terms), 4711)
        self.loop.start()
        self.after(0)
        self.after(60)

    def after(self, wait_ms: int) -> Loop:
        """Time passes, then one turn."""
        self.now_ms = ticks_add(self.now_ms, wait_ms)
        self.clock.set(self.now_ms, self.wall_s, True)
        self.due_ms = ticks_diff(self.loop.turn(), self.now_ms)
        return self.loop

    def book(self) -> None:
        start = EPOCH_2020_S + NOW + 600
        ops = [
            (codes.OP_PUT_BOOKING, struct.pack(messages.BOOKING, 100, 7, start, start + 7200)),
            (codes.OP_PUT_CARD, struct.pack(messages.CARD, CARD, 7)),
        ]
        self.centre.put(centre_messages.pack_delta(0, 1, ops))
        self.after(10)

    def results(self) -> "list[Any]":
        return [
            centre_messages.unpack_result(message)
            for message in self.centre.take()
            if message[0] == messages.RESULT
        ]


def test_a_touch_unlocks_after_the_journal_has_it_safe_2() -> None:
    box = Box()
    box.book()
    programs = box.journal_storage.operations
    box.reader.card = CARD
    box.after(10)
    assert box.loop.state == "unlocked"
    assert box.pulses[codes.PULSE_UNLOCK].level and box.pulses[codes.PULSE_RELEASE].level
    assert [event[0] for event in box.loop.committed] == [
        codes.AUDIT_START_REQUESTED,
        codes.AUDIT_UNLOCKED,
        codes.AUDIT_ENGINE_RELEASED,
    ]
    assert box.journal_storage.operations > programs


def test_no_journal_no_pulse_and_nothing_of_it_happened_safe_5() -> None:
    box = Box()
    box.book()
    box.journal_storage.fail_next(1000)
    box.reader.card = CARD
    box.after(10)
    assert box.loop.state == "vacant" and box.loop.committed == []
    assert box.pulses[codes.PULSE_UNLOCK].rises == 0
    assert box.due_ms <= RETRY_MS
    box.after(RETRY_MS)
    assert box.loop.lamp == codes.LAMP_REFUSED
    box.journal_storage.fail_next(0)
    box.reader.card = CARD
    box.after(4000)
    assert box.loop.state == "unlocked" and box.pulses[codes.PULSE_UNLOCK].rises == 1


def test_a_flash_that_never_worked_leaves_a_vacant_car() -> None:
    box = Box()
    box.journal_storage.fail_next(100000)
    box.journal_storage = Flash(16)
    box.journal_storage.fail_next(100000)
    box.restart()
    box.book()
    box.reader.card = CARD
    box.after(10)
    assert box.loop.state == "vacant"
    for line in box.pulses:
        assert line.rises == 0


def test_no_journal_the_phone_hears_it() -> None:
    box = Box()
    box.book()
    box.centre.online = True
    box.after(10)
    box.centre.take()
    box.journal_storage.fail_next(1000)
    box.centre.put(centre_messages.pack_command(b"COMMAND1", codes.VERB_START, 100, 7, 7200))
    box.after(10)
    assert box.results() == [(b"COMMAND1", False, [(codes.JOURNAL_FULL, 0)], b"")]
    assert box.loop.state == "vacant" and box.pulses[codes.PULSE_UNLOCK].rises == 0


def test_a_door_that_could_not_be_journaled_is_told_later() -> None:
    box = Box()
    box.book()
    box.reader.card = CARD
    box.after(10)
    box.journal_storage.fail_next(1000)
    box.inputs[codes.IN_DOOR_DRIVER].value = codes.YES
    box.after(10)
    box.after(60)
    assert box.loop.state == "unlocked"
    box.journal_storage.fail_next(0)
    box.after(RETRY_MS)
    assert box.loop.state == "boarding"
    assert codes.AUDIT_DOOR_OPENED in [event[0] for event in box.loop.committed]


def test_a_reset_resumes_and_moves_nothing_safe_3() -> None:
    box = Box()
    box.book()
    box.reader.card = CARD
    box.after(10)
    box.after(1000)
    rises = [line.rises for line in box.pulses]
    box.wall_s += 20
    box.restart()
    assert box.loop.state == "unlocked"
    assert [line.rises for line in box.pulses] == rises
    left = dict(box.loop.deadlines())
    assert 35_000 < left["relock"] <= 40_000


def test_bookings_survive_a_reset_and_serve_without_network() -> None:
    box = Box()
    box.book()
    box.restart()
    box.reader.card = CARD
    box.after(10)
    assert box.loop.state == "unlocked"


def test_events_go_up_until_they_are_acknowledged_safe_5() -> None:
    box = Box()
    box.centre.online = True
    box.after(10)
    sent = [message for message in box.centre.take() if message[0] == messages.EVENTS]
    journal, first, events = centre_messages.unpack_events(sent[0])
    assert events[0][0] == codes.AUDIT_RESET
    box.after(1000)
    assert box.centre.take() == []
    box.after(1000)
    again = [message for message in box.centre.take() if message[0] == messages.EVENTS]
    assert again == sent
    box.centre.put(centre_messages.pack_eack(journal, first + len(events) - 1))
    box.after(10)
    for _ in range(5):
        box.after(70000)
    assert box.centre.take() == []


def test_messages_without_sense_are_counted_and_harmless() -> None:
    box = Box()
    box.centre.online = True
    for message in (b"", b"\x10", b"\x10" * 12, b"\x12short", b"\xff" * 30, b"\x11" * 9, b"\x13"):
        box.centre.put(message)
    box.after(10)
    box.after(10)
    assert box.loop.state == "vacant"
    for line in box.pulses:
        assert line.rises == 0


def test_a_bug_in_a_turn_leaves_everything_off_and_is_journaled() -> None:
    box = Box()
    box.book()
    box.after(0)
    fed = box.watchdog.fed

    class Broken:
        def is_valid(self) -> bool:
            raise RuntimeError("planted")

    box.position = Broken()
    try:
        box.after(10)
    except RuntimeError:
        pass
    else:
        raise AssertionError("the bug was swallowed")
    assert box.watchdog.fed == fed
    for line in box.levels + box.pulses:
        assert not line.level
    assert [event[0] for event in box.loop.committed] == [codes.AUDIT_FAULT]


def test_the_reader_is_eager_while_it_invites() -> None:
    box = Box()
    assert not box.reader.is_eager
    box.book()
    box.after(10)
    assert box.loop.lamp == codes.LAMP_RED_BLINK and box.reader.is_eager


def test_a_silent_reader_is_reported() -> None:
    box = Box()
    box.reader.is_healthy = False
    box.after(10)
    assert box.loop.committed[-1][0] == codes.AUDIT_FAULT
    assert box.loop.committed[-1][10] == codes.FAULT_READER_SILENT
    box.reader.is_healthy = True
    box.after(10)
    assert box.loop.committed[-1][0] == codes.AUDIT_FAULT_CLEARED
