"""The reader's driver: set-up, touches, pace, and the chip that falls silent."""

import binascii
import gc
import sys

from hal import pn532, pn532_dialogue
from tests.portable.hal.pn532_script import (
    ACK,
    FIELD_ON,
    FIRMWARE,
    IDM,
    NO_CARD,
    OTHER_IDM,
    POLL_212,
    POLL_424,
    RETRIES_CALM,
    RETRIES_EAGER,
    SAM,
    SLOW_DOWN,
    WAKE_UP,
    Script,
    card,
    frame,
)


def test_set_up_then_poll() -> None:
    script = Script()
    script.set_up()
    assert script.sent() == POLL_212
    assert script.driver.restarts == 0


def test_a_touch_is_reported_after_two_answers_that_agree() -> None:
    script = Script()
    script.set_up(is_eager=True)
    script.answer(POLL_212, card())
    assert script.heard == []
    script.answer(POLL_212, card())
    assert script.heard == [IDM]
    assert script.sent() == b""


def test_an_identifier_has_16_hex_digits_whatever_they_are() -> None:
    for digits in ("0000000000000001", "00" * 8, "ff" * 8, "0101060100000000"):
        script = Script()
        script.set_up()
        script.touch(bytes.fromhex(digits))
        assert [binascii.hexlify(ident).decode() for ident in script.heard] == [digits]


def test_the_field_stays_on_between_polls() -> None:
    """So that no card has to start anew: nothing but polls is sent, with and without a card."""
    script = Script()
    script.set_up()
    for contents in (NO_CARD, card(), card(), card(), NO_CARD) * 5:
        script.answer(POLL_212, contents)
        script.wait_until_due()


def test_answers_of_18_and_20_bytes_are_the_same_card() -> None:
    script = Script()
    script.set_up()
    script.answer(POLL_212, card(tail=b""))
    script.answer(POLL_212, card())
    assert script.heard == [IDM]


def test_answers_that_disagree_are_not_reported() -> None:
    script = Script()
    script.set_up()
    for idm in (IDM, OTHER_IDM, IDM, OTHER_IDM):
        script.answer(POLL_212, card(idm))
    assert script.heard == []
    script.answer(POLL_212, card(OTHER_IDM))
    assert script.heard == [OTHER_IDM]


def test_no_card_between_two_answers_parts_them() -> None:
    script = Script()
    script.set_up()
    script.answer(POLL_212, card())
    script.answer(POLL_212, NO_CARD)
    script.wait_until_due()
    script.answer(POLL_212, card())
    assert script.heard == []


def test_answers_of_another_form_are_not_cards() -> None:
    good = card()[5:-2]
    wrong = {
        "two targets": good[:2] + b"\x02" + good[3:],
        "target 2": good[:3] + b"\x02" + good[4:],
        "length 19": good[:4] + b"\x13" + good[5:-1],
        "length beyond the frame": good[:-1],
        "length short of the frame": good + b"\x00",
        "code 00": good[:5] + b"\x00" + good[6:],
        "no target, yet data": good[:2] + b"\x00" + good[3:],
        "nothing after the count": good[:3],
        "nothing at all": good[:2],
    }
    for name, contents in wrong.items():
        script = Script()
        script.set_up()
        for _ in range(2):
            script.answer(POLL_212, frame(contents))
            assert script.wait_until_due() <= 3, name
        assert script.sent() == POLL_212, name
        assert script.heard == [], name


def test_a_held_card_is_reported_every_250_ms_from_one_answer() -> None:
    """TOUCH-1: the pace from which the loop tells a held card from a new touch."""
    script = Script()
    script.set_up(is_eager=True)
    script.touch()
    for count in range(2, 6):
        assert script.wait_until_due() == pn532.REPORT_EVERY_MS
        script.answer(POLL_212, card())
        assert script.heard == [IDM] * count
    assert script.wait_until_due() == pn532.REPORT_EVERY_MS
    script.answer(POLL_212, card(OTHER_IDM))
    assert script.heard == [IDM] * 5
    script.answer(POLL_212, card(OTHER_IDM))
    assert script.heard == [IDM] * 5 + [OTHER_IDM]


def test_calm_polls_once_a_second() -> None:
    script = Script()
    script.set_up()
    for _ in range(3):
        script.answer(POLL_212, NO_CARD)
        assert script.wait_until_due() == pn532.CALM_POLL_EVERY_MS


