"""One turn, with its journal: commit before act, nothing half done. SAFE-2, SAFE-3, SAFE-5."""

from firmware.loop import RETRY_MS
from firmware.wire import codes, kb1, kb1_centre
from hal.fake.flash import Flash
from tests.portable.firmware.loop_rig import CARD, Box


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
    box.put_command(b"COMMAND1", codes.VERB_START)
    box.after(10)
    assert box.results() == [
        (b"COMMAND1", False, [(codes.JOURNAL_FULL, 0)], b"", codes.YES, codes.YES)
    ]
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


def test_a_power_cut_is_told_before_the_reset_where_the_board_knows_safe_5() -> None:
    box = Box()
    box.book()
    box.reader.card = CARD
    box.after(10)
    box.after(1000)
    assert box.loop.state == "unlocked"
    for was_lost in (True, False):
        box.power_was_lost = was_lost
        box.restart()
        box.centre.online = True
        box.after(10)
        told = [kb1_centre.unpack_events(sent)[2] for sent in box.taken(kb1.EVENTS)]
        last = [(event[0], event[10:]) for events in told for event in events][-2:]
        state = bytes((codes.STATE_NAMES.index("unlocked"),))
        assert last[1] == (codes.AUDIT_RESET, state)
        assert (last[0] == (codes.AUDIT_POWER_LOST, state)) == was_lost


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
    sent = box.taken(kb1.EVENTS)
    journal, first, events = kb1_centre.unpack_events(sent[0])
    assert events[0][0] == codes.AUDIT_RESET
    box.after(1000)
    assert box.taken(kb1.EVENTS) == []
    box.after(1000)
    assert box.taken(kb1.EVENTS) == sent
    box.put(kb1.EACK, kb1_centre.pack_eack(journal, first + len(events) - 1))
    box.after(10)
    for _ in range(5):
        box.after(70000)
    assert box.taken(kb1.EVENTS) == []


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
