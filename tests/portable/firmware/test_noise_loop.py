"""Ten minutes of a loose key in the whole loop: what it costs the flash, the network, the driver.

A key that is not pushed fully in, or lies loosely in its box, floods other boxes until their SIM is
blocked. Here each input costs at most 6 records a minute while it is heard, and then one fault.
"""

from firmware.snapshot import IS_NOISY
from firmware.wire import codes, kb1
from hal.fake.flash import Flash
from tests.portable.firmware.loop_rig import CARD, NOW, Box

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MINUTES = 10
NOISE = (codes.AUDIT_KEY_IN, codes.AUDIT_KEY_OUT, codes.AUDIT_DOOR_OPENED, codes.AUDIT_DOOR_CLOSED)
FAULTS = (codes.AUDIT_FAULT, codes.AUDIT_FAULT_CLEARED)


class CountingFlash(Flash):
    """Counts the bytes that are programmed; while it is broken it takes none."""

    programmed = 0
    is_broken = False

    def program(self, offset: int, data: "Any") -> None:
        if self.is_broken:
            raise OSError(5)
        self.programmed += len(data)
        super().program(offset, data)


class Storm:
    """A box in use, and a time that passes for both its clocks."""

    def __init__(self) -> None:
        self.box = Box()
        self.flash = self.box.journal_storage = CountingFlash(16)
        self.box.centre.online = True
        self.box.restart()
        self.passed_ms = 0
        self.seed = 1
        self.events: "list[bytes]" = []
        self.frames = 0
        self.commits = 0

    def random(self, below: int) -> int:
        self.seed = (self.seed * 1103515245 + 12345) & 0x3FFFFFFF
        return (self.seed >> 8) % below

    def turn(self, wait_ms: int) -> None:
        self.passed_ms += wait_ms
        self.box.wall_s = NOW + self.passed_ms // 1000
        before = self.flash.programmed
        self.box.after(wait_ms)
        self.commits += self.flash.programmed != before
        self.events.extend(self.box.loop.committed)
        self.frames += len(self.box.taken(kb1.EVENTS))

    def run(self, wait_ms: int) -> None:
        """Turns as the loop wants them."""
        while wait_ms > 0:
            step = min(max(1, self.box.due_ms), wait_ms)
            self.turn(step)
            wait_ms -= step

    def set(self, index: int, value: int) -> None:
        self.box.inputs[index].value = value
        self.turn(0)

    def start(self) -> None:
        """In use, the driver's door closed, the key out."""
        self.box.centre.online = False
        self.box.book()
        self.box.reader.card = CARD
        self.run(2000)
        self.set(codes.IN_DOOR_DRIVER, codes.YES)
        self.run(200)
        self.set(codes.IN_DOOR_DRIVER, codes.NO)
        self.set(codes.IN_KEY, codes.NO)
        self.run(200)
        assert self.box.loop.state == "in_use"
        self.box.centre.online = True

    def mark(self) -> None:
        self.events = []
        self.frames = self.commits = self.flash.programmed = 0

    def bounce(self, index: int, length_ms: int, shortest_ms: int, longest_ms: int) -> int:
        """Toggle at chance intervals; how often."""
        edges = 0
        while length_ms > 0:
            wait_ms = shortest_ms + self.random(longest_ms - shortest_ms + 1)
            self.set(index, 1 - self.box.inputs[index].value)
            self.run(wait_ms)
            length_ms -= wait_ms
            edges += 1
        return edges

    def told(self, *wanted: int) -> "list[tuple[int, bytes]]":
        """(code, detail) of the events of those codes; of faults, those of inputs."""
        found = [(event[0], event[10:]) for event in self.events if event[0] in wanted]
        return [
            (code, detail)
            for code, detail in found
            if code not in FAULTS or detail[0] >= codes.FAULT_INPUT_NOISY
        ]


def noisy(index: int) -> bytes:
    return bytes((codes.FAULT_INPUT_NOISY, index))


def test_ten_minutes_of_a_loose_key_in_use() -> None:
    storm = Storm()
    storm.start()
    storm.mark()
    edges = storm.bounce(codes.IN_KEY, MINUTES * 60000, 5, 200)
    assert edges > 4000 and storm.box.loop._debounce.edges(codes.IN_KEY) >= edges
    assert len(storm.told(*NOISE)) <= 6
    assert storm.told(*FAULTS) == [(codes.AUDIT_FAULT, noisy(codes.IN_KEY))]
    # The record of a session is renewed every 10 s anyway: 60 of the commits are that.
    assert storm.commits <= MINUTES * 6 + 8
    assert storm.flash.programmed < 12000
    assert storm.frames <= 8 + MINUTES  # what is not confirmed is sent again once a minute
    # The key comes to rest in its box: heard after 10 s, and journaled when a minute was quiet.
    storm.mark()
    storm.set(codes.IN_KEY, codes.YES)
    storm.run(9900)
    assert storm.box.loop._snapshot.key_in_box() == codes.UNKNOWN
    storm.run(200)
    assert storm.box.loop.state == "key_returned" and storm.told(*NOISE) == []
    storm.run(49000)
    assert storm.told(*FAULTS) == []
    storm.run(1500)
    assert storm.told(*FAULTS + NOISE) == [
        (codes.AUDIT_FAULT_CLEARED, noisy(codes.IN_KEY)),
        (codes.AUDIT_KEY_IN, b""),
    ]