def test_calm_looks_again_soon_after_a_card_that_was_held() -> None:
    """TOUCH-1: one missed answer must not make a held card look away for 1 s."""
    script = Script()
    script.set_up()
    script.touch()
    pauses = []
    for _ in range(5):
        pauses.append(script.wait_until_due())
        script.answer(POLL_212, NO_CARD)
    assert pauses == [250, 250, 250, 250, 1000]
    # Gone: the same card must be confirmed anew.
    script.wait_until_due()
    script.answer(POLL_212, card())
    assert script.heard == [IDM]


def test_eager_polls_without_a_pause() -> None:
    script = Script()
    script.set_up(is_eager=True)
    for _ in range(3):
        assert script.sent() == POLL_212
        script.say(ACK, after_ms=2)
        script.say(NO_CARD, after_ms=498)
    assert script.sent() == POLL_212


def test_switching_to_eager_polls_at_once() -> None:
    script = Script()
    script.set_up()
    script.answer(POLL_212, NO_CARD)
    script.driver.set_eager(True)
    assert script.wait_until_due() == 0
    script.answer(RETRIES_EAGER, frame(b"\xd5\x33"))
    script.driver.set_eager(False)
    assert script.sent() == POLL_212
    script.say(ACK)
    script.say(NO_CARD, after_ms=500)
    assert script.wait_until_due() == pn532.CALM_POLL_EVERY_MS
    script.answer(RETRIES_CALM, frame(b"\xd5\x33"))
    assert script.sent() == POLL_212


def test_switching_to_eager_does_not_hurry_the_report_of_a_held_card() -> None:
    script = Script()
    script.set_up()
    script.touch()
    script.driver.set_eager(True)
    assert script.wait_until_due() == pn532.REPORT_EVERY_MS


def test_saying_eager_twice_does_not_hurry_anything() -> None:
    script = Script()
    script.set_up(is_eager=True)
    assert script.sent() == POLL_212
    script.say(ACK)
    script.say(NO_CARD)
    script.driver.set_eager(True)
    assert script.wait_until_due() == 48


def test_switching_to_eager_while_a_calm_poll_runs_waits_for_its_end() -> None:
    script = Script()
    script.set_up()
    assert script.sent() == POLL_212
    script.say(ACK)
    script.driver.set_eager(True)
    script.say(NO_CARD)
    assert script.sent() == RETRIES_EAGER


def test_a_chip_whose_tries_take_longer_gets_fewer() -> None:
    script = Script()
    script.set_up(is_eager=True)
    assert script.sent() == POLL_212
    script.say(ACK, after_ms=2)
    script.say(NO_CARD, after_ms=778)
    sent = script.sent()
    assert sent[:10] == RETRIES_EAGER[:10]
    assert sent[10] + 1 == 118 * 500 // 780
    assert sum(sent[5:-1]) & 0xFF == 0


def test_a_chip_that_answers_at_once_is_not_asked_without_end() -> None:
    script = Script()
    script.set_up(is_eager=True)
    assert script.sent() == POLL_212
    script.say(ACK)
    script.say(NO_CARD)
    assert script.sent() == b""
    assert script.wait_until_due() == 48


def test_other_system_code_and_424() -> None:
    script = Script(0xFE00, with_424=True)
    script.set_up()
    ask_212, ask_424 = bytearray(POLL_212), bytearray(POLL_424)
    for poll in (ask_212, ask_424):
        poll[10:12] = b"\xfe\x00"
        poll[14] = -sum(poll[5:14]) & 0xFF
    for poll in (ask_212, ask_424, ask_212):
        script.answer(bytes(poll), NO_CARD)
        script.wait_until_due()


def test_a_silent_chip_is_looked_for_at_all_rates() -> None:
    script = Script()
    rates = []
    while script.driver.is_healthy:
        script.wait_until_due()
        rates += [(baud, data) for baud, data in script.link.take()]
    expected = [(115200, WAKE_UP + FIRMWARE)] * 3
    expected += [(baud, WAKE_UP + SLOW_DOWN) for baud in (921600, 460800, 230400)]
    assert rates == expected
    assert script.link.baud == 115200


def test_a_silent_chip_is_asked_less_and_less_often() -> None:
    script = Script()
    pauses: "list[int]" = []
    while len(pauses) < 6:
        waited_ms = script.wait_until_due()
        if waited_ms > pn532_dialogue.ACK_TIMEOUT_MS:
            pauses.append(waited_ms)
    assert pauses == [250, 500, 1000, 2000, 4000, 4000]


