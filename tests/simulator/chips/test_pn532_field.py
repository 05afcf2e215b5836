"""Polls of the field: times on the air, retries, cards that come and go, two cards at once."""

import pytest

from simulator.chips.felica import FelicaCard, air_time_us, try_time_us
from simulator.chips.pn532 import PROGRAM_US
from tests.simulator.chips.pn532_host import FIELD_OFF, FIELD_ON, POLL_212, POLL_424, Host, retries

CARD = FelicaCard(bytes.fromhex("0101060112ab34cd"))
OTHER = FelicaCard(bytes.fromhex("0101060199999999"))
TRY_US = 4229


def ready_host(tries: int = 1, card: FelicaCard | None = CARD) -> Host:
    """The field on, a card started, so many tries set."""
    host = Host()
    host.command(retries(tries - 1))
    host.command(FIELD_ON)
    if card is not None:
        host.chip.present(card, host.now_us)
    host.run_ms(20)
    return host


def poll_time_us(host: Host, poll: bytes = POLL_212) -> int:
    """From the end of the acknowledgement to the answer, without the chip's own time."""
    host.send_command(poll)
    acknowledgement, answer = host.run_ms(1000)
    return answer.start_us - acknowledgement.end_us - PROGRAM_US


def test_times_on_the_air() -> None:
    """JIS X 6319-4, as worked out from the carrier's period."""
    assert [air_time_us(6, 212), air_time_us(20, 212), air_time_us(18, 212)] == [604, 1133, 1057]
    assert [air_time_us(6, 424), air_time_us(20, 424)] == [302, 566]
    assert [try_time_us(212, 1), try_time_us(424, 1)] == [4229, 3927]


@pytest.mark.parametrize(
    ("poll", "with_card_us", "without_us"), [(POLL_212, 4154, 4229), (POLL_424, 3285, 3927)]
)
def test_time_of_a_poll(poll: bytes, with_card_us: int, without_us: int) -> None:
    assert poll_time_us(ready_host(), poll) == with_card_us
    assert poll_time_us(ready_host(card=None), poll) == without_us
    assert poll_time_us(ready_host(tries=118, card=None), poll) == 118 * without_us


def test_the_answer_of_a_card_byte_for_byte() -> None:
    host = ready_host()
    expected = b"\x01\x01\x14\x01" + CARD.idm + CARD.pmm + b"\x00\x03"
    assert host.command(POLL_212) == expected
    assert host.command(bytes.fromhex("4a010100ffff0000")) == b"\x01\x01\x12\x01" + expected[4:-2]
    assert host.command(bytes.fromhex("4a01010000030100")) == expected
    assert host.command(bytes.fromhex("4a010100ff030100")) == expected
    assert host.command(bytes.fromhex("4a01010012fc0100")) == b"\x00"


def test_a_card_that_does_not_hear_424() -> None:
    host = ready_host(card=FelicaCard(CARD.idm, kbps=(212,)))
    assert host.command(POLL_424) == b"\x00"
    assert host.command(POLL_212)[0] == 1


def test_a_long_poll_without_a_card_has_one_event() -> None:
    host = ready_host(tries=118, card=None)
    host.send_command(POLL_212)
    host.run_ms(1)
    assert host.chip.due_us is not None
    assert host.chip.due_us - host.now_us > 497_000


def test_a_poll_without_end_has_no_event_until_a_card_comes() -> None:
    host = ready_host(tries=256, card=None)
    host.send_command(POLL_212)
    host.run_ms(100)
    assert host.chip.due_us is None
    host.run_ms(100_000)
    host.chip.present(CARD, host.now_us)
    (answer,) = host.run_ms(50)
    assert answer.data[5:8] == b"\xd5\x4b\x01"


@pytest.mark.parametrize("offset_us", range(0, 2 * TRY_US, 311))
def test_a_card_put_down_is_found_at_the_first_try_after_it_started(offset_us: int) -> None:
    host = ready_host(tries=118, card=None)
    host.send_command(POLL_212)
    (acknowledgement,) = host.run_ms(1)
    host.run_until(acknowledgement.end_us + 100_000 + offset_us)
    hears_from_us = host.now_us + CARD.start_up_us - acknowledgement.end_us
    host.chip.present(CARD, host.now_us)
    (answer,) = host.run_ms(500)
    end_us = answer.start_us - PROGRAM_US - acknowledgement.end_us
    assert (end_us - 4154) % TRY_US == 0
    assert 0 <= end_us - 4154 - hears_from_us < TRY_US


def test_a_card_taken_away_before_its_answer_is_over_is_not_found() -> None:
    for margin_us, count in ((-1, 0), (0, 1)):
        host = ready_host()
        host.send_command(POLL_212)
        (acknowledgement,) = host.run_ms(1)
        host.run_until(acknowledgement.end_us + 4154 + margin_us)
        host.chip.remove(host.now_us)
        (answer,) = host.run_ms(50)
        assert answer.data[7] == count


def test_a_card_taken_away_during_a_long_poll_costs_the_whole_poll() -> None:
    host = ready_host(tries=118, card=None)
    host.send_command(POLL_212)
    host.run_ms(100)
    host.chip.present(CARD, host.now_us)
    host.run_ms(4)
    host.chip.remove(host.now_us, CARD)
    (answer,) = host.run_ms(500)
    assert answer.data[7] == 0


def test_a_card_starts_when_the_field_comes_on() -> None:
    slow = FelicaCard(CARD.idm, start_up_us=20_000)
    host = Host()
    host.command(retries(0))
    host.chip.present(slow, host.now_us)
    host.run_ms(1000)
    assert host.command(POLL_212, within_ms=15) == b"\x00"  # the poll itself switches the field on
    host.run_ms(10)
    assert host.command(POLL_212)[0] == 1
    host.command(FIELD_OFF)
    host.command(FIELD_ON, within_ms=10)
    assert host.command(POLL_212)[0] == 0
    assert host.command(POLL_212)[0] == 1


def test_two_cards_in_one_slot_destroy_each_others_answers() -> None:
    host = ready_host()
    host.chip.present(OTHER, host.now_us)
    host.run_ms(20)
    assert host.command(POLL_212) == b"\x00"
    host.chip.remove(host.now_us, CARD)
    assert host.command(POLL_212)[4:12] == OTHER.idm


def test_two_cards_in_sixteen_slots_are_told_apart() -> None:
    host = ready_host(tries=10)
    host.chip.present(OTHER, host.now_us)
    host.run_ms(20)
    first_of_two = {host.command(bytes.fromhex("4a010100ffff010f"))[4:12] for _ in range(20)}
    assert first_of_two == {CARD.idm, OTHER.idm}
    answer = host.command(bytes.fromhex("4a020100ffff010f"))
    assert answer[0] == 2
    assert {answer[4:12], answer[25:33]} == {CARD.idm, OTHER.idm}


def test_two_cards_that_always_collide_in_a_poll_without_end() -> None:
    host = ready_host(tries=256)
    host.chip.present(OTHER, host.now_us)
    host.run_ms(20)
    host.send_command(POLL_212)
    host.run_ms(1000)
    assert host.chip.due_us is None
    host.chip.remove(host.now_us, OTHER)
    (answer,) = host.run_ms(50)
    assert answer.data[11:19] == CARD.idm


def test_other_technologies_find_nothing() -> None:
    host = ready_host(tries=2)
    for poll in ("4a0100", "4a010300", "4a0104"):
        assert host.command(bytes.fromhex(poll)) == b"\x00"
    assert host.command(bytes.fromhex("066339")) == b"\x26"
