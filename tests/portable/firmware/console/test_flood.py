"""However fast and whatever is typed: a turn reads, sends and begins no more than its share."""

from firmware.console import console
from firmware.console.console import READ_BYTES
from firmware.console.out import LINE_BYTES_MAX, QUEUE_BYTES, SEND_BYTES_MAX, Out
from hal.fake.byte_link import RECEIVE_BYTES_MAX
from tests.portable.firmware.console.console_rig import ConsoleRig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TURNS = 300
#: Bytes that a turn may put into the queue: the echo of what it read, and the beginning of one answer.
QUEUED_BYTES_MAX = 3 * READ_BYTES + 2 * LINE_BYTES_MAX

FLOODS = (
    b"x" * RECEIVE_BYTES_MAX,
    b"\r" * RECEIVE_BYTES_MAX,
    b"version\r" * 32,
    b"status --json\r" * 18,
    b"log 500\r" * 32,
    b"statsu\r" * 36,
    b"\x08" * RECEIVE_BYTES_MAX,
    b"\x03" * RECEIVE_BYTES_MAX,
    bytes(range(256)),
    b"sensors live\r" + b"why\r" * 60,
)


class Counts:
    """What a turn does, at its most."""

    def __init__(self, rig: ConsoleRig) -> None:
        self.rig = rig
        self.begun = 0
        self.queued = 0
        self.most_begun = self.most_queued = self.most_read = self.most_written = 0
        self.turns = 0

    def turn(self) -> None:
        cable = self.rig.cable
        self.begun = self.queued = cable.bytes_read = cable.bytes_written = 0
        self.rig.turn()
        cable.take()
        self.turns += 1
        self.most_begun = max(self.most_begun, self.begun)
        self.most_queued = max(self.most_queued, self.queued)
        self.most_read = max(self.most_read, cable.bytes_read)
        self.most_written = max(self.most_written, cable.bytes_written)


def flood(data: bytes, is_stuck: bool = False) -> Counts:
    """The cable is full in every turn."""
    rig = ConsoleRig()
    rig.open()
    counts = Counts(rig)
    kinds: "Any" = (console.Console, Out)
    run, put = kinds[0]._run, kinds[1].put

    def counted_run(self: object, told: "list[str]") -> None:
        counts.begun += 1
        run(self, told)

    def counted_put(self: object, data: bytes) -> bool:
        counts.queued += len(data)
        return bool(put(self, data))

    kinds[0]._run, kinds[1].put = counted_run, counted_put
    try:
        rig.cable.is_stuck = is_stuck
        for _ in range(TURNS):
            rig.cable.put(data)
            counts.turn()
    finally:
        kinds[0]._run, kinds[1].put = run, put
    return counts


def test_a_flooded_cable_costs_a_turn_no_more_than_its_share() -> None:
    for data in FLOODS:
        counts = flood(data)
        assert counts.most_begun <= 1, data[:20]
        assert counts.most_read <= READ_BYTES, data[:20]
        assert counts.most_written <= SEND_BYTES_MAX, data[:20]
        assert counts.most_queued <= QUEUED_BYTES_MAX, data[:20]


def test_it_answers_all_the_time_and_the_next_good_command_too() -> None:
    for data in FLOODS:
        counts = flood(data)
        rig = counts.rig
        rig.cable.readinto(bytearray(RECEIVE_BYTES_MAX))
        for _ in range(2):
            rig.type("\x03\r")
        assert rig.ask("version")[1] == "car         4b4700000001", data[:20]


def test_a_cable_that_takes_nothing_back_fills_the_queue_and_no_more() -> None:
    for data in (FLOODS[2], FLOODS[8]):
        counts = flood(data, is_stuck=True)
        out: "Any" = counts.rig.door._console._out  # type: ignore[union-attr]
        assert out.waiting <= QUEUE_BYTES
        assert len(out._queue) == QUEUE_BYTES
        assert counts.most_begun <= 1
        counts.rig.cable.is_stuck = False
        counts.rig.cable.readinto(bytearray(RECEIVE_BYTES_MAX))
        counts.rig.type("\x03\r")
        counts.rig.type("\x03\r")
        assert counts.rig.ask("version")[1] == "car         4b4700000001"


def test_commands_that_come_together_are_all_answered_in_order() -> None:
    rig = ConsoleRig()
    rig.open()
    said = rig.type("version\rlog\rhelp log\rversion --json\r")
    at = [said.index(words) for words in ("program  ", "started anew", "possible: ", '{"part":1')]
    assert at == sorted(at)
    assert said.endswith('{"ok":true,"parts":3}\r\n> ')


def test_the_box_opens_for_a_card_while_its_console_is_flooded() -> None:
    from firmware.wire import codes
    from tests.portable.firmware.loop_rig import CARD, Box

    box = Box()
    box.book()
    rig = ConsoleRig(box)
    for number in range(400):
        rig.cable.put(FLOODS[number % len(FLOODS)])
        if number == 200:
            box.reader.card = CARD
        rig.turn(5)
        rig.taken()
    assert box.pulses[codes.PULSE_UNLOCK].rises >= 1
    assert box.loop.state == "unlocked"
