"""What comes from the centre: signed by this car's key or nothing; TIME, NACK, the lease."""

import struct

from firmware.inbox import ANSWER_MS_MAX, ROUND_TRIP_MS_MAX
from firmware.loop import LEASE_S
from firmware.uplink import HELLO_MIN_MS
from firmware.wire import codes, frames, kb1, kb1_centre
from firmware.wire.journal_format import EPOCH_2020_S
from tests.portable.firmware.loop_rig import CARD, DOWN_KEY, IDENTITY, UP_KEY, Box

COMMAND = b"COMMAND1"


def online() -> Box:
    """Booked, connected; HELLO said and forgotten."""
    box = Box()
    box.book()
    box.centre.online = True
    box.after(2000)
    box.after(2000)
    box.centre.take()
    return box


def nonce(box: Box) -> bytes:
    """Of the HELLO that a doubt makes the car say now."""
    box.put_time(bytes(8))
    box.after(2000)
    box.after(HELLO_MIN_MS)
    return box.hello().nonce


def clock_events(box: Box) -> "list[int]":
    """By how much the clock was set in the last turn."""
    return [
        struct.unpack(">i", event[10:])[0]
        for event in box.loop.committed
        if event[0] == codes.AUDIT_CLOCK_SET
    ]


def test_safe_2_what_this_cars_key_did_not_sign_has_no_effect() -> None:
    box = online()
    body = kb1_centre.pack_command(
        kb1.Command(COMMAND, box.boot, 1, 99999, codes.VERB_START, 100, 7, 7200)
    )
    right = frames.pack_frame(DOWN_KEY, IDENTITY.car, kb1.CMD, body)
    other_car = bytes(5) + b"\1"
    for wrong in (
        frames.pack_frame(UP_KEY, IDENTITY.car, kb1.CMD, body),
        frames.pack_frame(bytes(32), IDENTITY.car, kb1.CMD, body),
        frames.pack_frame(DOWN_KEY, other_car, kb1.CMD, body),
        right[:-1] + bytes((right[-1] ^ 1,)),
        right[:-1],
        right + b"\0",
        b"",
    ):
        box.centre.put(wrong)
        box.after(10)
        assert box.loop.state == "vacant" and box.loop.committed == []
        assert box.centre.take() == []
    box.centre.put(right)
    box.after(10)
    assert box.loop.state == "unlocked"


def test_what_makes_no_sense_under_a_right_tag_is_answered_with_nack() -> None:
    box = online()
    rev = box.rev
    senseless = struct.pack(">III8sB", 0, rev, rev + 1, bytes(8), 1)  # an operation is missing
    for kind, body, reason in (
        (0, b"", kb1.NACK_UNKNOWN_KIND),
        (77, b"", kb1.NACK_UNKNOWN_KIND),
        (kb1.HELLO, bytes(64), kb1.NACK_UNKNOWN_KIND),
        (kb1.DELTA, senseless, kb1.NACK_SENSELESS),
        (kb1.TIME, b"short", kb1.NACK_SENSELESS),
        (kb1.CMD, bytes(36), kb1.NACK_SENSELESS),
        (kb1.EACK, b"", kb1.NACK_SENSELESS),
        (kb1.SNAP, bytes(19), kb1.NACK_SENSELESS),
    ):
        box.put(kind, body)
        box.after(10)
        assert box.taken(kb1.NACK) == [kb1.pack_nack(kind, reason, 0, rev)]
    assert box.loop.state == "vacant"


def test_a_poison_record_is_refused_and_the_old_copy_serves() -> None:
    box = online()
    record = struct.pack(">IIII", 5, 7, EPOCH_2020_S + 9, EPOCH_2020_S + 9)  # ends as it starts
    rev, hash8 = box.rev, box.hash8
    box.put_delta([(codes.OP_PUT_BOOKING, record)])
    box.after(10)
    assert box.taken(kb1.NACK) == [kb1.pack_nack(kb1.DELTA, kb1.NACK_SENSELESS, 0, rev)]
    box.rev, box.hash8 = rev, hash8
    box.centre.online = False
    box.reader.card = CARD
    box.after(10)
    assert box.loop.state == "unlocked"


