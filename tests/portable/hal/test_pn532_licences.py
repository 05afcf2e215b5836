"""Licences at the reader: ISO 14443-B beside FeliCa, frame by frame (ENROL-2)."""

from firmware.wire.journal_format import NO_IDENT
from hal import pn532, pn532_licences
from tests.portable.hal.pn532_script import (
    FIELD_OFF,
    FIELD_ON,
    IDM,
    NO_CARD,
    POLL_212,
    POLL_B,
    RETRIES_LICENCES,
    Script,
    card,
    frame,
    licence,
)

PUPI = b"\xe8\x25\x3e\xec"
LICENCE = b"B\0\0\0" + PUPI
OTHER_PUPI = b"\x11\x22\x33\x44"
DONE = frame(b"\xd5\x33")


def calm_script() -> Script:
    """No FeliCa card was there, and the poll for type B is under way."""
    script = Script(licences=True)
    script.set_up()
    script.answer(POLL_212, NO_CARD)
    script.poll()
    return script


def restart_card(script: Script) -> "tuple[int, int]":
    """Field off, field on; how long each of the two pauses was."""
    script.answer(FIELD_OFF, DONE)
    off_ms = script.wait_until_due()
    script.answer(FIELD_ON, DONE)
    return off_ms, script.wait_until_due()


def activate(script: Script, pupi: bytes) -> "tuple[int, int]":
    """The card answers, and loses its power for a moment."""
    script.answer(POLL_B, licence(pupi))
    return restart_card(script)


def test_calm_asks_for_both_kinds_then_waits() -> None:
    script = calm_script()
    script.answer(POLL_B, NO_CARD)
    assert script.wait_until_due() == pn532.CALM_POLL_EVERY_MS
    script.answer(POLL_212, NO_CARD)
    script.poll()
    assert script.sent() == POLL_B


def test_eager_asks_for_both_kinds_in_turn_with_tries_for_300_ms() -> None:
    script = Script(licences=True)
    script.set_up(is_eager=True, eager_retries=RETRIES_LICENCES[10])
    for _ in range(3):
        assert script.sent() == POLL_212
        script.say(b"\x00\x00\xff\x00\xff\x00")
        script.say(NO_CARD, after_ms=300)
        script.poll()
        assert script.sent() == POLL_B
        script.say(b"\x00\x00\xff\x00\xff\x00")
        script.say(NO_CARD, after_ms=90)
        script.poll()


def test_enrol_2_a_licence_counts_after_two_activations_that_agree() -> None:
    script = calm_script()
    assert activate(script, PUPI) == (
        pn532_licences.FIELD_OFF_MS,
        pn532_licences.START_UP_MS,
    )
    assert script.heard == []
    script.answer(POLL_B, licence(PUPI))
    assert script.heard == [LICENCE]


def test_a_held_licence_is_reported_every_250_ms_with_the_field_off_between() -> None:
    """TOUCH-1: and its next touch is known to be another one only after 1 s without it."""
    script = calm_script()
    activate(script, PUPI)
    for count in range(1, 5):
        off_ms, start_up_ms = activate(script, PUPI)
        assert script.heard == [LICENCE] * count
        assert (off_ms, start_up_ms) == (pn532.REPORT_EVERY_MS, pn532_licences.START_UP_MS)
    script.answer(POLL_B, NO_CARD)
    assert script.wait_until_due() == pn532.REPORT_EVERY_MS
    assert script.sent() == POLL_B  # once missed, it is still looked for


def test_enrol_2_a_pupi_that_changes_is_never_reported() -> None:
    """The card is told to be there, as nobody's: it gets the refusal signal, and no owner."""
    script = calm_script()
    for number in range(pn532_licences.CHANGES_MAX):
        activate(script, bytes((1, 2, 3, number)))
        assert script.heard == []
    for number in range(3):
        off_ms, _ = activate(script, bytes((9, 9, 9, number)))
        assert script.heard == [NO_IDENT] * (number + 1)
        assert off_ms == pn532.REPORT_EVERY_MS


def test_one_damaged_answer_makes_no_licence_a_changing_one() -> None:
    script = calm_script()
    activate(script, PUPI)
    activate(script, PUPI)
    activate(script, OTHER_PUPI)
    activate(script, PUPI)
    activate(script, PUPI)
    assert script.heard == [LICENCE, LICENCE]


