"""The network is gone from before the start of a use until after its end."""

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware.wire import codes
from firmware.wire.journal_format import EPOCH_2020_S, HEAD, HEAD_BYTES
from tests.whole.desk import Desk
from tests.whole.driver import touch
from tests.whole.test_kill_rental import STORY

EARLY_S = 600
RELOCK_S = 60


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(tmp_path / "desk", STORY, speed=10)
    yield found
    found.close()


def happened(desk: Desk, numbers: range) -> list[tuple[int, int, int]]:
    """(code, Unix time, booking) of those of the car's own journal."""
    found = []
    for number in numbers:
        code, at_s, trusted, booking = struct.unpack_from(HEAD, desk.journal().events[number])
        assert trusted == 1
        found.append((code, at_s + EPOCH_2020_S, booking))
    return found


@pytest.mark.long
def test_a_use_without_network_is_told_afterwards(desk: Desk) -> None:
    """START-3, START-6, END-4, END-6, SAFE-5: from the car's copy; then in order, once each."""
    desk.start()
    desk.until(lambda: desk.seen["story"]["is_over"], "end of the story")
    desk.until_time(desk.story.bookings[0].start.timestamp() - EARLY_S)
    before = desk.until_told().last
    desk.do("network down")
    # The first use: nobody opens a door, the car locks itself, the phone is of no help, the card is.
    touch(desk, "unlocked")
    unlocked_s = desk.now_s
    desk.until_state("relocked")
    assert desk.now_s - unlocked_s > RELOCK_S - 5
    desk.until(lambda: desk.seen["body"]["is_locked"], "locked doors")
    desk.until(lambda: desk.seen["body"]["is_blocked"], "a blocked starter")
    touch(desk, "ended")
    # The daemon learns nothing, and is started anew meanwhile.
    desk.kill(desk.daemon)
    desk.start_again(desk.daemon)
    # The second use, of the next booking.
    desk.until_time(desk.story.bookings[1].start.timestamp() - EARLY_S)
    touch(desk, "unlocked")
    desk.do("open driver", "key out", "close driver")
    desk.until_state("in_use")
    desk.do("key in")
    desk.until_state("key_returned")
    touch(desk, "ended")
    ended_s = desk.now_s
    assert desk.rows("SELECT count(*) FROM event") == [(before,)]
    assert set(desk.rows("SELECT status, started_s FROM booking")) == {("booked", None)}
    # An hour later the network is back.
    desk.until_time(ended_s + 3600)
    desk.do("network up")
    kept = desk.until_told()
    told = desk.rows("SELECT seq, body, received_s FROM event ORDER BY seq")
    assert [(seq, body) for seq, body, _ in told] == sorted(kept.events.items())
    assert all(received_s > ended_s + 3000 for seq, _, received_s in told if seq > before)
    check(desk, happened(desk, range(before + 1, kept.last + 1)))
    assert all(
        event[HEAD_BYTES] == codes.BY_CARD
        for event in kept.events.values()
        if event[0] in (codes.AUDIT_UNLOCKED, codes.AUDIT_ENDED)
    )


def check(desk: Desk, events: list[tuple[int, int, int]]) -> None:
    """Each booking has the times of the car's clock."""
    first, second = (number for _, number in desk.accounts.bookings[:2])
    turning_points = (
        codes.AUDIT_UNLOCKED, codes.AUDIT_RELOCKED, codes.AUDIT_KEY_OUT, codes.AUDIT_ENDED,
    )  # fmt: skip
    assert [(code, booking) for code, _, booking in events if code in turning_points] == [
        (codes.AUDIT_UNLOCKED, first),
        (codes.AUDIT_RELOCKED, first),
        (codes.AUDIT_ENDED, first),
        (codes.AUDIT_UNLOCKED, second),
        (codes.AUDIT_KEY_OUT, second),
        (codes.AUDIT_ENDED, second),
    ]
    for number in (first, second):
        at_s = {code: at_s for code, at_s, booking in events if booking == number}
        found = desk.rows("SELECT status, started_s, ended_s FROM booking WHERE id = ?", number)
        assert found == [("over", at_s[codes.AUDIT_UNLOCKED], at_s[codes.AUDIT_ENDED])]