def test_a_change_is_confirmed_by_hello_with_the_new_standing() -> None:
    box = online()
    box.put_delta([(codes.OP_DEL_BOOKING, struct.pack(">I", 100))])
    box.after(HELLO_MIN_MS)
    hello = box.hello()
    assert (hello.gen, hello.rev, hello.hash8) == (0, box.rev, box.hash8)
    assert not hello.asking and hello.boot == box.boot


def test_a_change_that_does_not_fit_the_copy_is_left_and_hello_tells_where_it_stands() -> None:
    box = online()
    rev, hash8 = box.rev, box.hash8
    box.rev += 5  # the centre believes the car to be further
    box.put_delta([(codes.OP_DEL_BOOKING, struct.pack(">I", 100))])
    box.after(HELLO_MIN_MS)
    hello = box.hello()
    assert (hello.rev, hello.hash8) == (rev, hash8)


def test_time_sets_a_clock_that_is_wrong_and_says_by_how_much() -> None:
    box = online()
    box.put_time(nonce(box), 3600)
    box.after(10)
    assert box.clock.wall_s() == box.wall_s + 3600
    assert clock_events(box) == [3600]


def test_a_trusted_clock_that_is_two_seconds_off_is_left_alone() -> None:
    for off_s in (-2, 2):
        box = online()
        box.put_time(nonce(box), off_s)
        box.after(10)
        assert box.clock.wall_s() == box.wall_s and clock_events(box) == []
    box = online()
    box.put_time(nonce(box), -3)
    box.after(10)
    assert box.clock.wall_s() == box.wall_s - 3 and clock_events(box) == [-3]


def test_safe_4_a_lost_clock_is_trusted_again_after_time_with_our_nonce() -> None:
    box = online()
    box.trusted = False
    asked = nonce(box)
    assert not box.clock.is_trusted()
    box.put_time(asked)
    box.after(10)
    assert box.clock.is_trusted() and clock_events(box) == [0]


def test_safe_4_a_time_that_is_late_old_or_foreign_does_not_set_the_clock() -> None:
    for wait_ms, is_foreign in ((ROUND_TRIP_MS_MAX + 1, False), (10, True)):
        box = online()
        asked = bytes(8) if is_foreign else nonce(box)
        box.after(wait_ms)
        box.put_time(asked, 3600)
        box.after(0)
        assert box.clock.wall_s() == box.wall_s and clock_events(box) == []
    box = online()
    box.clock.is_broken = True
    box.trusted = False
    box.put_time(nonce(box), 3600)
    box.after(10)
    assert not box.clock.is_trusted() and clock_events(box) == []


def held_back(asked: "list[bytes]", box: Box, held_ms: int) -> "tuple[bool, bool, bool]":
    """Whether TIMEs that come so late set the clock, renew the lease, make the car ask again."""
    box.centre.online = False
    box.wall_s += 60
    held_ms -= 2 * HELLO_MIN_MS  # one has passed in `nonce`, one will with the link up
    while held_ms > 0:
        step_ms = min(held_ms, 100_000_000)
        box.after(step_ms)
        held_ms -= step_ms
    box.centre.online, box.centre.rests = True, False
    box.after(0)
    box.centre.take()
    for one in asked:
        box.put_time(one, -3600)
    was_s = box.loop._cache.lease_from_s
    box.after(HELLO_MIN_MS)
    is_set = box.clock.wall_s() != box.wall_s
    return is_set, box.loop._cache.lease_from_s != was_s, len(box.taken(kb1.HELLO)) > 0


def test_safe_2_safe_4_a_time_that_was_held_back_is_not_believed_however_long() -> None:
    """The ticks begin anew every 2**30 ms, and by them it may look as if asked just now."""
    for held_ms, told in (
        (ROUND_TRIP_MS_MAX, (True, True, False)),
        (ROUND_TRIP_MS_MAX + 1, (False, True, False)),
        (ANSWER_MS_MAX, (False, True, False)),
        (ANSWER_MS_MAX + 1, (False, False, True)),
        ((1 << 29) - 1, (False, False, True)),
        (1 << 29, (False, False, True)),
        ((1 << 30) - 1, (False, False, True)),
        (1 << 30, (False, False, True)),
        ((1 << 30) + 3000, (False, False, True)),
        (3 << 30, (False, False, True)),
    ):
        box = online()
        assert held_back([nonce(box)], box, held_ms) == told, held_ms