def test_a_changing_card_that_gives_way_to_a_licence() -> None:
    script = calm_script()
    for number in range(pn532_licences.CHANGES_MAX + 1):
        activate(script, bytes((1, 2, 3, number)))
    activate(script, PUPI)
    activate(script, PUPI)
    assert script.heard[-1] == LICENCE


def test_a_felica_card_is_reported_as_ever() -> None:
    script = Script(licences=True)
    script.set_up(is_eager=True, eager_retries=RETRIES_LICENCES[10])
    script.touch()
    assert script.heard == [IDM]
    assert script.wait_until_due() == pn532.REPORT_EVERY_MS
    script.answer(POLL_212, card())
    assert script.heard == [IDM, IDM]


def test_enrol_2_no_felica_card_passes_for_a_licence() -> None:
    script = Script(licences=True)
    script.set_up()
    for _ in range(4):
        script.answer(POLL_212, card(LICENCE))
        script.wait_until_due()
        script.answer(POLL_B, NO_CARD)
        script.wait_until_due()
    assert script.heard == []


def test_answers_of_another_form_are_no_licence() -> None:
    good = licence(PUPI)[5:-2]
    wrong = {
        "two targets": good[:2] + b"\x02" + good[3:],
        "target 2": good[:3] + b"\x02" + good[4:],
        "no ATQB": good[:4] + b"\x51" + good[5:],
        "no answer to ATTRIB": good[:16],
        "its length short of the frame": good[:16] + b"\x00" + good[17:],
        "its length beyond the frame": good[:16] + b"\x02" + good[17:],
        "nothing after the count": good[:3],
    }
    for name, contents in wrong.items():
        script = calm_script()
        for _ in range(3):
            script.answer(POLL_B, frame(contents))
            assert script.wait_until_due() <= 3, name
        assert script.sent() == POLL_B, name
        assert script.heard == [], name


def test_an_answer_to_attrib_of_any_length_will_do() -> None:
    script = calm_script()
    long = licence(PUPI)[5:-2][:16] + b"\x03\x01\x90\x00"
    script.answer(POLL_B, frame(long))
    restart_card(script)
    script.answer(POLL_B, frame(long[:16] + b"\x00"))
    assert script.heard == [LICENCE]


def test_the_field_that_does_not_go_off_is_set_up_anew() -> None:
    script = calm_script()
    script.answer(POLL_B, licence(PUPI))
    assert script.sent() == FIELD_OFF
    script.wait(2000)
    assert script.driver.restarts == 1
    assert script.heard == []


def lose_the_first_answer(script: Script) -> None:
    """The acknowledgement is lost, the poll is sent again: the card was activated meanwhile."""
    assert script.sent() == POLL_B
    script.wait_until_due()
    script.wait_until_due()
    script.answer(POLL_B, NO_CARD)


def test_a_licence_whose_answer_was_lost_is_restarted_and_asked_again() -> None:
    script = calm_script()
    lose_the_first_answer(script)
    restart_card(script)
    activate(script, PUPI)
    script.answer(POLL_B, licence(PUPI))
    assert script.heard == [LICENCE]


def test_a_poll_that_is_lost_again_and_again_lets_felica_cards_be_heard() -> None:
    script = calm_script()
    lose_the_first_answer(script)
    restart_card(script)
    lose_the_first_answer(script)
    off_ms, _ = restart_card(script)
    assert off_ms == pn532_licences.FIELD_OFF_MS
    script.poll()
    assert script.sent() == POLL_212


def test_safe_3_it_listens_after_a_look_at_each_kind() -> None:
    script = Script(licences=True, is_listening=False)
    script.set_up(is_eager=True, eager_retries=24)
    script.answer(POLL_212, NO_CARD)
    assert not script.driver.is_listening
    script.wait_until_due()
    script.answer(POLL_B, NO_CARD)
    assert script.driver.is_listening


def test_safe_3_not_where_a_licence_lies() -> None:
    script = Script(licences=True, is_listening=False)
    script.set_up(is_eager=True, eager_retries=24)
    script.answer(POLL_212, NO_CARD)
    script.wait_until_due()
    for _ in range(4):
        activate(script, PUPI)
    assert set(script.heard) == {LICENCE} and not script.driver.is_listening
