"""The page suffices for a centre in trouble: journals erased between two sendings, databases restored and copied.

The car is the real firmware. Each case is played with a centre that keeps to section 7, and with one
that leaves out the sentence in question: there the car acts twice, or not at all.
"""

from __future__ import annotations

from hal.fake.flash import Flash
from tests.portable.firmware.loop_rig import IDENTITY
from tests.protocol import stranger
from tests.protocol.stranger_centre import Asked, Centre
from tests.protocol.test_stranger_centre import BOOKING, POSITION, Pair

ASK = b"POSITION"
ABOUT = (POSITION, 0, 0, 0)
#: Events: what a position command leaves, a refused command, a start of the program.
ACTED, REFUSED, RESET = 42, 31, 37
REPLAYED = 21


class BelievesAnyJournal(Centre):
    """Whatever journal is told and does not name the command will do, however young."""

    def _hear_hello(self, body: bytes) -> None:
        super()._hear_hello(body)
        self._known_s[self._journal] = -1.0


class SendsWhatWasNotSent(Centre):
    """What it has not sent itself has not been sent."""

    def _may_send(self, ident: bytes, asked: Asked) -> bool:
        return not asked.sent_boot or super()._may_send(ident, asked)


class CountsAlone(Centre):
    """HELLO's counter is none of its business."""

    def _hear_hello(self, body: bytes) -> None:
        counter = self._counter
        super()._hear_hello(body)
        self._counter = counter


def pair_of(make: type[Centre] = Centre) -> Pair:
    pair = Pair()
    pair.centre = make(IDENTITY.car_hex, IDENTITY.key, pair._say, pair.now_s)
    pair.server = pair.new_server()
    pair.centre.change(1, BOOKING)
    pair.online()
    pair.after(3)
    return pair


def restart(pair: Pair, *, erased: bool = False) -> None:
    """The power goes; the journal's flash with it, or not."""
    if erased:
        pair.car.journal_storage = Flash(16)
    pair.car.restart()
    pair.server = pair.new_server()


def try_again(pair: Pair, seconds: int = 20) -> list[bytes]:
    """The centre looks once a second whether it may send."""
    sent = []
    for _ in range(seconds):
        pair.after(1)
        if pair.server.is_ready:
            sent += pair.centre.send_again()
    pair.after(2)
    return sent


def act_unheard(pair: Pair) -> None:
    """The command is done; RESULT and events are lost on the way."""
    pair.server._hear = _lose
    pair.centre.command(ASK, *ABOUT)
    pair.after(1)
    assert [event[0] for event in journal_of(pair)].count(ACTED) == 1


def journal_of(pair: Pair) -> list[bytes]:
    """What the car has not been confirmed yet."""
    return list(pair.car.loop._journal.read_unacked(800)[1])


def _lose(_frame: bytes) -> None:
    pass


def erased_between(make: type[Centre]) -> Pair:
    """Acted, untold, erased; then the next boot."""
    pair = pair_of(make)
    act_unheard(pair)
    restart(pair, erased=True)
    try_again(pair)
    return pair


def test_a_journal_that_was_erased_between_two_sendings_proves_nothing() -> None:
    """Section 7: it began after the sending, so it cannot name what the erased one named."""
    pair = erased_between(Centre)
    assert pair.told().count(RESET) == 2, "the new journal is told"
    assert pair.told().count(ACTED) == 0
    assert ASK in pair.centre.open
    assert ASK not in pair.centre.results


def test_who_believes_any_journal_has_the_car_act_twice() -> None:
    pair = erased_between(BelievesAnyJournal)
    assert pair.told().count(ACTED) == 1, "and once before it was erased"


def test_a_journal_that_names_the_command_keeps_it_from_the_next_boot() -> None:
    pair = pair_of()
    act_unheard(pair)
    restart(pair)
    assert try_again(pair) == []
    assert pair.told().count(ACTED) == 1


def test_a_command_that_was_lost_goes_to_the_next_boot_once_the_journal_is_told() -> None:
    pair = pair_of()
    pair.server.is_ready = False
    pair.centre.command(ASK, *ABOUT)  # it never arrives
    restart(pair)
    assert try_again(pair) == [ASK]
    assert pair.centre.results[ASK][:2] == (1, [])
    assert pair.told().count(ACTED) == 1


def test_a_restored_centre_goes_on_above_the_counter_that_hello_tells() -> None:
    """Section 7: it does not know which numbers it has used."""
    for make, is_taken in ((Centre, True), (CountsAlone, False)):
        pair = pair_of()
        for number in range(5):
            pair.centre.command(b"BEFORE-%d" % number, *ABOUT)
            pair.after(1)
        restored = make(IDENTITY.car_hex, IDENTITY.key, pair._say, pair.now_s)
        pair.centre, pair.server._hear = restored, restored.hear
        restored.tell(stranger.TIME, bytes(8 + 20))  # a prompt
        pair.after(5)
        assert restored.confirmed[0] == 2, "a fork: the car is ahead"
        restored.command(ASK, *ABOUT)
        pair.after(2)
        refused = [stranger.detail_of(one) for one in journal_of(pair) if one[0] == REFUSED]
        assert (ASK in restored.results) == is_taken
        assert [event["reasons"] for event in refused] == ([] if is_taken else [[(REPLAYED, 0)]])


def copied_before_sending(make: type[Centre]) -> int:
    """A command is made, the database copied, and the first process sends it; how often it acted."""
    pair = pair_of()
    first, copy = pair.centre, make(IDENTITY.car_hex, IDENTITY.key, pair._say, pair.now_s)
    copy.__dict__.update(
        {name: value for name, value in vars(first).items() if name not in ("_say", "_now")}
    )
    copy.open, copy.seq, copy._named = {}, dict(first.seq), set(first._named)
    copy.open[ASK] = Asked(ABOUT, pair.now_s(), is_ours=False)
    pair.after(1)
    act_unheard(pair)
    pair.centre = copy
    restart(pair)
    try_again(pair)
    return pair.told().count(ACTED)


def test_a_copy_sends_for_the_first_time_only_what_the_journal_does_not_name() -> None:
    """Section 7: the process that it was copied from may have sent it."""
    assert copied_before_sending(Centre) == 1
    assert copied_before_sending(SendsWhatWasNotSent) == 2


def test_an_acknowledgement_of_what_the_car_has_not_told_frees_nothing() -> None:
    """Section 8: a number beyond the last one is ignored, and so is another journal's."""
    pair = pair_of()
    pair.server._hear = _lose
    pair.centre.command(ASK, *ABOUT)
    pair.after(1)
    waiting = journal_of(pair)
    assert waiting
    journal, last = pair.centre._journal, pair.car.loop._journal.next_seq - 1
    for wrong in ((journal, last + 1), (journal, 0xFFFFFFFF), (journal ^ 1, last)):
        pair.centre.tell(stranger.EACK, eack(*wrong))
        pair.after(1)
        assert journal_of(pair)[: len(waiting)] == waiting
    pair.centre.tell(stranger.EACK, eack(journal, last))
    pair.after(1)
    assert journal_of(pair)[: len(waiting)] != waiting


def eack(journal: int, seq: int) -> bytes:
    return journal.to_bytes(4, "big") + seq.to_bytes(4, "big")