def test_safe_2_safe_4_nor_are_four_that_were_held_back_together() -> None:
    for held_ms in (1 << 29, 1 << 30, (1 << 30) + 3000):
        box = online()
        asked = [nonce(box) for _ in range(4)]
        assert held_back(asked, box, held_ms) == (False, False, True), held_ms


def test_a_time_that_nobody_asked_for_makes_the_car_say_hello_once_a_second() -> None:
    box = online()
    for _ in range(3):
        box.put_time(bytes(8))
    box.after(HELLO_MIN_MS)
    assert len(box.taken(kb1.HELLO)) == 1


def test_the_lease_ends_card_starts_72_hours_after_the_last_word_and_time_renews_it() -> None:
    box = online()
    start = box.wall_s + LEASE_S + EPOCH_2020_S
    record = struct.pack(">IIII", 101, 7, start, start + 3600)
    box.put_delta([(codes.OP_PUT_BOOKING, record)])
    box.after(HELLO_MIN_MS)
    box.centre.online = False
    box.wall_s += LEASE_S
    box.after(10)
    assert box.loop.lamp == codes.LAMP_DARK, "no invitation to what would be refused"
    box.reader.card = CARD
    box.after(10)
    refused = [event for event in box.loop.committed if event[0] == codes.AUDIT_CARD_REFUSED]
    assert kb1_centre.unpack_refusal(refused[0][10:]) == [(codes.LEASE_OVER, 0)]
    assert box.loop.state == "vacant"
    box.centre.online = True
    box.centre.take()
    box.put_time(nonce(box))
    box.after(10)
    assert box.loop.lamp == codes.LAMP_RED_BLINK
    box.centre.online = False
    box.after(4000)
    box.reader.card = CARD
    box.after(10)
    assert box.loop.state == "unlocked"


def test_the_lease_one_second_before_its_end_still_holds() -> None:
    box = online()
    start = box.wall_s + LEASE_S + EPOCH_2020_S
    box.put_delta([(codes.OP_PUT_BOOKING, struct.pack(">IIII", 101, 7, start, start + 3600))])
    box.after(HELLO_MIN_MS)
    box.centre.online = False
    box.wall_s += LEASE_S - 1
    box.reader.card = CARD
    box.after(10)
    assert box.loop.state == "unlocked"


def test_asking_start_12_only_an_answer_to_this_touch_decides() -> None:
    box = online()
    early = nonce(box)
    box.reader.card = CARD
    box.after(10)
    assert box.loop.state == "authorising"
    hello = box.hello()
    assert hello.asking
    box.put_time(early)
    box.after(10)
    assert box.loop.state == "authorising", "that was the answer to an earlier question"
    box.put_time(hello.nonce)
    box.after(10)
    assert box.loop.state == "unlocked"


def test_asking_is_answered_by_the_change_itself() -> None:
    box = online()
    box.reader.card = CARD
    box.after(10)
    assert box.loop.state == "authorising"
    box.put_delta([(codes.OP_DEL_BOOKING, struct.pack(">I", 100))])
    box.after(10)
    assert box.loop.state == "vacant", "the booking was cancelled"


def test_start_12_a_touch_that_the_copy_would_refuse_first_tries_to_connect() -> None:
    box = Box()
    box.after(4000)
    box.centre.reachable = True
    box.reader.card = CARD
    box.after(10)
    assert box.loop.state == "authorising" and box.centre.hurried == 1
    box.centre.online = True
    box.after(500)
    hello = box.hello()
    assert hello.asking
    box.book()
    assert box.loop.state == "unlocked"


def test_start_12_a_touch_that_the_copy_takes_does_not_wait_for_the_link() -> None:
    box = Box()
    box.book()
    box.centre.reachable = True
    box.reader.card = CARD
    box.after(10)
    assert box.loop.state == "unlocked" and box.centre.hurried == 0


def test_start_12_a_link_that_does_not_come_costs_three_seconds() -> None:
    box = Box()
    box.after(4000)
    box.centre.reachable = True
    box.reader.card = CARD
    box.after(10)
    box.after(2990)
    assert box.loop.state == "authorising"
    box.after(10)
    assert box.loop.state == "vacant" and box.loop.lamp == codes.LAMP_REFUSED