def test_a_chip_that_comes_back_is_set_up() -> None:
    script = Script()
    script.wait(60000)
    assert not script.is_healthy()
    script.sent()
    while script.sent() != WAKE_UP + FIRMWARE:
        script.wait_until_due()
    script.say(ACK)
    script.say(frame(b"\xd5\x03\x32\x01\x06\x07"))
    script.answer(WAKE_UP + SAM, frame(b"\xd5\x15"))
    script.answer(RETRIES_CALM, frame(b"\xd5\x33"))
    assert not script.is_healthy()
    script.answer(FIELD_ON, frame(b"\xd5\x33"))
    assert script.is_healthy()
    script.touch()
    assert script.heard == [IDM]


def test_a_card_from_before_an_outage_is_confirmed_anew() -> None:
    script = Script()
    script.set_up()
    script.touch()
    script.wait(5000)
    script.sent()
    while script.sent() != WAKE_UP + FIRMWARE:
        script.wait_until_due()
    script.say(ACK)
    script.say(frame(b"\xd5\x03\x32\x01\x06\x07"))
    script.answer(WAKE_UP + SAM, frame(b"\xd5\x15"))
    script.answer(RETRIES_CALM, frame(b"\xd5\x33"))
    script.answer(FIELD_ON, frame(b"\xd5\x33"))
    script.answer(POLL_212, card())
    assert script.heard == [IDM]
    script.answer(POLL_212, card())
    assert script.heard == [IDM, IDM]


def test_a_chip_left_at_another_rate_is_brought_back() -> None:
    script = Script()
    while script.link.baud != 460800:
        script.wait_until_due()
    script.link.take()
    script.wait_until_due()
    assert script.link.take() == [(460800, WAKE_UP + SLOW_DOWN)]
    script.say(ACK)
    script.say(frame(b"\xd5\x11"))
    assert script.link.take() == [(460800, ACK)]
    assert script.link.baud == 460800
    assert script.wait_until_due() >= 2
    assert script.link.take() == [(115200, WAKE_UP + FIRMWARE)]


def test_another_chip_is_not_a_pn532() -> None:
    script = Script()
    script.poll()
    script.answer(WAKE_UP + FIRMWARE, frame(b"\xd5\x03\x33\x01\x06\x07"))
    script.wait_until_due()
    assert script.sent() == WAKE_UP + FIRMWARE


def allocated() -> int:
    """Bytes in use (MicroPython) or blocks (CPython)."""
    if hasattr(gc, "mem_alloc"):
        return int(gc.mem_alloc())
    return sys.getallocatedblocks()


def bytes_of_idle_polls(script: Script, count: int) -> int:
    driver, now_ms = script.driver, script.now_ms
    before = allocated()
    while count:
        driver.poll(now_ms)
        count -= 1
    return allocated() - before


def test_an_idle_poll_allocates_nothing() -> None:
    script = Script()
    script.set_up()
    script.sent()
    # Mid-command, and in the pause between two.
    for _ in range(2):
        gc.collect()
        gc.disable()
        bytes_of_idle_polls(script, 10)
        grown = bytes_of_idle_polls(script, 10000)
        gc.enable()
        assert grown <= (0 if hasattr(gc, "mem_alloc") else 5), grown
        script.say(ACK)
        script.say(NO_CARD)


def first_look() -> Script:
    """Eager from its start, as far as the first look, which is under way."""
    script = Script(is_listening=False)
    script.set_up(is_eager=True, eager_retries=24)
    assert not script.driver.is_listening
    return script


def test_safe_3_it_listens_after_an_eager_look_without_a_card() -> None:
    """A short one: 25 tries of 4.23 ms, for a card that takes 20 ms to wake."""
    script = first_look()
    assert script.sent() == POLL_212
    script.say(ACK)
    script.say(NO_CARD, after_ms=106)
    assert script.driver.is_listening
    retries = script.sent()  # from now on windows of half a second
    assert retries[:10] == RETRIES_EAGER[:10] and 110 < retries[10] < 120


def test_safe_3_a_calm_look_is_too_short() -> None:
    script = Script(is_listening=False)
    script.set_up()
    for _ in range(3):
        script.answer(POLL_212, NO_CARD)
        script.wait_until_due()
    assert not script.driver.is_listening


def test_safe_3_not_while_a_card_answers_nor_right_after_one_answer() -> None:
    script = first_look()
    script.answer(POLL_212, card(IDM))
    script.answer(POLL_212, NO_CARD)  # it answered once, and may be there still
    assert not script.driver.is_listening and script.heard == []
    script.wait_until_due()
    script.touch()
    assert script.heard == [IDM] and not script.driver.is_listening


def test_safe_3_a_chip_that_fell_silent_begins_anew() -> None:
    script = Script()
    while script.driver.is_healthy:
        assert script.driver.is_listening
        script.wait_until_due()
    assert not script.driver.is_listening
