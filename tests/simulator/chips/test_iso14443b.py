"""Type B cards: their answers and states, their times on the air, and the chip's poll for them."""

import pytest

from simulator.chips.felica import FelicaCard
from simulator.chips.iso14443b import TRY_US, Iso14443bCard, air_time_us, exchange_time_us
from simulator.chips.pn532 import PROGRAM_US
from tests.simulator.chips.pn532_host import (
    ERROR,
    FIELD_OFF,
    FIELD_ON,
    POLL_212,
    POLL_B,
    Host,
    retries,
)

PUPI = bytes.fromhex("e8253eec")
ATQB = b"\x50" + PUPI + bytes.fromhex("00000000008185")
REQB = bytes.fromhex("050000")
WUPB = bytes.fromhex("050008")


def ready_host(*cards: Iso14443bCard | FelicaCard, tries: int = 1) -> Host:
    """The field on, the cards started."""
    host = Host()
    host.command(retries(tries - 1))
    host.command(FIELD_ON)
    for card in cards:
        host.chip.present(card, host.now_us)
    host.run_ms(20)
    return host


def restart_field(host: Host) -> None:
    host.command(FIELD_OFF)
    host.command(FIELD_ON)


def test_a_card_answers_a_request_with_its_pupi() -> None:
    card = Iso14443bCard(PUPI, application=bytes.fromhex("20000000"))
    assert card.command(REQB, 1) == b"\x50" + PUPI + bytes.fromhex("20000000008185")
    assert card.command(bytes.fromhex("052000"), 1) is not None
    assert card.command(bytes.fromhex("053000"), 1) is None


def test_an_activated_card_hears_no_request_until_it_loses_its_power() -> None:
    """ISO/IEC 14443-3: ACTIVE is left by DESELECT, which ends in HALT, where only WUPB is heard."""
    card = Iso14443bCard(PUPI)
    card.activate(1000)
    assert card.command(REQB, 1000) is card.command(WUPB, 1000) is None
    assert card.command(b"\xc2", 1000) == b"\xc2"
    assert card.command(REQB, 1000) is None
    assert card.command(WUPB, 1000) == ATQB
    assert card.command(REQB, 1000) == ATQB
    card.activate(1000)
    assert card.command(b"\xca\x01", 1000) == b"\xca\x01"
    assert card.command(b"\xca\x01", 1000) is None
    assert card.command(REQB, 2000) == ATQB


def test_a_pupi_that_changes_does_so_with_the_power_only() -> None:
    card = Iso14443bCard(PUPI, changes=True)
    assert card.pupi_since(1000) == card.pupi_since(1000)
    assert len({card.pupi_since(at_us) for at_us in range(1000, 2000)}) == 1000


@pytest.mark.parametrize("fields", [{"pupi": bytes(3)}, {"pupi": PUPI, "protocol": bytes(2)}])
def test_a_card_that_cannot_be(fields: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match="4 bytes"):
        Iso14443bCard(**fields)  # type: ignore[arg-type]


def test_times_on_the_air() -> None:
    """ISO/IEC 14443-3: SOF 12, EOF 10, ten bits a character, 9.44 µs a bit."""
    assert [air_time_us(3), air_time_us(12), air_time_us(9), air_time_us(1)] == [
        680, 1529, 1246, 491,
    ]  # fmt: skip
    assert exchange_time_us(3, 12) == 680 + 170 + 1529
    assert TRY_US == 680 + 566


@pytest.mark.parametrize(("tries", "us"), [(1, 1246), (71, 71 * 1246)])
def test_time_of_a_poll_that_finds_nobody(tries: int, us: int) -> None:
    host = ready_host(tries=tries)
    host.send_command(POLL_B)
    acknowledgement, answer = host.run_ms(1000)
    assert answer.start_us - acknowledgement.end_us - PROGRAM_US == us
    assert answer.data[5:8] == b"\xd5\x4b\x00"


def test_the_answer_of_a_licence_byte_for_byte() -> None:
    """UM0701-02, 7.3.5: number, ATQB, length of the answer to ATTRIB, that answer."""
    host = ready_host(Iso14443bCard(PUPI))
    host.send_command(POLL_B)
    acknowledgement, answer = host.run_ms(50)
    took_us = answer.start_us - acknowledgement.end_us - PROGRAM_US
    assert took_us == 680 + 170 + 1529 + 1246 + 170 + 491
    assert answer.data.hex() == "0000ff12eed54b010150e8253eec0000000000818501014f00"
    assert sum(answer.data[5:-1]) & 0xFF == 0


def test_a_found_licence_is_silent_until_the_field_was_off() -> None:
    host = ready_host(Iso14443bCard(PUPI), tries=20)
    assert host.command(POLL_B)[0] == 1
    assert host.command(POLL_B) == b"\x00"
    restart_field(host)
    assert host.command(POLL_B)[0] == 1


def test_a_released_licence_is_halted() -> None:
    host = ready_host(Iso14443bCard(PUPI))
    assert host.command(POLL_B)[0] == 1
    assert host.command(bytes.fromhex("5200")) == b"\x00"
    assert host.command(POLL_B) == b"\x00"
    assert host.command(b"\x42" + WUPB) == b"\x00" + ATQB


def test_a_licence_that_changes_gives_another_pupi_after_the_field_was_off() -> None:
    host = ready_host(Iso14443bCard(PUPI, changes=True), tries=20)
    pupis = set()
    for _ in range(5):
        pupis.add(host.command(POLL_B)[3:7])
        restart_field(host)
    assert len(pupis) == 5


def test_each_kind_is_heard_by_its_own_poll_only() -> None:
    felica = FelicaCard(bytes.fromhex("0101060112ab34cd"))
    host = ready_host(Iso14443bCard(PUPI), felica)
    assert host.command(POLL_B)[3:7] == PUPI
    assert host.command(POLL_212)[4:12] == felica.idm
    assert host.command(b"\x42" + WUPB)[0] == 0x01


def test_two_licences_destroy_each_others_answers() -> None:
    other = Iso14443bCard(bytes(4))
    host = ready_host(Iso14443bCard(PUPI), other)
    assert host.command(POLL_B) == b"\x00"
    host.chip.remove(host.now_us, other)
    assert host.command(POLL_B)[3:7] == PUPI


def test_a_poll_without_a_family_is_an_error() -> None:
    host = ready_host()
    assert host.exchange(bytes.fromhex("4a0103"))[1] == ERROR
    assert host.exchange(bytes.fromhex("4a0103000000"))[1] == ERROR