def test_the_worst_rhythm_moves_the_table_six_times_a_minute() -> None:
    """Rests just long enough to be heard each time."""
    storm = Storm()
    storm.start()
    storm.bounce(codes.IN_KEY, 2000, 60, 60)
    storm.mark()
    states = []
    for _ in range(MINUTES * 60000 // 10300):
        storm.set(codes.IN_KEY, 1 - storm.box.inputs[codes.IN_KEY].value)
        storm.run(10300)
        states.append(storm.box.loop.state)
    assert set(states) == {"in_use", "key_returned"}
    assert storm.told(*NOISE + FAULTS) == []
    assert storm.commits <= 2 * MINUTES * 6


def test_a_parked_car_with_a_loose_key_writes_a_handful() -> None:
    storm = Storm()
    storm.mark()
    storm.bounce(codes.IN_KEY, 120000, 5, 200)
    assert len(storm.told(*NOISE)) <= 6
    assert storm.commits <= 8  # one is the ring's own, a sector made ready
    assert storm.flash.programmed < 1000


def test_a_stuck_door_switch_and_the_state_that_is_found_afterwards() -> None:
    for final, code in ((codes.YES, codes.AUDIT_DOOR_OPENED), (codes.NO, codes.AUDIT_DOOR_CLOSED)):
        storm = Storm()
        storm.start()
        storm.mark()
        door = codes.IN_DOOR_REAR_LEFT
        storm.bounce(door, 30000, 5, 200)
        assert len(storm.told(*NOISE)) <= 6
        assert storm.told(*FAULTS) == [(codes.AUDIT_FAULT, noisy(door))]
        storm.mark()
        storm.set(door, final)
        storm.run(61000)
        assert storm.told(*NOISE + FAULTS) == [
            (codes.AUDIT_FAULT_CLEARED, noisy(door)),
            (code, bytes((door,))),
        ]


def test_a_key_that_is_truly_out_is_out() -> None:
    """USE-2: the time neither starts anew by noise nor locks anybody out; what rests decides."""
    storm = Storm()
    storm.start()
    storm.set(codes.IN_KEY, codes.YES)
    storm.run(300)
    assert storm.box.loop.state == "key_returned"
    began_ms = storm.passed_ms
    while storm.passed_ms - began_ms < 9 * 60000:
        storm.bounce(codes.IN_KEY, 1500, 5, 200)
        storm.set(codes.IN_KEY, codes.YES)
        storm.run(40000)
        deadlines = dict(storm.box.loop.deadlines())
        assert storm.box.loop.state == "key_returned"
    # The first few changes were heard; from then on one and the same time runs.
    assert deadlines["key_return"] < 70000
    storm.bounce(codes.IN_KEY, 1500, 5, 200)
    storm.set(codes.IN_KEY, codes.NO)
    storm.run(10100)
    assert storm.box.loop.state == "in_use"
    assert "key_return" not in dict(storm.box.loop.deadlines())


def test_nobody_is_locked_out_by_a_key_that_cannot_be_told() -> None:
    """START-7, USE-2: it is due, the contact storms: a fault, no lock."""
    storm = Storm()
    storm.start()
    storm.set(codes.IN_KEY, codes.YES)
    storm.run(580000)
    storm.mark()
    storm.bounce(codes.IN_KEY, 30000, 5, 60)
    assert storm.box.loop.state in ("key_returned", "in_use")
    assert storm.box.inputs[codes.IN_LOCKED].value == codes.YES  # the rig's locks do not move
    assert storm.told(codes.AUDIT_SECURED, codes.AUDIT_LOCKED) == []


def test_a_storm_that_cannot_be_journaled_is_told_later() -> None:
    """SAFE-5: nothing of it is lost, nothing doubled."""
    storm = Storm()
    storm.start()
    storm.mark()
    storm.flash.is_broken = True
    storm.bounce(codes.IN_KEY, 3000, 60, 60)
    assert storm.told(*FAULTS) == []
    storm.flash.is_broken = False
    storm.set(codes.IN_KEY, codes.NO)
    storm.run(5000)
    assert storm.told(*FAULTS) == [(codes.AUDIT_FAULT, noisy(codes.IN_KEY))]
    storm.mark()
    storm.run(52000)
    storm.flash.is_broken = True
    storm.run(6000)
    assert not storm.box.loop._snapshot.faults[codes.IN_KEY] & IS_NOISY
    assert storm.told(*FAULTS + NOISE) == []
    storm.flash.is_broken = False
    storm.run(3000)
    assert storm.told(*FAULTS + NOISE) == [
        (codes.AUDIT_FAULT_CLEARED, noisy(codes.IN_KEY)),
        (codes.AUDIT_KEY_OUT, b""),
    ]
