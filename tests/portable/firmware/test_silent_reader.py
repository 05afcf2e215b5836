"""A reader that is silent invites nobody: FAULT-1, START-2, START-4, END-3, REOPEN-1, ENROL-1."""

from firmware.alerts import REFUSAL_MS
from firmware.controller import READER_CHANGED
from firmware.wire import codes
from tests.portable.firmware.loop_rig import Box
from tests.portable.firmware.rig import STRANGER, Rig, profile

DARK = codes.LAMP_DARK


def silence(rig: Rig, is_silent: bool = True) -> int:
    """The reader falls silent, or answers again; what the lamp shows then."""
    rig.snapshot.reader_is_healthy = not is_silent
    lamp = rig.step((READER_CHANGED, b"\0" if is_silent else b"\1")).lamp
    assert is_silent or list(rig.turn.levels[: codes.OUT_YELLOW + 1]) != [0, 0, 0]
    return lamp


def inviting() -> "list[tuple[Rig, int]]":
    """Before the start, when an end is possible, in the reopen window; with what is shown there."""
    rigs = [Rig(), Rig(), Rig(), Rig(terms=profile("jparc-2023"))]
    rigs[0].book()
    rigs[0].step()
    rigs[1].come_back()
    rigs[2].end()
    rigs[3].book()
    assert rigs[3].ask(codes.VERB_ENROL)[0]
    shown = [codes.LAMP_RED_BLINK] * 3 + [codes.LAMP_GREEN_YELLOW_BLINK]
    return list(zip(rigs, shown))  # noqa: B905 - MicroPython's has no strict


def test_fault_1_no_invitation_while_it_is_silent_and_again_after() -> None:
    for rig, shown in inviting():
        assert rig.turn.lamp == shown
        assert silence(rig) == DARK
        assert not any(rig.turn.levels[: codes.OUT_YELLOW + 1])
        rig.run(20)
        assert rig.turn.lamp == DARK
        assert silence(rig, False) == shown


def test_start_2_the_phone_starts_meanwhile() -> None:
    rig, _ = inviting()[0]
    silence(rig)
    assert rig.command(codes.VERB_START) is not None or rig.state == "unlocked"
    assert rig.state == "unlocked" and codes.PULSE_UNLOCK in rig.pulses


def test_start_12_a_touch_that_was_taken_before_is_answered() -> None:
    """The centre is being asked: the talking pattern stays, and so does the refusal after it."""
    rig = Rig(online=True)
    rig.book()
    assert rig.tap().lamp == codes.LAMP_RED
    assert silence(rig) == codes.LAMP_RED
    rig.step(("centre_answered", b""))
    assert rig.state == "unlocked" and rig.turn.lamp == DARK
    refused = Rig(online=True)
    refused.tap(STRANGER)
    silence(refused)
    refused.step(("centre_answered", b""))
    assert refused.turn.lamp == codes.LAMP_REFUSED
    refused.advance_ms(REFUSAL_MS)
    assert refused.step().lamp == DARK


def test_fault_1_the_whole_loop_and_a_start_with_a_silent_reader() -> None:
    box = Box()
    box.book()
    assert box.loop.lamp == codes.LAMP_RED_BLINK
    box.reader.is_healthy = False
    box.after(10)
    assert box.loop.lamp == DARK
    box.restart()
    assert box.loop.lamp == DARK
    box.reader.is_healthy = True
    box.after(10)
    assert box.loop.lamp == codes.LAMP_RED_BLINK and box.reader.is_eager
