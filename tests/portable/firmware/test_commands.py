"""A command acts at most once: its boot, its counter, its expiry, its answer (protocol, "commands")."""

from firmware.commands import REFUSED_MAX, REFUSED_WITHIN_S
from firmware.controller import COMMAND_RECEIVED, PULSES_FINISHED
from firmware.wire import codes
from firmware.wire.kb1 import Command
from firmware.wire.kb1_centre import pack_command
from tests.portable.firmware.rig import BOOKING, DRIVER, Rig

EARLIER = b"EARLIER!"


def start(rig: Rig, counter: int, boot: bytes = b"", expires_s: int = 30) -> Command:
    """A start that nothing speaks against but what the test says."""
    boot = boot or rig.boot.ident
    ident = b"START" + counter.to_bytes(3, "big")
    return Command(ident, boot, counter, expires_s, codes.VERB_START, BOOKING, DRIVER, 7200)


def refusals(rig: Rig) -> "list[int]":
    return rig.reasons() if codes.AUDIT_COMMAND_REFUSED in rig.seen else []


def test_start_2_a_command_of_this_boot_in_time_acts() -> None:
    rig = Rig()
    rig.book()
    rig.send(start(rig, 1))
    assert rig.answered()[0] and rig.state == "unlocked"
    assert rig.boot.counter == 1


def test_safe_2_a_command_for_an_earlier_boot_does_nothing_and_has_no_answer() -> None:
    rig = Rig()
    rig.book()
    rig.mark()
    turn = rig.send(start(rig, 1, EARLIER))
    assert rig.state == "vacant" and rig.pulses == []
    assert rig.answer() is None, "the earlier boot may have acted on it"
    assert turn.wants_hello, "the centre should hear of the new boot"
    assert refusals(rig) == [codes.EXPIRED]


def test_safe_2_an_expired_command_does_nothing_and_says_so() -> None:
    rig = Rig()
    rig.book()
    rig.run(30)
    assert rig.boot.uptime_s == 30
    rig.mark()
    rig.send(start(rig, 1, expires_s=30))
    assert rig.answered() == (False, [codes.EXPIRED], b"")
    assert rig.state == "vacant" and refusals(rig) == [codes.EXPIRED]
    rig.send(start(rig, 2, expires_s=31))
    assert rig.answered()[0] and rig.state == "unlocked"


def test_safe_2_a_counter_that_does_not_rise_is_a_replay() -> None:
    rig = Rig()
    rig.book()
    rig.ask(codes.VERB_LOCK)
    rig.counter = 5
    rig.ask(codes.VERB_LOCK)
    for counter in (5, 6):
        rig.mark()
        rig.send(start(rig, counter))
        assert rig.answer() is None
        assert rig.state == "vacant" and refusals(rig) == [codes.REPLAYED]
    rig.send(start(rig, 7))
    assert rig.state == "unlocked"


def refused(rig: Rig) -> int:
    return rig.seen.count(codes.AUDIT_COMMAND_REFUSED)


def test_safe_5_a_command_that_comes_again_and_again_is_refused_in_the_journal_once() -> None:
    rig = Rig()
    rig.send(start(rig, 5))
    rig.mark()
    for _ in range(20):
        assert rig.send(start(rig, 1, EARLIER)).wants_hello, "the centre may not know the boot yet"
        assert not rig.send(start(rig, 2)).wants_hello
        assert rig.answer() is None
        rig.run(60)
    assert refused(rig) == 2


def test_safe_5_each_refusal_is_recorded_unless_eight_were_in_the_last_eight_minutes() -> None:
    rig = Rig()
    for counter in range(REFUSED_MAX):
        rig.send(start(rig, counter, EARLIER))
    assert refused(rig) == REFUSED_MAX
    for counter in range(50):
        assert rig.send(start(rig, 100 + counter, EARLIER)).wants_hello
    rig.run(REFUSED_WITHIN_S - 1)
    rig.send(start(rig, 200, EARLIER))
    assert refused(rig) == REFUSED_MAX
    rig.run(1)
    for counter in range(2 * REFUSED_MAX):
        rig.send(start(rig, 300 + counter, EARLIER))
    assert refused(rig) == 2 * REFUSED_MAX
    rig.run(3600)
    rig.send(start(rig, 200, EARLIER))
    assert refused(rig) == 2 * REFUSED_MAX + 1


