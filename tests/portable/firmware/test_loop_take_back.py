"""A journal that fails in the midst of things: nothing is lost, and nobody is told what is not so."""

from firmware.loop import RETRY_MS
from firmware.wire import codes, kb1
from firmware.wire.journal_format import (
    FLAG_LIGHTS_ON,
    FLAG_ODOMETER_PULSES,
    FLAG_POSITION_VALID,
    HEAD_BYTES,
)
from tests.portable.firmware.loop_rig import CARD, Box

START = b"STARTSTA"
END = b"ENDENDEN"


def break_journal(box: Box) -> None:
    """Nothing is written from here on, not even by an operation that reports a failure."""

    def fail(*_: object) -> None:
        raise OSError(5)

    box.journal_storage.program = fail  # type: ignore[method-assign, assignment]
    box.journal_storage.erase = fail  # type: ignore[method-assign, assignment]


def mend_journal(box: Box) -> None:
    del box.journal_storage.program
    del box.journal_storage.erase


def codes_of(events: "list[bytes]") -> "list[int]":
    return [event[0] for event in events]


def used(box: Box) -> None:
    """In use by card, online, nothing left to send."""
    box.book()
    box.centre.online = True
    box.reader.card = CARD
    box.after(10)  # asks
    box.put_time(box.hello().nonce)
    box.after(10)
    assert box.loop.state == "unlocked"
    box.inputs[codes.IN_LOCKED].value = codes.NO
    box.inputs[codes.IN_BLOCKED].value = codes.NO
    for wait_ms in (400, 400, 100):
        box.after(wait_ms)
    box.inputs[codes.IN_DOOR_DRIVER].value = codes.YES
    box.after(10)
    box.after(60)
    box.inputs[codes.IN_DOOR_DRIVER].value = codes.NO
    box.after(10)
    box.after(60)
    assert box.loop.state == "boarding"
    box.centre.take()


def test_the_first_change_after_a_quiet_start_is_not_lost_safe_5() -> None:
    """What the table was told in a turn without a record counts as told."""
    box = Box()
    break_journal(box)
    box.inputs[codes.IN_KEY].value = codes.NO
    box.after(10)
    box.after(60)
    mend_journal(box)
    box.after(RETRY_MS)
    assert codes_of(box.loop.committed) == [codes.AUDIT_KEY_OUT]


def test_an_end_that_cannot_be_journaled_is_refused_fault_1() -> None:
    box = Box()
    used(box)
    break_journal(box)
    box.put_command(END, codes.VERB_END)
    box.after(10)
    assert box.loop.state == "boarding" and box.pulses[codes.PULSE_LOCK].rises == 0
    answers = box.results()
    assert [one[:3] for one in answers] == [(END, False, [(codes.JOURNAL_FULL, 0)])]


def test_an_end_under_way_is_answered_when_it_is_done_end_7() -> None:
    """The turn that would have finished it fails; the next one finishes it, and answers once."""
    box = Box()
    used(box)
    box.inputs[codes.IN_LIGHTS].value = codes.YES
    box.after(10)
    box.after(60)
    box.put_command(END, codes.VERB_END)
    box.after(10)
    assert box.loop.state == "ending" and box.pulses[codes.PULSE_LOCK].level
    box.inputs[codes.IN_LOCKED].value = codes.YES
    box.inputs[codes.IN_BLOCKED].value = codes.YES
    box.after(400)
    break_journal(box)
    box.after(400)
    assert box.loop.state == "ending" and box.taken(kb1.RESULT) == []
    mend_journal(box)
    box.after(RETRY_MS)
    assert box.loop.state == "ended"
    ended = [event for event in box.loop.committed if event[0] == codes.AUDIT_ENDED]
    assert [len(event) for event in ended] == [HEAD_BYTES + 26], "END-4: place and distance too"
    assert ended[0][-1] == FLAG_POSITION_VALID | FLAG_ODOMETER_PULSES | FLAG_LIGHTS_ON
    box.after(RETRY_MS)
    assert [one[:4] for one in box.results()] == [(END, True, [], bytes((codes.WARN_LIGHTS_ON,)))]


def run_out(box: Box) -> None:
    """Every pulse comes to its end, and every try that follows from it."""
    for _ in range(12):
        box.after(400)


def test_a_refused_end_takes_neither_tries_nor_the_answer_from_a_start_fault_1() -> None:
    """Doors and engine do not obey. Who asked for the unlock hears of it; three tries are all."""
    box = Box()
    box.book()
    box.centre.online = True
    box.put_command(START, codes.VERB_START)
    box.after(10)
    assert box.loop.state == "unlocked" and box.pulses[codes.PULSE_UNLOCK].level
    break_journal(box)
    box.put_command(END, codes.VERB_END, counter=2)
    box.after(10)
    mend_journal(box)
    run_out(box)
    box.after(RETRY_MS)
    unseen = 1 << codes.IN_LOCKED | 1 << codes.IN_BLOCKED
    assert [one[:3] for one in box.results()] == [
        (START, False, [(codes.CANNOT_TELL, unseen)]),
        (END, False, [(codes.JOURNAL_FULL, 0)]),
    ]
    assert box.pulses[codes.PULSE_UNLOCK].rises == 3
