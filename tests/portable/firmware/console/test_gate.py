"""The console's gate: questions, answers, tries, times (TECH-1)."""

from firmware.identity import Identity
from firmware.wire import codes
from firmware.wire.console_key import read_question
from tests.portable.firmware.console.gate_rig import GateRig
from tests.portable.firmware.loop_rig import IDENTITY

OTHER = Identity("4b4700000002", IDENTITY.key)
STOLEN = Identity("4b4700000001", bytes(32))
MINUTE_MS = 60000


def wrong(rig: GateRig) -> str:
    return rig.ask("answer 0000-0000-00")[0]


def nonce_of(question: str) -> bytes:
    found = read_question(question)
    assert found is not None
    return found[0]


def test_tech_1_the_right_answer_unlocks_and_the_journal_says_who() -> None:
    for level in (1, 2, 3):
        rig = GateRig()
        who = rig.unlock(level)
        assert rig.actions() == [(who, codes.ACT_OPEN, level)]
        assert rig.box.loop._controller.rental.technician == who
        assert rig.ask("lock") == ["locked"]
        rig.turn()
        assert rig.inside.level == 0
        assert rig.actions()[-1] == (who, codes.ACT_CLOSE, codes.CLOSED_BY_HAND)
        assert rig.ask("doors unlock")[0].startswith("doors is locked")


def test_tech_1_exit_and_quit_lock_and_say_how_to_leave() -> None:
    """What a technician types first; locked before or not."""
    for word in ("exit", "quit"):
        rig = GateRig()
        leave = "leave the terminal program: Ctrl-] in fleetd console, Ctrl-A K in screen"
        assert rig.ask(word) == ["locked", leave]
        who = rig.unlock(2)
        assert rig.ask(word) == ["locked", leave]
        rig.turn()
        assert rig.inside.level == 0
        assert rig.actions()[-1] == (who, codes.ACT_CLOSE, codes.CLOSED_BY_HAND)
        rig.question()
        rig.ask(word)
        assert rig.ask("answer 0000-0000-00")[0].startswith("no question waits")


def test_tech_1_nothing_is_unlocked_without_an_answer() -> None:
    rig = GateRig()
    assert rig.ask("doors unlock") == ["doors is locked: type unlock 1"]
    assert rig.ask("answer 0000-0000-00")[0].startswith("no question waits")
    rig.question()
    assert rig.ask("answer 0000")[0].startswith("an answer has 10")
    assert rig.inside.wrong == 0 and rig.refusals() == []
    assert rig.ask("unlock 4")[0].startswith("there are the levels")
    assert rig.ask("unlock 1 2")[0].startswith("there are the levels")


def test_tech_1_an_answer_of_another_box_key_or_level_is_wrong() -> None:
    rig = GateRig()
    question = rig.question(2)
    for answer in (
        rig.right(question, OTHER),
        rig.right(question, STOLEN),
    ):
        assert rig.ask("answer " + answer)[0].startswith("that is not the answer")
    assert rig.inside.level == 0
    rig = GateRig()
    question = rig.question(2)
    for level in (1, 3):
        assert rig.ask("answer " + rig.right(question, level=level))[0].startswith("that is not")
    assert rig.ask("answer " + rig.right(question).lower())[0].split()[1] == "2,"


def test_tech_1_an_answer_works_once() -> None:
    """Replayed: to the same question, to the next one, and in the next boot."""
    rig = GateRig()
    question = rig.question()
    answer = rig.right(question)
    rig.ask("answer " + answer)
    assert rig.inside.level == 1
    assert rig.ask("answer " + answer)[0].startswith("no question waits")
    rig.ask("lock")
    assert rig.ask("answer " + answer)[0].startswith("no question waits")
    assert rig.question() != question
    assert rig.ask("answer " + answer)[0].startswith("that is not the answer")
    rig.box.restart()
    again = GateRig(rig.box)
    assert again.question() != question
    assert again.ask("answer " + answer)[0].startswith("that is not the answer")


def test_tech_1_no_question_comes_twice() -> None:
    asked = set()
    rig = GateRig()
    for _ in range(3):
        for _ in range(20):
            asked.add(rig.question())
        rig.box.restart()
        rig = GateRig(rig.box)
    assert len(asked) == 60