def test_safe_5_a_refusal_whose_turn_was_not_journaled_is_recorded_when_it_comes_again() -> None:
    rig = Rig()
    record = rig.controller.state()
    rig.send(start(rig, 1, EARLIER))
    rig.controller.take_back(0, record)
    rig.mark()
    rig.send(start(rig, 1, EARLIER))
    assert refusals(rig) == [codes.EXPIRED]


def test_a_known_command_has_its_answer_again_whatever_its_counter() -> None:
    rig = Rig()
    rig.book()
    command = start(rig, 1)
    first = list(rig.send(command).results)
    again = start(rig, 1)
    again.counter = 9
    for repeated in (command, again):
        rig.mark()
        assert rig.send(repeated).results == first
        assert rig.pulses == [] and rig.seen == []
    assert rig.boot.counter == 1


def test_safe_2_one_that_was_sent_twice_and_comes_twice_in_one_turn_acts_once() -> None:
    """Each sending has a counter of its own, so the counter alone does not tell."""
    rig = Rig()
    rig.book()
    for verb in (codes.VERB_LOCK, codes.VERB_POSITION, codes.VERB_START):
        rig.mark()
        counter = rig.boot.counter
        sent = [
            Command(
                b"TWICE..%d" % (verb,), rig.boot.ident, counter + i, 30, verb, BOOKING, DRIVER, 7200
            )
            for i in (1, 2)
        ]
        turn = rig.step(*[(COMMAND_RECEIVED, pack_command(one)) for one in sent])
        assert rig.seen.count(codes.AUDIT_COMMAND_RECEIVED) == 1
        assert len(turn.results) == 1
    assert rig.state == "unlocked"


def test_32_answers_are_remembered_and_older_ones_are_replays() -> None:
    rig = Rig()
    rig.book()
    commands = [start(rig, counter) for counter in range(1, 34)]
    for command in commands:
        command.verb = codes.VERB_POSITION
        rig.send(command)
        assert rig.answered()[0]
    rig.mark()
    rig.send(commands[1])
    assert rig.answered()[0] and rig.seen == []
    rig.send(commands[0])
    assert rig.answer() is None and refusals(rig) == [codes.REPLAYED]


def test_an_answer_waits_for_the_relays_and_tells_what_they_read_back() -> None:
    rig = Rig()
    rig.book()
    command = start(rig, 1)
    rig.hold = True
    assert rig.send(command).results == []
    assert rig.state == "unlocked"
    rig.mark()
    assert rig.send(command).results == [], "under way: neither an answer nor a second act"
    assert rig.seen == [] and rig.pulses == []
    rig.set(codes.IN_LOCKED, codes.UNKNOWN)
    rig.hold = False
    turn = rig.step((PULSES_FINISHED, bytes((codes.PULSE_UNLOCK,))))
    answer = turn.results[0]
    assert answer[:9] == command.command + b"\1"
    assert answer[-2:] == bytes((codes.UNKNOWN, codes.NO))
    assert rig.send(command).results == [answer]


def test_start_1_too_early_tells_unix_time() -> None:
    rig = Rig()
    rig.book(starts_in_s=7200)
    command = start(rig, 1)
    command.left_s = 14400
    body = rig.send(command).results[0]
    opens_s = rig.snapshot.wall_s + 7200 - rig.terms.start_early_s
    assert body[8:11] == b"\0\1" + bytes((codes.TOO_EARLY,))
    assert int.from_bytes(body[11:15], "big") == opens_s + 1577836800
