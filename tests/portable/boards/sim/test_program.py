"""The program behind its byte interface, on flash in memory: boot, turns, what comes back."""

import struct

from boards.sim import car_wire
from boards.sim.program import SimProgram
from firmware.ticks import MASK
from firmware.wire import codes, frames, kb1, kb1_centre, records
from firmware.wire.journal_format import EPOCH_2020_S
from firmware.wire.network_codes import CLOSED
from firmware.wire.packets import Publish
from hal.fake.clock import START_MS
from tests.portable.boards.sim.program_rig import (
    BOOT_ID,
    CAR,
    PASSWORD,
    WALL_S,
    Box,
    Channel,
)

IDENT = b"command1"


def start_by_phone(box: Box) -> None:
    """Once the car has rested and has the booking: a start, answered in this turn."""
    box.go_online()
    for _ in range(20):
        box.turn()
    starts_s = WALL_S + EPOCH_2020_S - 60
    box.put_delta(
        codes.OP_PUT_BOOKING, struct.pack(records.BOOKING, 9, 5, starts_s, starts_s + 7200)
    )
    box.turn()
    box.packets.clear()
    box.put_command(IDENT, codes.VERB_START, 9, 5)
    box.turn(1000)


def test_boot_opens_the_journal_and_tells_the_reset() -> None:
    box = Box()
    assert box.response[5] == codes.STATE_NAMES.index("vacant")
    assert box.counts() == (0, 0, 1, 0)
    assert box.rest[1] == codes.AUDIT_RESET
    assert box.busy_us() >= 45000
    assert box.response[0] == (START_MS + box.busy_us() // 1000) & MASK
    assert box.response[13:] == (0, 0, 0, 0)


def test_a_turn_feeds_the_watchdog_and_speaks_to_the_reader() -> None:
    box = Box()
    box.turn()
    assert box.response[6] & car_wire.WAS_FED
    assert box.counts()[1] == 2
    offset_ms, baud, length = struct.unpack_from(car_wire.SENT, box.rest, 0)
    assert (offset_ms, baud) == (0, 115200)
    assert box.rest[car_wire.SENT_BYTES : car_wire.SENT_BYTES + 2] == b"\x55\x55"
    assert length == 16


def test_a_car_without_a_reader_says_nothing_to_it() -> None:
    box = Box(settings={"reader": False})
    box.turn()
    assert box.counts()[1] == 0


def test_without_a_carrier_no_stream_is_opened() -> None:
    box = Box()
    for _ in range(30):
        box.turn(1000)
        assert box.stream() == 0


def test_the_car_logs_in_with_its_identity_and_the_name_of_this_start() -> None:
    box = Box()
    connect = box.connect()
    assert (connect.client_id, connect.user, connect.password) == (CAR, CAR, PASSWORD.encode())
    assert connect.will is not None
    assert (connect.will.topic, connect.will.payload) == (
        frames.presence_topic(CAR),
        b"\0" + BOOT_ID,
    )


def test_presence_and_hello_name_the_same_start() -> None:
    box = Box()
    box.go_online()
    presence = [p for p in box.packets if isinstance(p, Publish) and p.retain]
    assert [(p.topic, p.payload) for p in presence] == [
        (frames.presence_topic(CAR), b"\1" + BOOT_ID)
    ]
    hellos = box.bodies(kb1.HELLO)
    assert len(hellos) == 1
    assert kb1_centre.unpack_hello(hellos[0]).boot == BOOT_ID


def test_a_change_of_the_copy_is_taken_and_told() -> None:
    box = Box()
    box.go_online()
    box.bodies(kb1.HELLO)
    box.put_delta(codes.OP_PUT_CARD, struct.pack(records.CARD, b"\1\2\3\4\5\6\7\x08", 5))
    box.turn(1000)
    assert box.busy_us() > 0
    (hello,) = box.bodies(kb1.HELLO)
    assert kb1_centre.unpack_hello(hello).rev == 1


def test_a_stream_that_breaks_is_let_go() -> None:
    box = Box()
    box.go_online()
    number = box.stream()
    box.stream_state = CLOSED
    box.carrier = 0
    box.turn()
    assert box.stream() == 0
    box.connect()
    assert box.stream() == number + 1


def test_a_command_unlocks_with_pulses_and_two_flashes() -> None:
    box = Box()
    start_by_phone(box)
    assert box.response[3] == 1 << codes.PULSE_UNLOCK | 1 << codes.PULSE_RELEASE
    assert box.response[2] & 1 << codes.OUT_HAZARD
    assert box.response[5] == codes.STATE_NAMES.index("unlocked")
    assert box.counts()[2] >= 3
    # The commit took time, and only then did anything move.
    changes = [struct.unpack_from(">HBB", box.rest, 4 * i) for i in range(box.counts()[0])]
    risen = [line for _, line, level in changes if level]
    assert codes.OUT_HAZARD in risen
    assert codes.OUTS + codes.PULSE_UNLOCK in risen
    assert codes.OUTS + codes.PULSE_RELEASE in risen
    offsets = [offset_ms for offset_ms, _, _ in changes]
    assert 1 <= min(offsets) <= max(offsets) <= box.busy_us() // 1000
    box.values = box.values[: codes.IN_LOCKED] + bytes((codes.NO, codes.NO))
    box.turn(500)
    assert box.response[3] == 0
    # The answer tells what was read back after the pulses.
    for _ in range(3):
        box.turn(max(1, box.left_ms()))
    results = [kb1_centre.unpack_result(body) for body in box.bodies(kb1.RESULT)]
    assert [result[:2] for result in results] == [(IDENT, True)]


def test_deadlines_are_told_when_wanted() -> None:
    box = Box()
    start_by_phone(box)
    assert box.counts()[3] == 0
    box.wants = car_wire.WANTS_DEADLINES
    box.turn()
    assert box.counts()[3] >= 2
    assert b"relock" in box.rest


def test_the_session_survives_a_new_program_on_the_same_flash() -> None:
    """SAFE-3."""
    first = Box()
    start_by_phone(first)
    second = Box(first.channel)
    assert second.response[5] == codes.STATE_NAMES.index("unlocked")
    assert second.response[3] == 0


def time_of_the_centre(clock: int) -> Box:
    """A car that is an hour late hears the time in answer to its HELLO."""
    box = Box()
    box.wall_s = WALL_S - 3600
    box.clock = clock
    box.go_online()
    hello = kb1_centre.unpack_hello(box.bodies(kb1.HELLO)[-1])
    box.put(
        kb1.TIME, kb1_centre.pack_time(hello.nonce, EPOCH_2020_S + WALL_S, 0, box.rev, box.hash8)
    )
    box.turn()
    return box


def test_the_clock_is_set_by_the_world() -> None:
    for clock in (0, car_wire.CLOCK_IS_TRUSTED):
        box = time_of_the_centre(clock)
        assert abs(box.set_wall() - WALL_S) <= 2
        box.turn()
        assert box.set_wall() == 0


def test_a_clock_that_is_broken_is_not_set() -> None:
    assert time_of_the_centre(car_wire.CLOCK_IS_BROKEN).set_wall() == 0


def test_a_turn_before_the_boot_is_an_error() -> None:
    box = Box()
    program = SimProgram(Channel())
    try:
        program.handle(box.request(car_wire.TURN, 0, b"", b""))
    except ValueError as error:
        assert "boot" in str(error)
    else:
        raise AssertionError("no ValueError")