def test_tech_1_three_tries_then_a_growing_wait() -> None:
    rig = GateRig()
    question = rig.question()
    assert wrong(rig).endswith("try again; is it for this box and question?")
    assert wrong(rig).startswith("that is not the answer: try again")
    assert wrong(rig).startswith("that is not the answer: wait 60 s")
    right = "answer " + rig.right(question)
    assert rig.ask(right)[0].startswith("too many wrong answers: wait 60 s")
    assert rig.ask("unlock 1")[0].startswith("too many wrong answers")
    rig.turn(59 * 1000)
    assert rig.ask(right)[0].startswith("too many wrong answers: wait 1 s")
    rig.turn(1000)
    waits = []
    for _ in range(8):
        waits.append(int(wrong(rig).split("wait ")[1].split()[0]))
        rig.turn(waits[-1] * 1000)
        rig.question()
    assert waits == [120, 240, 480, 960, 1920, 3600, 3600, 3600]
    rig.unlock()
    assert rig.inside.wrong == 0


def test_tech_1_wrong_answers_are_journaled_and_cannot_flood_the_journal() -> None:
    rig = GateRig()
    nonce = nonce_of(rig.question())
    for _ in range(200):
        wrong(rig)
    rig.turn()
    assert rig.refusals() == [(nonce, codes.BAD_SIGNATURE)] * 3
    assert rig.actions() == []


def test_tech_1_pulling_the_cable_forgets_no_wrong_answer() -> None:
    rig = GateRig()
    rig.question()
    for _ in range(3):
        wrong(rig)
    rig.cable.is_there = False
    rig.turn()
    rig.cable.is_there = True
    assert not rig.door.is_open
    assert rig.ask("unlock 1")[0].startswith("too many wrong answers")


def test_tech_1_a_question_stands_for_15_minutes() -> None:
    rig = GateRig()
    right = "answer " + rig.right(rig.question())
    for _ in range(3):
        rig.turn(5 * MINUTE_MS - 1000)
        rig.ask("version")
    rig.turn(3000)
    assert rig.ask(right)[0].startswith("no question waits")


def test_tech_1_locked_after_15_minutes_however_busy() -> None:
    rig = GateRig()
    who = rig.unlock(2)
    for _ in range(14):
        rig.turn(MINUTE_MS)
        rig.ask("version")
    assert rig.inside.level == 2
    assert 0 < rig.door.next_ms <= MINUTE_MS
    rig.turn(MINUTE_MS)
    rig.turn()
    assert rig.inside.level == 0 and rig.door.is_open
    assert rig.actions()[-1] == (who, codes.ACT_CLOSE, codes.CLOSED_BY_TIME)
    assert rig.box.loop._controller.rental.technician_level == 0


def test_tech_1_locked_when_the_cable_is_pulled_and_when_nobody_types() -> None:
    rig = GateRig()
    who = rig.unlock()
    rig.cable.is_there = False
    rig.turn()
    assert rig.inside.level == 0
    assert rig.box.loop._controller.rental.technician_level == 0
    rig.turn()
    assert rig.actions()[-1] == (who, codes.ACT_CLOSE, codes.CLOSED_BY_CABLE)
    rig.cable.is_there = True
    assert rig.ask("doors unlock")[0].startswith("doors is locked")


def test_tech_1_a_higher_level_needs_an_answer_of_its_own() -> None:
    rig = GateRig()
    rig.unlock(1)
    assert rig.ask("unlock 1")[0].startswith("level 1 is unlocked already")
    assert rig.ask("engine block")[0].startswith("engine is locked: type unlock 2")
    who = rig.unlock(2)
    assert rig.actions()[-1] == (who, codes.ACT_OPEN, 2)


def test_tech_1_what_the_journal_does_not_have_is_not_unlocked() -> None:
    rig = GateRig()
    right = "answer " + rig.right(rig.question())
    rig.box.loop._journal.is_open = False
    assert rig.ask(right)[0].startswith("not unlocked")
    assert rig.inside.level == 0
    assert rig.box.loop._controller.rental.technician_level == 0


def test_tech_1_a_reset_locks() -> None:
    rig = GateRig()
    rig.unlock(3)
    rig.box.restart()
    assert GateRig(rig.box).inside.level == 0
    assert rig.box.loop._controller.rental.technician_level == 0
