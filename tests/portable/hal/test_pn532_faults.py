"""The reader's driver on a bad line: damage, pieces, late answers, refusals, a chip reset."""

from hal import pn532, pn532_dialogue
from tests.portable.hal.pn532_script import (
    ACK,
    ERROR,
    FIRMWARE,
    IDM,
    NACK,
    NO_CARD,
    OTHER_IDM,
    POLL_212,
    WAKE_UP,
    Script,
    card,
    frame,
)


def damaged(data: bytes) -> bytes:
    """One bit of the contents turned."""
    turned = bytearray(data)
    turned[12] ^= 0x04
    return bytes(turned)


def test_a_damaged_answer_is_asked_for_again() -> None:
    script = Script()
    script.set_up()
    script.answer(POLL_212, damaged(card()))
    assert script.sent() == NACK
    script.say(card())
    script.answer(POLL_212, card())
    assert script.heard == [IDM]


def test_a_damaged_answer_is_asked_for_twice_at_most_then_the_command_again() -> None:
    script = Script()
    script.set_up()
    script.answer(POLL_212, damaged(card()))
    for _ in range(pn532_dialogue.NACKS_MAX):
        assert script.sent() == NACK
        script.say(damaged(card()))
    assert script.sent() == b""
    assert script.wait_until_due() <= pn532_dialogue.ACK_TIMEOUT_MS
    assert script.sent() == ACK
    script.wait_until_due()
    assert script.sent() == POLL_212


def test_garbage_before_and_between_frames() -> None:
    script = Script()
    script.set_up()
    for _ in range(2):
        assert script.sent() == POLL_212
        script.say(b"\x9a\x00\xff" + ACK + b"\x31\x00\x00")
        script.say(b"\xff\x00" + card())
    assert script.heard == [IDM]


def test_frames_in_pieces() -> None:
    for piece_bytes in range(1, 32):
        script = Script()
        script.set_up()
        for _ in range(2):
            assert script.sent() == POLL_212
            stream = ACK + card()
            for start in range(0, len(stream), piece_bytes):
                script.say(stream[start : start + piece_bytes], after_ms=0)
        assert script.heard == [IDM], piece_bytes


def test_acknowledgement_and_answer_in_one_call() -> None:
    script = Script()
    script.set_up()
    assert script.sent() == POLL_212
    script.say(ACK + card())
    assert script.sent() == POLL_212
    script.say(ACK + card() + card(OTHER_IDM))
    assert script.heard == [IDM]


def test_half_an_answer_is_followed_by_a_new_command_soon() -> None:
    """In a long poll too: a card must not wait for its end because of one lost byte."""
    script = Script()
    script.set_up(is_eager=True)
    script.answer(POLL_212, card()[:-9])
    assert script.wait_until_due() == pn532_dialogue.FRAME_GAP_MS
    assert script.sent() == ACK
    assert script.wait_until_due() == pn532_dialogue.ABORT_PAUSE_MS
    assert script.sent() == POLL_212


def test_half_a_frame_does_not_swallow_the_next() -> None:
    script = Script()
    script.set_up(is_eager=True)
    assert script.sent() == POLL_212
    script.say(ACK)
    script.say(b"\x00\x00\xff\x30\xd0\xd5")
    script.say(card(), after_ms=16)
    script.answer(POLL_212, card())
    assert script.heard == [IDM]


def test_an_answer_without_acknowledgement_belongs_to_an_earlier_command() -> None:
    script = Script()
    script.set_up(is_eager=True)
    script.answer(POLL_212, b"\x00\x00\xff\x18")
    script.wait_until_due()
    assert script.sent() == ACK
    script.wait_until_due()
    assert script.sent() == POLL_212
    script.say(card(OTHER_IDM))
    assert script.sent() == b""
    script.say(ACK)
    script.say(card())
    script.answer(POLL_212, card(OTHER_IDM))
    assert script.heard == []


def test_answers_to_other_commands_are_passed_over() -> None:
    script = Script()
    script.set_up()
    for _ in range(2):
        assert script.sent() == POLL_212
        script.say(ACK)
        script.say(frame(b"\xd5\x33"))
        script.say(card())
    assert script.heard == [IDM]


def test_an_error_frame_or_a_refusal_repeats_the_command() -> None:
    for refusal in (ERROR, NACK):
        script = Script()
        script.set_up()
        for _ in range(pn532.SENDS_MAX):
            script.answer(POLL_212, refusal)
            assert script.wait_until_due() <= pn532_dialogue.ABORT_PAUSE_MS
        assert script.sent() == WAKE_UP + FIRMWARE
        assert script.driver.restarts == 1


def test_answers_without_sense_repeat_the_command_and_then_begin_anew() -> None:
    script = Script()
    script.set_up()
    for _ in range(pn532.SENDS_MAX):
        script.answer(POLL_212, frame(b"\xd5\x4b\x05"))
        assert script.wait_until_due() <= pn532_dialogue.ABORT_PAUSE_MS
    assert script.sent() == WAKE_UP + FIRMWARE
    assert script.driver.restarts == 1
    assert script.heard == []


def test_a_command_that_is_not_acknowledged_is_repeated() -> None:
    script = Script()
    script.set_up()
    for _ in range(pn532.SENDS_MAX):
        assert script.sent() == POLL_212
        assert script.wait_until_due() == pn532_dialogue.ACK_TIMEOUT_MS
        script.wait_until_due()
    assert script.sent() == WAKE_UP + FIRMWARE
    assert script.driver.is_healthy


def test_the_count_of_repeats_begins_anew_with_each_command() -> None:
    script = Script()
    script.set_up()
    for _ in range(3 * pn532.SENDS_MAX):
        assert script.sent() == POLL_212
        script.wait_until_due()
        script.wait_until_due()
        script.answer(POLL_212, NO_CARD)
        script.wait_until_due()
    assert script.driver.restarts == 0


def test_a_chip_that_polls_for_ever_is_stopped_and_set_up_anew() -> None:
    """A chip that was reset has lost its number of retries."""
    script = Script()
    script.set_up(is_eager=True)
    assert script.sent() == POLL_212
    script.say(ACK)
    assert script.wait_until_due() == pn532.EAGER_TIMEOUT_MS
    assert script.sent() == ACK
    script.wait_until_due()
    # Or its tries take much longer than thought: the next window has half as many.
    script.set_up(is_eager=True, eager_retries=58)
    assert script.sent() == POLL_212


def test_a_board_that_calls_late_takes_what_came_first() -> None:
    script = Script()
    script.set_up(is_eager=True)
    assert script.sent() == POLL_212
    script.say(ACK + card(), after_ms=10000)
    script.answer(POLL_212, card())
    assert script.heard == [IDM]


def test_a_flood_of_noise_is_taken_in_bounded_bites() -> None:
    script = Script()
    script.set_up()
    script.sent()
    for _ in range(50):
        script.link.put_noise(256)
        script.now_ms = (script.now_ms + 1) & (2**30 - 1)
        script.poll()
    assert script.link.overrun_bytes == 0
    assert script.link.any() == 0
    assert script.heard == []


def test_a_cut_line_and_its_return() -> None:
    script = Script()
    script.set_up()
    script.link.is_cut = True
    script.wait(5000)
    assert not script.driver.is_healthy
    script.link.is_cut = False
    while script.sent() != WAKE_UP + FIRMWARE:
        script.wait_until_due()
    script.say(ACK)
    script.say(frame(b"\xd5\x03\x32\x01\x06\x07"))
    assert script.driver.restarts == 1
