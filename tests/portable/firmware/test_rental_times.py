"""Times that a start sets: the warnings before the end (USE-3), an end too far for the clock (SAFE-4)."""

from firmware.ticks import FAR_MS, ticks_diff
from firmware.wire import codes
from tests.portable.firmware.rig import BOOKING, Rig

FAR_S = FAR_MS // 1000
DAY_S = 86400


def started(left_s: int, length_s: int = 7200) -> Rig:
    """A start by command with so much of the booking left."""
    rig = Rig()
    rig.book(length_s=length_s)
    rig.ask(codes.VERB_START, left_s=left_s)
    assert rig.state == "unlocked"
    return rig


def test_use_3_the_first_warning_is_at_the_next_full_ten_minutes_before_the_end() -> None:
    for left_s, warned_in_s in (
        (7200, 6600),
        (1201, 601),
        (1200, 600),
        (601, 1),
        (600, 600),
        (599, 599),
        (540, 540),
        (1, 1),
    ):
        assert dict(started(left_s).deadlines())["warn"] == warned_in_s * 1000


def test_safe_4_an_end_beyond_the_clocks_reach_is_at_its_reach() -> None:
    for left_s, left_ms in (
        (FAR_S - 135, (FAR_S - 135) * 1000),
        (FAR_S - 1, (FAR_S - 1) * 1000),
        (FAR_S, FAR_S * 1000),
        (2 * FAR_S, FAR_MS),
        (5 * FAR_S, FAR_MS),
    ):
        rig = started(left_s, 6 * FAR_S)
        r = rig.controller.rental
        assert ticks_diff(r.ends_at_ms, rig.snapshot.now_ms) == left_ms


def extend(rig: Rig, by_s: int) -> None:
    """The centre's later end reaches the car."""
    index = rig.bookings.find(BOOKING)
    starts_s, ends_s = rig.bookings.starts_s(index), rig.bookings.ends_s(index)
    rig.bookings.put(BOOKING, rig.bookings.driver(index), starts_s, ends_s + by_s, 0)
    rig.step(("records_changed", b""))


def test_use_4_extensions_by_days_do_not_wrap_with_the_clock() -> None:
    """Five extensions by three days each: 18 days are left, which the clock cannot count."""
    rig = started(3 * DAY_S, 3 * DAY_S)
    for _ in range(5):
        extend(rig, 3 * DAY_S)
    r = rig.controller.rental
    assert rig.seen.count(codes.AUDIT_EXTENDED) == 5
    assert r.end_left_ms() == 18 * DAY_S * 1000
    assert ticks_diff(r.ends_at_ms, rig.snapshot.now_ms) == FAR_MS
    record = rig.controller.state()
    rig.advance_ms(1000)
    rig.controller = rig.new_controller()
    assert rig.controller.restore(record, rig.snapshot, -1)
    left_s = rig.controller.rental.end_left_ms() // 1000
    assert 18 * DAY_S - 2 <= left_s < 18 * DAY_S


def test_use_3_a_far_end_is_warned_of_ten_minutes_before_and_not_sooner() -> None:
    """SAFE-4: in steps of six hours, and by ten minutes near the end."""
    rig = started(3 * DAY_S, 3 * DAY_S)
    rig.drive_off()
    extend(rig, 6 * DAY_S)
    left_s = rig.controller.rental.end_left_ms() // 1000
    while left_s > 1000:
        rig.advance_ms(min(left_s - 900, 21600) * 1000)
        rig.step()
        left_s = rig.controller.rental.end_left_ms() // 1000
        assert codes.AUDIT_WARNED not in rig.seen
    rig.advance_ms((left_s - 601) * 1000)
    rig.step()
    assert codes.AUDIT_WARNED not in rig.seen
    rig.advance_ms(1000)
    rig.step()
    assert rig.seen.count(codes.AUDIT_WARNED) == 1


def test_use_3_a_warning_that_came_up_to_ten_seconds_early_is_not_told_twice() -> None:
    """As after a reset, whose record may be that old (SAFE-3): the next one is a full ten minutes on."""
    for early_ms, next_ms in (
        (0, 600_000),
        (1, 600_001),
        (9_999, 609_999),
        (10_000, 610_000),
        (10_001, 10_001),
    ):
        rig = started(3600)
        rig.drive_off()
        deadlines = rig.controller.rental.deadlines
        rig.advance_ms(rig.controller.rental.end_left_ms() - early_ms)
        deadlines.arm(deadlines.index("warn"), 0)
        rig.step()
        assert rig.seen.count(codes.AUDIT_WARNED) > 0
        assert dict(rig.deadlines())["warn"] == next_ms, early_ms


def test_use_3_use_4_an_end_that_moves_is_warned_of_to_the_millisecond() -> None:
    rig = started(3600)
    rig.drive_off()
    actions = rig.controller.rental
    for left_ms, warned_in_ms in (
        (600_001, 1),
        (600_000, 600_000),
        (599_999, 599_999),
        (1, 1),
        (0, 600_000),
    ):
        rig.controller._machine.actions.move_end(actions.session.ends_s, left_ms)
        assert dict(rig.deadlines())["warn"] == warned_in_ms, left_ms


def test_end_4_a_place_that_is_known_and_a_review_are_told_together() -> None:
    rig = Rig({"cannot_tell": "staff_review"})
    rig.come_back()
    rig.snapshot.position_is_valid = True
    rig.set(codes.IN_BRAKE, codes.UNKNOWN)
    rig.tap()
    rig.mark()
    rig.finish_pulses()
    ended = [body for body in rig.bodies if body[0] == codes.AUDIT_ENDED]
    assert rig.state == "ended" and [body[-1] for body in ended] == [1 | 2]
