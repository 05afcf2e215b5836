"""What is told where numbers are missing, and what of a damaged journal is believed (SAFE-5)."""

from firmware.journal import Journal
from firmware.journal_events import HEAD_BYTES, KIND, NO_SESSION, pack_head, pack_item
from firmware.storage_codes import OPENED_DAMAGED
from firmware.wire.codes import AUDIT_GAP, AUDIT_UNLOCKED
from firmware.wire.journal_format import pack_event
from hal.fake.flash import Flash
from tests.portable.firmware.journal_reading import SESSION, event, idle, opened
from tests.portable.firmware.test_journal_damage import lived


def holed(count: int, extra: int = 32) -> Journal:
    """Event 1, then so many that are destroyed, then three."""
    flash = Flash(sectors=8)
    journal = opened(flash)
    assert journal.commit([event(1)], None)
    end = journal.turns.end
    assert journal.commit([event(number) for number in range(2, 2 + count)], None)
    for number in range(2 + count, 5 + count):
        assert journal.commit([event(number, AUDIT_UNLOCKED, extra)], None)
    for bit in (3, 4):
        flash.flip(end + 30, bit)
    return opened(flash)


def gap(count: int, at_s: int) -> bytes:
    return pack_event(AUDIT_GAP, at_s, 1, 0, bytes((0, 0, 0, count)))


def test_one_missing_number_is_a_gap_and_two_are() -> None:
    for count in (1, 2):
        journal = holed(count)
        assert journal.read_unacked(1000) == (1, [event(1)])
        journal.acknowledge(1)
        rest = [event(number) for number in range(2 + count, 5 + count)]
        found = journal.read_unacked(1000)
        rest.insert(0, gap(count, 1002 + count))
        assert found == (1 + count, rest)


def test_a_gap_has_the_time_of_an_event_without_detail() -> None:
    journal = holed(1, 0)
    journal.acknowledge(1)
    assert journal.read_unacked(1000)[1][0] == gap(1, 1003)


def test_the_gap_counts_against_the_limit_of_bytes() -> None:
    journal = holed(1)
    journal.acknowledge(1)
    all_of_it = [gap(1, 1003), event(3), event(4), event(5)]
    for most in range(1, 5):
        enough = sum([len(one) + 1 for one in all_of_it[:most]])
        assert journal.read_unacked(enough) == (2, all_of_it[:most]), most
        if most > 1:
            assert journal.read_unacked(enough - 1) == (2, all_of_it[: most - 1]), most


def believed(head: bytes, *rest: bytes) -> Journal:
    """The journal after a start, with such a frame behind event 1."""
    flash = Flash(sectors=8)
    journal = opened(flash)
    assert journal.commit([event(1)], SESSION)
    parts = [head]
    parts.extend(rest)
    assert journal.turns.append(KIND, parts)
    return opened(flash)


def test_a_frame_is_believed_up_to_its_limits() -> None:
    assert believed(pack_head(0, 0xFFFFFF00, 2, 0, NO_SESSION)).next_seq == 0xFFFFFF00
    assert believed(pack_head(0, 0xFFFFFF01, 2, 0, NO_SESSION)).next_seq == 2
    assert believed(pack_head(1, 2, 2, 0, NO_SESSION)).acked_seq == 1
    assert believed(pack_head(2, 2, 2, 0, NO_SESSION)).acked_seq == 0
    assert believed(pack_head(0, 2, 2, 0, 5), b"other").session == b"other"
    assert believed(pack_head(0, 2, 2, 0, 6), b"other").session == SESSION
    assert len(pack_head(0, 2, 2, 0, 0)) == HEAD_BYTES


def test_an_event_is_read_when_all_of_it_is_in_its_frame() -> None:
    one = b"\x04"
    head = pack_head(0, 4, 2, 2, NO_SESSION)
    for rest, found in (
        ((pack_item(0, one), one, pack_item(0, one), one), [event(1), one, one]),
        ((pack_item(0, one), one, pack_item(0, one)), [event(1), one]),
        ((pack_item(0, one), one, b"\0"), [event(1), one]),
        ((pack_item(0, one), one), [event(1), one]),
        ((pack_item(0, b""), pack_item(0, one), one), [event(1)]),
    ):
        assert believed(head, *rest).read_unacked(1000) == (1, found), rest
    few = pack_head(0, 4, 2, 1, NO_SESSION)
    rest = (pack_item(0, one), one, pack_item(0, one), one)
    assert believed(few, *rest).read_unacked(1000) == (1, [event(1), one]), "as many as it says"


def test_the_first_event_of_all_that_is_missing_is_damage() -> None:
    flash = Flash(sectors=8)
    journal = opened(flash)
    assert journal.commit([], SESSION)
    end = journal.turns.end
    assert journal.commit([event(1)], None)
    assert journal.commit([event(2)], None)
    for bit in (3, 4):
        flash.flip(end + 30, bit)
    again = Journal(flash, 5)
    assert again.open() == OPENED_DAMAGED
    assert again.read_unacked(1000) == (1, [gap(1, 1002), event(2)])


def test_a_frame_of_another_kind_or_too_short_tells_nothing() -> None:
    for kind, body in ((2, pack_head(0, 9, 2, 0, NO_SESSION)), (KIND, b"short")):
        flash = Flash(sectors=8)
        journal = opened(flash)
        assert journal.commit([event(1)], SESSION)
        assert journal.turns.append(kind, [body])
        assert opened(flash).next_seq == 2


def test_no_number_comes_again_when_the_turns_are_gone() -> None:
    flash = Flash(sectors=8)
    journal = opened(flash)
    journal.next_seq = 100001
    while journal.store.head < 0:
        assert journal.commit([event(journal.next_seq)], SESSION)
        idle(journal)
    flash.contents[: 4 * 4096] = b"\xff" * (4 * 4096)
    assert opened(flash).next_seq > journal.next_seq


def test_a_store_that_is_gone_is_damage_from_the_third_sector_of_turns_on() -> None:
    flash, _ = lived(2)
    flash.contents[4 * 4096 :] = b"\xff" * (4 * 4096)
    assert Journal(flash, 5).open() == OPENED_DAMAGED
